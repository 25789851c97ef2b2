import assert from "node:assert/strict";
import { test } from "node:test";

import { beginning, centred, fitted, showing, zoomed } from "../src/camera";
import { heatAt, ramp } from "../src/colours";
import { readDocument } from "../src/document";
import { buildGraph, hiddenItems, Hideable, nodeOf } from "../src/graph";
import { familyOf, labelOf } from "../src/labels";
import { firstOpen } from "../src/opening";
import { paintOf, spoken } from "../src/paint";
import { search } from "../src/search";
import { percent, quantity, shorten } from "../src/text";
import { packed } from "./models";

const MODEL = packed({
  nodes: [
    { op: "Shape", inputs: ["x"], outputs: ["s"], name: "/enc/Shape", group: 1 },
    { op: "Gather", inputs: ["s", "zero"], outputs: ["d"], name: "/enc/Gather", group: 1 },
    { op: "Conv", inputs: ["x", "w"], outputs: ["a"], name: "/enc/conv.1/Conv", group: 1, attributes: [["group", "1"], ["kernel_shape", "[3, 3]"], ["strides", "[2, 2]"]] },
    { op: "Reshape", inputs: ["a", "d"], outputs: ["b"], name: "/enc/Reshape", group: 1, state: 2 },
    { op: "DequantizeLinear", inputs: ["w8"], outputs: ["w"], state: 1 },
    { op: "Strange", inputs: ["b"], outputs: ["y"], name: "tail", state: 3 },
  ],
  groups: [{ label: "enc", parent: 0, alike: 2 }],
  inputs: ["x"],
  outputs: ["y"],
  types: { x: "float32 1×3×224×224", a: "float32 1×64×112×112", w: "float32 64×3×3×3", w8: "int8 64×3×3×3", y: "float32 ?" },
  constants: ["zero", "w8", "w"],
  seconds: [0.001, 0.001, 0.008, 0, 0, null],
});
const document = readDocument(JSON.parse(JSON.stringify(MODEL)));
const graph = buildGraph(document);
const figure = document.figures[0];

const QUERIES: readonly (readonly [string, readonly number[]])[] = [
  ["", []],
  ["conv", [2]],
  ["op:conv", [2]],
  ["op:con", []],
  ["op:*e*", [0, 1, 3, 4, 5]],
  ["op:*e", [0, 3, 5]],
  ["name:conv.1", [2]],
  ["name:/enc*/Shape", [0]],
  ["name:/^\\/enc\\/(shape|gather)$/", [0, 1]],
  ["shape:1x64", [2, 3]],
  ["shape:*x*x3x3", [2, 4]],
  ["shape:1x3x224x224x1", []],
  ["dtype:int8", [4]],
  ["attr:group=1", [2]],
  ["attr:strides=2,2", [2]],
  ["attr:kernel_shape", [2]],
  ["attr:group=2", []],
  ["tensor:w8", [4]],
  ["cost>50%", [2]],
  ["cost<15%", [0, 1, 3, 4]],
  ["unknown", [5]],
  ["op:Conv name:tail", []],
  ["enc shape", [0, 3]],
];

for (const [query, expected] of QUERIES) {
  test(`search ${query}`, () => {
    assert.deepEqual(search(document, query, figure), expected);
  });
}

