/** What names a function in the arguments of the server's commands. */

export interface FunctionName {
  readonly uri: string;
  readonly key: string;
}

/** The name that an argument or a lens' data holds, undefined if it is something else. */
export function nameIn(value: unknown): FunctionName | undefined {
  if (typeof value !== "object" || value === null) {
    return undefined;
  }
  const { uri, key } = value as Partial<Record<string, unknown>>;
  return typeof uri === "string" && typeof key === "string" ? { uri, key } : undefined;
}
