/** The drawing of a whole graph of which some groups are open: every open group on its own, the inner ones first. Pure, in pixels. */

import { ENTRY, EXIT, ITEM, layoutLevel, type Level, type LevelLayout } from "./level";

/** Items are groups, nodes, and the inputs and outputs of the model; item 0 is the root group. */
export interface Drawable {
  /** The group that holds each item; -1 for the root. A group comes before what it holds. */
  readonly parent: Int32Array;
  readonly isGroup: Uint8Array;
  readonly isHidden: Uint8Array;
  /** The size of each item's box; of a group, when it is closed. */
  readonly width: Float32Array;
  readonly height: Float32Array;
  readonly from: Int32Array;
  readonly to: Int32Array;
}

/** What stands where. Boxes: a group comes before what is in it. */
export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly item: Int32Array;
  /** Left, top, width, height of each box. */
  readonly box: Float32Array;
  /** The boxes that each edge joins, as items, and how many edges of the graph it stands for. */
  readonly from: Int32Array;
  readonly to: Int32Array;
  readonly bundled: Int32Array;
  readonly feedback: Uint8Array;
  /** The points of edge `e`: x, y pairs `points[start[e]..start[e+1]-1]`. */
  readonly start: Int32Array;
  readonly points: Float32Array;
}

export const HEADER = 26; // the height of an open group's title
export const PADDING = 16;
const PORT_WIDTH = 10;
const LARGEST_KEPT = 2_000; // items of a level that is remembered

/** Layouts of levels by what is in them: a group that stays open, and blocks that are alike, are laid out once. */
export type Memory = Map<string, LevelLayout>;

class LevelBuilder {
  readonly kind: number[] = [];
  readonly items: number[] = [];
  readonly from: number[] = [];
  readonly to: number[] = [];
  readonly net: number[] = [];
  private readonly local = new Map<number, number>();
  private readonly ports = new Map<string, number>();

  add(item: number, kind = ITEM): number {
    this.kind.push(kind);
    this.items.push(item);
    return this.items.length - 1;
  }

  child(item: number): number {
    const known = this.local.get(item);
    if (known !== undefined) {
      return known;
    }
    const added = this.add(item);
    this.local.set(item, added);
    return added;
  }

  /** The port through which what comes from item `source` enters (or leaves). */
  port(source: number, kind: number): number {
    const key = `${kind}/${source}`;
    const known = this.ports.get(key);
    if (known !== undefined) {
      return known;
    }
    const added = this.add(source, kind);
    this.ports.set(key, added);
    return added;
  }

  /** The port, if there is one. */
  portOf(source: number, kind: number): number | undefined {
    return this.ports.get(`${kind}/${source}`);
  }

  edge(from: number, to: number, net: number): number {
    for (let edge = this.from.length - 1; edge >= Math.max(0, this.from.length - 8); edge--) {
      if (this.from[edge] === from && this.to[edge] === to && this.net[edge] === net) {
        return edge;
      }
    }
    this.from.push(from);
    this.to.push(to);
    this.net.push(net);
    return this.from.length - 1;
  }
}

export function layoutGraph(graph: Drawable, open: Uint8Array, memory: Memory = new Map<string, LevelLayout>()): Layout {
  const { parent } = graph;
  const visible = visibleItems(graph, open);
  const depth = new Int32Array(parent.length);
  const levels = new Map<number, LevelBuilder>();
  for (let item = 0; item < parent.length; item++) {
    depth[item] = item === 0 ? 0 : depth[parent[item]] + 1;
    if (visible[item] === item) {
      if (graph.isGroup[item] === 1 && (open[item] === 1 || item === 0)) {
        levels.set(item, new LevelBuilder());
      }
      levels.get(parent[item])?.child(item);
    }
  }
  const edges = visibleEdges(graph, visible, depth);
  const legs = edges.from.map((from, edge) => legsOf(from, edges.to[edge], parent, depth, levels));
  const groups = [...levels.keys()].sort((one, other) => depth[other] - depth[one] || one - other);
  const width = Float64Array.from(graph.width);
  const height = Float64Array.from(graph.height);
  const done = new Map<number, LevelLayout>();
  for (const group of groups) {
    const builder = levels.get(group) ?? new LevelBuilder();
    const level = measured(builder, width, height, levels, done);
    const layout = remembered(level, memory);
    done.set(group, layout);
    width[group] = Math.max(layout.width + 2 * PADDING, group === 0 ? 0 : graph.width[group]);
    height[group] = layout.height + 2 * PADDING + (group === 0 ? 0 : HEADER);
  }
  return assemble({ graph, visible, levels, done, width, height, edges, legs });
}

