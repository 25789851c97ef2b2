/** A document as a graph of items: the groups, then the nodes, then the inputs and outputs of the model. Item 0 is the root group. */

import { State, type Document } from "./document";

export interface Graph {
  readonly document: Document;
  readonly count: number;
  readonly firstNode: number;
  readonly firstPort: number;
  /** The tensor of each item from `firstPort` on: the model's inputs, then its outputs. */
  readonly ports: readonly number[];
  readonly inputs: number;
  readonly parent: Int32Array;
  readonly isGroup: Uint8Array;
  /** Which item stands for a node: its own, or the group of its bodies. */
  readonly itemOfNode: Int32Array;
  readonly from: Int32Array;
  readonly to: Int32Array;
  readonly tensor: Int32Array;
  /** By node: 0 always shown, else a bit of `Hideable`. */
  readonly hideable: Uint8Array;
  /** The nodes in each group, at any depth. */
  readonly size: Int32Array;
}

const WHOLE: ReadonlySet<string> = new Set(["", "int64", "int32", "bool"]);

/** What can be left out of the picture. */
export const Hideable = { folded: 1, shapes: 2 } as const;

export function buildGraph(document: Document): Graph {
  const { groups, nodes, inputs, outputs } = document;
  const firstNode = groups.length;
  const firstPort = firstNode + nodes.length;
  const ports = [...inputs, ...outputs];
  const count = firstPort + ports.length;
  const parent = new Int32Array(count);
  const isGroup = new Uint8Array(count).fill(1, 0, firstNode);
  const size = new Int32Array(firstNode);
  const itemOfNode = Int32Array.from(nodes, (_, node) => firstNode + node);
  groups.forEach((group, index) => {
    parent[index] = group.parent;
    size[index] = group.size;
    if (group.owner !== -1 && itemOfNode[group.owner] >= firstNode) {
      itemOfNode[group.owner] = index;
    }
  });
  nodes.forEach(({ group }, node) => (parent[firstNode + node] = group));
  const hideable = hideableNodes(document);
  return {
    document,
    count,
    firstNode,
    firstPort,
    ports,
    inputs: inputs.length,
    parent,
    isGroup,
    itemOfNode,
    ...edgesOf(document, itemOfNode, firstPort),
    hideable,
    size,
  };
}

function edgesOf({ nodes, inputs, outputs }: Document, itemOfNode: Int32Array, firstPort: number) {
  const source = new Map<number, number>();
  inputs.forEach((tensor, index) => source.set(tensor, firstPort + index));
  nodes.forEach((node, index) => {
    node.outputs.forEach((tensor) => source.set(tensor, itemOfNode[index]));
  });
  const from: number[] = [];
  const to: number[] = [];
  const tensor: number[] = [];
  const add = (read: number, target: number) => {
    const origin = source.get(read);
    if (origin !== undefined && origin !== target) {
      from.push(origin);
      to.push(target);
      tensor.push(read);
    }
  };
  nodes.forEach((node, index) => {
    for (const read of new Set(node.inputs)) {
      add(read, itemOfNode[index]);
    }
  });
  outputs.forEach((read, index) => {
    add(read, firstPort + inputs.length + index);
  });
  return { from: Int32Array.from(from), to: Int32Array.from(to), tensor: Int32Array.from(tensor) };
}

/** Folded nodes, and those that compute nothing but shapes: whole numbers that come from Shape or Size and meet only constants. */
function hideableNodes({ nodes, tensors, groups, outputs }: Document): Uint8Array {
  const results = new Set(outputs);
  const owners = new Set(groups.map(({ owner }) => owner)); // what their bodies read is not among their inputs
  const hideable = new Uint8Array(nodes.length);
  nodes.forEach((node, index) => {
    if (node.state === State.folded) {
      hideable[index] = Hideable.folded;
      return;
    }
    const makers = node.inputs.flatMap((tensor) => (tensor < 0 || tensors[tensor].constant ? [] : [tensors[tensor].from]));
    const isShape = node.op === "Shape" || node.op === "Size" || (makers.length > 0 && makers.every((maker) => hideable[maker] === Hideable.shapes));
    const isWhole = node.outputs.every((tensor) => tensor < 0 || (WHOLE.has(tensors[tensor].dtype) && !results.has(tensor)));
    if (isShape && isWhole && !owners.has(index)) {
      hideable[index] = Hideable.shapes;
    }
  });
  return hideable;
}

/** Items left out of the picture: what `hide` (bits of `Hideable`) names, groups with nothing else in them, and what a group stands for. */
export function hiddenItems(graph: Graph, hide: number): Uint8Array {
  const { document, firstNode, firstPort, parent, hideable, itemOfNode } = graph;
  const hidden = new Uint8Array(graph.count);
  const shown = new Int32Array(graph.count);
  for (let item = graph.count - 1; item > 0; item--) {
    const node = item - firstNode;
    if (item >= firstPort) {
      continue;
    }
    if (node >= 0) {
      hidden[item] = (hideable[node] & hide) !== 0 || itemOfNode[node] !== item ? 1 : 0;
    } else {
      const owner = document.groups[item].owner;
      hidden[item] = shown[item] === 0 || (owner !== -1 && (hideable[owner] & hide) !== 0) ? 1 : 0;
    }
    shown[parent[item]] += hidden[item] === 1 ? 0 : 1;
  }
  return hidden;
}

/** The node that an item is, or whose bodies it holds. */
export function nodeOf(graph: Graph, item: number): number | undefined {
  if (item < graph.firstNode) {
    const owner = graph.document.groups[item].owner;
    return owner === -1 ? undefined : owner;
  }
  return item < graph.firstPort ? item - graph.firstNode : undefined;
}

/** The groups around an item, innermost first; without the root. */
export function ancestors(graph: Graph, item: number): number[] {
  const found: number[] = [];
  for (let at = graph.parent[item]; at > 0; at = graph.parent[at]) {
    found.push(at);
  }
  return found;
}

/** What an item is called. */
export function titleOf(graph: Graph, item: number): string {
  if (item >= graph.firstPort) {
    return graph.document.tensors[graph.ports[item - graph.firstPort]].name;
  }
  if (item >= graph.firstNode) {
    return graph.document.nodes[item - graph.firstNode].op;
  }
  return graph.document.groups[item].label;
}
