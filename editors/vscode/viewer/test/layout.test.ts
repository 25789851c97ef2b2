import assert from "node:assert/strict";
import { test } from "node:test";

import { buildGraph, hiddenItems } from "../src/graph";
import { boxSizes, estimated } from "../src/labels";
import { readDocument } from "../src/document";
import { HEADER, layoutGraph, visibleItems, type Drawable, type Layout, type Memory } from "../src/layout/nested";
import { spaced } from "../src/layout/place";
import { feedbackEdges } from "../src/layout/ranks";
import { packed, random, randomGraph } from "./models";

type Box = readonly [number, number, number, number];

function boxes({ item, box }: Layout): Map<number, Box> {
  return new Map([...item].map((one, at) => [one, [box[at * 4], box[at * 4 + 1], box[at * 4 + 2], box[at * 4 + 3]] as const]));
}

function drawn(items: readonly [parent: number, isGroup: boolean][], edges: readonly [number, number][]): Drawable {
  return {
    parent: Int32Array.from(items, ([parent]) => parent),
    isGroup: Uint8Array.from(items, ([, isGroup]) => (isGroup ? 1 : 0)),
    isHidden: new Uint8Array(items.length),
    width: new Float32Array(items.length).fill(120),
    height: new Float32Array(items.length).fill(38),
    from: Int32Array.from(edges, ([from]) => from),
    to: Int32Array.from(edges, ([, to]) => to),
  };
}

/** The places along an edge, S-curves included. */
function* along({ start, points }: Layout, edge: number): Generator<readonly [number, number]> {
  for (let at = start[edge]; at + 3 < start[edge + 1]; at += 2) {
    for (let step = 0; step <= 6; step++) {
      const t = step / 6;
      const ease = t * t * (3 - 2 * t);
      yield [points[at] + (points[at + 2] - points[at]) * ease, points[at + 1] + (points[at + 3] - points[at + 1]) * t];
    }
  }
}

const isInside = (x: number, y: number, [left, top, width, height]: Box, slack = 0.5) =>
  x > left + slack && x < left + width - slack && y > top + slack && y < top + height - slack;

for (const seed of [1, 2, 3, 4]) {
  const graph = randomGraph(seed, 90, 12);
  const next = random(seed * 7);
  const open = Uint8Array.from(graph.parent, (_, item) => (item === 0 || next() < 0.7 ? 1 : 0));
  const layout = layoutGraph(graph, open);
  const found = boxes(layout);

  test(`boxes lie in their groups and beside each other (${seed})`, () => {
    const visible = visibleItems(graph, open);
    assert.deepEqual([...found.keys()].sort((a, b) => a - b), [...visible.keys()].filter((item) => visible[item] === item));
    for (const [item, [left, top, width, height]] of found) {
      const [x, y, w, h] = found.get(graph.parent[item]) ?? [0, 0, layout.width, layout.height];
      const header = graph.parent[item] > 0 ? HEADER : 0;
      assert.ok(item === 0 || (left >= x && top >= y + header && left + width <= x + w + 0.01 && top + height <= y + h + 0.01));
      for (const [other, [ox, oy, ow, oh]] of found) {
        if (other !== item && other !== 0 && item !== 0 && graph.parent[other] === graph.parent[item]) {
          assert.ok(left + width <= ox || ox + ow <= left || top + height <= oy || oy + oh <= top, `${item} over ${other}`);
        }
      }
    }
  });

  test(`every edge between what is seen is drawn, from box to box, and crosses no other (${seed})`, () => {
    const visible = visibleItems(graph, open);
    const within = (item: number, group: number): boolean => item === group || (item > 0 && within(graph.parent[item], group));
    const wanted = new Set<string>();
    graph.from.forEach((from, edge) => {
      const [source, target] = [visible[from], visible[graph.to[edge]]];
      if (source !== target && !within(source, target) && !within(target, source)) {
        wanted.add(`${source} ${target}`);
      }
    });
    assert.deepEqual(new Set([...layout.from].map((from, edge) => `${from} ${layout.to[edge]}`)), wanted);
    layout.from.forEach((from, edge) => {
      const to = layout.to[edge];
      const [source, target] = [found.get(from), found.get(to)];
      assert.ok(source !== undefined && target !== undefined);
      const [first, last] = [layout.start[edge], layout.start[edge + 1] - 2];
      const side = (box: Box, isBottom: boolean) => box[1] + (isBottom ? box[3] : 0);
      assert.ok(Math.abs(layout.points[first + 1] - side(source, true)) < 0.1 && Math.abs(layout.points[last + 1] - side(target, false)) < 0.1);
      assert.ok(layout.points[first] >= source[0] && layout.points[first] <= source[0] + source[2]);
      assert.ok(layout.points[last] >= target[0] && layout.points[last] <= target[0] + target[2]);
      for (const [x, y] of along(layout, edge)) {
        for (const [item, box] of found) {
          const isAround = within(from, item) || within(to, item);
          assert.ok(item === 0 || isAround || !isInside(x, y, box, 1), `edge ${from}→${to} crosses ${item}`);
        }
      }
    });
  });
}