/** For each item the item that is seen in its place: itself, the outermost closed group around it, or -1 where it is hidden. */
export function visibleItems(graph: Drawable, open: Uint8Array): Int32Array {
  const visible = new Int32Array(graph.parent.length);
  for (let item = 1; item < visible.length; item++) {
    const holder = visible[graph.parent[item]];
    const isInside = holder === graph.parent[item] && (holder === 0 || open[holder] === 1);
    visible[item] = graph.isHidden[item] === 1 || holder === -1 ? -1 : isInside ? item : holder;
  }
  return visible;
}

interface Edges {
  readonly from: readonly number[];
  readonly to: readonly number[];
  readonly bundled: readonly number[];
}

function visibleEdges({ from, to, parent }: Drawable, visible: Int32Array, depth: Int32Array): Edges {
  const known = new Map<number, number>();
  const edges = { from: [] as number[], to: [] as number[], bundled: [] as number[] };
  for (let edge = 0; edge < from.length; edge++) {
    const source = visible[from[edge]];
    const target = visible[to[edge]];
    if (source < 0 || target < 0 || source === target || holds(source, target, parent, depth) || holds(target, source, parent, depth)) {
      continue;
    }
    const key = source * visible.length + target;
    const index = known.get(key);
    if (index === undefined) {
      known.set(key, edges.from.length);
      edges.from.push(source);
      edges.to.push(target);
      edges.bundled.push(1);
    } else {
      edges.bundled[index] += 1;
    }
  }
  return edges;
}

function holds(group: number, item: number, parent: Int32Array, depth: Int32Array): boolean {
  let at = item;
  while (depth[at] > depth[group]) {
    at = parent[at];
  }
  return at === group;
}

/** A stretch of an edge within one level. */
interface Leg {
  readonly group: number;
  readonly edge: number;
}

/** Out of the groups around the source, across the level that holds both, into the groups around the target. */
function legsOf(source: number, target: number, parent: Int32Array, depth: Int32Array, levels: ReadonlyMap<number, LevelBuilder>): Leg[] {
  const leaving: Leg[] = [];
  const entering: Leg[] = [];
  let from = source;
  let to = target;
  while (parent[from] !== parent[to]) {
    const group = depth[from] >= depth[to] ? parent[from] : parent[to];
    const level = levels.get(group) ?? new LevelBuilder();
    if (depth[from] >= depth[to]) {
      leaving.push({ group, edge: level.edge(level.child(from), level.port(source, EXIT), source) });
      from = group;
    } else {
      entering.push({ group, edge: level.edge(level.port(source, ENTRY), level.child(to), source) });
      to = group;
    }
  }
  const group = parent[from];
  const level = levels.get(group) ?? new LevelBuilder();
  return [...leaving, { group, edge: level.edge(level.child(from), level.child(to), source) }, ...entering.reverse()];
}

/** The level with the sizes of its items, now that the groups in it are laid out. */
function measured(
  builder: LevelBuilder,
  width: Float64Array,
  height: Float64Array,
  levels: ReadonlyMap<number, LevelBuilder>,
  done: ReadonlyMap<number, LevelLayout>,
): Level {
  const portAt = (end: number, net: number, kind: number): number | undefined => {
    const item = builder.items[end];
    const inner = builder.kind[end] === ITEM ? levels.get(item)?.portOf(net, kind) : undefined;
    const layout = inner === undefined ? undefined : done.get(item);
    return inner === undefined || layout === undefined ? undefined : margin(layout, width[item]) + layout.left[inner] + PORT_WIDTH / 2;
  };
  return {
    kind: builder.kind,
    width: builder.items.map((item, at) => (builder.kind[at] === ITEM ? width[item] : PORT_WIDTH)),
    height: builder.items.map((item, at) => (builder.kind[at] === ITEM ? height[item] : 0)),
    from: builder.from,
    to: builder.to,
    net: builder.net,
    fromAt: builder.from.map((end, edge) => portAt(end, builder.net[edge], EXIT)),
    toAt: builder.to.map((end, edge) => portAt(end, builder.net[edge], ENTRY)),
  };
}

