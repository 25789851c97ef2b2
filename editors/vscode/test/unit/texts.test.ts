import assert from "node:assert/strict";
import { test } from "node:test";

import { nameIn } from "../../src/function_name";
import { code, document, plain, table } from "../../src/markdown";
import { overBudget } from "../../src/over_budget";
import { formatBand, formatInterval, formatValue } from "../../src/units";

// What rlm_lsp.units says to the same values.
const VALUES: [number, string, string, string][] = [
  [0, "s", "0 ns", "0 ns"],
  [4e-10, "s", "0 ns", "0 ns"],
  [1.26e-9, "s", "1 ns", "1 ns"],
  [9.96e-7, "s", "1.0 µs", "1 µs"],
  [0.0012, "s", "1.2 ms", "1 ms"],
  [59.7, "s", "1.0 min", "1 min"],
  [0.5, "B", "1 B", "1 B"],
  [999.6, "B", "1.0 kB", "1 kB"],
  [3.4e6, "B", "3.4 MB", "3 MB"],
  [1536, "B", "1.5 kB", "2 kB"],
];
const INTERVALS: [number, number, number, string, string, string][] = [
  [0.001, 0.002, 0.005, "s", "2.0 ms", "1.0–5.0 ms"],
  [0.0001, 0.002, 0.005, "s", "2 ms", "0.1–5 ms"],
  [1e-6, 0.0002, 0.05, "s", "~1 µs–50 ms", "1 µs–50 ms"],
  [0, 0, 100, "B", "0 B", "0–100 B"],
  [200, 900, 1300, "B", "900 B", "0.20–1.3 kB"],
  [9e-10, 2e-5, 0.9, "s", "~1 ns–900 ms", "1 ns–900 ms"],
  [600, 2000, 60_000, "B", "2 kB", "0.6–60 kB"],
];

test("numbers are written as the server writes them", () => {
  for (const [value, unit, two, one] of VALUES) {
    assert.deepEqual([formatValue(value, unit), formatValue(value, unit, 1)], [two, one], String(value));
  }
  for (const [p10, p50, p90, unit, middle, band] of INTERVALS) {
    const prediction = { p10, p50, p90, unit };
    assert.deepEqual([formatInterval(prediction), formatBand(prediction)], [middle, band]);
  }
});

test("a unit of a later server is printed as it is", () => {
  assert.equal(formatValue(12.34, "J"), "12 J");
  assert.equal(formatBand({ p10: 1, p50: 2, p90: 3, unit: "J" }), "1.0 J–3.0 J");
});

test("names and paths cannot become markup", () => {
  assert.equal(plain("[x](command:y) <b>*"), "\\[x\\]\\(command\\:y\\) \\<b\\>\\*");
  assert.equal(plain("a\n# b"), "a \\# b");
  assert.equal(code("a`b"), "``a`b``");
  assert.equal(code("`"), "`` ` ``");
  assert.equal(code("a\nb\u202ec"), "`a b c`");
  assert.equal(code("  "), "");
});

test("a cell holds its bars", () => {
  assert.equal(table(["a", "b"], [[code("x | y"), "1"]], [1]), "| a | b |\n| --- | ---: |\n| `x \\| y` | 1 |");
  assert.equal(document("a", "", "b"), "a\n\nb\n");
});

test("only the server's diagnostics of budgets mark a line, and the worse one counts", () => {
  const at = (line: number, severity: number, code: unknown, source = "rlm-lsp") => ({ source, code, severity, range: { start: { line } } });
  const found = overBudget([
    at(1, 1, "latency-budget"),
    at(2, 1, "latency-budget"),
    at(2, 0, "peak-heap-budget"),
    at(3, 1, "latency-budget", "another"),
    at(4, 1, "malformed-directive"),
    at(5, 1, { value: "x-budget", target: "y" }),
  ]);
  assert.deepEqual(found, { errors: [2], warnings: [1] });
});

test("a function is named by a document and a key", () => {
  assert.deepEqual(nameIn({ uri: "file:///a.py", key: "f", index: 3 }), { uri: "file:///a.py", key: "f" });
  for (const wrong of [undefined, null, "f", {}, { uri: "file:///a.py" }, { uri: 1, key: "f" }]) {
    assert.equal(nameIn(wrong), undefined);
  }
});
