/** The state of the viewer and what can be done to it. What is on the page listens, and draws itself from here. */

import { beginning, centred, fitted, showing, zoomed, type Camera } from "./camera";
import { readDocument, withForecast, withoutForecast, type Document, type Figure } from "./document";
import { ancestors, buildGraph, hiddenItems, Hideable, nodeOf, type Graph } from "./graph";
import type { Host, Remembered } from "./host";
import { boxSizes, type Measure } from "./labels";
import { Cancelled, LayoutClient } from "./layout/client";
import { HEADER } from "./layout/nested";
import { firstOpen } from "./opening";
import { Picture, type Ramp } from "./picture";
import { Scene } from "./scene";
import { search } from "./search";

export type Change = "document" | "layout" | "figure" | "selection" | "camera" | "busy";

export interface Selection {
  readonly item: number;
  /** Those of a chosen edge, or the one that was chosen in the panel. */
  readonly tensors: readonly number[];
}

const NOTHING: Selection = { item: -1, tensors: [] };
const BUSY_MS = 250; // a layout that takes longer is said to be made

export class App {
  readonly scene: Scene;
  graph: Graph;
  picture: Picture | undefined;
  figure: Figure | undefined;
  selection = NOTHING;
  found: readonly number[] = [];
  busy = false;
  hide: number = Hideable.folded | Hideable.shapes;
  open: Uint8Array;
  private readonly layouts = new LayoutClient();
  private readonly listeners = new Set<(change: Change) => void>();

  constructor(
    document: unknown,
    readonly host: Host,
    stage: HTMLElement,
    private readonly measure: Measure,
    private readonly colours: () => Ramp,
  ) {
    this.graph = buildGraph(readDocument(document));
    this.open = new Uint8Array(this.graph.count);
    this.figure = defaultFigure(this.document);
    this.scene = new Scene(stage);
  }

  get document(): Document {
    return this.graph.document;
  }

  listen(listener: (change: Change) => void): void {
    this.listeners.add(listener);
  }

  /** The first picture: as it was left, or the dearest groups open. */
  async start(): Promise<void> {
    const kept = this.host.recall();
    this.hide = kept?.hide ?? this.hide;
    this.figure = kept === undefined ? this.figure : this.document.figures.find(({ id }) => id === kept.figure);
    this.useGraph();
    if (kept !== undefined) {
      this.openPaths(kept.open);
    }
    this.tell("document");
    await this.layOut();
    this.look(kept?.camera ?? this.firstCamera());
    void this.askModel(kept?.figure);
  }

  /** Another document of the same file: changed on disk, or bound to other sizes. What is open stays so. */
  async replace(document: unknown): Promise<void> {
    const paths = this.openGroupPaths();
    const figure = this.figure?.id;
    this.graph = buildGraph(readDocument(document));
    this.figure = this.document.figures.find(({ id }) => id === figure) ?? defaultFigure(this.document);
    this.selection = NOTHING;
    this.found = [];
    this.useGraph();
    this.openPaths(paths);
    this.tell("document");
    await this.layOut();
    void this.askModel(figure);
  }

  /** What the model predicts comes after the picture; `figure` is the overlay that was chosen before, and may come only with it. */
  private async askModel(figure: string | undefined): Promise<void> {
    const asked = this.document;
    if (!asked.predictions.pending || this.host.predict === undefined) {
      return;
    }
    const answered = await this.host.predict().then(
      (said) => withForecast(asked, said),
    ).catch((error: unknown) => withoutForecast(asked, error instanceof Error ? error.message : String(error)));
    if (this.document === asked) {
      this.graph = { ...this.graph, document: answered };
      if (figure?.includes(":") === true) {
        this.figure = answered.figures.find(({ id }) => id === figure) ?? this.figure;
      }
      this.tell("document");
      this.repaint();
    }
  }

  async toggle(item: number, isOpen = this.open[item] === 0): Promise<void> {
    if (this.graph.isGroup[item] === 1 && item !== 0) {
      const open = this.open.slice();
      open[item] = isOpen ? 1 : 0;
      await this.layOut(open, item);
    }
  }

  async openAll(isOpen: boolean): Promise<void> {
    const open = new Uint8Array(this.graph.count);
    open.fill(isOpen ? 1 : 0, 0, this.graph.firstNode);
    open[0] = 1;
    await this.layOut(open);
    this.look(this.firstCamera());
  }

  async setHide(hide: number): Promise<void> {
    this.hide = hide;
    const open = this.open;
    this.useGraph();
    await this.layOut(open);
  }

