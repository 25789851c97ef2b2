/** The document that rlm_lsp.onnx.document makes of a file (its schema stands beside it), unpacked. null is unknown, -1 is none. */

export const SCHEMA = 1;

/** Where numbers come from. The viewer never mixes them. */
export type Provenance = "static" | "measured" | "predicted" | "apportioned";

export interface Tensor {
  readonly name: string;
  readonly dtype: string;
  /** "1×3×224×224", "scalar", or "?". */
  readonly shape: string;
  readonly bytes: number | null;
  /** The node that computes it. */
  readonly from: number;
  /** Known when the model is loaded: a weight, or what follows from weights. */
  readonly constant: boolean;
}

export const State = { runs: 0, folded: 1, free: 2, unknown: 3 } as const;

export interface Node {
  readonly op: string;
  readonly domain: string;
  readonly name: string;
  readonly path: string;
  readonly group: number;
  readonly owner: number;
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly state: number;
  /** Why its cost is unknown. */
  readonly why: string;
}

export interface Group {
  readonly label: string;
  readonly path: string;
  readonly kind: string;
  readonly parent: number;
  /** The node whose bodies the group holds, and in whose place it is drawn. */
  readonly owner: number;
  readonly size: number;
  /** The same for groups that compute the same. */
  readonly digest: string;
  readonly alike: number;
  /** Nodes in it whose cost is unknown. */
  readonly unknown: number;
  /** Its place in `predictions.blocks`. */
  readonly prediction: number;
}

type Column = readonly (number | null)[];

export interface Figure {
  readonly id: string;
  readonly title: string;
  readonly provenance: Provenance;
  readonly unit: string;
  readonly nodes: Column;
  readonly groups: Column;
  readonly total: number | null;
  readonly at_least: boolean;
}

export interface Total {
  readonly id: string;
  readonly title: string;
  readonly provenance: Provenance;
  readonly unit: string;
  readonly value: number | null;
  readonly at_least: boolean;
}

export interface Prediction {
  readonly objective: string;
  readonly unit?: string;
  readonly device?: string;
  readonly model?: string;
  /** The text was cut, and only its beginning read. */
  readonly partial?: boolean;
  readonly p10?: number;
  readonly p50?: number;
  readonly p90?: number;
  readonly unknown?: { readonly code: string; readonly reason: string };
}

export interface Predictions {
  readonly model: readonly Prediction[];
  readonly blocks: readonly (readonly Prediction[])[];
  /** Different blocks that there are; only the dearest are asked about. */
  readonly distinct: number;
  /** The model has not been asked yet. */
  readonly pending: boolean;
}

/** What the model says once it was asked: figures are those that it adds, `prediction` is the groups' column. */
export interface Forecast {
  readonly predictions: Predictions;
  readonly prediction: readonly number[];
  readonly figures: readonly Figure[];
}

export interface Detail {
  readonly attributes: readonly (readonly [string, string])[];
  readonly formula: string;
  readonly source: { readonly file: string; readonly line: number; readonly function: string } | null;
  readonly metadata: readonly (readonly [string, string])[];
  readonly stored: readonly {
    readonly tensor: number;
    readonly bytes: number;
    readonly external: { readonly location: string; readonly bytes: number | null } | null;
    readonly values: string;
  }[];
}

/** What is the same in the document and here. */
interface Common {
  readonly schema: number;
  readonly file: {
    readonly name: string;
    readonly bytes: number;
    readonly producer: string;
    readonly ir: number;
    readonly opsets: readonly (readonly [string, number])[];
    readonly doc: string;
  };
  readonly symbols: readonly { readonly name: string; readonly value: number | null; readonly where: string }[];
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly figures: readonly Figure[];
  readonly totals: readonly Total[];
  readonly predictions: Predictions;
  readonly unknown: readonly { readonly op: string; readonly nodes: number; readonly reason: string }[];
  readonly problems: readonly { readonly code: string; readonly reason: string; readonly where: string }[];
  readonly roofline: Readonly<Record<string, number | string>>;
  readonly shape_inference: { readonly tier: number; readonly known: number; readonly total: number };
  readonly details?: readonly Detail[];
}

export interface Document extends Common {
  readonly tensors: readonly Tensor[];
  readonly nodes: readonly Node[];
  readonly groups: readonly Group[];
}

