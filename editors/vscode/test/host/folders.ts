/** The extension in a workspace of two folders, beside which there is a third, c. One server serves them all. */

import * as assert from "node:assert/strict";

import * as vscode from "vscode";

import { Messages, run as runAll, until, type Test } from "./support/suite";
import { budgetsBroken, extension, folder, folders, hints, numbers, open, running, status, TOTAL, write } from "./support/world";

const messages = new Messages();
const BUDGET = 'latency = "1 ns"\n';

/** Opens a function of its own in a folder, and waits for its number. Diagnostics are asked for only of what is in sight. */
async function total(name: string, into: vscode.Uri, column = vscode.ViewColumn.One): Promise<vscode.Uri> {
  const { document } = await open(await write(`${name}.py`, TOTAL.replace("total", name), into), column);
  await running(await extension());
  await numbers(document.uri);
  return document.uri;
}

const tests: Test[] = [
  [
    "a settings file counts for its own folder",
    async () => {
      await write("rlm-lsp.toml", BUDGET, folder(0));
      const first = await total("first", folder(0));
      await until("a broken budget", () => budgetsBroken(first).includes("latency-budget"));
      const second = await total("second", folder(1), vscode.ViewColumn.Two);
      assert.deepEqual(budgetsBroken(second), []);
      await write("rlm-lsp.toml", "", folder(0));
      await write("rlm-lsp.toml", BUDGET, folder(1));
      await until("the budget of the other", () => budgetsBroken(second).includes("latency-budget") && budgetsBroken(first).length === 0);
    },
  ],
  [
    "so does what VS Code's settings say of a folder",
    async () => {
      const [first, second] = [await total("first", folder(0)), await total("second", folder(1))];
      const set = (value: boolean | undefined) =>
        vscode.workspace.getConfiguration("rlm-lsp", folder(1)).update("inlayHints", value, vscode.ConfigurationTarget.WorkspaceFolder);
      await set(false);
      await until("no hints there", async () => (await hints(second)).length === 0);
      assert.equal((await numbers(first)).length, 1);
      await set(undefined);
      await numbers(second);
    },
  ],
  [
    "a folder that joins them is served by the same process, and may leave again",
    async () => {
      const { pid } = (await status()).server;
      const third = vscode.Uri.joinPath(folder(0), "..", "c");
      await write("rlm-lsp.toml", BUDGET, third);
      assert.ok(vscode.workspace.updateWorkspaceFolders(2, 0, { uri: third }));
      await folders(3);
      const uri = await total("third", third);
      await until("its budget", () => budgetsBroken(uri).includes("latency-budget"));
      assert.ok(vscode.workspace.updateWorkspaceFolders(2, 1));
      await folders(2);
      await total("fourth", folder(1));
      assert.equal((await status()).server.pid, pid);
      assert.deepEqual(messages.take(), []);
    },
  ],
];

export async function run(): Promise<void> {
  await folders(2);
  await runAll(tests);
}
