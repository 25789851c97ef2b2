/** Layouts from the worker, one at a time: a new question ends the one before it, whatever it has come to. */

import type { Drawable, Layout } from "./nested";
import type { Answer, Question } from "./worker";

/** The text of worker.ts, bundled; the build puts it here. */
declare const LAYOUT_WORKER: string;

export class Cancelled extends Error {}

export class LayoutClient {
  private worker: Worker | undefined;
  private graph: Drawable | undefined;
  private lastId = 0;
  private reject: ((reason: Error) => void) | undefined;

  /** From now on layouts are of `graph`. */
  use(graph: Drawable): void {
    this.cancel();
    this.graph = graph;
    this.worker ??= this.start();
    this.tell({ graph });
  }

  /** @throws Cancelled if another layout is asked for before this one is there, or `cancel` is called. */
  layout(open: Uint8Array): Promise<Layout> {
    this.cancel();
    const id = ++this.lastId;
    return new Promise((resolve, reject) => {
      this.reject = reject;
      this.worker ??= this.start();
      this.worker.onmessage = ({ data }: MessageEvent<Answer>) => {
        if (data.id !== id) {
          return;
        }
        this.reject = undefined;
        if (data.layout === undefined) {
          reject(new Error(data.error));
        } else {
          resolve(data.layout);
        }
      };
      this.tell({ id, open });
    });
  }

  /** Ends the layout that is being made: a loop in another thread is ended with its thread. */
  cancel(): void {
    if (this.reject === undefined) {
      return;
    }
    this.worker?.terminate();
    this.worker = undefined;
    this.reject(new Cancelled("cancelled"));
    this.reject = undefined;
  }

  private start(): Worker {
    const address = URL.createObjectURL(new Blob([LAYOUT_WORKER], { type: "text/javascript" }));
    const worker = new Worker(address);
    URL.revokeObjectURL(address);
    this.worker = worker;
    if (this.graph !== undefined) {
      this.tell({ graph: this.graph });
    }
    return worker;
  }

  private tell(question: Question): void {
    this.worker?.postMessage(question);
  }
}