  /** Opens what is around an item, selects it, and brings it to the screen. */
  async reveal(item: number): Promise<void> {
    const node = nodeOf(this.graph, item);
    if (node !== undefined && (this.graph.hideable[node] & this.hide) !== 0) {
      await this.setHide(this.hide & ~this.graph.hideable[node]);
    }
    const closed = ancestors(this.graph, item).filter((group) => this.open[group] === 0);
    if (closed.length > 0) {
      const open = this.open.slice();
      closed.forEach((group) => (open[group] = 1));
      await this.layOut(open);
    }
    this.select(item);
    const box = this.picture?.box(item);
    if (box !== undefined) {
      this.look(centred(this.scene.camera, ...box, this.scene.size));
    }
  }

  select(item: number, tensors: readonly number[] = []): void {
    this.selection = { item, tensors };
    this.markSelection();
    this.tell("selection");
  }

  /** As `select`, and moves the picture as little as is needed. */
  selectAndShow(item: number): void {
    this.select(item);
    const box = this.picture?.box(item);
    if (box !== undefined) {
      this.look(showing(this.scene.camera, ...box, this.scene.size));
    }
  }

  choose(figure: string): void {
    this.figure = this.document.figures.find(({ id }) => id === figure);
    this.repaint();
  }

  /** The figure, or the theme, is another one. */
  repaint(): void {
    this.picture?.repaint(this.figure, this.colours());
    this.scene.repaint();
    this.tell("figure");
    this.remember();
  }

  /**
   * The nodes that a query names; they are marked in the picture.
   * @throws Error in one line: the query cannot be understood.
   */
  find(query: string): readonly number[] {
    return this.mark(search(this.document, query, this.figure));
  }

  mark(nodes: readonly number[]): readonly number[] {
    this.found = nodes;
    this.markSelection();
    return nodes;
  }

  look(camera: Camera): void {
    this.scene.move(camera);
    this.tell("camera");
    this.remember();
  }

  fit(): void {
    if (this.picture !== undefined) {
      this.look(fitted(this.picture.layout, this.scene.size));
    }
  }

  zoom(factor: number): void {
    const { width, height } = this.scene.size;
    this.look(zoomed(this.scene.camera, factor, width / 2, height / 2));
  }

  cancel(): void {
    this.layouts.cancel();
  }

  private useGraph(): void {
    const hidden = hiddenItems(this.graph, this.hide);
    const { parent, isGroup, from, to } = this.graph;
    this.layouts.use({ parent, isGroup, isHidden: hidden, ...boxSizes(this.graph, this.measure), from, to });
    this.open = firstOpen(this.graph, hidden, this.figure);
  }

  /** A layout with other open groups; the header of `anchor` stays where it is on the screen. */
  private async layOut(open = this.open, anchor = -1): Promise<void> {
    const timer = setTimeout(() => {
      this.setBusy(true);
    }, BUSY_MS);
    try {
      const layout = await this.layouts.layout(open);
      const before = anchor < 0 ? undefined : this.picture?.box(anchor);
      this.open = open;
      this.picture = new Picture(this.graph, layout, open, this.figure, this.colours());
      const after = this.picture.box(anchor);
      const { camera } = this.scene;
      if (before !== undefined && after !== undefined) {
        const middle = (box: readonly number[]) => box[0] + box[2] / 2;
        this.scene.camera = {
          scale: camera.scale,
          x: camera.x + (middle(before) - middle(after)) * camera.scale,
          y: camera.y + (before[1] + HEADER / 2 - after[1] - HEADER / 2) * camera.scale,
        };
      }
      this.scene.show(this.picture);
      this.markSelection();
      this.tell("layout");
      this.tell("camera");
      this.remember();
    } catch (error) {
      if (!(error instanceof Cancelled)) {
        throw error;
      }
    } finally {
      clearTimeout(timer);
      this.setBusy(false);
    }
  }

  private setBusy(busy: boolean): void {
    if (this.busy !== busy) {
      this.busy = busy;
      this.tell("busy");
    }
  }

  private markSelection(): void {
    this.scene.select(this.selection.item, new Set(this.found.map((node) => this.graph.itemOfNode[node])));
  }

  private firstCamera(): Camera {
    return this.picture === undefined ? this.scene.camera : beginning(this.picture.layout, this.scene.size);
  }

  private openGroupPaths(): string[] {
    return this.document.groups.flatMap(({ path }, group) => (this.open[group] === 1 ? [path] : []));
  }

  private openPaths(paths: readonly string[]): void {
    const wanted = new Set(paths);
    this.document.groups.forEach(({ path }, group) => (this.open[group] = group === 0 || wanted.has(path) ? 1 : 0));
  }

  private remember(): void {
    const state: Remembered = { open: this.openGroupPaths(), camera: this.scene.camera, figure: this.figure?.id ?? "", hide: this.hide };
    this.host.remember(state);
  }

  private tell(change: Change): void {
    this.listeners.forEach((listener) => {
      listener(change);
    });
  }
}

/** Time, if anything is known of it. */
function defaultFigure({ figures }: Document): Figure | undefined {
  return figures.find(({ id }) => id === "seconds") ?? figures[0];
}
