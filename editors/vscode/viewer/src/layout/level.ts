/** The layered drawing of one open group: its children, and ports where edges enter at its top and leave at its bottom. Pure, in pixels. */

import { feedbackEdges, rows as assignRows } from "./ranks";
import { orderRows, type Rows } from "./order";
import { place } from "./place";

export const ITEM = 0;
export const ENTRY = 1;
export const EXIT = 2;

const BEND_WIDTH = 4;
const ROW_GAP = 26;
const PORT_GAP = 14;
const SLANT = 0.05; // a gap grows with the longest way sideways in it
const MOST_SLANT = 70;
const LANE = 12; // beside all boxes, for each edge that closes a cycle
const FAN = 14; // between edges that end at the same box
const STRAIGHT = 3; // pixels by which an edge may be moved to be straight

/** What is drawn in a group. Edges with the same `net` have the same source and run together as far as they can. */
export interface Level {
  readonly kind: readonly number[];
  readonly width: readonly number[];
  readonly height: readonly number[];
  readonly from: readonly number[];
  readonly to: readonly number[];
  readonly net: readonly number[];
  /** Where the edge is attached, in pixels from the left side of its end; undefined: where it looks best. */
  readonly fromAt: readonly (number | undefined)[];
  readonly toAt: readonly (number | undefined)[];
}

export interface LevelLayout {
  readonly width: number;
  readonly height: number;
  readonly left: Float64Array;
  readonly top: Float64Array;
  /** By edge: x, y, x, y, … from its source to its target. Points at the same x are joined by a line, others by an S. */
  readonly paths: readonly (readonly number[])[];
  /** By edge: whether it closes a cycle, and so leads upwards, beside all boxes. */
  readonly feedback: Uint8Array;
}

interface Expanded extends Rows {
  readonly width: readonly number[];
  readonly height: readonly number[];
  readonly firstBend: number;
  /** By edge, from its source on: its links. Those that close cycles have none. */
  readonly chains: readonly (readonly number[])[];
}

export function layoutLevel(level: Level): LevelLayout {
  const count = level.kind.length;
  const feedback = feedbackEdges({ count, from: level.from, to: level.to });
  const forward = [...level.from.keys()].filter((edge) => feedback[edge] === 0);
  const row = assignRows(
    { count, from: forward.map((edge) => level.from[edge]), to: forward.map((edge) => level.to[edge]) },
    level.kind.map((kind) => kind === ENTRY),
    level.kind.map((kind) => kind === EXIT),
  );
  const expanded = expand(level, row, feedback);
  const layers = orderRows(expanded);
  const centre = straightened(expanded, place(expanded, layers, expanded));
  const lanes = level.from.length - forward.length;
  const { tops, heights, total } = verticals(level, expanded, layers, centre, lanes > 0);
  const left = new Float64Array(count);
  const top = new Float64Array(count);
  let width = 0;
  for (let item = 0; item < count; item++) {
    left[item] = centre[item] - level.width[item] / 2;
    top[item] = tops[row[item]] + (heights[row[item]] - level.height[item]) / 2;
  }
  centre.forEach((x, element) => (width = Math.max(width, x + expanded.width[element] / 2)));
  const placed = { centre, top, tops, heights };
  const paths = level.from.map((_, edge) => {
    if (feedback[edge] === 0) {
      return path(level, expanded, edge, placed);
    }
    width += LANE;
    return wayBack(level, expanded, edge, placed, width);
  });
  fanOut(level, paths, feedback, left);
  return { width, height: total, left, top, paths, feedback };
}

/** Long edges broken into links between neighbouring rows; edges of one net share their bends. */
function expand(level: Level, row: Int32Array, feedback: Uint8Array): Expanded {
  const count = level.kind.length;
  const rowOf = Array.from(row);
  const width = [...level.width];
  const height = [...level.height];
  const links = { upper: [] as number[], lower: [] as number[], upperAt: [] as number[], lowerAt: [] as number[] };
  const bends = new Map<string, number>();
  const known = new Map<string, number>();
  const chains = level.from.map((first, edge) => {
    const last = level.to[edge];
    const firstAt = attachedAt(level, first, level.fromAt[edge]);
    const lastAt = attachedAt(level, last, level.toAt[edge]);
    const chain: number[] = [];
    let element = first;
    for (let below = row[first] + 1; below <= row[last] && feedback[edge] === 0; below++) {
      let next = last;
      if (below < row[last]) {
        const key = `${first}/${level.net[edge]}/${below}`;
        const bend = bends.get(key) ?? rowOf.length;
        if (bend === rowOf.length) {
          bends.set(key, bend);
          rowOf.push(below);
          width.push(BEND_WIDTH);
          height.push(0);
        }
        next = bend;
      }
      const key = `${element}/${next}/${element === first ? firstAt : 0}/${next === last ? lastAt : 0}`;
      let link = known.get(key);
      if (link === undefined) {
        link = links.upper.length;
        known.set(key, link);
        links.upper.push(element);
        links.lower.push(next);
        links.upperAt.push(element === first ? firstAt : 0);
        links.lowerAt.push(next === last ? lastAt : 0);
      }
      chain.push(link);
      element = next;
    }
    return chain;
  });
  return { row: Int32Array.from(rowOf), rowCount: Math.max(0, ...rowOf) + 1, ...links, width, height, firstBend: count, chains };
}

