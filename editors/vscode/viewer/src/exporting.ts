/** The picture as SVG and PNG, and the document's numbers as JSON and CSV. */

import type { App } from "./app";
import { svg } from "./dom";
import type { Picture } from "./picture";
import { quantity } from "./text";
import { PROVENANCE } from "./paint";
import { definitions } from "./scene";
import { boxShape, edgeShape, groupShape } from "./shapes";
import { chosenTheme, resolvedVariables } from "./themes";

/** style/scene.css; the build puts it here. */
declare const SCENE_SHEET: string;

const FOOT = 28; // pixels below the picture, for its legend in words
const LARGEST_SIDE = 12_000; // of a PNG: canvases end near there
const SHARPNESS = 2;

export type Format = "svg" | "png" | "json" | "csv";

export async function exportAs(app: App, format: Format): Promise<void> {
  const name = `${app.document.file.name.replace(/\.onnx$/i, "").replace(/[^\w.-]+/g, "_") || "model"}.${format}`;
  const content = await contentOf(app, format);
  if (content !== undefined) {
    await app.host.save(name, content);
  }
}

async function contentOf(app: App, format: Format): Promise<Blob | undefined> {
  if (format === "json") {
    return new Blob([JSON.stringify(costsOf(app), undefined, 1)], { type: "application/json" });
  }
  if (format === "csv") {
    return new Blob([csv(app)], { type: "text/csv" });
  }
  if (app.picture === undefined) {
    return undefined;
  }
  const text = svgText(app.picture);
  return format === "svg" ? new Blob([text], { type: "image/svg+xml" }) : png(text, app.picture);
}

/** All that is open, whether it is on the screen or not, in the colours of the theme. */
export function svgText(picture: Picture): string {
  const { layout } = picture;
  const items = [...layout.item].filter((item) => item !== 0);
  const root = svg("svg", {
    class: `scene ${chosenTheme().startsWith("contrast") ? "contrast" : ""}`,
    viewBox: `0 0 ${layout.width} ${layout.height + FOOT}`,
    width: layout.width,
    height: layout.height + FOOT,
  });
  const { figure } = picture;
  const { name } = picture.graph.document.file;
  const legend = figure === undefined ? name : `${name}: ${figure.title} (${PROVENANCE[figure.provenance]}), ${figure.at_least ? "at least " : ""}${quantity(figure.total, figure.unit)} in all; strongest colour ${quantity(picture.most, figure.unit)}; hatched: unknown`;
  root.append(
    svg("style", {}, `.scene{${resolvedVariables(SCENE_SHEET)}}${SCENE_SHEET}`),
    definitions(),
    svg("rect", { class: "paper", width: layout.width, height: layout.height + FOOT }),
    svg("g", {}, ...items.filter((item) => picture.isOpen(item)).map((item) => groupShape(picture, item))),
    svg("g", {}, ...Array.from(layout.from, (_, edge) => edgeShape(picture, edge))),
    svg("g", {}, ...items.map((item) => boxShape(picture, item))),
    svg("text", { class: "detail", x: 12, y: layout.height + 14 }, legend),
  );
  return new XMLSerializer().serializeToString(root);
}

async function png(text: string, { layout }: Picture): Promise<Blob> {
  const scale = Math.min(SHARPNESS, LARGEST_SIDE / Math.max(layout.width, layout.height + FOOT));
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = Math.ceil(layout.width * scale);
  canvas.height = Math.ceil((layout.height + FOOT) * scale);
  canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => {
      if (blob === null) {
        reject(new Error("the picture is too large for a PNG: close some groups, or export SVG"));
      } else {
        resolve(blob);
      }
    }, "image/png");
  });
}

/** Every number with where it comes from; unknown ones are null. */
function costsOf({ document }: App): object {
  const { file, figures, symbols, totals, predictions } = document;
  return {
    file,
    symbols,
    totals,
    predictions: predictions.model,
    figures: figures.map(({ id, title, provenance, unit, total, at_least }) => ({ id, title, provenance, unit, total, at_least })),
    nodes: document.nodes.map(({ path, name, op, why }, index) => ({ path, name, op, ...(why === "" ? {} : { why }), costs: Object.fromEntries(figures.map(({ id, nodes }) => [id, nodes[index]])) })),
    groups: document.groups.map(({ path, size, alike, unknown }, index) => ({ path, size, alike, unknown, costs: Object.fromEntries(figures.map(({ id, groups }) => [id, groups[index]])) })),
  };
}

function csv({ document }: App): string {
  const header = ["path", "name", "operator", ...document.figures.map(({ id, unit, provenance }) => `${id}${unit === "" ? "" : ` [${unit}]`} (${provenance})`)];
  const rows = document.nodes.map(({ path, name, op }, index) => [path, name, op, ...document.figures.map(({ nodes }) => String(nodes[index] ?? ""))]);
  return [header, ...rows].map((row) => `${row.map(cell).join(",")}\r\n`).join("");
}

/** Quoted where it must be; a spreadsheet takes nothing in it for a formula. */
function cell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) && !/^-?[\d.e+-]+$/i.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
