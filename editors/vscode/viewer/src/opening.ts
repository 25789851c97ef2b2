/** Which groups are open at first: the dearest ones, as many as make a picture that can be taken in. */

import type { Figure } from "./document";
import type { Graph } from "./graph";

const MOST_BOXES = 60;

/** By item, 1 where a group is open. Without a figure the groups with most nodes count as the dearest. */
export function firstOpen(graph: Graph, hidden: Uint8Array, figure: Figure | undefined, most = MOST_BOXES): Uint8Array {
  const open = new Uint8Array(graph.count);
  const children: number[][] = Array.from({ length: graph.firstNode }, () => []);
  for (let item = 1; item < graph.count; item++) {
    if (hidden[item] === 0) {
      children[graph.parent[item]].push(item);
    }
  }
  const rank = (group: number): number => figure?.groups[group] ?? graph.size[group] * 1e-12; // what is known to cost, first
  open[0] = 1;
  let boxes = children[0].length;
  const closed = children[0].filter((item) => graph.isGroup[item] === 1);
  while (closed.length > 0) {
    closed.sort((one, other) => rank(one) - rank(other));
    const group = closed.pop() ?? 0;
    if (boxes - 1 + children[group].length > most) {
      continue;
    }
    open[group] = 1;
    boxes += children[group].length - 1;
    closed.push(...children[group].filter((item) => graph.isGroup[item] === 1));
  }
  return open;
}