/** What stands in a box that is wider than its contents stands in its middle. */
function margin(layout: LevelLayout, width: number): number {
  return (width - layout.width) / 2;
}

function remembered(level: Level, memory: Memory): LevelLayout {
  if (level.kind.length > LARGEST_KEPT) {
    return layoutLevel(level);
  }
  const nets = new Map<number, number>();
  const net = level.net.map((source) => nets.get(source) ?? nets.set(source, nets.size).size - 1);
  const key = JSON.stringify([level.kind, level.width, level.height, level.from, level.to, net, level.fromAt, level.toAt]);
  const known = memory.get(key);
  if (known !== undefined) {
    return known;
  }
  const layout = layoutLevel(level);
  memory.set(key, layout);
  return layout;
}

interface Parts {
  readonly graph: Drawable;
  readonly visible: Int32Array;
  readonly levels: ReadonlyMap<number, LevelBuilder>;
  readonly done: ReadonlyMap<number, LevelLayout>;
  readonly width: Float64Array;
  readonly height: Float64Array;
  readonly edges: Edges;
  readonly legs: readonly (readonly Leg[])[];
}

function assemble({ graph, visible, levels, done, width, height, edges, legs }: Parts): Layout {
  const left = new Float64Array(graph.parent.length);
  const top = new Float64Array(graph.parent.length);
  const origin = (group: number, layout: LevelLayout) => ({
    x: left[group] + margin(layout, width[group]),
    y: top[group] + PADDING + (group === 0 ? 0 : HEADER),
  });
  const items: number[] = [];
  for (let group = 0; group < graph.parent.length; group++) {
    if (visible[group] === group) {
      items.push(group);
    }
    const layout = done.get(group);
    const builder = levels.get(group);
    if (layout !== undefined && builder !== undefined) {
      const { x, y } = origin(group, layout);
      builder.items.forEach((item, at) => {
        if (builder.kind[at] === ITEM) {
          left[item] = x + layout.left[at];
          top[item] = y + layout.top[at];
        }
      });
    }
  }
  const box = new Float32Array(items.length * 4);
  items.forEach((item, at) => {
    box.set([left[item], top[item], width[item], height[item]], at * 4);
  });
  const start = new Int32Array(legs.length + 1);
  const feedback = new Uint8Array(legs.length);
  const points: number[] = [];
  legs.forEach((those, edge) => {
    for (const leg of those) {
      const layout = done.get(leg.group);
      if (layout === undefined) {
        continue;
      }
      const { x, y } = origin(leg.group, layout);
      feedback[edge] |= layout.feedback[leg.edge];
      append(points, start[edge], layout.paths[leg.edge], x, y);
    }
    start[edge + 1] = points.length;
  });
  return {
    width: width[0],
    height: height[0],
    item: Int32Array.from(items),
    box,
    from: Int32Array.from(edges.from),
    to: Int32Array.from(edges.to),
    bundled: Int32Array.from(edges.bundled),
    feedback,
    start,
    points: Float32Array.from(points),
  };
}

/** Adds the points of a leg, leaving out those in the middle of a straight line. */
function append(points: number[], first: number, path: readonly number[], dx: number, dy: number): void {
  for (let at = 0; at < path.length; at += 2) {
    const x = path[at] + dx;
    const y = path[at + 1] + dy;
    const end = points.length;
    const isSame = end > first && points[end - 2] === x && points[end - 1] === y;
    const isStraight = end - first >= 4 && Math.abs(points[end - 2] - x) < 0.05 && Math.abs(points[end - 4] - x) < 0.05;
    if (isSame) {
      continue;
    }
    if (isStraight) {
      points[end - 1] = y;
      continue;
    }
    points.push(x, y);
  }
}
