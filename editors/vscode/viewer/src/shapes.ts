/** The SVG elements of boxes and edges. They have no listeners and no styles but classes and fills, so that an export is the same. */

import { svg } from "./dom";
import { familyOf } from "./labels";
import { HEADER } from "./layout/nested";
import { spoken, type Paint } from "./paint";
import { pathOf } from "./paths";
import type { Picture } from "./picture";
import { ancestors, nodeOf, titleOf } from "./graph";

const INSET = 14;
const ROUND = 5;

/** The rectangle behind an open group. */
export function groupShape(picture: Picture, item: number): SVGElement {
  const [x, y, width, height] = picture.box(item) ?? [0, 0, 0, 0];
  const depth = ancestors(picture.graph, item).length % 2;
  return svg("rect", { class: `group depth${depth}`, x, y, width, height, rx: ROUND + 2 });
}

/** A box: of a node, of a closed group, of an input or output; or the header of an open group. */
export function boxShape(picture: Picture, item: number): SVGGElement {
  const { graph } = picture;
  const [x, y, width, full] = picture.box(item) ?? [0, 0, 0, 0];
  const isOpen = picture.isOpen(item);
  const isGroup = graph.isGroup[item] === 1;
  const height = isOpen ? HEADER : full;
  const { title, detail, badge } = picture.label(item);
  const node = nodeOf(graph, item);
  const kind = item >= graph.firstPort ? "port" : isOpen ? "header" : isGroup ? "closed" : "node";
  const group = svg("g", { class: `box ${kind}`, transform: `translate(${round(x)} ${round(y)})`, id: `item-${item}`, role: "treeitem" });
  group.setAttribute("aria-level", String(ancestors(graph, item).length + 1));
  if (isGroup) {
    group.setAttribute("aria-expanded", String(isOpen));
  }
  if (kind === "closed") {
    group.append(svg("rect", { class: "stack", x: 4, y: 4, width, height, rx: ROUND }));
  }
  const rx = kind === "port" ? height / 2 : isOpen ? ROUND + 2 : ROUND;
  group.append(svg("rect", { class: "body", width, height, rx }), svg("rect", { class: "hatch", width, height, rx, fill: "url(#hatching)" }));
  if (node !== undefined && kind === "node") {
    group.append(svg("rect", { class: `family ${familyOf(graph.document.nodes[node].op)}`, x: 4, y: 8, width: 3, height: height - 16, rx: 1.5 }));
  }
  if (isGroup) {
    group.append(svg("path", { class: "chevron", d: isOpen ? "M9 10.5l4 5 4-5z" : `M9.5 ${height / 2 - 12}l5 4-5 4z` }));
  }
  const left = isGroup ? INSET + 8 : kind === "port" ? width / 2 : INSET;
  const anchor = kind === "port" ? "middle" : "start";
  const titleY = isOpen ? 17.5 : detail === "" ? height / 2 + 4.5 : kind === "port" ? 15 : 16;
  group.append(svg("text", { class: "title", x: left, y: titleY, "text-anchor": anchor }, title, ...(badge === "" ? [] : [svg("tspan", { class: "badge", dx: 7 }, badge)])));
  if (!isOpen && detail !== "") {
    group.append(svg("text", { class: "detail", x: left, y: kind === "port" ? 27 : 30, "text-anchor": anchor }, detail));
  }
  group.append(svg("text", { class: "value", x: width - (isOpen ? 12 : 10), y: isOpen ? 17 : 16, "text-anchor": "end" }));
  paintBox(picture, group, item);
  return group;
}

/** Colours a box for the chosen figure, and says its value to those who hear it. */
export function paintBox(picture: Picture, group: SVGGElement, item: number): void {
  const paint: Paint = picture.paint(item);
  const isOpen = picture.isOpen(item);
  for (const state of ["known", "partial", "unknown", "none"]) {
    group.classList.toggle(state, state === paint.state);
  }
  const isHot = paint.state !== "none" && paint.state !== "unknown" && !isOpen && paint.value !== "";
  const { fill, ink } = picture.colour(paint.heat);
  group.style.setProperty("--fill", isHot ? fill : "");
  group.style.setProperty("--on-fill", isHot ? ink : "");
  group.style.setProperty("--heat", isHot ? String(paint.heat) : "");
  group.classList.toggle("hot", isHot);
  const value = group.querySelector(".value");
  if (value !== null) {
    value.textContent = paint.value;
  }
  group.setAttribute("aria-label", ariaLabel(picture, item));
}

export function ariaLabel(picture: Picture, item: number): string {
  const { graph, figure } = picture;
  const { detail, badge } = picture.label(item);
  const node = nodeOf(graph, item);
  const name = node === undefined ? "" : graph.document.nodes[node].name;
  const cost = figure === undefined || item >= graph.firstPort ? "" : spoken(graph, item, figure);
  return [titleOf(graph, item), badge.replace("×", "one of ") + (badge === "" ? "" : " alike"), name, detail, cost].filter(Boolean).join(", ");
}

export function edgeShape(picture: Picture, edge: number): SVGPathElement {
  const { layout } = picture;
  const isCapture = crossesInto(picture, layout.from[edge], layout.to[edge]);
  const kind = ["edge", layout.feedback[edge] === 1 ? "feedback" : "", layout.bundled[edge] > 1 ? "bundle" : "", isCapture ? "capture" : ""].filter(Boolean).join(" ");
  return svg("path", { class: kind, d: pathOf(layout, edge), "marker-end": "url(#arrow)" });
}

/** Whether the target lies in a body of a node that the source is not in: the body reads what its surroundings have. */
function crossesInto({ graph }: Picture, source: number, target: number): boolean {
  const around = new Set(ancestors(graph, source));
  return ancestors(graph, target).some((group) => !around.has(group) && graph.document.groups[group].kind === "subgraph");
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
