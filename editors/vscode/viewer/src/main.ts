/** Puts the viewer together, in a page of its own or in VS Code. */

import { App } from "./app";
import { bar } from "./bar";
import { button, html } from "./dom";
import { EditorHost, PageHost, type Host } from "./host";
import { KEYS } from "./keys";
import { DETAIL_SIZE, TITLE_SIZE, type Measure } from "./labels";
import { legend } from "./legend";
import { minimap } from "./minimap";
import { costs } from "./panels/costs";
import { details } from "./panels/details";
import { outline } from "./panels/outline";
import { side } from "./panels/side";
import { summary } from "./panels/summary";
import { searchBox } from "./searchbox";
import { ariaLabel } from "./shapes";
import { wireStage } from "./stage";
import { chosenTheme, followTheme, heatColours } from "./themes";

const viewer = html("div", { id: "viewer" });

function begin(): void {
  document.body.append(viewer);
  const embedded = document.getElementById("document");
  if (embedded !== null) {
    followTheme(false, () => undefined);
    try {
      show(JSON.parse(embedded.textContent), new PageHost());
    } catch (error) {
      fail(error instanceof Error ? error.message : String(error));
    }
    return;
  }
  followTheme(true, () => undefined);
  viewer.append(html("p", { class: "failure muted", role: "status" }, "Reading the model…"));
  let app: App | undefined;
  const lose = (reason: string) => {
    fail(reason);
    app = undefined; // the next document gets a viewer of its own, which finds what is remembered
  };
  const host = new EditorHost((sent) => {
    try {
      if (app === undefined) {
        app = show(sent, host);
      } else {
        void app.replace(sent);
      }
    } catch (error) {
      lose(error instanceof Error ? error.message : String(error));
    }
  }, lose);
}

function fail(reason: string): void {
  viewer.replaceChildren(html("p", { class: "failure", role: "alert" }, reason));
}

function show(document_: unknown, host: Host): App {
  const stage = html("main", { class: "stage", tabindex: 0, role: "tree", "aria-label": "graph of the model" });
  const app = new App(document_, host, stage, measure(), heatColours);
  const help = helpDialog();
  const box = searchBox(app, () => { stage.focus(); });
  const aside = html("aside", { class: "side", "aria-label": "panel" });
  const bring = side(app, aside, [
    { id: "summary", title: "Summary", draw: summary, changes: ["document"] },
    { id: "costs", title: "Costs", draw: costs, changes: ["document", "figure"] },
    { id: "details", title: "Details", draw: details, changes: ["document", "selection"] },
    { id: "outline", title: "Outline", draw: outline, changes: ["layout", "selection", "figure"] },
  ]);
  const said = html("div", { class: "hidden-text", role: "status" });
  const busy = html("div", { class: "busy", role: "status", hidden: true }, "Laying out…", button("Cancel", "Cancel", () => { app.cancel(); }));
  const toggleSide = () => {
    viewer.classList.toggle("no-side");
  };
  viewer.replaceChildren(bar(app, box.element, () => { help.showModal(); }, toggleSide), stage, aside, help, said);
  stage.append(legend(app), minimap(app), busy);
  wireStage(app, stage, { search: box.focus, help: () => { help.showModal(); } });
  app.listen((change) => {
    if (change === "selection") {
      const { item, tensors } = app.selection;
      if ((item >= 0 || tensors.length > 0) && aside.querySelector("#tab-outline[aria-selected=true], #tab-costs[aria-selected=true]") === null) {
        bring("details");
      }
      said.textContent = item >= 0 && app.picture !== undefined ? ariaLabel(app.picture, item) : "";
    } else if (change === "busy") {
      busy.hidden = !app.busy;
    } else if (change === "figure") {
      app.scene.element.classList.toggle("contrast", chosenTheme().startsWith("contrast"));
    }
  });
  new MutationObserver(() => { app.repaint(); }).observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
  new ResizeObserver(() => { app.scene.draw(); app.look(app.scene.camera); }).observe(stage);
  app.start().then(
    () => {
      app.repaint();
      document.documentElement.dataset["ready"] = String(Math.round(performance.now())); // tests and benchmarks wait for it
    },
    (error: unknown) => { fail(error instanceof Error ? error.message : String(error)); },
  );
  return app;
}

/** The width of texts in the fonts of the picture. */
function measure(): Measure {
  const context = document.createElement("canvas").getContext("2d");
  const family = getComputedStyle(document.body).fontFamily;
  return (text, style) => {
    if (context === null) {
      return text.length * 7;
    }
    context.font = style === "title" ? `600 ${TITLE_SIZE}px ${family}` : `${DETAIL_SIZE}px ${family}`;
    return context.measureText(text).width;
  };
}

function helpDialog(): HTMLDialogElement {
  const keys = KEYS.flatMap(([names, meaning]) => [html("dt", {}, ...names.split(" ").flatMap((name) => [html("kbd", {}, name), " "])), html("dd", {}, meaning)]);
  const dialog: HTMLDialogElement = html(
    "dialog",
    { "aria-label": "keys" },
    html("h2", {}, "Keys"),
    html("dl", { class: "keys-list" }, ...keys),
    html("p", { class: "muted" }, "Drag or scroll to move, Ctrl and scroll to zoom, double click to open and close. The outline tab is the same graph as a list."),
    button("Close", "Close", () => { dialog.close(); }, { class: "primary" }),
  );
  return dialog;
}

begin();