test("a chain is straight", () => {
  const count = 12;
  const items = Array.from({ length: count + 1 }, (_, item): [number, boolean] => [item === 0 ? -1 : 0, item === 0]);
  const layout = layoutGraph(drawn(items, Array.from({ length: count - 1 }, (_, at) => [at + 1, at + 2])), new Uint8Array(count + 1));
  const middles = new Set([...boxes(layout)].filter(([item]) => item > 0).map(([, [left, , width]]) => Math.round(left + width / 2)));
  assert.equal(middles.size, 1);
  assert.ok(layout.start.every((start, edge) => edge === 0 || start - layout.start[edge - 1] === 4)); // two points each
});

test("a cycle is drawn whole, and the edge that closes it is marked", () => {
  const layout = layoutGraph(drawn([[-1, true], [0, false], [0, false], [0, false]], [[1, 2], [2, 3], [3, 1]]), new Uint8Array(4));
  assert.equal(layout.from.length, 3);
  assert.deepEqual([...layout.feedback].filter((flag) => flag === 1).length, 1);
});

test("what closes cycles is what a descent meets again", () => {
  assert.deepEqual([...feedbackEdges({ count: 3, from: [0, 1, 2, 0], to: [1, 2, 0, 2] })], [0, 0, 1, 0]);
  assert.deepEqual([...feedbackEdges({ count: 2, from: [0, 0], to: [1, 1] })], [0, 0]);
});

test("edges of what is in a closed group are edges of the group, bundled", () => {
  const graph = drawn([[-1, true], [0, true], [1, false], [1, false], [0, false]], [[2, 4], [3, 4], [2, 3]]);
  const layout = layoutGraph(graph, Uint8Array.from([1, 0, 0, 0, 0]));
  assert.deepEqual([[...layout.from], [...layout.to], [...layout.bundled]], [[1], [4], [2]]);
});

test("an edge into an open group enters at its top", () => {
  const graph = drawn([[-1, true], [0, true], [0, false], [1, false]], [[2, 3]]);
  const layout = layoutGraph(graph, Uint8Array.from([1, 1, 0, 0]));
  const [, top] = boxes(layout).get(1) ?? [0, 0];
  const ys = [...layout.points].filter((_, at) => at % 2 === 1);
  assert.ok(ys[0] < top && ys.at(-1) === boxes(layout).get(3)?.[1]);
});

test("the same groups are laid out once, and the same each time", () => {
  const graph = randomGraph(9, 200, 10);
  const open = new Uint8Array(graph.parent.length).fill(1);
  const memory: Memory = new Map();
  const first = layoutGraph(graph, open, memory);
  const known = memory.size;
  assert.deepEqual(layoutGraph(graph, open, memory), first);
  assert.equal(memory.size, known);
  assert.deepEqual(layoutGraph(graph, open), first);
});

test("blocks alike are laid out once", () => {
  const items: [number, boolean][] = [[-1, true], [0, true], [0, true], [1, false], [1, false], [2, false], [2, false]];
  const memory: Memory = new Map();
  layoutGraph(drawn(items, [[3, 4], [4, 5], [5, 6]]), new Uint8Array(7).fill(1), memory);
  assert.ok(memory.size <= 3); // the first block has no entry and the second no exit
});

test("distances are kept and wishes granted where they can be", () => {
  assert.deepEqual(spaced([0, 100, 200], [1, 1, 1], [0, 50, 100]), [0, 100, 200]);
  assert.deepEqual(spaced([0, 0], [1, 1], [0, 50]), [-25, 25]);
  assert.deepEqual(spaced([0, 0], [3, 1], [0, 40]), [-10, 30]);
});

test("a node with bodies is drawn as the group that holds them", () => {
  const document = readDocument(
    packed({
      nodes: [
        { op: "Relu", inputs: ["x"], outputs: ["c"] },
        { op: "If", inputs: ["c"], outputs: ["y"] },
        { op: "Neg", inputs: ["x"], outputs: ["t"], group: 2 },
        { op: "Abs", inputs: ["x"], outputs: ["e"], group: 3 },
      ],
      groups: [{ label: "If", parent: 0, owner: 1 }, { label: "then_branch", parent: 1 }, { label: "else_branch", parent: 1 }],
      inputs: ["x"],
      outputs: ["y"],
    }),
  );
  const graph = buildGraph(document);
  const isHidden = hiddenItems(graph, 0);
  const layout = layoutGraph({ ...graph, isHidden, ...boxSizes(graph, estimated) }, new Uint8Array(graph.count).fill(1));
  const found = boxes(layout);
  assert.ok(!found.has(graph.firstNode + 1), "the node itself is not there");
  const edges = [...layout.from].map((from, edge) => [from, layout.to[edge]]);
  const [neg, output] = [graph.firstNode + 2, graph.firstPort + 1];
  assert.ok(edges.some(([from, to]) => from === graph.firstPort && to === neg), "what a branch captures leads into it");
  assert.ok(edges.some(([from, to]) => from === 1 && to === output), "its result leaves the group");
});
