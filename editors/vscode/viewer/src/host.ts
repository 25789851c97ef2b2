/** Who shows the viewer: a page that holds its document, or VS Code, which asks the language server. */

import { html } from "./dom";
import type { Detail, Forecast } from "./document";
import type { Camera } from "./camera";

/** What is kept while an editor's tab is hidden. Groups by their paths, since a changed file has other numbers. */
export interface Remembered {
  readonly open: readonly string[];
  readonly camera: Camera;
  readonly figure: string;
  readonly hide: number;
}

export type Source = NonNullable<Detail["source"]>;

export interface Host {
  readonly kind: "page" | "editor";
  /** Undefined where the document has all of them. */
  readonly detail?: (node: number) => Promise<Detail>;
  readonly search?: (query: string) => Promise<readonly number[]>;
  /** A document with other sizes; undefined where only the command line can make one. */
  readonly bind?: (values: Readonly<Record<string, number>>) => Promise<unknown>;
  /** What the model predicts, where the document does not say so yet. */
  readonly predict?: () => Promise<Forecast>;
  readonly openSource?: (source: Source) => void;
  save(name: string, content: Blob): Promise<void>;
  remember(state: Remembered): void;
  recall(): Remembered | undefined;
}

/** A file on its own: nothing is asked of anybody. */
export class PageHost implements Host {
  readonly kind = "page";

  save(name: string, content: Blob): Promise<void> {
    const address = URL.createObjectURL(content);
    html("a", { href: address, download: name }).click();
    setTimeout(() => {
      URL.revokeObjectURL(address);
    }, 10_000);
    return Promise.resolve();
  }

  remember(): void {
    // a page that is loaded again begins again
  }

  recall(): undefined {
    return undefined;
  }
}

interface EditorApi {
  postMessage(message: unknown): void;
  getState(): Remembered | undefined;
  setState(state: Remembered): void;
}

declare function acquireVsCodeApi(): EditorApi;

interface Reply {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: string;
}

/** A webview of VS Code; the other end is src/onnx_editor.ts of the extension. */
export class EditorHost implements Host {
  readonly kind = "editor";
  private readonly api = acquireVsCodeApi();
  private readonly waiting = new Map<number, { resolve: (value: never) => void; reject: (reason: Error) => void }>();
  private lastId = 0;

  /** `show` is called with the document, and again when the file has changed; `fail` with why there is none. */
  constructor(show: (document: unknown) => void, fail: (reason: string) => void) {
    window.addEventListener("message", ({ data }: MessageEvent<Reply | { document: unknown } | { failure: string }>) => {
      if ("document" in data) {
        show(data.document);
      } else if ("failure" in data) {
        fail(data.failure);
      } else {
        const waiting = this.waiting.get(data.id);
        this.waiting.delete(data.id);
        if (data.error === undefined) {
          waiting?.resolve(data.result as never);
        } else {
          waiting?.reject(new Error(data.error));
        }
      }
    });
    this.api.postMessage({ method: "ready" });
  }

  readonly detail = (node: number): Promise<Detail> => this.ask("node", { node });
  readonly search = async (query: string): Promise<readonly number[]> => (await this.ask<{ nodes: number[] }>("search", { query })).nodes;
  readonly bind = (values: Readonly<Record<string, number>>): Promise<unknown> => this.ask("bind", { bindings: values });
  readonly predict = (): Promise<Forecast> => this.ask("predict", {});
  readonly openSource = (source: Source): void => {
    this.api.postMessage({ method: "source", source });
  };

  async save(name: string, content: Blob): Promise<void> {
    const bytes = new Uint8Array(await content.arrayBuffer());
    await this.ask("save", { name, bytes });
  }

  remember(state: Remembered): void {
    this.api.setState(state);
  }

  recall(): Remembered | undefined {
    return this.api.getState();
  }

  private ask<T>(method: string, parameters: object): Promise<T> {
    const id = ++this.lastId;
    return new Promise<T>((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.api.postMessage({ id, method, ...parameters });
    });
  }
}