/** Where an edge is attached: -0.5 at the left side of the item, 0.5 at its right side. */
function attachedAt(level: Level, item: number, x: number | undefined): number {
  return x === undefined ? 0 : x / level.width[item] - 0.5;
}

/** Bends that stand almost below what leads to them are moved there. */
function straightened({ upper, lower, upperAt, width, firstBend }: Expanded, centre: Float64Array): Float64Array {
  upper.forEach((above, link) => {
    const below = lower[link];
    const x = centre[above] + upperAt[link] * width[above];
    if (below >= firstBend && Math.abs(centre[below] - x) < STRAIGHT) {
      centre[below] = x;
    }
  });
  return centre;
}

function verticals(level: Level, expanded: Expanded, layers: readonly (readonly number[])[], centre: Float64Array, hasWayBack: boolean) {
  const widest = new Float64Array(layers.length);
  expanded.upper.forEach((above, link) => {
    const row = expanded.row[above];
    widest[row] = Math.max(widest[row], Math.abs(centre[above] - centre[expanded.lower[link]]));
  });
  const heights = layers.map((layer) => Math.max(0, ...layer.map((element) => expanded.height[element])));
  const isPort = layers.map((layer) => layer.some((element) => element < level.kind.length && level.kind[element] !== ITEM));
  const tops: number[] = [];
  let y = hasWayBack ? ROW_GAP : 0;
  layers.forEach((_, row) => {
    tops.push(y);
    const gap = isPort[row] || isPort[row + 1] ? PORT_GAP : ROW_GAP;
    y += heights[row] + (row + 1 < layers.length ? gap + Math.min(MOST_SLANT, SLANT * widest[row]) : 0);
  });
  return { tops, heights, total: y + (hasWayBack ? ROW_GAP : 0) };
}

interface Placed {
  readonly centre: Float64Array;
  readonly top: Float64Array;
  readonly tops: readonly number[];
  readonly heights: readonly number[];
}

/** Straight down through every row, and sideways only between rows, so that no edge crosses a box. */
function path(level: Level, expanded: Expanded, edge: number, { centre, top, tops, heights }: Placed): number[] {
  const points: number[] = [];
  const chain = expanded.chains[edge];
  chain.forEach((link, index) => {
    const above = expanded.upper[link];
    const below = expanded.lower[link];
    const row = expanded.row[above];
    if (index === 0) {
      const x = centre[above] + expanded.upperAt[link] * expanded.width[above];
      points.push(x, top[above] + level.height[above], x, tops[row] + heights[row]);
    }
    const x = centre[below] + expanded.lowerAt[link] * expanded.width[below];
    const last = index === chain.length - 1;
    points.push(x, tops[row + 1], x, last ? top[below] : tops[row + 1] + heights[row + 1]);
  });
  return points;
}

/** Of an edge that closes a cycle: down into the gap below its source, up beside all boxes, and down from the gap above its target. */
function wayBack(level: Level, expanded: Expanded, edge: number, { centre, top, tops, heights }: Placed, lane: number): number[] {
  const [from, to] = [level.from[edge], level.to[edge]];
  const fromX = centre[from] + attachedAt(level, from, level.fromAt[edge]) * level.width[from];
  const toX = centre[to] + attachedAt(level, to, level.toAt[edge]) * level.width[to];
  const bottom = tops[expanded.row[from]] + heights[expanded.row[from]];
  const above = tops[expanded.row[to]];
  return [fromX, top[from] + level.height[from], fromX, bottom, lane, bottom + PORT_GAP, lane, above - PORT_GAP, toX, above, toX, top[to]];
}

/** Edges that end at the same box end beside each other, in the order in which they come; one that comes straight from above stays. */
function fanOut(level: Level, paths: readonly number[][], feedback: Uint8Array, left: Float64Array): void {
  const byTarget = new Map<number, number[]>();
  level.to.forEach((target, edge) => {
    if (level.kind[target] === ITEM && level.toAt[edge] === undefined && feedback[edge] === 0) {
      const edges = byTarget.get(target);
      if (edges === undefined) {
        byTarget.set(target, [edge]);
      } else {
        edges.push(edge);
      }
    }
  });
  for (const [target, edges] of byTarget) {
    if (edges.length < 2) {
      continue;
    }
    const centre = left[target] + level.width[target] / 2;
    const comesFrom = (edge: number) => paths[edge][paths[edge].length - 6];
    const sorted = [...edges].sort((one, other) => comesFrom(one) - comesFrom(other));
    const straight = sorted.findIndex((edge) => Math.abs(comesFrom(edge) - centre) < STRAIGHT);
    const step = Math.min(FAN, (level.width[target] * 0.7) / sorted.length);
    sorted.forEach((edge, index) => {
      const x = centre + (index - (straight < 0 ? (sorted.length - 1) / 2 : straight)) * step;
      const half = level.width[target] / 2 - 4;
      const kept = Math.max(centre - half, Math.min(centre + half, x));
      const points = paths[edge];
      points[points.length - 4] = kept;
      points[points.length - 2] = kept;
    });
  }
}
