/** In which order the elements of each row stand, so that few edges cross: barycentre sweeps, the best order seen is kept. */

/** Elements (items, and the bends of long edges) in rows; every link joins neighbouring rows. */
export interface Rows {
  readonly row: Int32Array;
  readonly rowCount: number;
  /** Upper and lower end of each link. */
  readonly upper: readonly number[];
  readonly lower: readonly number[];
  /** Where at its ends a link is attached: -0.5 at the left side of the element, 0.5 at its right side. */
  readonly upperAt: readonly number[];
  readonly lowerAt: readonly number[];
}

const WORK = 300_000; // links looked at, in all sweeps together
const MOST_SWEEPS = 16;
const PATIENCE = 4; // sweeps without fewer crossings
const FEWEST_SWEEPS = 6;

/** The elements of every row from left to right. */
export function orderRows(rows: Rows): number[][] {
  const links = linksBy(rows);
  let layers = firstOrder(rows, links);
  const position = new Float64Array(rows.row.length);
  number(layers, position);
  let best = layers.map((layer) => [...layer]);
  let fewest = crossings(rows, links, layers, position);
  const sweeps = Math.max(FEWEST_SWEEPS, Math.min(MOST_SWEEPS, Math.round(WORK / Math.max(1, rows.upper.length))));
  let since = 0;
  for (let sweep = 0; sweep < sweeps && fewest > 0 && since < PATIENCE; sweep++) {
    since += 1;
    layers = sweepOnce(rows, links, layers, position, sweep % 2 === 0);
    const found = crossings(rows, links, layers, position);
    if (found < fewest) {
      fewest = found;
      since = 0;
      best = layers.map((layer) => [...layer]);
    }
  }
  return best;
}

interface Links {
  /** The links that lead up from, and down from, each element. */
  readonly up: readonly (readonly number[])[];
  readonly down: readonly (readonly number[])[];
}

function linksBy(rows: Rows): Links {
  const up: number[][] = Array.from(rows.row, () => []);
  const down: number[][] = Array.from(rows.row, () => []);
  rows.upper.forEach((element, link) => {
    down[element].push(link);
    up[rows.lower[link]].push(link);
  });
  return { up, down };
}

/** By descent from the top row, so that what hangs together stands together. */
function firstOrder(rows: Rows, { down, up }: Links): number[][] {
  const layers: number[][] = Array.from({ length: rows.rowCount }, () => []);
  const seen = new Uint8Array(rows.row.length);
  const roots = Array.from(rows.row.keys()).filter((element) => up[element].length === 0);
  for (const root of roots) {
    const stack = [root];
    while (stack.length > 0) {
      const element = stack.pop() ?? root;
      if (seen[element] === 1) {
        continue;
      }
      seen[element] = 1;
      layers[rows.row[element]].push(element);
      for (let at = down[element].length - 1; at >= 0; at--) {
        stack.push(rows.lower[down[element][at]]);
      }
    }
  }
  return layers;
}

function number(layers: readonly (readonly number[])[], position: Float64Array): void {
  for (const layer of layers) {
    layer.forEach((element, index) => (position[element] = index));
  }
}

function sweepOnce(rows: Rows, links: Links, layers: readonly number[][], position: Float64Array, downwards: boolean): number[][] {
  const sorted = layers.map((layer) => [...layer]);
  const weight = new Float64Array(rows.row.length);
  for (let step = 1; step < sorted.length; step++) {
    const layer = sorted[downwards ? step : sorted.length - 1 - step];
    for (const element of layer) {
      let sum = 0;
      const those = downwards ? links.up[element] : links.down[element];
      for (const link of those) {
        sum += downwards ? position[rows.upper[link]] + rows.upperAt[link] : position[rows.lower[link]] + rows.lowerAt[link];
      }
      weight[element] = those.length === 0 ? position[element] : sum / those.length;
    }
    layer.sort((one, other) => weight[one] - weight[other] || position[one] - position[other]);
    layer.forEach((element, index) => (position[element] = index));
  }
  return sorted;
}

/** How many pairs of links cross, by counting inversions in a tree of sums (Barth, Jünger, Mutzel 2002). */
function crossings(rows: Rows, { down }: Links, layers: readonly (readonly number[])[], position: Float64Array): number {
  let total = 0;
  for (let index = 0; index + 1 < layers.length; index++) {
    const width = layers[index + 1].length;
    const tree = new Int32Array(width + 1);
    let inserted = 0;
    for (const element of layers[index]) {
      const targets = down[element].map((link) => position[rows.lower[link]]);
      for (const target of targets) {
        let notRight = 0;
        for (let at = target + 1; at > 0; at -= at & -at) {
          notRight += tree[at];
        }
        total += inserted - notRight;
      }
      for (const target of targets) {
        for (let at = target + 1; at <= width; at += at & -at) {
          tree[at] += 1;
        }
        inserted += 1;
      }
    }
  }
  return total;
}
