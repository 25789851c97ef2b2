/** What is selected: a node with its tensors, attributes, costs and source line; a group; or tensors. */

import type { App } from "../app";
import { html } from "../dom";
import type { Detail, Tensor } from "../document";
import { ancestors, nodeOf, titleOf } from "../graph";
import { valueOf } from "../paint";
import { counted, percent, quantity, tensorText } from "../text";
import { facts } from "./side";
import { badge, forecast } from "./summary";

const MOST_LINKS = 30;

export function details(app: App): (HTMLElement | undefined)[] {
  const { item, tensors } = app.selection;
  const { graph } = app;
  if (tensors.length > 0) {
    return tensors.flatMap((tensor) => tensorSheet(app, tensor));
  }
  if (item < 0) {
    return [html("p", { class: "muted" }, "Select a box or an edge. ↓ selects the first one; ? lists the keys.")];
  }
  if (item >= graph.firstPort) {
    return tensorSheet(app, graph.ports[item - graph.firstPort]);
  }
  const node = nodeOf(graph, item);
  const group = item < graph.firstNode ? groupSheet(app, item) : [];
  return node === undefined ? group : [...nodeSheet(app, node, item), ...group];
}

function nodeSheet(app: App, index: number, item: number): (HTMLElement | undefined)[] {
  const { document } = app;
  const node = document.nodes[index];
  const places = ancestors(app.graph, item).reverse().map((group) => titleOf(app.graph, group));
  return [
    html("h2", {}, node.op),
    facts(["name", node.name], ["domain", node.domain], ["in", places.join(" › ")], ["node", node.path]),
    ...costSheet(app, item),
    ...tensorList(app, "Inputs", node.inputs),
    ...tensorList(app, "Outputs", node.outputs),
    ...later(app, index),
  ];
}

function costSheet(app: App, item: number): HTMLElement[] {
  const rows = app.document.figures.map((figure) => {
    const { value, atLeast } = valueOf(app.graph, item, figure);
    const share = value === null || figure.total === null || figure.total === 0 ? "" : percent(value / figure.total);
    const kind = figure.provenance === "static" ? undefined : badge(figure.provenance);
    return html("tr", {}, html("td", {}, figure.title, " ", kind), html("td", { class: "number" }, `${atLeast && value !== null ? "≥ " : ""}${quantity(value, figure.unit)}`), html("td", { class: "number muted" }, share));
  });
  const node = nodeOf(app.graph, item);
  const why = node === undefined ? "" : app.document.nodes[node].why;
  return [html("h2", {}, "Cost ", badge("static")), html("table", {}, html("tbody", {}, ...rows)), ...(why === "" ? [] : [html("p", { class: "problem" }, `unknown: ${why}`)])];
}

function tensorList(app: App, title: string, tensors: readonly number[]): HTMLElement[] {
  const rows = tensors.map((index, place) => {
    if (index < 0) {
      return html("tr", {}, html("td", { class: "muted" }, `${place}`), html("td", { class: "muted" }, "not given"));
    }
    const tensor = app.document.tensors[index];
    return html("tr", {}, html("td", { class: "muted" }, String(place)), html("td", {}, tensorLink(app, index), html("div", { class: "muted" }, `${tensorText(tensor)}${tensor.constant ? " · constant" : ""}`)));
  });
  return rows.length === 0 ? [] : [html("h2", {}, title), html("table", {}, html("tbody", {}, ...rows))];
}

function tensorLink(app: App, index: number): HTMLElement {
  return html("button", { type: "button", class: "link", onclick: () => { app.select(app.selection.item, [index]); } }, app.document.tensors[index].name || `tensor ${index}`);
}

/** What the document may not hold: attributes, formula, source line, stored weights. */
function later(app: App, index: number): HTMLElement[] {
  const holder = html("div");
  const show = (detail: Detail) => {
    holder.replaceChildren(...detailSheet(app, detail));
  };
  const known = app.document.details?.[index];
  if (known !== undefined) {
    show(known);
  } else {
    app.host.detail?.(index).then(show).catch((error: unknown) => {
      holder.replaceChildren(html("p", { class: "problem" }, error instanceof Error ? error.message : String(error)));
    });
  }
  return [holder];
}

