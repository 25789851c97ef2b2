/** What is written into the box of an item, and how large the box is for it. */

import type { Graph } from "./graph";
import { nodeOf, titleOf } from "./graph";
import { counted, shorten } from "./text";

/** How wide a text is, in pixels. */
export type Measure = (text: string, style: "title" | "detail") => number;

export interface Label {
  readonly title: string;
  readonly detail: string;
  /** Behind the title: ×12 for the blocks alike. */
  readonly badge: string;
}

export const TITLE_SIZE = 12.5;
export const DETAIL_SIZE = 10.5;
const LONGEST_TITLE = 30;
const LONGEST_DETAIL = 34;
const VALUE_WIDTH = 54; // for the overlay's number, whichever is chosen
const INSET = 14;
const NODE_HEIGHT = 38;
const PORT_HEIGHT = 34;

/** The kinds of operators that boxes are marked with. */
export type Family = "product" | "normal" | "activation" | "pool" | "move" | "quant" | "control" | "arithmetic";

const FAMILIES: readonly (readonly [Family, RegExp])[] = [
  ["quant", /Quant|Integer$|^QLinear|NBits/],
  ["product", /^(Fused)?(Conv|MatMul|Gemm|Einsum|LSTM|GRU|RNN|Det$|Deform)|Attention/],
  ["normal", /Norm(alization)?/],
  ["control", /^(If|Loop|Scan|SequenceMap)$/],
  ["activation", /^(Relu|LeakyRelu|PRelu|Elu|Celu|Selu|Sigmoid|HardSigmoid|HardSwish|Swish|Softmax|LogSoftmax|Hardmax|Softplus|Softsign|Tanh|Erf|Gelu|BiasGelu|FastGelu|QuickGelu|Clip|Mish|ThresholdedRelu)$/],
  ["pool", /Pool$|^Reduce|^Arg(Max|Min)$|^TopK$|^CumSum$|^NonMax/],
  ["move", /^(Reshape|Transpose|Squeeze|Unsqueeze|Flatten|Concat|Split|Slice|Gather|Scatter|Expand|Tile|Pad|Identity|Cast|Shape|Size|DepthToSpace|SpaceToDepth|Constant|Resize|Upsample|Dropout|EyeLike|Range|NonZero|Where|Compress|Trilu|OneHot|EmbedLayer|Sequence)/],
];

export function familyOf(op: string): Family {
  return FAMILIES.find(([, pattern]) => pattern.test(op))?.[0] ?? "arithmetic";
}

export function labelOf(graph: Graph, item: number): Label {
  const { document, firstNode, firstPort } = graph;
  if (item >= firstPort) {
    const { shape, dtype, name } = document.tensors[graph.ports[item - firstPort]];
    return { title: shorten(name, LONGEST_TITLE), detail: shorten(`${dtype} ${shape}`.trim(), LONGEST_DETAIL), badge: "" };
  }
  if (item >= firstNode) {
    const node = document.nodes[item - firstNode];
    const output = node.outputs.find((tensor) => tensor >= 0);
    const shape = output === undefined ? "" : document.tensors[output].shape;
    const title = node.op + kernel(document.details?.[item - firstNode]?.attributes ?? []);
    return { title: shorten(title, LONGEST_TITLE), detail: shorten(shape === "?" ? "shape unknown" : shape, LONGEST_DETAIL), badge: "" };
  }
  const { alike } = document.groups[item];
  const owner = nodeOf(graph, item);
  const title = owner === undefined ? titleOf(graph, item) : groupTitle(document.nodes[owner].op, titleOf(graph, item));
  return { title: shorten(title, LONGEST_TITLE), detail: shorten(counted(graph.size[item], "node"), LONGEST_DETAIL), badge: alike > 1 ? `×${alike}` : "" };
}

function groupTitle(op: string, label: string): string {
  return label === "" || label === op || label.startsWith(op) ? label || op : `${op} ${label}`;
}

/** " 3×3 /2" of a convolution or a pool. */
function kernel(attributes: readonly (readonly [string, string])[]): string {
  const sizes = (name: string) => attributes.find(([key]) => key === name)?.[1].match(/\d+/g) ?? [];
  const kernelShape = sizes("kernel_shape");
  if (kernelShape.length === 0) {
    return "";
  }
  const strides = sizes("strides");
  const stride = strides.every((size) => size === strides[0]) ? strides.slice(0, 1) : strides;
  return ` ${kernelShape.join("×")}${stride.length === 0 || stride.join() === "1" ? "" : ` /${stride.join("×")}`}`;
}

/** The sizes of all boxes; of a group, when it is closed. Texts that repeat are measured once. */
export function boxSizes(graph: Graph, measure: Measure): { width: Float32Array; height: Float32Array } {
  const width = new Float32Array(graph.count);
  const height = new Float32Array(graph.count);
  const known = new Map<string, number>();
  const measured = (text: string, style: "title" | "detail"): number => {
    const key = style + text;
    const found = known.get(key) ?? measure(text, style);
    known.set(key, found);
    return found;
  };
  for (let item = 0; item < graph.count; item++) {
    const { title, detail, badge } = labelOf(graph, item);
    const badgeWidth = badge === "" ? 0 : measured(badge, "detail") + 14;
    const isPort = item >= graph.firstPort;
    const titleWidth = measured(title, "title") + badgeWidth + (isPort ? 0 : VALUE_WIDTH);
    const wanted = Math.max(titleWidth, measured(detail, "detail")) + 2 * INSET;
    width[item] = Math.round(Math.max(isPort ? 80 : 112, wanted) / 2) * 2;
    height[item] = isPort ? PORT_HEIGHT : NODE_HEIGHT;
  }
  return { width, height };
}

/** A measure for where there is no screen: by the width of letters in common sans-serif fonts. */
export function estimated(text: string, style: "title" | "detail"): number {
  let ems = 0;
  for (const letter of text) {
    ems += letter.codePointAt(0) === undefined ? 0 : /[ilj.,:;'|! ]/.test(letter) ? 0.3 : /[A-ZmwMW@%×]/.test(letter) ? 0.72 : letter > "\u2e80" ? 1 : 0.56;
  }
  return ems * (style === "title" ? TITLE_SIZE * 1.04 : DETAIL_SIZE);
}
