/** Which diagnostics say that a function is over its budget. */

export interface Reported {
  readonly source?: string | undefined;
  readonly code?: unknown;
  /** As `vscode.DiagnosticSeverity`: 0 is an error. */
  readonly severity: number;
  readonly range: { readonly start: { readonly line: number } };
}

const ERROR = 0;

/** The lines of functions over budget; one with an error is not among the warnings. */
export function overBudget(diagnostics: readonly Reported[]): { readonly errors: number[]; readonly warnings: number[] } {
  const errors = new Set<number>();
  const warnings = new Set<number>();
  for (const diagnostic of diagnostics) {
    if (diagnostic.source === "rlm-lsp" && typeof diagnostic.code === "string" && diagnostic.code.endsWith("-budget")) {
      (diagnostic.severity === ERROR ? errors : warnings).add(diagnostic.range.start.line);
    }
  }
  return { errors: [...errors], warnings: [...warnings].filter((line) => !errors.has(line)) };
}
