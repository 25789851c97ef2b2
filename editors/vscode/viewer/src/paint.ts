/** What colour each box has under the chosen figure, and what its number says. Pure. */

import { State, type Figure, type Provenance } from "./document";
import type { Graph } from "./graph";
import { nodeOf } from "./graph";
import { heatAt } from "./colours";
import { percent, quantity } from "./text";

/** How a box is filled: plain where no figure is chosen, hatched where there is no value. */
export interface Paint {
  readonly heat: number;
  readonly state: "none" | "known" | "partial" | "unknown";
  /** "3.1 %". */
  readonly value: string;
}

const NONE: Paint = { heat: 0, state: "none", value: "" };

/** Who says so, in one word. */
export const PROVENANCE: Readonly<Record<Provenance, string>> = {
  static: "static",
  predicted: "predicted",
  apportioned: "apportioned",
  measured: "measured",
};

export const PROVENANCE_NOTE: Readonly<Record<Provenance, string>> = {
  static: "computed from shapes and operators by a roofline; not measured, not predicted by a model",
  predicted: "predicted by the regression language model for the whole or a block; not measured",
  apportioned: "a block's prediction, divided among its nodes by their static share",
  measured: "measured on this machine",
};

/** An item's value, whether it is only a lower bound, and why there is none. */
export interface Value {
  readonly value: number | null;
  readonly atLeast: boolean;
  readonly why: string;
}

export function valueOf(graph: Graph, item: number, figure: Figure): Value {
  const { document } = graph;
  if (item >= graph.firstPort) {
    return { value: null, atLeast: false, why: "" };
  }
  if (item < graph.firstNode) {
    const { unknown } = document.groups[item];
    const isCounted = figure.provenance !== "predicted"; // a model speaks of the whole block
    return { value: figure.groups[item], atLeast: isCounted && unknown > 0, why: isCounted && unknown > 0 ? `${unknown} of its nodes have no known cost` : "" };
  }
  const node = item - graph.firstNode;
  return { value: figure.nodes[node], atLeast: false, why: document.nodes[node].why };
}

/** The largest value among the boxes that are closed: the end of the ramp. */
export function largest(graph: Graph, items: Iterable<number>, isOpen: (item: number) => boolean, figure: Figure | undefined): number {
  let most = 0;
  for (const item of items) {
    if (figure !== undefined && !isOpen(item) && item < graph.firstPort) {
      most = Math.max(most, valueOf(graph, item, figure).value ?? 0);
    }
  }
  return most;
}

export function paintOf(graph: Graph, item: number, figure: Figure | undefined, most: number): Paint {
  if (figure === undefined || item >= graph.firstPort) {
    return NONE;
  }
  const { value, atLeast } = valueOf(graph, item, figure);
  const node = nodeOf(graph, item);
  if (value === null || (item >= graph.firstNode && node !== undefined && graph.document.nodes[node].state === State.unknown)) {
    return { heat: 0, state: "unknown", value: "?" };
  }
  const text = figure.total === null || figure.total === 0 || figure.provenance === "predicted" ? quantity(value, figure.unit) : percent(value / figure.total);
  return { heat: heatAt(value, most), state: atLeast ? "partial" : "known", value: value === 0 ? "" : atLeast ? `≥${text}` : text };
}

/** "1.2 ms, 3.1 % of roofline time (static)". */
export function spoken(graph: Graph, item: number, figure: Figure): string {
  const { value, atLeast, why } = valueOf(graph, item, figure);
  if (value === null) {
    return `${figure.title}: unknown${why === "" ? "" : `, ${why}`}`;
  }
  const share = figure.total === null || figure.total === 0 ? "" : `, ${percent(value / figure.total)}`;
  return `${atLeast ? "at least " : ""}${quantity(value, figure.unit)}${share} of ${figure.title} (${PROVENANCE[figure.provenance]})`;
}
