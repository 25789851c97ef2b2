/** The dearest nodes and blocks under the chosen figure, as a table that can be sorted. */

import type { App } from "../app";
import { html } from "../dom";
import { percent, quantity } from "../text";
import { badge } from "./summary";

const MOST_ROWS = 100;

type Column = "name" | "value";

let column: Column = "value";
let isDescending = true;
let isOfBlocks = false;

interface Row {
  readonly item: number;
  readonly title: string;
  readonly name: string;
  readonly value: number | null;
}

export function costs(app: App): HTMLElement[] {
  const { figure } = app;
  if (figure === undefined) {
    return [html("p", { class: "muted" }, "Choose an overlay to see what costs most.")];
  }
  const redraw = () => {
    app.choose(figure.id);
  };
  const rows = sorted(isOfBlocks ? blockRows(app) : nodeRows(app));
  const total = figure.total ?? 0;
  const header = (label: string, of: Column) => {
    const sort = of === column ? (isDescending ? "descending" : "ascending") : "none";
    const onclick = () => {
      isDescending = of === column ? !isDescending : of === "value";
      column = of;
      redraw();
    };
    return html("th", { class: of === "value" ? "number" : "", "aria-sort": sort, scope: "col" }, html("button", { type: "button", onclick }, `${label}${sort === "none" ? "" : isDescending ? " ↓" : " ↑"}`));
  };
  const body = rows.slice(0, MOST_ROWS).map((row) => {
    const share = row.value === null || total === 0 ? 0 : row.value / total;
    const bar = html("i");
    bar.style.width = `${Math.min(100, share * 100)}%`;
    const reveal = () => void app.reveal(row.item);
    return html(
      "tr",
      { class: "pick", "aria-selected": String(app.selection.item === row.item), onclick: reveal },
      html("td", {}, html("button", { type: "button", class: "link" }, row.title), html("div", { class: "muted" }, row.name)),
      html("td", { class: "number share" }, row.value === null ? "unknown" : quantity(row.value, figure.unit), html("div", { class: "muted" }, row.value === null || total === 0 ? "" : percent(share)), bar),
    );
  });
  const choose = html(
    "select",
    { "aria-label": "rows of the table", onchange: (event: Event) => { isOfBlocks = (event.target as HTMLSelectElement).value === "blocks"; redraw(); } },
    html("option", { value: "nodes", selected: !isOfBlocks }, "nodes"),
    html("option", { value: "blocks", selected: isOfBlocks }, "groups"),
  );
  const more = rows.length > MOST_ROWS ? html("p", { class: "muted" }, `and ${(rows.length - MOST_ROWS).toLocaleString("en")} more`) : html("p");
  return [
    html("h2", {}, `${figure.title} `, badge(figure.provenance)),
    html("p", { class: "muted" }, `${figure.at_least ? "at least " : ""}${quantity(figure.total, figure.unit)} in all. `, choose),
    html("table", { "aria-label": "costs" }, html("thead", {}, html("tr", {}, header(isOfBlocks ? "group" : "node", "name"), header("cost", "value"))), html("tbody", {}, ...body)),
    more,
  ];
}

function nodeRows({ graph, figure }: App): Row[] {
  return graph.document.nodes.map((node, index) => ({
    item: graph.itemOfNode[index],
    title: node.op,
    name: node.name || `node ${node.path}`,
    value: figure?.nodes[index] ?? null,
  }));
}

function blockRows({ graph, figure }: App): Row[] {
  return graph.document.groups.slice(1).map((group, index) => ({
    item: index + 1,
    title: `${group.label}${group.alike > 1 ? ` ×${group.alike}` : ""}`,
    name: group.path,
    value: figure?.groups[index + 1] ?? null,
  }));
}

/** What is unknown stands last, whichever way the rows are sorted. */
function sorted(rows: readonly Row[]): Row[] {
  const sign = isDescending ? -1 : 1;
  return [...rows].sort((one, other) => {
    if (column === "name") {
      return sign * one.title.localeCompare(other.title) || one.item - other.item;
    }
    if (one.value === null || other.value === null) {
      return Number(one.value === null) - Number(other.value === null);
    }
    return sign * (one.value - other.value);
  });
}
