/** The panel beside the picture: sheets under tabs, the chosen one drawn when something it shows has changed. */

import type { App, Change } from "../app";
import { html } from "../dom";

export interface Sheet {
  readonly id: string;
  readonly title: string;
  readonly draw: (app: App) => readonly (HTMLElement | undefined)[];
  readonly changes: readonly Change[];
}

/** Builds the panel into `holder`; returns what brings a sheet to the front. */
export function side(app: App, holder: HTMLElement, sheets: readonly Sheet[]): (id: string) => void {
  let chosen = sheets[0];
  const body = html("div", { class: "sheet", role: "tabpanel", id: "sheet", tabindex: 0 });
  const tabs = sheets.map((sheet) =>
    html("button", { type: "button", role: "tab", id: `tab-${sheet.id}`, "aria-controls": "sheet", onclick: () => { show(sheet); } }, sheet.title),
  );
  const list = html("div", { class: "tabs", role: "tablist", onkeydown: (event: KeyboardEvent) => { walk(event); } }, ...tabs);
  const draw = () => {
    body.replaceChildren(...chosen.draw(app).filter((element) => element !== undefined));
  };
  const show = (sheet: Sheet) => {
    const isOther = sheet !== chosen;
    chosen = sheet;
    tabs.forEach((tab, index) => {
      tab.setAttribute("aria-selected", String(sheets[index] === sheet));
      tab.tabIndex = sheets[index] === sheet ? 0 : -1;
    });
    body.setAttribute("aria-labelledby", `tab-${sheet.id}`);
    if (isOther) {
      body.scrollTop = 0;
    }
    draw();
  };
  const walk = (event: KeyboardEvent) => {
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (step !== 0) {
      const next = (sheets.indexOf(chosen) + step + sheets.length) % sheets.length;
      show(sheets[next]);
      tabs[next].focus();
    }
  };
  holder.append(list, body);
  app.listen((change) => {
    if (chosen.changes.includes(change)) {
      draw();
    }
  });
  show(chosen);
  return (id) => {
    const sheet = sheets.find((one) => one.id === id);
    if (sheet !== undefined) {
      show(sheet);
    }
  };
}

/** A list of names and what they are. */
export function facts(...pairs: readonly (readonly [string, string | HTMLElement | undefined])[]): HTMLElement {
  const list = html("dl", { class: "facts" });
  for (const [name, value] of pairs) {
    if (value !== undefined && value !== "") {
      list.append(html("dt", {}, name), html("dd", {}, value));
    }
  }
  return list;
}
