/** The extension and its workspace, as the tests see them. */

import * as vscode from "vscode";

import type { Status } from "../../../src/answers";
import type { Api } from "../../../src/extension";
import { until } from "./suite";

export const TOTAL = "def total(xs):\n    result = 0\n    for x in xs:\n        result += x\n    return result\n";

const LONG = new vscode.Range(0, 0, 10_000, 0);

/** Once the workspace has so many folders: VS Code may start the tests before it has read the file that lists them. */
export async function folders(count: number): Promise<void> {
  await until(`${count} folders`, () => vscode.workspace.workspaceFolders?.length === count);
}

/** A folder of the workspace, by its place. */
export function folder(place = 0): vscode.Uri {
  const found = vscode.workspace.workspaceFolders?.[place];
  if (found === undefined) {
    throw new Error(`these tests want ${place + 1} folders`);
  }
  return found.uri;
}

export async function write(name: string, text: string, into = folder()): Promise<vscode.Uri> {
  const uri = vscode.Uri.joinPath(into, name);
  await vscode.workspace.fs.writeFile(uri, Buffer.from(text));
  return uri;
}

export async function open(uri: vscode.Uri, column = vscode.ViewColumn.One): Promise<vscode.TextEditor> {
  return vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri), column);
}

export async function extension(): Promise<Api> {
  const found = vscode.extensions.getExtension<Api>("rlm-lsp.rlm-lsp");
  if (found === undefined) {
    throw new Error("the extension is not there");
  }
  return found.activate();
}

export async function running(api: Api): Promise<void> {
  await until("the server runs", () => api.state.kind === "running");
}

/** The hints of a document; none without a provider. */
export async function hints(uri: vscode.Uri): Promise<string[]> {
  const found = await vscode.commands.executeCommand<vscode.InlayHint[] | undefined>("vscode.executeInlayHintProvider", uri, LONG);
  return (found ?? []).map(({ label }) => (typeof label === "string" ? label : label.map((part) => part.value).join("")));
}

/** The hints once there is a number. */
export function numbers(uri: vscode.Uri): Promise<string[]> {
  return until("hints with numbers", async () => {
    const found = await hints(uri);
    return found.length > 0 && found.every((label) => /\d/.test(label)) ? found : undefined;
  });
}

export async function status(): Promise<Status> {
  return vscode.commands.executeCommand<Status>("rlm-lsp.status", { show: false });
}

export function budgetsBroken(uri: vscode.Uri): string[] {
  const ours = vscode.languages.getDiagnostics(uri).filter(({ source }) => source === "rlm-lsp");
  return ours.map(({ code }) => (typeof code === "string" ? code : ""));
}

export function set(name: string, value: unknown): Thenable<void> {
  return vscode.workspace.getConfiguration("rlm-lsp").update(name, value, vscode.ConfigurationTarget.Global);
}

export function tabs(): string[] {
  return vscode.window.tabGroups.all.flatMap((group) => group.tabs.map((tab) => tab.label));
}
