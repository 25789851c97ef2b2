/** The extension in a workspace of two folders, beside which there is a third, c. One server serves them all. */

import * as assert from "node:assert/strict";

import * as vscode from "vscode";

import { Messages, run as runAll, until, type Test } from "./support/suite";
import { extension, folder, hints, numbers, open, running, status, TOTAL, write } from "./support/world";

const messages = new Messages();

/** Opens a function of its own in a folder, and waits for its number. */
async function total(name: string, into: vscode.Uri): Promise<vscode.Uri> {
  const { document } = await open(await write(`${name}.py`, TOTAL.replace("total", name), into));
  await running(await extension());
  await numbers(document.uri);
  return document.uri;
}

const tests: Test[] = [
  [
    "what VS Code's settings say of a folder counts for that folder",
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
      await vscode.workspace.fs.createDirectory(third);
      assert.ok(vscode.workspace.updateWorkspaceFolders(2, 0, { uri: third }));
      await until("the folder", () => vscode.workspace.workspaceFolders?.length === 3);
      await total("third", third);
      assert.ok(vscode.workspace.updateWorkspaceFolders(2, 1));
      await until("two folders", () => vscode.workspace.workspaceFolders?.length === 2);
      await total("fourth", folder(1));
      assert.equal((await status()).server.pid, pid);
      assert.deepEqual(messages.take(), []);
    },
  ],
];

export function run(): Promise<void> {
  return runAll(tests);
}
