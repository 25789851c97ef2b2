import assert from "node:assert/strict";
import { test } from "node:test";

import type { Explanation, Scaling, WorkspaceCheck } from "../../src/answers";
import { comparison, explanation, scaling, workspaceCheck } from "../../src/results";

const MODEL = { model: "rlm-s-2", device: "one core" };
const PREDICTIONS = {
  "latency@cpu": { p10: 1e-3, p50: 2e-3, p90: 5e-3, unit: "s" },
  "peak_heap@cpu": { p10: 600, p50: 2000, p90: 60_000, unit: "B" },
};
const EXPLANATION: Explanation = {
  ...MODEL,
  function: "Order.total",
  version: 3,
  predictions: PREDICTIONS,
  regions: [
    { range: { start: { line: 1 }, end: { line: 2 } }, log10: { "latency@cpu": -0.30103, "peak_heap@cpu": 0 } },
    { range: { start: { line: 4 }, end: { line: 4 } }, unknown: "too-long: more than 1,000 tokens" },
    { range: null, log10: { "latency@cpu": 0.5, "peak_heap@cpu": 1 } },
  ],
  note: "not a measurement and not a cause",
};
const LINES = ["def f(xs):", "  for x in xs:", "    g(x)", "", "  return a | b"];

/** The cells of a table's row that begins with `first`, with plain spaces. */
function row(text: string, first: string): string[] {
  const line = text.split("\n").find((one) => one.startsWith(`| ${first}`)) ?? "";
  return line.split(/(?<!\\)\|/).slice(1, -1).map((cell) => cell.replace(/\u00a0/g, " ").trim());
}

test("an explanation shows the lines and what becomes of the prediction without them", () => {
  const text = explanation(EXPLANATION, (line) => LINES[line]);
  assert.match(text, /^# What the prediction of `Order\.total` hangs on\n/);
  assert.deepEqual(row(text, "2–3"), ["2–3", "`for x in xs: …`", "0.5 ×", "the same"]);
  assert.deepEqual(row(text, "5 "), ["5", "`return a \\| b`", "no prediction\\: too\\-long\\: more than 1,000 tokens", ""]);
  assert.deepEqual(row(text, "of an"), ["of an earlier text", "", "3.2 ×", "10 ×"]);
  assert.deepEqual(row(text, "latency"), ["latency", "2\\.0 ms", "1\\.0–5\\.0 ms"]);
  assert.match(text, /Not a measurement and not a cause\\\./);
  assert.match(text, /Predicted by rlm\\-s\\-2 for one core; not measured/);
});

test("an explanation of a function without a prediction says why", () => {
  const { function: name, version, note } = EXPLANATION;
  const text = explanation({ ...MODEL, function: name, version, note, regions: [], unknown: "untrained-kind: no" }, () => undefined);
  assert.match(text, /There is no prediction: untrained\\-kind/);
  assert.match(text, /no statement that could be left out/);
});

test("scaling has a row for each size, also where the model does not answer", () => {
  const found: Scaling = {
    ...MODEL,
    function: "f",
    arguments: { xs: "list[n]" },
    points: [
      { n: 100, args: "xs=list[100]", predictions: PREDICTIONS },
      { n: 1_000_000, args: "xs=list[1000000]", unknown: "out-of-range: trained up to 150" },
    ],
    exponents: { "latency@cpu": { exponent: 1.04, low: 0.5, high: 1.5 }, "peak_heap@cpu": null },
    caveat: null,
    note: "not measured",
  };
  const text = scaling(found);
  assert.deepEqual(row(text, "100 "), ["100", "`xs=list[100]`", "2\\.0 ms (1\\.0–5\\.0 ms)", "2 kB (0\\.6–60 kB)"]);
  assert.deepEqual(row(text, "1,000,000"), ["1,000,000", "`xs=list[1000000]`", "no prediction\\: out\\-of\\-range\\: trained up to 150", ""]);
  assert.match(text, /- latency grows like n\^1\.0 \(0\.5 to 1\.5\)/);
  assert.match(scaling({ ...found, points: found.points.slice(1) }), /\| n \| arguments \| prediction \|/);
});

test("a comparison says of each function what changed", () => {
  const change = { metric: "latency", unit: "s", before: 1e-3, after: 2e-3, ratio: 2, standing: "within-band", beyondBand: false, band: 12 };
  const text = comparison(
    {
      ...MODEL,
      compared: 3,
      functions: [
        { name: "f", line: 1, added: false, changes: [change] },
        { name: "g", line: 9, added: true, changes: [] },
        { name: "h", line: 12, added: false, changes: [], unknownBefore: "too-long: x" },
      ],
    },
    "a.py",
  );
  assert.deepEqual(row(text, "1 "), ["1", "`f`", "latency", "1\\.0 ms", "2\\.0 ms", "within the model's error"]);
  assert.equal(row(text, "9 ").at(-1), "new");
  assert.match(row(text, "12 ").at(-1) ?? "", /too\\-long/);
  assert.match(text, /3 of 3 functions differ from HEAD/);
});

test("a check of the workspace lists what is broken and what is dearest", () => {
  const one = { path: "src/a.py", name: "f", line: 7, predictions: PREDICTIONS };
  const found: WorkspaceCheck = {
    ...MODEL,
    files: 1,
    functions: 2,
    unknown: { "untrained-kind": 1 },
    problems: 0,
    breaches: [{ ...one, metric: "latency", limit: 1e-3, severity: "warning", quantile: "p50", value: 2e-3 }],
    top: [one],
  };
  const text = workspaceCheck(found);
  assert.match(text, /2 functions in 1 file, without a prediction: 1 untrained\\-kind\./);
  assert.deepEqual(row(text, "warning"), ["warning", "`src/a.py:7`", "`f`", "latency", "p50 2\\.0 ms", "1\\.0 ms"]);
  assert.deepEqual(row(text, "`src/a.py:7`").slice(1, 2), ["`f`"]);
  assert.match(workspaceCheck({ ...found, breaches: [], top: [] }), /## Broken budgets\n\nNone\./);
});
