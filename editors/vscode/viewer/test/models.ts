/** Small documents as the server packs them, and random graphs that are the same in every run. */

import type { Figure, Packed } from "../src/document";
import type { Drawable } from "../src/layout/nested";

export interface NodeSpec {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly name?: string;
  readonly group?: number;
  readonly state?: number;
  readonly attributes?: readonly (readonly [string, string])[];
}

export interface GroupSpec {
  readonly label: string;
  readonly parent: number;
  readonly owner?: number;
  readonly alike?: number;
}

export interface ModelSpec {
  readonly nodes: readonly NodeSpec[];
  readonly groups?: readonly GroupSpec[];
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** By tensor: "float32 1×64", "weight" for constants. */
  readonly types?: Readonly<Record<string, string>>;
  readonly constants?: readonly string[];
  /** Seconds by node. */
  readonly seconds?: readonly (number | null)[];
}

/** The document of a model; its JSON is that of `rlm_lsp.onnx.document`. */
export function packed({ nodes, groups = [], inputs, outputs, types = {}, constants = [], seconds = nodes.map(() => 1) }: ModelSpec): Packed {
  const strings: string[] = [];
  const text = (word: string) => (strings.includes(word) ? strings.indexOf(word) : strings.push(word) - 1);
  const names = [...new Set([...inputs, ...nodes.flatMap((node) => [...node.inputs, ...node.outputs]), ...outputs])].filter((name) => name !== "");
  const all: GroupSpec[] = [{ label: "model", parent: -1 }, ...groups];
  const isIn = (group: number, outer: number): boolean => group === outer || (group > 0 && isIn(all[group].parent, outer));
  const inside = (group: number) => nodes.flatMap((node, index) => (isIn(node.group ?? 0, group) ? [index] : []));
  const sum = (indices: readonly number[]) => indices.reduce((total, index) => total + (seconds[index] ?? 0), 0);
  const figure: Figure = { id: "seconds", title: "roofline time", provenance: "static", unit: "s", nodes: seconds, groups: all.map((_, group) => sum(inside(group))), total: sum(nodes.map((_, index) => index)), at_least: seconds.includes(null) };
  return {
    schema: 1,
    file: { name: "model.onnx", bytes: 1000, producer: "test", ir: 8, opsets: [["ai.onnx", 17]], doc: "" },
    symbols: [],
    strings,
    inputs: inputs.map((name) => names.indexOf(name)),
    outputs: outputs.map((name) => names.indexOf(name)),
    tensors: {
      name: names.map(text),
      dtype: names.map((name) => text((types[name] ?? "").split(" ")[0])),
      shape: names.map((name) => text((types[name] ?? " ?").split(" ")[1] ?? "?")),
      bytes: names.map(() => null),
      from: names.map((name) => nodes.findIndex((node) => node.outputs.includes(name))),
      constant: names.map((name) => (constants.includes(name) ? 1 : 0)),
    },
    nodes: {
      op: nodes.map(({ op }) => text(op)),
      domain: nodes.map(() => text("")),
      name: nodes.map(({ name }) => text(name ?? "")),
      path: nodes.map((_, index) => text(String(index))),
      group: nodes.map(({ group }) => group ?? 0),
      owner: nodes.map(() => -1),
      inputs: nodes.map((node) => node.inputs.map((name) => names.indexOf(name))),
      outputs: nodes.map((node) => node.outputs.map((name) => names.indexOf(name))),
      state: nodes.map(({ state }) => state ?? 0),
      why: nodes.map(() => -1),
    },
    groups: {
      label: all.map(({ label }) => text(label)),
      path: all.map(({ label }, group) => text(`${label}#${group}`)),
      kind: all.map(() => text("scope")),
      parent: all.map(({ parent }) => parent),
      owner: all.map(({ owner }) => owner ?? -1),
      size: all.map((_, group) => inside(group).length),
      digest: all.map((_, group) => text(String(group))),
      alike: all.map(({ alike }) => alike ?? 1),
      unknown: all.map((_, group) => inside(group).filter((index) => seconds[index] === null).length),
      prediction: all.map(() => -1),
    },
    figures: [figure],
    totals: [],
    predictions: { model: [], blocks: [], distinct: 0, pending: false },
    unknown: [],
    problems: [],
    roofline: {},
    shape_inference: { tier: 1, known: 1, total: 1 },
    details: nodes.map(({ attributes }) => ({ attributes: attributes ?? [], formula: "", source: null, metadata: [], stored: [] })),
  };
}

/** Numbers from 0 to 1, by a linear congruence. */
export function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** A graph of `nodes` in nested groups; edges lead on in the order of nodes, some of them far. */
export function randomGraph(seed: number, nodes: number, groups: number): Drawable {
  const next = random(seed);
  const count = 1 + groups + nodes;
  const parent = new Int32Array(count).fill(-1);
  for (let item = 1; item < count; item++) {
    const isNode = item > groups;
    const near = Math.floor(((item - groups - 1) / nodes) * groups); // nodes that follow each other are often in one group
    parent[item] = isNode ? Math.min(groups, Math.max(0, near + Math.floor(next() * 2))) : Math.floor(next() * item * 0.6);
  }
  const from: number[] = [];
  const to: number[] = [];
  for (let node = groups + 2; node < count; node++) {
    const inputs = 1 + Math.floor(next() * 2);
    for (let input = 0; input < inputs; input++) {
      const back = next() < 0.8 ? 1 + Math.floor(next() * 3) : 1 + Math.floor(next() * 40);
      from.push(Math.max(groups + 1, node - back));
      to.push(node);
    }
  }
  const isGroup = new Uint8Array(count).fill(1, 0, groups + 1);
  const width = Float32Array.from({ length: count }, () => 110 + Math.floor(next() * 60));
  return { parent, isGroup, isHidden: new Uint8Array(count), width, height: new Float32Array(count).fill(38), from: Int32Array.from(from), to: Int32Array.from(to) };
}
