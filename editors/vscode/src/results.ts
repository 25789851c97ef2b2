/** The answers of the server's commands as Markdown documents. */

import type { Comparison, Explanation, Prediction, Quantiles, Region, Scaling, WorkspaceCheck } from "./answers";
import { code, document, plain, table } from "./markdown";
import { formatBand, formatCount, formatInterval, formatValue } from "./units";

/** What people call an objective of the model: "latency@cpu" is "latency". */
export function title(objective: string): string {
  return (objective.split("@")[0] ?? objective).replace(/[_-]/g, " ");
}

/** `lineAt` is the text of the document's line, undefined where there is none (any more). */
export function explanation(found: Explanation, lineAt: (line: number) => string | undefined): string {
  const objectives = Object.keys(found.predictions ?? {});
  const rows = found.regions.map((region) => [
    plain(place(region)),
    code(excerpt(region, lineAt)),
    ...(region.log10 === undefined
      ? [plain(`no prediction: ${region.unknown ?? "unknown"}`), ...objectives.slice(1).map(() => "")]
      : objectives.map((objective) => factor(region.log10?.[objective]))),
  ]);
  const head = ["lines", "code", ...objectives.map((objective) => plain(title(objective)))];
  return document(
    `# What the prediction of ${code(found.function)} hangs on`,
    predictionTable(found),
    rows.length === 0 ? "There is no statement that could be left out." : table(head, rows),
    rows.length === 0 ? "" : `What the medians become when these lines are left out: ${code("0.5 ×")} is half as much.`,
    plain(sentence(found.note)),
    origin(found),
  );
}

export function scaling(found: Scaling): string {
  const objectives = [...new Set(found.points.flatMap((point) => Object.keys(point.predictions ?? {})))];
  const shapes = Object.entries(found.arguments).map(([name, shape]) => `${code(name)} is ${code(shape)}`);
  const rows = found.points.map((point) => [
    formatCount(point.n),
    code(point.args),
    ...(point.predictions === undefined
      ? [plain(`no prediction: ${point.unknown ?? "unknown"}`), ...objectives.slice(1).map(() => "")]
      : objectives.map((objective) => cell(point.predictions?.[objective]))),
  ]);
  const growth = Object.entries(found.exponents).flatMap(([objective, exponent]) =>
    exponent === null
      ? []
      : `- ${plain(title(objective))} grows like n^${power(exponent.exponent)} (${power(exponent.low)} to ${power(exponent.high)})`,
  );
  const columns = objectives.length === 0 ? ["prediction"] : objectives.map((objective) => plain(title(objective)));
  return document(
    `# How ${code(found.function)} scales`,
    shapes.length === 0 ? "" : `${shapes.join(", ")}.`,
    table(["n", "arguments", ...columns], rows, [0]),
    growth.join("\n"),
    found.caveat === null ? "" : plain(sentence(found.caveat)),
    plain(sentence(found.note)),
    origin(found),
  );
}

const METRIC_UNITS: Record<string, string> = { latency: "s", "peak-heap": "B" };

const STANDINGS: Record<string, string> = {
  same: "the same",
  small: "too little to count",
  "within-band": "within the model's error",
  "no-band": "the model's error is not known",
  dearer: "**dearer** beyond the model's error",
  cheaper: "**cheaper** beyond the model's error",
};

export function comparison(found: Comparison, file: string): string {
  const rows = found.functions.flatMap((one) => {
    const place = [formatCount(one.line), code(one.name)];
    if (one.changes.length === 0) {
      const why = one.added ? "new" : `no prediction: ${one.unknownBefore ?? one.unknownAfter ?? "unknown"}`;
      return [[...place, "", "", "", plain(why)]];
    }
    return one.changes.map((change) => [
      ...place,
      plain(title(change.metric)),
      quantity(formatValue(change.before, change.unit)),
      quantity(formatValue(change.after, change.unit)),
      STANDINGS[change.standing] ?? plain(change.standing),
    ]);
  });
  return document(
    `# ${code(file)} against HEAD`,
    `${formatCount(found.functions.length)} of ${counted(found.compared, "function")} differ from HEAD.`,
    rows.length === 0 ? "" : table(["line", "function", "metric", "HEAD", "now", "change"], rows, [0, 3, 4]),
    origin(found),
  );
}