function detailSheet(app: App, { attributes, formula, source, metadata, stored }: Detail): HTMLElement[] {
  const { openSource } = app.host;
  const place = source === null ? "" : `${source.file}:${source.line}`;
  const sheet: HTMLElement[] = [];
  if (attributes.length > 0) {
    sheet.push(html("h2", {}, "Attributes"), facts(...attributes));
  }
  if (formula !== "") {
    sheet.push(html("h2", {}, "How its cost is computed"), html("code", {}, formula));
  }
  if (source !== null) {
    const link = openSource === undefined ? html("code", {}, place) : html("button", { type: "button", class: "link mono", onclick: () => { openSource(source); } }, place);
    sheet.push(html("h2", {}, "Source"), html("p", {}, link, source.function === "" ? "" : ` in ${source.function}`));
  }
  if (stored.length > 0) {
    const rows = stored.map(({ tensor, bytes, external, values }) => [
      app.document.tensors[tensor].name,
      [quantity(bytes, "B"), external === null ? "" : `in ${external.location}${external.bytes === null ? ", which is missing" : ""}`, values].filter(Boolean).join(" · "),
    ] as const);
    sheet.push(html("h2", {}, "Stored"), facts(...rows));
  }
  if (metadata.length > 0) {
    sheet.push(html("h2", {}, "Metadata"), facts(...metadata));
  }
  return sheet;
}

function groupSheet(app: App, item: number): HTMLElement[] {
  const { document } = app;
  const group = document.groups[item];
  const alike = document.groups.flatMap((other, index) => (other.digest === group.digest && index !== item && group.digest !== "" && group.size > 1 ? [index] : []));
  const operators = new Map<string, number>();
  document.nodes.forEach((node, index) => {
    if (ancestors(app.graph, app.graph.firstNode + index).includes(item)) {
      operators.set(node.op, (operators.get(node.op) ?? 0) + 1);
    }
  });
  const counts = [...operators].sort((one, other) => other[1] - one[1]).map(([op, count]) => `${op} ${count}`);
  const predictions = document.predictions.blocks.at(group.prediction < 0 ? document.predictions.blocks.length : group.prediction) ?? [];
  return [
    html("h2", {}, group.label),
    facts(
      ["group", group.path],
      ["kind", group.kind],
      ["holds", counted(group.size, "node")],
      ["operators", counts.join(", ")],
    ),
    ...forecast(predictions),
    ...(nodeOf(app.graph, item) === undefined ? costSheet(app, item) : []),
    ...(alike.length === 0 ? [] : [html("h2", {}, `Alike: ${counted(alike.length, "other")}`), ...links(app, alike)]),
  ];
}

function tensorSheet(app: App, index: number): HTMLElement[] {
  const { graph, document } = app;
  const tensor: Tensor = document.tensors[index];
  const readers = document.nodes.flatMap(({ inputs }, node) => (inputs.includes(index) ? [graph.itemOfNode[node]] : []));
  const origin = tensor.from >= 0 ? [graph.itemOfNode[tensor.from]] : [];
  return [
    html("h2", {}, tensor.name || `tensor ${index}`),
    facts(["type", tensor.dtype || "unknown"], ["shape", tensor.shape === "?" ? "unknown" : tensor.shape], ["size", tensor.bytes === null ? "unknown" : quantity(tensor.bytes, "B")], ["", tensor.constant ? "known when the model is loaded" : ""]),
    ...(origin.length === 0 ? [] : [html("h2", {}, "Made by"), ...links(app, origin)]),
    ...(readers.length === 0 ? [] : [html("h2", {}, "Read by"), ...links(app, readers)]),
  ];
}

function links(app: App, items: readonly number[]): HTMLElement[] {
  const shown = items.slice(0, MOST_LINKS).map((item) => {
    const node = nodeOf(app.graph, item);
    const name = node === undefined ? app.document.groups[item].path : app.document.nodes[node].name;
    return html("div", {}, html("button", { type: "button", class: "link", onclick: () => void app.reveal(item) }, titleOf(app.graph, item)), " ", html("span", { class: "muted" }, name));
  });
  return items.length > MOST_LINKS ? [...shown, html("p", { class: "muted" }, `and ${items.length - MOST_LINKS} more`)] : shown;
}
