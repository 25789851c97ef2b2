/** The bar above the picture: the file, where one is in it, the overlay, the search, and menus. */

import type { App } from "./app";
import { button, html, icon } from "./dom";
import { exportAs, type Format } from "./exporting";
import { ancestors, Hideable, titleOf } from "./graph";
import { PROVENANCE } from "./paint";
import { setTheme, THEMES, chosenTheme } from "./themes";

const FORMATS: readonly (readonly [Format, string])[] = [
  ["svg", "Picture as SVG"],
  ["png", "Picture as PNG"],
  ["json", "Costs as JSON"],
  ["csv", "Costs as CSV"],
];

export function bar(app: App, search: HTMLElement, help: () => void, toggleSide: () => void): HTMLElement {
  const title = html("h1", {}, app.document.file.name);
  const crumbs = html("nav", { class: "crumbs", "aria-label": "groups around the selection" });
  const overlay = html("select", { "aria-label": "overlay", onchange: () => { app.choose(overlay.value); } });
  app.listen((change) => {
    if (change === "document" || change === "figure") {
      title.textContent = app.document.file.name;
      title.title = app.document.file.name;
      drawOverlays(app, overlay);
    }
    if (change === "selection" || change === "layout") {
      drawCrumbs(app, crumbs);
    }
  });
  return html(
    "header",
    { class: "bar" },
    title,
    crumbs,
    html("label", {}, "Colour by", overlay),
    search,
    html(
      "div",
      { class: "tools" },
      button(icon("minus"), "smaller (−)", () => { app.zoom(0.8); }),
      button(icon("plus"), "larger (+)", () => { app.zoom(1.25); }),
      button(icon("fit"), "the whole picture (f)", () => { app.fit(); }),
      showMenu(app),
      exportMenu(app),
      ...(app.host.kind === "page" ? [themeMenu(app)] : []),
      button(icon("panel"), "panel", toggleSide),
      button(icon("help"), "keys (?)", help),
    ),
  );
}

function drawOverlays(app: App, overlay: HTMLSelectElement): void {
  const options = app.document.figures.map(({ id, title, provenance }) =>
    html("option", { value: id, selected: app.figure?.id === id }, `${title} (${PROVENANCE[provenance]})`),
  );
  overlay.replaceChildren(html("option", { value: "", selected: app.figure === undefined }, "nothing"), ...options);
}

function drawCrumbs(app: App, crumbs: HTMLElement): void {
  const { item } = app.selection;
  const around = item < 0 ? [] : [...ancestors(app.graph, item).reverse(), item];
  crumbs.replaceChildren(...around.map((group) => html("button", { type: "button", onclick: () => { app.selectAndShow(group); } }, titleOf(app.graph, group))));
}

/** A menu that closes when something in it was chosen, or the focus leaves it. */
function menu(sign: SVGElement, meaning: string, ...entries: HTMLElement[]): HTMLElement {
  const details = html("details", { class: "menu" }, html("summary", { title: meaning, "aria-label": meaning }, sign), html("div", { class: "popup" }, ...entries));
  details.addEventListener("focusout", ({ relatedTarget }) => {
    if (!(relatedTarget instanceof Node && details.contains(relatedTarget))) {
      details.open = false;
    }
  });
  details.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      details.open = false;
      details.querySelector("summary")?.focus();
    }
  });
  details.addEventListener("click", (event) => {
    if (event.target instanceof HTMLButtonElement) {
      details.open = false;
    }
  });
  return details;
}

function showMenu(app: App): HTMLElement {
  const toggle = (bit: number, text: string) => {
    const box = html("input", { type: "checkbox", checked: (app.hide & bit) === 0 });
    box.addEventListener("change", () => void app.setHide(box.checked ? app.hide & ~bit : app.hide | bit));
    app.listen((change) => {
      if (change === "layout") {
        box.checked = (app.hide & bit) === 0;
      }
    });
    return html("label", {}, box, text);
  };
  return menu(
    icon("menu"),
    "what is shown",
    toggle(Hideable.folded, "constants (folded at load)"),
    toggle(Hideable.shapes, "computation of shapes"),
    html("hr"),
    button("Open all groups", "Open all groups", () => void app.openAll(true)),
    button("Close all groups", "Close all groups", () => void app.openAll(false)),
  );
}

function exportMenu(app: App): HTMLElement {
  const told = html("div", { class: "problem", role: "alert" });
  const entries = FORMATS.map(([format, text]) =>
    button(text, text, () => {
      told.textContent = "";
      exportAs(app, format).catch((error: unknown) => {
        told.textContent = error instanceof Error ? error.message : String(error);
      });
    }),
  );
  return menu(icon("download"), "export", ...entries, told);
}

function themeMenu(app: App): HTMLElement {
  const entries = THEMES.map((theme) =>
    button(theme.replace("contrast-light", "high contrast, light").replace(/^contrast$/, "high contrast, dark"), `theme ${theme}`, () => {
      if (chosenTheme() !== theme) {
        setTheme(theme);
        app.repaint();
      }
    }),
  );
  return menu(icon("theme"), "theme", ...entries);
}
