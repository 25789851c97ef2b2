/** Which settings the server is told: only those that a person has set. The rest is left to rlm-lsp.toml and the server's own defaults. */

export const SECTION = "rlm-lsp";

/** The server's settings that can change while it runs. */
export const SERVER_SETTINGS = [
  "enabled",
  "inlayHints",
  "codeLens",
  "hover",
  "diagnostics",
  "codeActions",
  "metrics",
  "disabledLanguages",
  "latency",
  "peakHeap",
  "budgets",
  "exclude",
  "compareWithHead",
  "maxRatio",
  "minLatencyChange",
  "minHeapChange",
  "debounce",
  "unloadAfter",
] as const;

/** Those that need another process. */
export const RESTART_SETTINGS = ["interpreter", "path", "model", "device"] as const;

/** As much of `vscode.WorkspaceConfiguration.inspect` as is needed. */
export interface Inspected {
  readonly globalValue?: unknown;
  readonly workspaceValue?: unknown;
  readonly workspaceFolderValue?: unknown;
}

export interface Configuration {
  get(key: string): unknown;
  inspect(key: string): Inspected | undefined;
}

/** What is set in `configuration`, by the server's names. */
export function explicitSettings(configuration: Configuration): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  for (const key of SERVER_SETTINGS) {
    const inspected = configuration.inspect(key);
    const set = [inspected?.globalValue, inspected?.workspaceValue, inspected?.workspaceFolderValue].some((value) => value !== undefined);
    if (set) {
      found[key] = configuration.get(key);
    }
  }
  return found;
}

/** What goes with `initialize`: the server takes a model or a device from nowhere else. */
export function initializationOptions(trusted: boolean, model: string, device: string): Record<string, unknown> {
  return { trusted, ...(model === "" ? {} : { model }), ...(device === "" ? {} : { device }) };
}
