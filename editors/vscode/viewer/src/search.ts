/** The search: words and `field:value` terms, all of which must hold. Pure. */

import { State, type Detail, type Document, type Figure, type Node } from "./document";
import { percent } from "./text";

export const SYNTAX: readonly (readonly [string, string])[] = [
  ["conv", "in the operator, the name, or the name of an output"],
  ["op:Conv", "the operator is Conv; * stands for anything"],
  ["name:layer1*", "the name begins so; without * it is somewhere in it"],
  ["name:/\\.q_proj/", "a regular expression in the name"],
  ["shape:1x64", "a shape of an input or output begins so; * is any size"],
  ["dtype:int8", "the type of an input or output"],
  ["attr:group=1", "an attribute has this value; attr:group: it is there"],
  ["tensor:mask", "in the name of an input or output"],
  ["cost>1%", "its share of the chosen overlay"],
  ["unknown", "its cost is unknown"],
];

/** Whether a query needs the nodes' details, which the document of an editor does not hold. */
export function needsDetails(query: string): boolean {
  return /(^|\s)attr:/i.test(query);
}

type Holds = (node: Node, index: number) => boolean;

/**
 * The nodes that `query` names, in the order of the file.
 * @throws Error in one line: a term cannot be understood.
 */
export function search(document: Document, query: string, figure: Figure | undefined): number[] {
  const terms = query.trim().split(/\s+/).filter(Boolean).map((term) => termOf(term, document, figure));
  if (terms.length === 0) {
    return [];
  }
  return document.nodes.flatMap((node, index) => (terms.every((holds) => holds(node, index)) ? [index] : []));
}

function termOf(term: string, document: Document, figure: Figure | undefined): Holds {
  const cost = /^cost([<>])=?([\d.]+)%?$/i.exec(term);
  if (cost !== null) {
    return costTerm(cost[1] === ">", Number(cost[2]) / 100, figure);
  }
  if (term === "unknown") {
    return ({ state }) => state === State.unknown;
  }
  const found = /^(op|name|shape|dtype|attr|tensor):(.+)$/i.exec(term);
  if (found === null) {
    const wanted = term.toLowerCase();
    return (node) => [node.op, node.name, ...tensorsOf(node.outputs, document).map(({ name }) => name)].some((text) => text.toLowerCase().includes(wanted));
  }
  const value = found[2];
  switch (found[1].toLowerCase()) {
    case "op": {
      const matches = textTerm(value, true);
      return ({ op }) => matches(op);
    }
    case "name": {
      const matches = textTerm(value);
      return ({ name }) => matches(name);
    }
    case "shape": {
      const matches = shapeTerm(value);
      return ({ inputs, outputs }) => tensorsOf([...inputs, ...outputs], document).some(({ shape }) => matches(shape));
    }
    case "dtype":
      return ({ inputs, outputs }) => tensorsOf([...inputs, ...outputs], document).some(({ dtype }) => dtype.toLowerCase() === value.toLowerCase());
    case "attr": {
      const matches = attributeTerm(value);
      return (_, index) => matches(document.details?.[index]);
    }
    default: {
      const matches = textTerm(value);
      return ({ inputs, outputs }) => tensorsOf([...inputs, ...outputs], document).some(({ name }) => matches(name));
    }
  }
}

function tensorsOf(indices: readonly number[], document: Document) {
  return indices.filter((tensor) => tensor >= 0).map((tensor) => document.tensors[tensor]);
}

function costTerm(isAbove: boolean, limit: number, figure: Figure | undefined): Holds {
  const total = figure?.total ?? 0;
  return (_, index) => {
    const value = figure?.nodes[index] ?? null;
    return value !== null && total > 0 && (isAbove ? value / total > limit : value / total < limit);
  };
}

function textTerm(value: string, isWhole = false): (text: string) => boolean {
  const expression = /^\/(.+)\/$/.exec(value);
  if (expression !== null) {
    try {
      const pattern = new RegExp(expression[1], "i");
      return (text) => pattern.test(text);
    } catch {
      throw new Error(`${value} is not a regular expression`);
    }
  }
  const wanted = value.toLowerCase();
  if (!value.includes("*")) {
    return (text) => (isWhole ? text.toLowerCase() === wanted : text.toLowerCase().includes(wanted));
  }
  const pieces = wanted.split("*");
  return (text) => isLike(text.toLowerCase(), pieces);
}

/** Whether `text` is the pieces in their order, with anything between them. Linear: a pattern may be hostile to itself. */
function isLike(text: string, pieces: readonly string[]): boolean {
  let at = 0;
  for (const [index, piece] of pieces.entries()) {
    const isLast = index === pieces.length - 1;
    const found = isLast ? text.length - piece.length : text.indexOf(piece, at);
    if (found < at || (index === 0 && found !== 0) || (isLast && !text.endsWith(piece))) {
      return false;
    }
    at = found + piece.length;
  }
  return true;
}

function shapeTerm(value: string): (shape: string) => boolean {
  const wanted = value.toLowerCase().split(/[x×,]/);
  return (shape) => {
    const sizes = shape.toLowerCase().split("×");
    return wanted.every((size, axis) => axis < sizes.length && (size === "*" || sizes[axis] === size));
  };
}

function attributeTerm(value: string): (detail: Detail | undefined) => boolean {
  const [name, ...rest] = value.split("=");
  const wanted = plain(rest.join("="));
  return (detail) => detail?.attributes.some(([key, text]) => key === name && (rest.length === 0 || plain(text) === wanted)) ?? false;
}

/** "[1, 1]" and "1,1" are the same. */
function plain(text: string): string {
  return text.toLowerCase().replace(/[[\]\s"]/g, "");
}

/** One line about a found node, behind its operator. */
export function describe(document: Document, index: number, figure: Figure | undefined): string {
  const node = document.nodes[index];
  const shape = tensorsOf(node.outputs, document).at(0)?.shape ?? "";
  const value = figure?.nodes[index] ?? null;
  const total = figure?.total ?? null;
  const share = value === null || total === null || total === 0 ? "" : percent(value / total);
  return [node.name || `node ${node.path}`, shape, share].filter(Boolean).join(" · ");
}
