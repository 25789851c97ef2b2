/** Draws what is on the screen, and a margin around it. While the picture moves it is shifted and scaled as a whole; it is drawn anew at rest. */

import type { Camera, Size } from "./camera";
import { svg } from "./dom";
import { overviewShapes } from "./overview";
import { nodeOf } from "./graph";
import type { Picture, Region } from "./picture";
import { ariaLabel, boxShape, edgeShape, groupShape, paintBox } from "./shapes";

const MARGIN = 0.35; // of the screen, on each side
const REST_MS = 140;
const FAR = 0.42; // below this scale texts in boxes cannot be read
const MOST_STRETCH = 1.6; // by how much a drawing may be scaled before it is made anew

export class Scene {
  readonly element = svg("svg", { class: "scene", role: "presentation" });
  camera: Camera = { x: 0, y: 0, scale: 1 };
  private readonly world = svg("g");
  private readonly groups = svg("g", { class: "groups" });
  private readonly edges = svg("g", { class: "edges-layer" });
  private readonly boxes = svg("g", { class: "boxes", role: "group" });
  private readonly far = svg("g", { class: "overview" });
  private readonly groupOf = new Map<number, SVGElement>();
  private readonly edgeOf = new Map<number, SVGPathElement>();
  private readonly boxOf = new Map<number, SVGGElement>();
  private picture: Picture | undefined;
  private drawn: { readonly camera: Camera; readonly region: Region } | undefined;
  private selected = -1;
  private found: ReadonlySet<number> = new Set();
  private frame = 0;
  private rest: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly holder: HTMLElement) {
    this.world.append(this.groups, this.edges, this.boxes, this.far);
    this.element.append(definitions(), this.world);
    holder.append(this.element);
  }

  get size(): Size {
    return { width: this.holder.clientWidth, height: this.holder.clientHeight };
  }

  show(picture: Picture): void {
    this.picture = picture;
    this.clear();
    this.draw();
  }

  /** The figure or the colours are others; nothing has moved. */
  repaint(): void {
    const { picture } = this;
    if (picture !== undefined) {
      this.boxOf.forEach((box, item) => {
        paintBox(picture, box, item);
      });
      this.drawFar(picture);
    }
  }

  select(item: number, found: ReadonlySet<number>): void {
    this.selected = item;
    this.found = found;
    this.mark();
  }

  move(camera: Camera): void {
    this.camera = camera;
    this.frame ||= requestAnimationFrame(() => {
      this.frame = 0;
      this.shift();
    });
  }

  /** What is on the screen, in pixels of the picture. */
  region(margin = 0): Region {
    const { width, height } = this.size;
    const { x, y, scale } = this.camera;
    return {
      left: (-x - margin * width) / scale,
      top: (-y - margin * height) / scale,
      right: (width * (1 + margin) - x) / scale,
      bottom: (height * (1 + margin) - y) / scale,
    };
  }

  private shift(): void {
    const { drawn, camera } = this;
    if (drawn === undefined) {
      return;
    }
    const factor = camera.scale / drawn.camera.scale;
    const seen = this.region();
    const { region } = drawn;
    const isCovered = seen.left >= region.left && seen.top >= region.top && seen.right <= region.right && seen.bottom <= region.bottom;
    if (!isCovered || factor > MOST_STRETCH || factor < 1 / MOST_STRETCH) {
      this.draw();
      return;
    }
    const { width, height } = this.size;
    const left = camera.x - drawn.camera.x * factor - MARGIN * width * factor;
    const top = camera.y - drawn.camera.y * factor - MARGIN * height * factor;
    this.element.style.transform = `translate(${left}px, ${top}px) scale(${factor})`;
    clearTimeout(this.rest);
    this.rest = setTimeout(() => {
      this.draw();
    }, REST_MS);
  }

  draw(): void {
    clearTimeout(this.rest);
    const { picture, camera } = this;
    const { width, height } = this.size;
    if (picture === undefined || width === 0) {
      return;
    }
    const region = this.region(MARGIN);
    this.drawn = { camera, region };
    const { style } = this.element;
    style.width = `${width * (1 + 2 * MARGIN)}px`;
    style.height = `${height * (1 + 2 * MARGIN)}px`;
    style.transform = `translate(${-MARGIN * width}px, ${-MARGIN * height}px)`;
    this.world.setAttribute("transform", `matrix(${camera.scale} 0 0 ${camera.scale} ${camera.x + MARGIN * width} ${camera.y + MARGIN * height})`);
    if (camera.scale < FAR) {
      this.clear();
      this.drawFar(picture);
    } else {
      this.far.replaceChildren();
      this.drawNear(picture, region);
    }
    this.mark();
  }

  private drawNear(picture: Picture, region: Region): void {
    const { layout } = picture;
    const items = picture.boxesIn(region).map((at) => layout.item[at]);
    const open = items.filter((item) => picture.isOpen(item));
    sync(this.groups, this.groupOf, open, (item) => groupShape(picture, item));
    sync(this.edges, this.edgeOf, picture.edgesIn(region), (edge) => edgeShape(picture, edge));
    sync(this.boxes, this.boxOf, items, (item) => boxShape(picture, item));
  }

  private drawFar(picture: Picture): void {
    const { drawn } = this;
    if (drawn !== undefined && drawn.camera.scale < FAR) {
      this.far.replaceChildren(...overviewShapes(picture, picture.boxesIn(drawn.region), picture.edgesIn(drawn.region), drawn.camera.scale), ...this.farMarks(picture, drawn.camera.scale));
    }
  }

  /** From afar only what is selected or found has a frame, and what is selected has a name for those who hear it. */
  private farMarks(picture: Picture, scale: number): SVGElement[] {
    return [...this.found, this.selected].flatMap((item) => {
      const box = item < 0 ? undefined : picture.box(item);
      if (box === undefined) {
        return [];
      }
      const [x, y, width, height] = box;
      const isSelected = item === this.selected;
      const told = isSelected ? { id: `item-${item}`, role: "treeitem", "aria-selected": "true", "aria-label": ariaLabel(picture, item) } : {};
      return [svg("rect", { class: isSelected ? "frame selected" : "frame", x, y, width, height, "stroke-width": 2 / scale, ...told })];
    });
  }

  private mark(): void {
    const { picture, selected } = this;
    if (picture === undefined) {
      return;
    }
    this.boxOf.forEach((box, item) => {
      box.classList.toggle("selected", item === selected);
      box.classList.toggle("found", this.found.has(item));
      box.setAttribute("aria-selected", String(item === selected));
    });
    const { from, to } = picture.layout;
    this.edgeOf.forEach((path, edge) => {
      const way = selected < 0 ? "" : to[edge] === selected ? "into" : from[edge] === selected ? "out" : "";
      path.classList.toggle("into", way === "into");
      path.classList.toggle("out", way === "out");
      path.setAttribute("marker-end", way === "" ? "url(#arrow)" : `url(#arrow-${way})`);
    });
    this.element.classList.toggle("has-selection", selected >= 0 && (nodeOf(picture.graph, selected) !== undefined || !picture.isOpen(selected)));
    if ((this.drawn?.camera.scale ?? 1) < FAR) {
      this.drawFar(picture);
    }
  }

  private clear(): void {
    for (const [layer, known] of [[this.groups, this.groupOf], [this.edges, this.edgeOf], [this.boxes, this.boxOf]] as const) {
      layer.replaceChildren();
      known.clear();
    }
    this.far.replaceChildren();
  }
}