export function workspaceCheck(found: WorkspaceCheck): string {
  const unknown = Object.entries(found.unknown).map(([reason, count]) => `${formatCount(count)} ${plain(reason)}`);
  const objectives = [...new Set(found.top.flatMap((one) => Object.keys(one.predictions ?? {})))];
  const broken = found.breaches.map((breach) => [
    plain(breach.severity),
    code(`${breach.path}:${breach.line}`),
    code(breach.name),
    plain(title(breach.metric)),
    `${plain(breach.quantile)} ${quantity(formatValue(breach.value, METRIC_UNITS[breach.metric] ?? ""))}`,
    quantity(formatValue(breach.limit, METRIC_UNITS[breach.metric] ?? "")),
  ]);
  const dearest = found.top.map((one) => [
    code(`${one.path}:${one.line}`),
    code(one.name),
    ...objectives.map((objective) => cell(one.predictions?.[objective])),
  ]);
  return document(
    "# The workspace's functions",
    `${counted(found.functions, "function")} in ${counted(found.files, "file")}` +
      (unknown.length === 0 ? "" : `, without a prediction: ${unknown.join(", ")}`) +
      `${found.problems === 0 ? "" : `, ${counted(found.problems, "problem")}`}.`,
    "## Broken budgets",
    broken.length === 0 ? "None." : table(["", "where", "function", "metric", "predicted", "budget"], broken, [4, 5]),
    "## The dearest",
    dearest.length === 0 ? "None." : table(["where", "function", ...objectives.map((one) => plain(title(one)))], dearest),
    origin(found),
  );
}

function predictionTable(found: Prediction): string {
  if (found.predictions === undefined) {
    return `There is no prediction: ${plain(found.unknown ?? "unknown")}`;
  }
  const rows = Object.entries(found.predictions).map(([objective, one]) => {
    const [middle, band] = [formatInterval(one), formatBand(one)];
    return [plain(title(objective)), quantity(middle), middle === `~${band}` ? "" : quantity(band)];
  });
  const partial = found.partial === true ? "\n\nThe model has read the beginning of the function alone." : "";
  return table(["", "predicted", "p10–p90"], rows, [1, 2]) + partial;
}

function cell(prediction: Quantiles | undefined): string {
  if (prediction === undefined) {
    return "";
  }
  const middle = formatInterval(prediction);
  return middle.startsWith("~") ? quantity(middle) : `${quantity(middle)} (${quantity(formatBand(prediction))})`;
}

/** A number and its unit stay on one line. */
function quantity(text: string): string {
  return plain(text).replace(/ /g, "\u00a0");
}

function place(region: Region): string {
  if (region.range === null) {
    return "of an earlier text";
  }
  const [first, last] = [region.range.start.line + 1, region.range.end.line + 1];
  return first === last ? `${first}` : `${first}–${last}`;
}

function excerpt(region: Region, lineAt: (line: number) => string | undefined): string {
  if (region.range === null) {
    return "";
  }
  const first = lineAt(region.range.start.line)?.trim() ?? "";
  return region.range.end.line > region.range.start.line ? `${first} …` : first;
}

/** `0.5 ×` for what halves the prediction. */
function factor(log10: number | undefined): string {
  return log10 === undefined ? "" : Math.abs(log10) < 0.005 ? "the same" : `${Number((10 ** log10).toPrecision(2))} ×`;
}

function power(exponent: number): string {
  return exponent.toFixed(1);
}

function origin(found: { readonly model: string; readonly device: string }): string {
  return `*Predicted by ${plain(found.model)} for ${plain(found.device)}; not measured.*`;
}

function sentence(text: string): string {
  const begun = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(begun) ? begun : `${begun}.`;
}

function counted(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? "" : "s"}`;
}
