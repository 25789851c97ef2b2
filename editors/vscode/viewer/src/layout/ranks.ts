/** Which row each item of a level stands in: edges point downwards, long ones are few. Linear in items and edges. */

/** Items 0..count-1 and directed edges between them. */
export interface Digraph {
  readonly count: number;
  readonly from: readonly number[];
  readonly to: readonly number[];
}

/** The ends of edges by item: those of item `i` are `edges[start[i]..start[i+1]-1]`. */
export interface Incidence {
  readonly start: Int32Array;
  readonly edges: Int32Array;
}

export function incidence(count: number, ends: readonly number[]): Incidence {
  const start = new Int32Array(count + 1);
  for (const end of ends) {
    start[end + 1] += 1;
  }
  for (let item = 0; item < count; item++) {
    start[item + 1] += start[item];
  }
  const next = start.slice(0, count);
  const edges = new Int32Array(ends.length);
  ends.forEach((end, edge) => {
    edges[next[end]++] = edge;
  });
  return { start, edges };
}

/** The edges that must be turned round so that none is part of a cycle: those that lead back to an item whose descent is not done. */
export function feedbackEdges(graph: Digraph): Uint8Array {
  const { count, to } = graph;
  const out = incidence(count, graph.from);
  const state = new Uint8Array(count); // 0 unseen, 1 being descended, 2 done
  const turned = new Uint8Array(to.length);
  const next = out.start.slice(0, count);
  for (let root = 0; root < count; root++) {
    const stack = state[root] === 0 ? [root] : [];
    while (stack.length > 0) {
      const item = stack[stack.length - 1];
      state[item] = 1;
      if (next[item] === out.start[item + 1]) {
        state[item] = 2;
        stack.pop();
        continue;
      }
      const edge = out.edges[next[item]++];
      if (state[to[edge]] === 0) {
        stack.push(to[edge]);
      } else if (state[to[edge]] === 1) {
        turned[edge] = 1;
      }
    }
  }
  return turned;
}

/**
 * The row of every item, from 0; each edge of the acyclic `graph` leads to a later row.
 * `first` items stand alone in row 0, `last` ones alone in the last row. Rows are the longest paths from above; then an item that has more
 * edges below than above sinks as far as those allow, so that a constant stands near what uses it.
 */
export function rows(graph: Digraph, first: readonly boolean[], last: readonly boolean[]): Int32Array {
  const { count, from, to } = graph;
  const into = incidence(count, to);
  const out = incidence(count, from);
  const order = topologicalOrder(graph, into, out);
  const row = new Int32Array(count);
  const top = first.includes(true) ? 1 : 0;
  for (const item of order) {
    row[item] = first[item] ? 0 : top;
    for (let at = into.start[item]; at < into.start[item + 1]; at++) {
      row[item] = Math.max(row[item], row[from[into.edges[at]]] + 1);
    }
  }
  let bottom = top;
  for (let item = 0; item < count; item++) {
    if (!last[item]) {
      bottom = Math.max(bottom, row[item]);
    }
  }
  for (let at = order.length - 1; at >= 0; at--) {
    const item = order[at];
    if (last[item]) {
      row[item] = bottom + 1;
      continue;
    }
    const above = into.start[item + 1] - into.start[item];
    const below = out.start[item + 1] - out.start[item];
    if (below > above && !first[item]) {
      let lowest = bottom;
      for (let edge = out.start[item]; edge < out.start[item + 1]; edge++) {
        lowest = Math.min(lowest, row[to[out.edges[edge]]] - 1);
      }
      row[item] = Math.max(row[item], lowest);
    }
  }
  return row;
}

function topologicalOrder({ count, to }: Digraph, into: Incidence, out: Incidence): number[] {
  const missing = new Int32Array(count);
  const order: number[] = [];
  for (let item = 0; item < count; item++) {
    missing[item] = into.start[item + 1] - into.start[item];
    if (missing[item] === 0) {
      order.push(item);
    }
  }
  for (let at = 0; at < order.length; at++) {
    const item = order[at];
    for (let edge = out.start[item]; edge < out.start[item + 1]; edge++) {
      const target = to[out.edges[edge]];
      missing[target] -= 1;
      if (missing[target] === 0) {
        order.push(target);
      }
    }
  }
  return order;
}