/** Makes the children of `layer` those of `wanted`, in that order; elements that stay are not touched. */
function sync<T extends Element>(layer: Element, known: Map<number, T>, wanted: readonly number[], make: (key: number) => T): void {
  const keep = new Set(wanted);
  for (const [key, element] of known) {
    if (!keep.has(key)) {
      element.remove();
      known.delete(key);
    }
  }
  let before: Element | null = layer.firstElementChild;
  for (const key of wanted) {
    const element = known.get(key);
    if (element === undefined) {
      const made = make(key);
      known.set(key, made);
      layer.insertBefore(made, before);
    } else if (element === before) {
      before = element.nextElementSibling;
    } else {
      layer.insertBefore(element, before);
    }
  }
}

/** Hatching for what is unknown, and the heads of arrows. */
export function definitions(): SVGElement {
  const marker = (id: string) =>
    svg("marker", { id, class: id, viewBox: "0 0 8 8", refX: 6.5, refY: 4, markerWidth: 7, markerHeight: 7, markerUnits: "userSpaceOnUse", orient: "auto" }, svg("path", { d: "M0.5 0.8L7 4L0.5 7.2z" }));
  const hatch = svg(
    "pattern",
    { id: "hatching", width: 7, height: 7, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" },
    svg("line", { class: "hatch-line", x1: 0, y1: 0, x2: 0, y2: 7 }),
  );
  return svg("defs", {}, marker("arrow"), marker("arrow-into"), marker("arrow-out"), hatch);
}
