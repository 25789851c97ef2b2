/** What the status bar says, and the document behind it. */

import type { Status } from "./answers";
import { code, document, plain, table } from "./markdown";
import type { ServerState } from "./server_state";
import { formatCount, formatSize } from "./units";

export interface StatusText {
  readonly text: string;
  /** Markdown. */
  readonly tooltip: string;
  readonly severity: "none" | "warning" | "error";
}

const SPINNING = "$(loading~spin)";
const HINT = "Click for the status.";
const BROKEN = ["no-model", "worker-unavailable"];

/** Whether the answer will soon be another one. */
export function isBusy(status: Status): boolean {
  return status.queue.queued + status.queue.asked > 0 || ["loading", "restarting"].includes(status.worker.state);
}

export function statusText(state: ServerState, status: Status | undefined): StatusText {
  switch (state.kind) {
    case "stopped":
      return { text: "$(circle-slash) rlm-lsp: stopped", tooltip: `The server is stopped. ${HINT}`, severity: "none" };
    case "starting":
      return { text: `${SPINNING} rlm-lsp: starting`, tooltip: `The server is starting. ${HINT}`, severity: "none" };
    case "missing":
      return { text: "$(warning) rlm-lsp: not installed", tooltip: `No predictions: ${plain(state.reason)}. ${HINT}`, severity: "warning" };
    case "failed":
      return { text: "$(error) rlm-lsp: stopped", tooltip: `The server does not last: ${plain(state.reason)}. ${HINT}`, severity: "error" };
    case "running":
      return status === undefined
        ? { text: `${SPINNING} rlm-lsp`, tooltip: `The server is running. ${HINT}`, severity: "none" }
        : running(status);
  }
}

function running(status: Status): StatusText {
  const model = status.model?.id ?? "no model";
  const name = `${model} · ${status.settings.device}`;
  const broken = BROKEN.some((one) => one in status.degraded);
  const tooltip = document(
    `**rlm-lsp** ${plain(status.server.version)}`,
    status.model === null ? `No model: ${plain(status.modelError)}` : `${plain(status.model.id)}, predicting for ${plain(status.model.device)}`,
    `The model is ${plain(status.worker.state)}; ${waiting(status)}.`,
    ...Object.entries(status.degraded).map(([what, why]) => `⚠ ${plain(what)}: ${plain(why)}`),
    HINT,
  );
  if (!status.settings.enabled) {
    return { text: `$(circle-slash) ${name} · off`, tooltip, severity: "none" };
  }
  if (broken) {
    const state = status.model === null ? "rlm-lsp: no model" : `${name} · ${status.worker.state}`;
    return { text: `$(warning) ${state}`, tooltip, severity: "warning" };
  }
  if (isBusy(status)) {
    const open = status.queue.queued + status.queue.asked;
    const doing = open > 0 ? `predicting ${formatCount(open)}` : status.worker.state;
    return { text: `${SPINNING} ${name} · ${doing}`, tooltip, severity: "none" };
  }
  const icon = "untrusted-workspace" in status.degraded ? "$(shield)" : "$(graph)";
  return { text: `${icon} ${name} · ${status.worker.state}`, tooltip, severity: "none" };
}

/** The whole status. `origin` says where the server was found. */
export function statusDocument(status: Status, command: string, origin: string): string {
  const { worker, answers, cache } = status;
  const failure = worker.failure === "" ? "" : `: ${plain(worker.failure)}`;
  const process = worker.pid === null ? "" : `, process ${worker.pid}, ${formatSize(worker.memory)}`;
  const rows: [string, string][] = [
    ["server", `rlm-lsp ${plain(status.server.version)}, process ${status.server.pid}, ${formatSize(status.server.memory)}`],
    ["started by", `${code(command)} (${plain(origin)})`],
    ["model", status.model === null ? plain(`none: ${status.modelError}`) : `${plain(status.model.id)} from ${code(status.model.folder)}`],
    ["predicts for", status.model === null ? "" : plain(status.model.device)],
    ["runs on", plain(status.settings.device)],
    ["model's process", `${plain(worker.state)}${failure}${process}, ended by itself ${formatCount(worker.deaths)} ×`],
    ["predictions", waiting(status)],
    ["answers", `${formatCount(answers.fromCache)} from the cache, ${formatCount(answers.fromModel)} from the model`],
    ["cache", cache.path === null ? "in memory only, or not opened yet" : `${code(cache.path)}, ${formatSize(cache.size)}`],
    ["switched", status.settings.enabled ? "on" : "off"],
  ];
  const degraded = Object.entries(status.degraded).map(([what, why]) => `- **${plain(what)}**: ${plain(why)}`);
  const documents = status.documents.map((one) => [
    code(one.uri),
    ...[one.functions, one.predicted, one.stale, one.unknown].map(formatCount),
    one.problems.map(plain).join("; "),
  ]);
  return document(
    "# rlm-lsp",
    table(["", ""], rows),
    "## What is not as it could be",
    degraded.length === 0 ? "Nothing." : degraded.join("\n"),
    "## Open documents",
    documents.length === 0
      ? "None."
      : table(["document", "functions", "predicted", "of an earlier text", "unknown", "problems"], documents, [1, 2, 3, 4]),
  );
}

function waiting(status: Status): string {
  const { queued, asked } = status.queue;
  return queued + asked === 0 ? "no prediction is waited for" : `${formatCount(queued)} waiting, ${formatCount(asked)} under way`;
}
