/** The search field and what it finds; ↓ ↑ walk through the results, Enter goes there, and from one to the next. */

import type { App } from "./app";
import { html } from "./dom";
import { describe, needsDetails, SYNTAX } from "./search";

const MOST_ROWS = 100;

export interface SearchBox {
  readonly element: HTMLElement;
  readonly focus: () => void;
}

export function searchBox(app: App, leave: () => void): SearchBox {
  const input = html("input", { type: "search", placeholder: "Search  /", role: "combobox", "aria-label": "search nodes", "aria-expanded": "false", "aria-controls": "results", "aria-autocomplete": "list", autocomplete: "off", spellcheck: "false" });
  const popup = html("div", { class: "popup results", hidden: true });
  const told = html("div", { class: "hidden-text", role: "status" });
  let found: readonly number[] = [];
  let at = -1;

  const show = (isShown: boolean) => {
    popup.hidden = !isShown;
    input.setAttribute("aria-expanded", String(isShown));
  };
  const choose = (index: number) => {
    at = index;
    popup.querySelectorAll("[role=option]").forEach((row, place) => {
      row.setAttribute("aria-selected", String(place === index));
      if (place === index) {
        row.scrollIntoView({ block: "nearest" });
      }
    });
    input.setAttribute("aria-activedescendant", index < 0 ? "" : `result-${index}`);
  };
  const go = (index: number) => {
    const node = found.at(index);
    if (node !== undefined) {
      choose(index);
      void app.reveal(app.graph.itemOfNode[node]);
    }
  };
  const draw = (failure = "") => {
    const rows = found.slice(0, MOST_ROWS).map((node, index) =>
      html(
        "div",
        { role: "option", id: `result-${index}`, "aria-selected": "false", onpointerdown: (event: Event) => { event.preventDefault(); go(index); } },
        app.document.nodes[node].op,
        html("div", {}, describe(app.document, node, app.figure)),
      ),
    );
    const count = failure !== "" ? failure : `${found.length.toLocaleString("en")} found${found.length > MOST_ROWS ? `, the first ${MOST_ROWS} shown` : ""}`;
    const syntax = SYNTAX.flatMap(([term, meaning]) => [html("code", {}, term), html("span", { class: "muted" }, meaning)]);
    const isEmpty = input.value.trim() === "";
    told.textContent = isEmpty ? "" : count;
    popup.replaceChildren(
      html("div", { class: "count" }, isEmpty ? "All words must hold:" : count),
      ...(isEmpty ? [html("div", { class: "syntax" }, ...syntax)] : []),
      html("div", { role: "listbox", id: "results", "aria-label": "results" }, ...rows),
    );
    at = -1;
    show(document.activeElement === input);
  };
  let turn = 0;
  const look = async () => {
    const mine = ++turn;
    const query = input.value;
    try {
      const { host } = app;
      const isAsked = needsDetails(query) && app.document.details === undefined && host.search !== undefined;
      const nodes = isAsked ? app.mark(await host.search(query)) : app.find(query);
      if (mine === turn) {
        found = nodes;
        draw();
      }
    } catch (error) {
      if (mine === turn) {
        found = app.mark([]);
        draw(error instanceof Error ? error.message : String(error));
      }
    }
  };
  let timer: ReturnType<typeof setTimeout> | undefined;
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => void look(), 80);
  });
  input.addEventListener("focus", () => { draw(); });
  input.addEventListener("blur", () => { show(false); });
  input.addEventListener("keydown", (event) => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step !== 0 && found.length > 0) {
      event.preventDefault();
      choose(Math.max(0, Math.min(Math.min(found.length, MOST_ROWS) - 1, at + step)));
    } else if (event.key === "Enter") {
      go(app.selection.item === app.graph.itemOfNode[found.at(at) ?? -1] ? (at + 1) % Math.max(1, found.length) : Math.max(0, at));
    } else if (event.key === "Escape") {
      event.stopPropagation();
      if (input.value === "") {
        leave();
      } else {
        input.value = "";
        void look();
      }
    }
  });
  app.listen((change) => {
    if (change === "document") {
      found = [];
      input.value = "";
    }
  });
  return {
    element: html("div", { class: "search", role: "search" }, input, popup, told),
    focus: () => {
      input.focus();
      input.select();
    },
  };
}
