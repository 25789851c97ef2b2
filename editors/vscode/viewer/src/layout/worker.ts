/** The layout off the page's thread: takes a graph, then sets of open groups, and answers with layouts. Built into a text of its own. */

import { layoutGraph, type Drawable, type Layout, type Memory } from "./nested";

export type Question = { readonly graph: Drawable } | { readonly id: number; readonly open: Uint8Array };
export interface Answer {
  readonly id: number;
  readonly layout?: Layout;
  readonly error?: string;
}

let graph: Drawable | undefined;
let memory: Memory = new Map();

self.onmessage = ({ data }: MessageEvent<Question>) => {
  if ("graph" in data) {
    graph = data.graph;
    memory = new Map();
    return;
  }
  if (graph !== undefined) {
    self.postMessage(answer(graph, data.id, data.open));
  }
};

function answer(drawn: Drawable, id: number, open: Uint8Array): Answer {
  try {
    return { id, layout: layoutGraph(drawn, open, memory) };
  } catch (error) {
    return { id, error: error instanceof Error ? error.message : String(error) };
  }
}
