/** Mouse, wheel and touch over the picture. */

import type { App } from "./app";
import { moved, zoomed } from "./camera";
import { html } from "./dom";
import { nodeOf, titleOf } from "./graph";
import { ariaLabel } from "./shapes";
import { edgeAt } from "./paths";
import { HEADER } from "./layout/nested";
import { press, type Actions } from "./keys";
import { tensorText } from "./text";

const CLICK = 4; // pixels within which a press is a click
const REACH = 6; // of an edge

export function wireStage(app: App, stage: HTMLElement, actions: Actions): void {
  const tip = html("div", { class: "tip", hidden: true });
  document.body.append(tip);
  wirePointer(app, stage, tip);
  stage.addEventListener("keydown", (event) => {
    tip.hidden = true;
    if (!event.ctrlKey && !event.metaKey && !event.altKey && press(app, event.key, actions)) {
      event.preventDefault();
    }
  });
  app.listen((change) => {
    if (change === "selection" || change === "layout") {
      const { item } = app.selection;
      stage.setAttribute("aria-activedescendant", item >= 0 ? `item-${item}` : "");
    }
  });
}

function wirePointer(app: App, stage: HTMLElement, tip: HTMLElement): void {
  const pressed = new Map<number, { x: number; y: number }>();
  let isClick = false;
  const place = (event: MouseEvent) => {
    const { left, top } = stage.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  };
  const isPicture = (event: Event) => event.target === stage || (event.target instanceof Element && event.target.closest(".scene") !== null);
  stage.addEventListener("pointerdown", (event) => {
    if (event.button === 0 && isPicture(event)) {
      pressed.set(event.pointerId, place(event));
      isClick = pressed.size === 1;
      stage.setPointerCapture(event.pointerId);
      stage.focus({ preventScroll: true });
      tip.hidden = true;
    }
  });
  stage.addEventListener("pointermove", (event) => {
    const before = pressed.get(event.pointerId);
    const now = place(event);
    if (before === undefined) {
      hover(app, stage, tip, event, now, isPicture(event));
      return;
    }
    if (isClick && Math.hypot(now.x - before.x, now.y - before.y) < CLICK) {
      return;
    }
    isClick = false;
    stage.classList.add("moving");
    const other = [...pressed].find(([id]) => id !== event.pointerId)?.[1];
    if (other !== undefined) {
      const factor = Math.hypot(now.x - other.x, now.y - other.y) / Math.max(1, Math.hypot(before.x - other.x, before.y - other.y));
      app.look(zoomed(app.scene.camera, factor, (now.x + other.x) / 2, (now.y + other.y) / 2));
    } else {
      app.look(moved(app.scene.camera, now.x - before.x, now.y - before.y));
    }
    pressed.set(event.pointerId, now);
  });
  const release = (event: PointerEvent) => {
    if (pressed.delete(event.pointerId) && isClick && event.type === "pointerup") {
      click(app, place(event));
    }
    isClick = false;
    stage.classList.remove("moving");
  };
  stage.addEventListener("pointerup", release);
  stage.addEventListener("pointercancel", release);
  stage.addEventListener("pointerleave", () => (tip.hidden = true));
  stage.addEventListener("dblclick", (event) => {
    const item = isPicture(event) ? itemAt(app, place(event)) : undefined;
    if (item !== undefined) {
      void app.toggle(item);
    }
  });
  stage.addEventListener(
    "wheel",
    (event) => {
      if (!isPicture(event)) {
        return;
      }
      event.preventDefault();
      tip.hidden = true;
      const unit = event.deltaMode === 1 ? 18 : 1;
      const { x, y } = place(event);
      const isZoom = event.ctrlKey || event.metaKey;
      const sideways = event.shiftKey && event.deltaX === 0;
      app.look(
        isZoom
          ? zoomed(app.scene.camera, Math.exp((-event.deltaY * unit) / 320), x, y)
          : moved(app.scene.camera, -(sideways ? event.deltaY : event.deltaX) * unit, sideways ? 0 : -event.deltaY * unit),
      );
    },
    { passive: false },
  );
}

interface Point {
  readonly x: number;
  readonly y: number;
}

