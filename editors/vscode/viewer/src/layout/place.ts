/** Where in its row every element stands: near the median of its neighbours, in order, and far enough from the next. */

import type { Rows } from "./order";

const SWEEPS = 12;
const GAP = 22; // between items of a row
const CHAIN_WEIGHT = 50; // of staying below the one before, against staying where it is
const BEND_GAP = 9; // beside the bend of a long edge

/** What `place` needs beside rows and their order. */
export interface Extents {
  readonly width: readonly number[];
  /** Elements from here on are bends of long edges, not items. */
  readonly firstBend: number;
}

/** The centre of every element; the leftmost edge of all is at 0. */
export function place(rows: Rows, layers: readonly (readonly number[])[], { width, firstBend }: Extents): Float64Array {
  const centre = new Float64Array(rows.row.length);
  const separations = layers.map((layer) => separationsOf(layer, width, firstBend));
  layers.forEach((layer, index) => {
    layer.forEach((element, at) => (centre[element] = separations[index][at]));
  });
  const up: number[][] = Array.from(rows.row, () => []);
  const down: number[][] = Array.from(rows.row, () => []);
  rows.upper.forEach((element, link) => {
    down[element].push(link);
    up[rows.lower[link]].push(link);
  });
  const near: number[] = [];
  const straight: number[] = [];
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const both = sweep >= SWEEPS - 2;
    const downwards = sweep % 2 === 0;
    for (let step = 0; step < layers.length; step++) {
      const index = downwards ? step : layers.length - 1 - step;
      const wished: number[] = [];
      const weight: number[] = [];
      for (const element of layers[index]) {
        let priority = 1;
        near.length = 0;
        straight.length = 0;
        for (let side = 0; side < 2; side++) {
          const isUp = side === 0;
          if (!both && isUp !== downwards) {
            continue;
          }
          for (const link of isUp ? up[element] : down[element]) {
            const other = isUp ? rows.upper[link] : rows.lower[link];
            const otherAt = isUp ? rows.upperAt[link] : rows.lowerAt[link];
            const at = isUp ? rows.lowerAt[link] : rows.upperAt[link];
            const isLong = element >= firstBend && other >= firstBend;
            (isLong ? straight : near).push(centre[other] + otherAt * width[other] - at * width[element]);
            priority += isLong ? 8 : 1;
          }
        }
        const wish = straight.length > 0 ? straight : near; // a long edge runs straight rather than towards its end
        wished.push(wish.length === 0 ? centre[element] : median(wish));
        weight.push(wish.length === 0 ? 0.1 : priority);
      }
      const placed = spaced(wished, weight, separations[index]);
      layers[index].forEach((element, at) => (centre[element] = placed[at]));
    }
  }
  straighten(rows, layers, centre, { up, down, width, separations });
  let left = Infinity;
  for (let element = 0; element < centre.length; element++) {
    left = Math.min(left, centre[element] - width[element] / 2);
  }
  return centre.map((x) => x - left);
}

interface Known {
  readonly up: readonly (readonly number[])[];
  readonly down: readonly (readonly number[])[];
  readonly width: readonly number[];
  readonly separations: readonly (readonly number[])[];
}

/** Chains become straight: what hangs on one link only, of one that has no other, stands right below it. */
function straighten(rows: Rows, layers: readonly (readonly number[])[], centre: Float64Array, { up, down, width, separations }: Known): void {
  layers.forEach((layer, index) => {
    const wished: number[] = [];
    const weight: number[] = [];
    for (const element of layer) {
      const link = up[element].length === 1 ? up[element][0] : -1;
      const above = link < 0 ? -1 : rows.upper[link];
      const isChain = above >= 0 && down[above].length === 1;
      wished.push(isChain ? centre[above] + rows.upperAt[link] * width[above] - rows.lowerAt[link] * width[element] : centre[element]);
      weight.push(isChain ? CHAIN_WEIGHT : 1);
    }
    const placed = spaced(wished, weight, separations[index]);
    layer.forEach((element, at) => (centre[element] = placed[at]));
  });
}

/** Sorts `values`. */
function median(values: number[]): number {
  if (values.length > 1) {
    values.sort((one, other) => one - other);
  }
  const middle = values.length >> 1;
  return values.length % 2 === 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

/** The distance of each centre from that of the row's first element when the row is as narrow as can be. */
function separationsOf(layer: readonly number[], width: readonly number[], firstBend: number): number[] {
  const sums: number[] = [];
  layer.forEach((element, at) => {
    if (at === 0) {
      sums.push(0);
      return;
    }
    const before = layer[at - 1];
    const gap = element >= firstBend && before >= firstBend ? BEND_GAP : GAP;
    sums.push(sums[at - 1] + (width[before] + width[element]) / 2 + gap);
  });
  return sums;
}

/**
 * The positions nearest to `wished` (least squares, weighted) that keep order and distances: isotonic regression by pooling adjacent
 * violators, after the distances are subtracted. Linear.
 */
export function spaced(wished: readonly number[], weight: readonly number[], separations: readonly number[]): number[] {
  const blocks: { mean: number; weight: number; size: number }[] = [];
  wished.forEach((x, at) => {
    let block = { mean: x - separations[at], weight: weight[at], size: 1 };
    for (let last = blocks.at(-1); last !== undefined && last.mean > block.mean; last = blocks.at(-1)) {
      blocks.pop();
      const sum = last.weight + block.weight;
      block = { mean: (last.mean * last.weight + block.mean * block.weight) / sum, weight: sum, size: last.size + block.size };
    }
    blocks.push(block);
  });
  const placed: number[] = [];
  for (const { mean, size } of blocks) {
    for (let count = 0; count < size; count++) {
      placed.push(mean + separations[placed.length]);
    }
  }
  return placed;
}
