/** Requests to the server by the names of their methods: the client's own names for them would load all of it before anybody asks. */

import type { LanguageClient } from "vscode-languageclient/node";

/** JSON-RPC's codes for a request that nobody wants answered any more: RequestCancelled, ContentModified, ServerCancelled. */
const CANCELLED = [-32800, -32801, -32802];

/** What the server's `command` answers. Rejects with the server's message. */
export function execute(client: LanguageClient, command: string, argument?: object): Promise<unknown> {
  return client.sendRequest("workspace/executeCommand", { command, arguments: argument === undefined ? [] : [argument] });
}

/** Whether a request failed because it was cancelled, here or there. */
export function wasCancelled(error: unknown): boolean {
  return typeof error === "object" && error !== null && CANCELLED.includes((error as { readonly code?: unknown }).code as number);
}
