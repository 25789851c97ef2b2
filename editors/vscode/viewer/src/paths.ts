/** Edges as SVG paths, and which one is at a point. */

import type { Layout } from "./layout/nested";

/** Lines straight down, and an S between points that are not above each other. */
export function pathOf({ start, points }: Layout, edge: number, isCoarse = false): string {
  let text = "";
  let [lastX, lastY] = [0, 0];
  for (let at = start[edge]; at < start[edge + 1]; at += 2) {
    const x = round(points[at]);
    const y = round(points[at + 1]);
    if (at === start[edge]) {
      text = `M${x} ${y}`;
    } else if (isCoarse || Math.abs(x - lastX) < 0.6) {
      text += `L${x} ${y}`;
    } else {
      const middle = round((lastY + y) / 2);
      text += `C${lastX} ${middle} ${x} ${middle} ${x} ${y}`;
    }
    [lastX, lastY] = [x, y];
  }
  return text;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

/** Left, top, right, bottom of every edge. */
export function edgeBounds({ start, points }: Layout): Float32Array {
  const count = start.length - 1;
  const bounds = new Float32Array(count * 4);
  for (let edge = 0; edge < count; edge++) {
    let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
    for (let at = start[edge]; at < start[edge + 1]; at += 2) {
      left = Math.min(left, points[at]);
      right = Math.max(right, points[at]);
      top = Math.min(top, points[at + 1]);
      bottom = Math.max(bottom, points[at + 1]);
    }
    bounds.set([left, top, right, bottom], edge * 4);
  }
  return bounds;
}

/** The edge nearest to a point, if one is within `reach`. */
export function edgeAt(layout: Layout, bounds: Float32Array, x: number, y: number, reach: number): number | undefined {
  let nearest: number | undefined;
  let least = reach;
  for (let edge = 0; edge < layout.start.length - 1; edge++) {
    const at = edge * 4;
    if (x < bounds[at] - reach || x > bounds[at + 2] + reach || y < bounds[at + 1] - reach || y > bounds[at + 3] + reach) {
      continue;
    }
    const distance = distanceTo(layout, edge, x, y);
    if (distance < least) {
      least = distance;
      nearest = edge;
    }
  }
  return nearest;
}

function distanceTo({ start, points }: Layout, edge: number, x: number, y: number): number {
  let least = Infinity;
  for (let at = start[edge]; at + 3 < start[edge + 1]; at += 2) {
    const [x1, y1, x2, y2] = points.subarray(at, at + 4);
    const isStraight = Math.abs(x1 - x2) < 0.6;
    const steps = isStraight ? 1 : 8;
    let [px, py] = [x1, y1];
    for (let step = 1; step <= steps; step++) {
      const t = step / steps;
      const ease = isStraight ? t : t * t * (3 - 2 * t); // the S: x is a smooth step of y
      const nx = x1 + (x2 - x1) * ease;
      const ny = y1 + (y2 - y1) * t;
      least = Math.min(least, toSegment(x, y, px, py, nx, ny));
      [px, py] = [nx, ny];
    }
  }
  return least;
}

function toSegment(x: number, y: number, x1: number, y1: number, x2: number, y2: number): number {
  const [dx, dy] = [x2 - x1, y2 - y1];
  const length = dx * dx + dy * dy;
  const t = length === 0 ? 0 : Math.max(0, Math.min(1, ((x - x1) * dx + (y - y1) * dy) / length));
  return Math.hypot(x - x1 - t * dx, y - y1 - t * dy);
}
