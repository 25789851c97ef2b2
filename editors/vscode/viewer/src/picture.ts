/** A layout with all that is needed to draw it: what is where, what is written there, what colour it has. */

import { ramp, type Heat } from "./colours";
import type { Figure } from "./document";
import type { Graph } from "./graph";
import { ancestors } from "./graph";
import { labelOf, type Label } from "./labels";
import type { Layout } from "./layout/nested";
import { largest, paintOf, type Paint } from "./paint";
import { edgeBounds } from "./paths";

/** Left, top, right, bottom, in pixels of the picture. */
export interface Region {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

export interface Ramp {
  readonly low: string;
  readonly high: string;
}

export class Picture {
  readonly bounds: Float32Array;
  /** The place of each item in the layout; -1 where it is not drawn. */
  readonly place: Int32Array;
  most = 0;
  private readonly labels = new Map<number, Label>();

  constructor(
    readonly graph: Graph,
    readonly layout: Layout,
    readonly open: Uint8Array,
    public figure: Figure | undefined,
    public ramp: Ramp,
  ) {
    this.bounds = edgeBounds(layout);
    this.place = new Int32Array(graph.count).fill(-1);
    layout.item.forEach((item, at) => (this.place[item] = at));
    this.repaint(figure, ramp);
  }

  repaint(figure: Figure | undefined, colours: Ramp): void {
    this.figure = figure;
    this.ramp = colours;
    this.most = largest(this.graph, this.layout.item, (item) => this.isOpen(item), figure);
  }

  isOpen(item: number): boolean {
    return this.graph.isGroup[item] === 1 && this.open[item] === 1;
  }

  label(item: number): Label {
    const known = this.labels.get(item) ?? labelOf(this.graph, item);
    this.labels.set(item, known);
    return known;
  }

  paint(item: number): Paint {
    return paintOf(this.graph, item, this.figure, this.most);
  }

  colour(heat: number): Heat {
    return ramp(this.ramp.low, this.ramp.high, heat);
  }

  /** Left, top, width, height; undefined where the item is not drawn. */
  box(item: number): readonly [number, number, number, number] | undefined {
    const at = this.place[item] * 4;
    const { box } = this.layout;
    return at < 0 ? undefined : [box[at], box[at + 1], box[at + 2], box[at + 3]];
  }

  /** Places of the boxes that reach into a region; the root has no box. */
  boxesIn({ left, top, right, bottom }: Region): number[] {
    const { box, item } = this.layout;
    const found: number[] = [];
    for (let at = 0; at < item.length; at++) {
      const x = box[at * 4];
      const y = box[at * 4 + 1];
      if (x < right && y < bottom && x + box[at * 4 + 2] > left && y + box[at * 4 + 3] > top && item[at] !== 0) {
        found.push(at);
      }
    }
    return found;
  }

  edgesIn({ left, top, right, bottom }: Region): number[] {
    const { bounds } = this;
    const found: number[] = [];
    for (let edge = 0; edge * 4 < bounds.length; edge++) {
      const at = edge * 4;
      if (bounds[at] < right && bounds[at + 1] < bottom && bounds[at + 2] > left && bounds[at + 3] > top) {
        found.push(edge);
      }
    }
    return found;
  }

  /** The innermost box at a point. */
  itemAt(x: number, y: number): number | undefined {
    const { box, item } = this.layout;
    let found: number | undefined;
    let deepest = 0;
    for (let at = 0; at < item.length; at++) {
      const [left, top] = [box[at * 4], box[at * 4 + 1]];
      if (x >= left && y >= top && x <= left + box[at * 4 + 2] && y <= top + box[at * 4 + 3] && item[at] !== 0) {
        const depth = ancestors(this.graph, item[at]).length + 1;
        if (depth > deepest) {
          found = item[at];
          deepest = depth;
        }
      }
    }
    return found;
  }

  /** The drawn items that edges lead to from `item`, or come from. */
  neighbours(item: number, downwards: boolean): number[] {
    const { from, to } = this.layout;
    const found: number[] = [];
    for (let edge = 0; edge < from.length; edge++) {
      if ((downwards ? from : to)[edge] === item) {
        found.push((downwards ? to : from)[edge]);
      }
    }
    return found;
  }
}