function world(app: App, { x, y }: Point): Point {
  const { camera } = app.scene;
  return { x: (x - camera.x) / camera.scale, y: (y - camera.y) / camera.scale };
}

function itemAt(app: App, point: Point): number | undefined {
  const { x, y } = world(app, point);
  return app.picture?.itemAt(x, y);
}

/** The item whose box, or whose header if it is open, is at a point; else the edge there. */
function hit(app: App, point: Point): { item?: number; edge?: number } {
  const { picture } = app;
  const item = itemAt(app, point);
  if (picture === undefined) {
    return {};
  }
  const { x, y } = world(app, point);
  const box = item === undefined ? undefined : picture.box(item);
  if (item !== undefined && (!picture.isOpen(item) || (box !== undefined && y < box[1] + HEADER))) {
    return { item };
  }
  const edge = edgeAt(picture.layout, picture.bounds, x, y, REACH / app.scene.camera.scale);
  return edge === undefined ? (item === undefined ? {} : { item }) : { edge };
}

function click(app: App, point: Point): void {
  const { item, edge } = hit(app, point);
  if (edge !== undefined) {
    app.select(-1, tensorsOf(app, edge));
    return;
  }
  const box = item === undefined ? undefined : app.picture?.box(item);
  const isChevron = box !== undefined && world(app, point).x < box[0] + 20 && app.graph.isGroup[item ?? 0] === 1;
  app.select(item ?? -1);
  if (isChevron && item !== undefined) {
    void app.toggle(item);
  }
}

/** The tensors that a drawn edge stands for. */
export function tensorsOf(app: App, edge: number): number[] {
  const { picture, graph } = app;
  if (picture === undefined) {
    return [];
  }
  const [from, to] = [picture.layout.from[edge], picture.layout.to[edge]];
  const isIn = (item: number, group: number): boolean => {
    let at = item;
    while (at > group && graph.parent[at] >= 0 && at !== group) {
      at = graph.parent[at];
    }
    return at === group;
  };
  const found = new Set<number>();
  graph.from.forEach((source, index) => {
    if (isIn(source, from) && isIn(graph.to[index], to)) {
      found.add(graph.tensor[index]);
    }
  });
  return [...found];
}

function hover(app: App, stage: HTMLElement, tip: HTMLElement, event: PointerEvent, point: Point, isPicture: boolean): void {
  const { item, edge } = isPicture ? hit(app, point) : {};
  stage.classList.toggle("pointing", item !== undefined || edge !== undefined);
  const { picture } = app;
  if (picture === undefined || event.pointerType === "touch" || (item === undefined && edge === undefined)) {
    tip.hidden = true;
    return;
  }
  const lines = item === undefined ? edgeTip(app, edge ?? 0) : itemTip(app, item);
  tip.replaceChildren(html("b", {}, lines[0]), ...lines.slice(1).map((line) => html("div", { class: "muted" }, line)));
  tip.hidden = false;
  const { width, height } = tip.getBoundingClientRect();
  tip.style.left = `${Math.max(4, Math.min(event.clientX + 14, innerWidth - width - 8))}px`;
  tip.style.top = `${event.clientY + 18 + height > innerHeight ? event.clientY - height - 10 : event.clientY + 18}px`;
}

function itemTip(app: App, item: number): string[] {
  const { graph, picture } = app;
  const node = nodeOf(graph, item);
  const title = titleOf(graph, item);
  if (picture === undefined) {
    return [title];
  }
  const said = ariaLabel(picture, item).split(", ").slice(1);
  const why = node === undefined ? "" : graph.document.nodes[node].why;
  return [title, ...said, why, graph.isGroup[item] === 1 ? "double click or Enter opens and closes" : ""].filter(Boolean);
}

function edgeTip(app: App, edge: number): string[] {
  const tensors = tensorsOf(app, edge).map((tensor) => app.document.tensors[tensor]);
  const first = tensors.slice(0, 4).flatMap((tensor) => [`${tensor.name}: ${tensorText(tensor)}`]);
  return [...first, tensors.length > 4 ? `and ${tensors.length - 4} more` : ""].filter(Boolean);
}
