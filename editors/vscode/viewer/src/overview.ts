/** The picture from afar: too small for texts in boxes, so it is a few paths, and names only where they can be read. */

import { svg } from "./dom";
import { pathOf } from "./paths";
import { ancestors } from "./graph";
import type { Picture } from "./picture";
import { shorten } from "./text";

const HEATS = 12; // steps of the ramp
const SMALLEST_EDGE = 8; // on the screen, in pixels
const NAME_SIZE = 11;

/** The elements of all that `boxes` (places in the layout) and `edges` name, at a scale. */
export function overviewShapes(picture: Picture, boxes: readonly number[], edges: readonly number[], scale: number): SVGElement[] {
  const { layout } = picture;
  const groups: string[][] = [[], []];
  const fills = new Map<string, string[]>();
  const names: SVGElement[] = [];
  for (const at of boxes) {
    const item = layout.item[at];
    const [x, y, width, height] = layout.box.subarray(at * 4, at * 4 + 4);
    const outline = `M${x.toFixed(1)} ${y.toFixed(1)}h${width.toFixed(1)}v${height.toFixed(1)}h-${width.toFixed(1)}z`;
    const isOpen = picture.isOpen(item);
    if (isOpen) {
      groups[ancestors(picture.graph, item).length % 2].push(outline);
    } else {
      const key = fillKey(picture, item);
      fills.set(key, [...(fills.get(key) ?? []), outline]);
    }
    if (picture.graph.isGroup[item] === 1) {
      names.push(...nameOf(picture, item, { x, y, width, height }, isOpen, scale));
    }
  }
  const lines = edges.filter((edge) => {
    const at = edge * 4;
    return (picture.bounds[at + 3] - picture.bounds[at + 1] + picture.bounds[at + 2] - picture.bounds[at]) * scale > SMALLEST_EDGE;
  });
  return [
    ...groups.map((outlines, depth) => svg("path", { class: `group depth${depth}`, d: outlines.join("") })),
    svg("path", { class: "edges", d: lines.map((edge) => pathOf(layout, edge, true)).join("") }),
    ...[...fills].map(([key, outlines]) => filled(picture, key, outlines.join(""))),
    ...names,
  ];
}

function fillKey(picture: Picture, item: number): string {
  const { state, heat } = picture.paint(item);
  return state === "known" || state === "partial" ? String(Math.round(heat * HEATS)) : state;
}

function filled(picture: Picture, key: string, d: string): SVGElement {
  const heat = Number(key);
  const path = svg("path", { class: `far ${Number.isNaN(heat) ? key : "hot"}`, d, ...(key === "unknown" ? { fill: "url(#hatching)" } : {}) });
  if (!Number.isNaN(heat)) {
    path.style.setProperty("--fill", picture.colour(heat / HEATS).fill);
  }
  return path;
}

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A group's name at its size on the screen, if there is room for some of it. */
function nameOf(picture: Picture, item: number, { x, y, width, height }: Box, isOpen: boolean, scale: number): SVGElement[] {
  const letters = Math.floor((width * scale - 8) / (NAME_SIZE * 0.58));
  const size = NAME_SIZE / scale;
  if (letters < 4 || height < size * 1.3) {
    return [];
  }
  const { title, badge } = picture.label(item);
  const text = shorten(badge === "" ? title : `${title} ${badge}`, letters);
  const top = isOpen ? y + size * 1.15 : y + height / 2 + size * 0.35;
  return [svg("text", { class: `name ${isOpen ? "" : "inside"}`, x: isOpen ? x + 6 / scale : x + width / 2, y: top, "font-size": size, "text-anchor": isOpen ? "start" : "middle" }, text)];
}
