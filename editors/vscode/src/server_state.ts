/** What the extension knows about the server's process, apart from what the server says of itself. */

export interface Command {
  readonly program: string;
  readonly arguments: readonly string[];
  /** Where the program was found, for people: "the setting rlm-lsp.interpreter". */
  readonly origin: string;
}

export type ServerState =
  | { readonly kind: "stopped" }
  | { readonly kind: "starting"; readonly command?: Command }
  | { readonly kind: "running"; readonly command: Command; readonly version: string }
  /** There is nothing to start; `reason` is one sentence. */
  | { readonly kind: "missing"; readonly reason: string }
  /** It was started and did not last; `reason` is one sentence. */
  | { readonly kind: "failed"; readonly reason: string };
