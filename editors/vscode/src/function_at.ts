/** Which function of the server's the cursor is in. */

import type * as vscode from "vscode";
import type { CodeAction, CodeActionTriggerKind, CodeLens, Command, LanguageClient } from "vscode-languageclient/node";

import { nameIn, type FunctionName } from "./function_name";

const INVOKED: typeof CodeActionTriggerKind.Invoked = 1;

/**
 * The server knows functions by their keys, which its code actions carry. Where these are switched off, its lenses do, whose lines tell
 * where functions begin but not where they end.
 */
export async function functionAtCursor(client: LanguageClient, editor: vscode.TextEditor): Promise<FunctionName | undefined> {
  const { document, selection } = editor;
  const line = document.lineAt(selection.active.line).range; // the server wants to know what is touched, and an empty range touches nothing
  const textDocument = { uri: client.code2ProtocolConverter.asUri(document.uri) };
  const range = client.code2ProtocolConverter.asRange(selection.isEmpty ? line : selection);
  const actions = await client.sendRequest<(Command | CodeAction)[] | null>("textDocument/codeAction", {
    textDocument,
    range,
    context: { diagnostics: [], triggerKind: INVOKED },
  });
  for (const action of actions ?? []) {
    const command = typeof action.command === "string" ? action : action.command;
    const name = nameIn((command as { arguments?: unknown[] } | undefined)?.arguments?.[0]);
    if (name !== undefined) {
      return name;
    }
  }
  const lenses = (await client.sendRequest<CodeLens[] | null>("textDocument/codeLens", { textDocument })) ?? [];
  const above = lenses.filter((lens) => lens.range.start.line <= range.start.line);
  above.sort((one, other) => other.range.start.line - one.range.start.line);
  return nameIn(above[0]?.data);
}
