/** What the server's commands answer with, as far as it is shown. The server's own tests hold these shapes. */

export interface Quantiles {
  readonly p10: number;
  readonly p50: number;
  readonly p90: number;
  readonly unit: string;
}

/** `predictions` by objective ("latency@cpu"), or why there are none. */
export interface Prediction {
  readonly predictions?: Readonly<Record<string, Quantiles>>;
  readonly unknown?: string;
  readonly partial?: boolean;
}

interface Model {
  readonly model: string;
  readonly device: string;
}

export interface Explanation extends Prediction, Model {
  readonly function: string;
  readonly version: number;
  readonly regions: readonly Region[];
  readonly note: string;
}

export interface Region {
  /** Null where the text is no longer the one that was predicted. */
  readonly range: { readonly start: { readonly line: number }; readonly end: { readonly line: number } } | null;
  /** By objective: the logarithm of what leaving the region out does to p50. */
  readonly log10?: Readonly<Record<string, number>>;
  readonly unknown?: string;
}

export interface Scaling extends Model {
  readonly function: string;
  readonly arguments: Readonly<Record<string, string>>;
  readonly points: readonly (Prediction & { readonly n: number; readonly args: string })[];
  readonly exponents: Readonly<Record<string, { readonly exponent: number; readonly low: number; readonly high: number } | null>>;
  readonly caveat: string | null;
  readonly note: string;
}

export interface Comparison extends Model {
  readonly compared: number;
  readonly functions: readonly ComparedFunction[];
}

export interface ComparedFunction {
  readonly name: string;
  readonly line: number;
  readonly added: boolean;
  readonly changes: readonly Change[];
  readonly unknownBefore?: string;
  readonly unknownAfter?: string;
}

export interface Change {
  readonly metric: string;
  readonly unit: string;
  readonly before: number;
  readonly after: number;
  readonly ratio: number;
  readonly standing: string;
  readonly beyondBand: boolean;
  readonly band: number | null;
}

export interface CheckedFunction extends Prediction {
  readonly path: string;
  readonly name: string;
  readonly line: number;
}

export interface Breach extends CheckedFunction {
  readonly metric: string;
  readonly limit: number;
  readonly severity: string;
  readonly quantile: string;
  readonly value: number;
}

export interface WorkspaceCheck extends Model {
  readonly files: number;
  readonly functions: number;
  readonly unknown: Readonly<Record<string, number>>;
  readonly problems: number;
  readonly breaches: readonly Breach[];
  readonly top: readonly CheckedFunction[];
}

export interface Status {
  readonly server: { readonly version: string; readonly pid: number; readonly memory: number | null };
  readonly model: { readonly id: string; readonly device: string; readonly folder: string } | null;
  readonly modelError: string;
  readonly worker: {
    readonly state: string;
    readonly pid: number | null;
    readonly memory: number | null;
    readonly threads: number;
    readonly deaths: number;
    readonly failure: string;
  };
  readonly queue: { readonly queued: number; readonly asked: number };
  readonly answers: { readonly inMemory: number; readonly fromCache: number; readonly fromModel: number };
  readonly quarantined: number;
  readonly cache: { readonly path: string | null; readonly size: number | null };
  readonly degraded: Readonly<Record<string, string>>;
  readonly settings: { readonly enabled: boolean; readonly device: string; readonly [name: string]: unknown };
  readonly documents: readonly DocumentStatus[];
}

export interface DocumentStatus {
  readonly uri: string;
  readonly functions: number;
  readonly predicted: number;
  readonly stale: number;
  readonly unknown: number;
  readonly problems: readonly string[];
}
