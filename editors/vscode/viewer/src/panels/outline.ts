/** The graph as a tree of texts: for those who do not see the picture, and to find one's way in it. It opens and closes the same groups. */

import type { App } from "../app";
import { html } from "../dom";
import { nodeOf, titleOf } from "../graph";
import { paintOf } from "../paint";
import { shorten } from "../text";

const MOST_CHILDREN = 400;
const LONGEST = 60;

export function outline(app: App): HTMLElement[] {
  const { picture } = app;
  if (picture === undefined) {
    return [];
  }
  const children = new Map<number, number[]>();
  for (const item of picture.layout.item) {
    if (item !== 0) {
      const parent = app.graph.parent[item];
      children.set(parent, [...(children.get(parent) ?? []), item]);
    }
  }
  children.forEach((items) => items.sort((one, other) => (picture.box(one)?.[1] ?? 0) - (picture.box(other)?.[1] ?? 0)));
  const tree = html("ul", { role: "tree", "aria-label": "outline", onkeydown: (event: KeyboardEvent) => { press(app, tree, event); } }, ...branches(app, children, 0, 1));
  const chosen = tree.querySelector<HTMLElement>("[aria-selected=true]") ?? tree.querySelector<HTMLElement>("[role=treeitem]");
  if (chosen !== null) {
    chosen.tabIndex = 0;
  }
  return [tree];
}

function branches(app: App, children: ReadonlyMap<number, readonly number[]>, group: number, level: number): HTMLElement[] {
  const all = children.get(group) ?? [];
  const rows = all.slice(0, MOST_CHILDREN).map((item) => {
    const isGroup = app.graph.isGroup[item] === 1;
    const isOpen = isGroup && app.open[item] === 1;
    const { value } = paintOf(app.graph, item, app.figure, 1);
    const node = nodeOf(app.graph, item);
    const name = node === undefined ? "" : app.document.nodes[node].name;
    const row = html(
      "div",
      { class: "row", onclick: () => { app.selectAndShow(item); }, ondblclick: () => void app.toggle(item) },
      html("span", { class: "sign", "aria-hidden": "true" }, isGroup ? (isOpen ? "▾" : "▸") : ""),
      html("span", { class: "text" }, shorten(titleOf(app.graph, item), LONGEST), " ", html("span", { class: "muted" }, shorten(name, LONGEST))),
      html("span", { class: "cost" }, value),
    );
    const inside = isOpen ? html("ul", { role: "group" }, ...branches(app, children, item, level + 1)) : undefined;
    return html(
      "li",
      { role: "treeitem", "aria-level": level, "aria-selected": String(app.selection.item === item), "aria-expanded": isGroup ? String(isOpen) : undefined, tabindex: -1, "data-item": item },
      row,
      inside,
    );
  });
  return all.length > MOST_CHILDREN ? [...rows, html("li", { class: "muted" }, `and ${all.length - MOST_CHILDREN} more`)] : rows;
}

function press(app: App, tree: HTMLElement, event: KeyboardEvent): void {
  const rows = [...tree.querySelectorAll<HTMLElement>("[role=treeitem]")];
  const at = rows.findIndex((row) => row === document.activeElement);
  const item = Number(rows.at(at)?.dataset["item"] ?? -1);
  const isOpen = app.open[item] === 1;
  const go = (to: HTMLElement | undefined) => {
    if (to !== undefined) {
      app.selectAndShow(Number(to.dataset["item"]));
      focus(tree, Number(to.dataset["item"]));
    }
  };
  const set = (open: boolean) => {
    void app.toggle(item, open).then(() => {
      focus(tree, item);
    });
  };
  const actions: Readonly<Record<string, () => void>> = {
    ArrowDown: () => { go(rows.at(at + 1)); },
    ArrowUp: () => { go(at > 0 ? rows.at(at - 1) : undefined); },
    ArrowRight: () => { if (isOpen) { go(rows.at(at + 1)); } else { set(true); } },
    ArrowLeft: () => { if (isOpen) { set(false); } else { go(rows.find((row) => Number(row.dataset["item"]) === app.graph.parent[item])); } },
    Enter: () => { set(!isOpen); },
    " ": () => { set(!isOpen); },
  };
  if (at >= 0 && Object.hasOwn(actions, event.key)) {
    event.preventDefault();
    actions[event.key]();
  }
}

/** The tree is drawn anew on every change, so the item is looked for in the one that is there now. */
function focus(tree: HTMLElement, item: number): void {
  const now = tree.isConnected ? tree : document.querySelector("[role=tree][aria-label=outline]");
  now?.querySelector<HTMLElement>(`[data-item="${item}"]`)?.focus();
}