/** The document as it travels: columns, and indices into `strings`. */
export interface Packed extends Common {
  readonly strings: readonly string[];
  readonly tensors: Columns<"name" | "dtype" | "shape" | "from" | "constant"> & { readonly bytes: Column };
  readonly nodes: Columns<"op" | "domain" | "name" | "path" | "group" | "owner" | "state" | "why"> &
    Readonly<Record<"inputs" | "outputs", readonly (readonly number[])[]>>;
  readonly groups: Columns<"label" | "path" | "kind" | "parent" | "owner" | "size" | "digest" | "alike" | "unknown" | "prediction">;
}

type Columns<Names extends string> = Readonly<Record<Names, readonly number[]>>;

/**
 * The document in `value`, which came as JSON.
 * @throws Error in one line: it is not one, of another version, or its indices lead nowhere.
 */
export function readDocument(value: unknown): Document {
  if (typeof value !== "object" || value === null || !("schema" in value)) {
    throw new Error("this is not a document of rlm-lsp onnx --json");
  }
  if (value.schema !== SCHEMA) {
    throw new Error(`the document has version ${String(value.schema)}, this viewer reads version ${SCHEMA}: take both from the same rlm-lsp`);
  }
  const packed = value as Packed;
  const text = (index: number) => packed.strings.at(index === -1 ? packed.strings.length : index) ?? "";
  const { tensors, nodes, groups } = packed;
  const document: Document = {
    ...packed,
    tensors: tensors.name.map((name, at) => ({
      name: text(name),
      dtype: text(tensors.dtype[at]),
      shape: text(tensors.shape[at]),
      bytes: tensors.bytes[at],
      from: tensors.from[at],
      constant: tensors.constant[at] === 1,
    })),
    nodes: nodes.op.map((op, at) => ({
      op: text(op),
      domain: text(nodes.domain[at]),
      name: text(nodes.name[at]),
      path: text(nodes.path[at]),
      group: nodes.group[at],
      owner: nodes.owner[at],
      inputs: nodes.inputs[at],
      outputs: nodes.outputs[at],
      state: nodes.state[at],
      why: text(nodes.why[at]),
    })),
    groups: groups.label.map((label, at) => ({
      label: text(label),
      path: text(groups.path[at]),
      kind: text(groups.kind[at]),
      parent: groups.parent[at],
      owner: groups.owner[at],
      size: groups.size[at],
      digest: text(groups.digest[at]),
      alike: groups.alike[at],
      unknown: groups.unknown[at],
      prediction: groups.prediction[at],
    })),
  };
  checkIndices(document);
  return document;
}

/**
 * The document with what the model said.
 * @throws Error in one line: it does not fit the document.
 */
export function withForecast(document: Document, { predictions, prediction, figures }: Forecast): Document {
  const groups = document.groups.map((group, at) => ({ ...group, prediction: prediction[at] ?? -1 }));
  const found = { ...document, groups, predictions, figures: [...document.figures, ...figures] };
  checkIndices(found);
  return found;
}

/** The document with the reason why the model could not be asked. */
export function withoutForecast(document: Document, reason: string): Document {
  const model = document.predictions.model.map((row) => (row.unknown?.code === "worker-unavailable" ? { ...row, unknown: { ...row.unknown, reason } } : row));
  return { ...document, predictions: { ...document.predictions, model, pending: false } };
}

function checkIndices({ tensors, nodes, groups, figures, inputs, outputs }: Document): void {
  const fits = (index: number, length: number) => Number.isInteger(index) && index >= 0 && index < length;
  groups.forEach(({ parent, owner }, group) => {
    const isPlaced = group === 0 ? parent === -1 : fits(parent, group); // a group comes before what it holds
    if (!isPlaced || (owner !== -1 && !fits(owner, nodes.length))) {
      throw new Error(`group ${group} of the document has no place in the tree`);
    }
  });
  nodes.forEach((node, index) => {
    const read = [...node.inputs, ...node.outputs];
    if (!fits(node.group, groups.length) || !read.every((tensor) => tensor === -1 || fits(tensor, tensors.length))) {
      throw new Error(`node ${index} of the document refers to what is not there`);
    }
  });
  if (groups.length === 0 || ![...inputs, ...outputs].every((tensor) => fits(tensor, tensors.length))) {
    throw new Error("the document has no root group, or inputs that are not there");
  }
  for (const figure of figures) {
    if (figure.nodes.length !== nodes.length || figure.groups.length !== groups.length) {
      throw new Error(`figure ${figure.id} of the document has not one value for each node and group`);
    }
  }
}
