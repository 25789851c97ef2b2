/** What keys do over the picture. */

import type { App } from "./app";
import { moved } from "./camera";

const STEP = 60; // pixels, of an arrow key with nothing selected

/** What happens outside of the picture. */
export interface Actions {
  readonly search: () => void;
  readonly help: () => void;
}

export const KEYS: readonly (readonly [string, string])[] = [
  ["↓ ↑", "along edges to the next or the previous box; ↓ from an open group goes into it"],
  ["← →", "to the box beside it"],
  ["Enter", "opens or closes the selected group"],
  ["Esc", "selects the group around it"],
  ["[ ]", "to the next dearer or cheaper box"],
  ["/", "search"],
  ["f", "the whole picture"],
  ["+ − 0", "larger, smaller, natural size"],
  ["e c", "opens or closes all groups"],
  ["?", "this list"],
];

/** Whether the key means something here. */
export function press(app: App, key: string, actions: Actions): boolean {
  const keys: Readonly<Record<string, () => void>> = {
    ArrowDown: () => { step(app, "down"); },
    ArrowUp: () => { step(app, "up"); },
    ArrowLeft: () => { step(app, "left"); },
    ArrowRight: () => { step(app, "right"); },
    Enter: () => void app.toggle(app.selection.item),
    " ": () => void app.toggle(app.selection.item),
    Escape: () => {
      const { item } = app.selection;
      const parent = item > 0 ? app.graph.parent[item] : 0;
      if (parent > 0) {
        app.selectAndShow(parent);
      } else {
        app.select(-1);
      }
    },
    "[": () => { byCost(app, -1); },
    "]": () => { byCost(app, 1); },
    "/": actions.search,
    "?": actions.help,
    f: () => { app.fit(); },
    "+": () => { app.zoom(1.25); },
    "=": () => { app.zoom(1.25); },
    "-": () => { app.zoom(0.8); },
    "0": () => { app.zoom(1 / app.scene.camera.scale); },
    e: () => void app.openAll(true),
    c: () => void app.openAll(false),
  };
  const action = Object.hasOwn(keys, key) ? keys[key] : undefined;
  action?.();
  return action !== undefined;
}

type Way = "down" | "up" | "left" | "right";

/** Down and up along edges, left and right to the next box of the same group beside it. */
function step(app: App, way: Way): void {
  const { picture, selection } = app;
  const from = selection.item < 0 ? undefined : picture?.box(selection.item);
  if (picture === undefined || from === undefined) {
    const first = way === "down" ? topmost(app) : undefined;
    if (first === undefined) {
      app.look(moved(app.scene.camera, way === "left" ? STEP : way === "right" ? -STEP : 0, way === "up" ? STEP : way === "down" ? -STEP : 0));
    } else {
      app.selectAndShow(first);
    }
    return;
  }
  const isVertical = way === "down" || way === "up";
  const inside = way === "down" && picture.isOpen(selection.item) ? childrenOf(app, selection.item) : [];
  const candidates = inside.length > 0 ? inside : isVertical ? picture.neighbours(selection.item, way === "down") : siblings(app, selection.item);
  const middle = (box: readonly number[]) => box[0] + box[2] / 2;
  const ranked = candidates.flatMap((item) => {
    const box = picture.box(item);
    if (box === undefined) {
      return [];
    }
    const dx = middle(box) - middle(from);
    const dy = box[1] - from[1];
    if (!isVertical && (Math.sign(dx) !== (way === "right" ? 1 : -1) || box[1] > from[1] + from[3] || box[1] + box[3] < from[1])) {
      return [];
    }
    return [{ item, distance: isVertical ? Math.abs(dy) + Math.abs(dx) * 0.5 : Math.abs(dx) + Math.abs(dy) * 2 }];
  });
  ranked.sort((one, other) => one.distance - other.distance);
  if (ranked.length > 0) {
    app.selectAndShow(ranked[0].item);
  }
}

function childrenOf(app: App, group: number): number[] {
  return [...(app.picture?.layout.item ?? [])].filter((item) => app.graph.parent[item] === group);
}

function siblings(app: App, item: number): number[] {
  return childrenOf(app, app.graph.parent[item]).filter((other) => other !== item);
}

function topmost(app: App): number | undefined {
  const top = (item: number) => app.picture?.box(item)?.[1] ?? Infinity;
  return childrenOf(app, 0).sort((one, other) => top(one) - top(other)).at(0);
}

/** The next dearer (-1) or cheaper (1) box among those that are drawn. */
function byCost(app: App, direction: number): void {
  const { picture, figure } = app;
  if (picture === undefined || figure === undefined) {
    return;
  }
  const cost = (item: number) => (item < app.graph.firstNode ? figure.groups[item] : figure.nodes[item - app.graph.firstNode]) ?? -1;
  const drawn = [...picture.layout.item].filter((item) => item !== 0 && item < app.graph.firstPort && !picture.isOpen(item));
  drawn.sort((one, other) => cost(other) - cost(one) || one - other);
  const at = drawn.indexOf(app.selection.item);
  const next = drawn.at(at < 0 ? 0 : Math.max(0, Math.min(drawn.length - 1, at + direction)));
  if (next !== undefined) {
    app.selectAndShow(next);
  }
}
