/** What the colours mean: which figure, from where, between which values; and that hatched is unknown. */

import type { App } from "./app";
import { html } from "./dom";
import { PROVENANCE_NOTE } from "./paint";
import { badge } from "./panels/summary";
import { percent, quantity } from "./text";

const STEPS = 9;

export function legend(app: App): HTMLElement {
  const holder = html("div", { class: "legend", role: "note", "aria-label": "legend" });
  const draw = () => {
    const { figure, picture } = app;
    holder.hidden = figure === undefined || picture === undefined;
    if (figure === undefined || picture === undefined) {
      return;
    }
    const stops = Array.from({ length: STEPS }, (_, step) => picture.colour(Math.sqrt(step / (STEPS - 1))).fill);
    const bar = html("div", { class: "ramp" });
    bar.style.background = `linear-gradient(to right, ${stops.join(", ")})`;
    const share = figure.total === null || figure.total === 0 ? "" : ` · ${percent(picture.most / figure.total)}`;
    const zero = html("span", { class: "swatch" });
    const hatched = html("span", { class: "swatch hatched" });
    const counted = hiddenCounts(app);
    holder.replaceChildren(
      html("div", { class: "heading" }, figure.title, badge(figure.provenance)),
      bar,
      html("div", { class: "ends" }, html("span", {}, "0"), html("span", {}, `${quantity(picture.most, figure.unit)}${share}`)),
      html("div", { class: "keys" }, html("span", {}, zero, "none"), html("span", {}, hatched, "unknown"), ...(figure.at_least ? [html("span", {}, "≥ at least")] : [])),
      html("p", {}, `${PROVENANCE_NOTE[figure.provenance]}.${counted}`),
    );
  };
  app.listen((change) => {
    if (change === "layout" || change === "figure") {
      draw();
    }
  });
  return holder;
}

/** " 12 constant and 30 shape nodes are hidden." */
function hiddenCounts({ graph, hide }: App): string {
  let count = 0;
  for (const hideable of graph.hideable) {
    count += (hideable & hide) === 0 ? 0 : 1;
  }
  return count === 0 ? "" : ` ${count.toLocaleString("en")} constant and shape nodes are left out of the picture.`;
}