test("a query that cannot be understood is answered in a line", () => {
  assert.throws(() => search(document, "name:/(/", figure), /^Error: \/\(\/ is not a regular expression$/);
});

test("quantities have three digits and a unit that fits", () => {
  const said = [quantity(0.0012345, "s"), quantity(4.089e9, ""), quantity(999_600, "B"), quantity(0, "B"), quantity(null, "s"), quantity(NaN, "s"), quantity(2_500_000_000_000, ""), quantity(1e-12, "s")];
  assert.deepEqual(said, ["1.23 ms", "4.09 G", "1 MB", "0 B", "unknown", "unknown", "2,500 G", "0.001 ns"]);
  assert.deepEqual([0, 0.0004, 0.0312, 0.4].map(percent), ["0 %", "<0.1 %", "3.1 %", "40 %"]);
});

test("long names lose their middle", () => {
  assert.equal(shorten("encoder.layer.0.attention", 12), "encod…ention");
  assert.equal(shorten("𝒜𝒜𝒜", 2), "𝒜…");
  assert.equal(shorten("short", 12), "short");
});

test("boxes say operator, kernel, stride and shape", () => {
  assert.deepEqual(labelOf(graph, graph.firstNode + 2), { title: "Conv 3×3 /2", detail: "1×64×112×112", badge: "" });
  assert.deepEqual(labelOf(graph, 1), { title: "enc", detail: "4 nodes", badge: "×2" });
  assert.equal(labelOf(graph, graph.firstNode + 5).detail, "shape unknown");
  assert.deepEqual(["Conv", "QLinearConv", "If", "LayerNormalization", "Softmax", "ReduceMean", "Reshape", "Add"].map(familyOf), ["product", "quant", "control", "normal", "activation", "pool", "move", "arithmetic"]);
});

test("constants and the computation of shapes can be left out, and what uses them stays", () => {
  assert.deepEqual([...graph.hideable], [Hideable.shapes, Hideable.shapes, 0, 0, Hideable.folded, 0]);
  const hidden = hiddenItems(graph, Hideable.folded | Hideable.shapes);
  assert.deepEqual([...hidden].flatMap((flag, item) => (flag === 1 ? [nodeOf(graph, item)] : [])), [0, 1, 4]);
});

test("the dearest groups are open at first, as far as there is room", () => {
  assert.equal(firstOpen(graph, new Uint8Array(graph.count), figure)[1], 1);
  assert.equal(firstOpen(graph, new Uint8Array(graph.count), figure, 4)[1], 0);
});

test("what is unknown is hatched and said, and never a zero", () => {
  assert.deepEqual(paintOf(graph, graph.firstNode + 5, figure, 1), { heat: 0, state: "unknown", value: "?" });
  assert.match(spoken(graph, graph.firstNode + 5, figure), /unknown/);
  assert.equal(spoken(graph, graph.firstNode + 2, figure), "8 ms, 80 % of roofline time (static)");
  assert.equal(paintOf(graph, 1, undefined, 1).state, "none");
});

test("heat is a square root, and its text can be read", () => {
  assert.deepEqual([heatAt(0.25, 1), heatAt(2, 1), heatAt(1, 0)], [0.5, 1, 0]);
  assert.deepEqual(ramp("#ffffff", "#000000", 0), { fill: "#ffffff", ink: "#16181c" });
  assert.deepEqual(ramp("#ffffff", "#000000", 1), { fill: "#000000", ink: "#ffffff" });
});

test("a document that is none, or leads nowhere, is refused in a line", () => {
  assert.throws(() => readDocument([]), /^Error: this is not a document/);
  assert.throws(() => readDocument({ schema: 2 }), /version 2/);
  const lost = structuredClone(MODEL) as unknown as { nodes: { inputs: number[][] } };
  lost.nodes.inputs[0] = [99];
  assert.throws(() => readDocument(lost), /node 0 of the document/);
  const loop = structuredClone(MODEL) as unknown as { groups: { parent: number[] } };
  loop.groups.parent[1] = 1;
  assert.throws(() => readDocument(loop), /group 1 of the document has no place/);
});

test("the camera keeps what is under the mouse, and brings boxes to the screen", () => {
  const camera = zoomed({ x: 10, y: 20, scale: 1 }, 2, 100, 100);
  assert.deepEqual([(100 - camera.x) / camera.scale, (100 - camera.y) / camera.scale], [90, 80]);
  const screen = { width: 800, height: 600 };
  assert.ok(fitted({ width: 400, height: 6000 }, screen).scale < 0.1);
  assert.equal(beginning({ width: 400, height: 6000 }, screen).y, 24);
  const middle = centred({ x: 0, y: 0, scale: 0.1 }, 1000, 1000, 100, 40, screen);
  assert.deepEqual([1050 * middle.scale + middle.x, 1020 * middle.scale + middle.y], [400, 300]);
  const shown = showing({ x: 0, y: 0, scale: 1 }, 2000, 10, 100, 40, screen);
  assert.ok(2000 + shown.x + 100 <= 800 && shown.y === 14);
});
