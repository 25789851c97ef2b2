/** The file, what the model is predicted to cost, what is computed of it, sizes that can be bound, and what went wrong. */

import type { App } from "../app";
import { button, html } from "../dom";
import type { Prediction } from "../document";
import { PROVENANCE, PROVENANCE_NOTE } from "../paint";
import type { Provenance } from "../document";
import { counted, quantity } from "../text";
import { facts } from "./side";

const MOST_NAMES = 2; // of objectives that lack a prediction for the same reason

export function summary(app: App): (HTMLElement | undefined)[] {
  const { document } = app;
  const { file, shape_inference: shapes } = document;
  return [
    html("h2", {}, file.name),
    facts(
      ["size", quantity(file.bytes, "B")],
      ["made by", file.producer],
      ["opset", file.opsets.map(([domain, version]) => `${domain} ${version}`).join(", ")],
      ["IR", String(file.ir)],
      ["nodes", document.nodes.length.toLocaleString("en")],
      ["shapes known", `${shapes.known.toLocaleString("en")} of ${shapes.total.toLocaleString("en")} outputs`],
      ["about", file.doc],
    ),
    ...forecast(document.predictions.model, document.predictions.pending && app.host.predict !== undefined),
    ...totals(app),
    ...symbols(app),
    ...unknowns(app),
    ...problems(app),
  ];
}

export function badge(provenance: Provenance): HTMLElement {
  return html("span", { class: `provenance ${provenance}`, title: PROVENANCE_NOTE[provenance] }, PROVENANCE[provenance]);
}

/** What is predicted for the whole or for a block: intervals, then objectives without one, one row for each reason. */
export function forecast(all: readonly Prediction[], isPending = false): HTMLElement[] {
  if (all.length === 0) {
    return [];
  }
  const rows = all.flatMap((prediction) => {
    const { objective, device, p10, p50, p90, partial, unit = "" } = prediction;
    return prediction.unknown === undefined
      ? [
          html(
            "tr",
            { title: device ?? "" },
            html("td", {}, named(objective)),
            html("td", { class: "number", title: "p50, and p10 to p90" }, quantity(p50, unit), html("br"), html("span", { class: "muted" }, `${quantity(p10, unit)} – ${quantity(p90, unit)}${partial === true ? ", of its beginning only" : ""}`)),
          ),
        ]
      : [];
  });
  const reasons = new Map<string, string[]>();
  all.forEach(({ objective, unknown }) => {
    if (unknown !== undefined) {
      reasons.set(unknown.reason, [...(reasons.get(unknown.reason) ?? []), named(objective)]);
    }
  });
  const missing = [...reasons].map(([reason, names]) => {
    const more = names.length > MOST_NAMES ? ` and ${names.length - MOST_NAMES} more` : "";
    return html("tr", { title: names.join(", ") }, html("td", {}, `${names.slice(0, MOST_NAMES).join(", ")}${more}`), html("td", { class: "muted" }, `unknown: ${reason}`));
  });
  const by = new Set(all.flatMap(({ unknown, model = "", device = "" }) => (unknown === undefined && model !== "" ? [`${model} for ${device}`] : [])));
  const said = isPending ? "The model is being asked…" : by.size === 0 ? "" : `By ${[...by].join(", ")}. p50, and p10 to p90.`;
  return [
    heading("Predicted ", badge("predicted")),
    html("table", { "aria-label": "predicted" }, html("tbody", {}, ...rows, ...missing)),
    ...(said === "" ? [] : [html("p", { class: "muted", role: "status" }, said)]),
  ];
}

/** "latency on pixel3". */
function named(objective: string): string {
  return objective.replace("@", " on ").replaceAll("_", " ");
}

function heading(text: string, ...more: HTMLElement[]): HTMLElement {
  return html("h2", {}, text, ...more);
}

function totals(app: App): HTMLElement[] {
  const rows = app.document.totals.map(({ title, value, unit, at_least, provenance }) =>
    html("tr", {}, html("td", {}, title, provenance === "static" ? undefined : badge(provenance)), html("td", { class: "number" }, `${at_least && value !== null ? "at least " : ""}${quantity(value, unit)}`)),
  );
  const note = app.document.roofline["note"];
  return rows.length === 0
    ? []
    : [heading("Computed ", badge("static")), html("table", {}, html("tbody", {}, ...rows)), ...(typeof note === "string" ? [html("p", { class: "muted" }, note)] : [])];
}

/** Sizes that the file leaves open. VS Code binds them at once; of a page the command is shown that does. */
function symbols(app: App): HTMLElement[] {
  const { host, document } = app;
  if (document.symbols.length === 0) {
    return [];
  }
  const values = new Map(document.symbols.map(({ name, value }) => [name, value]));
  const command = html("code", { class: "command", id: "bind-command" });
  const told = html("p", { class: "problem", role: "alert" });
  const bound = () => [...values].flatMap(([name, value]) => (value === null ? [] : [`${name}=${value}`]));
  const show = () => {
    const words = bound().map((word) => (/^[\w=.-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`));
    command.textContent = ["rlm-lsp onnx", quoted(document.file.name), ...(words.length === 0 ? [] : ["--bind", ...words]), "--html model.html"].join(" ");
  };
  const bind = () => {
    const wanted = Object.fromEntries([...values].filter((pair): pair is [string, number] => pair[1] !== null));
    told.textContent = "";
    host.bind?.(wanted).then((changed) => app.replace(changed)).catch((error: unknown) => {
      told.textContent = error instanceof Error ? error.message : String(error);
    });
  };
  const fields = document.symbols.flatMap(({ name, value, where }) => {
    const input = html("input", { type: "number", min: 1, step: 1, inputmode: "numeric", placeholder: "unknown", value: value ?? "", "aria-label": `size of ${name}`, title: where });
    input.addEventListener("input", () => {
      const size = Number(input.value);
      values.set(name, Number.isSafeInteger(size) && size > 0 ? size : null);
      show();
    });
    input.addEventListener("keydown", (event) => {
      if (event.key === "Enter") {
        bind();
      }
    });
    return [html("span", { class: "mono", title: where }, name), input];
  });
  show();
  const end = host.bind === undefined ? [html("p", { class: "muted" }, "This page is one picture of the model. For other sizes:"), command] : [button("Bind", "Bind", bind, { class: "primary" }), told];
  return [heading("Open sizes"), html("div", { class: "symbols" }, ...fields), ...end];
}

function quoted(name: string): string {
  return /^[\w./-]+$/.test(name) ? name : `'${name.replaceAll("'", "'\\''")}'`;
}

function unknowns(app: App): HTMLElement[] {
  const { unknown } = app.document;
  const rows = unknown.map(({ op, nodes, reason }) => html("tr", {}, html("td", {}, op, html("div", { class: "muted" }, reason)), html("td", { class: "number" }, counted(nodes, "node"))));
  return rows.length === 0 ? [] : [heading("Unknown cost"), html("table", {}, html("tbody", {}, ...rows))];
}

function problems(app: App): HTMLElement[] {
  const lines = app.document.problems.map(({ reason, where }) => html("p", { class: "problem" }, where === "" ? reason : `${reason} (${where})`));
  return lines.length === 0 ? [] : [heading("Problems"), ...lines];
}
