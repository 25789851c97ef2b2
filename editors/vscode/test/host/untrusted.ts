/** The extension in an empty folder that is not trusted. The machine setting rlm-lsp.interpreter names a Python that has the server. */

import * as assert from "node:assert/strict";

import * as vscode from "vscode";

import { COMMANDS, SERVER } from "../../src/command_names";
import { Messages, run as runAll, sleep, until, type Test } from "./support/suite";
import { budgetsBroken, extension, numbers, open, running, status, tabs, TOTAL, write } from "./support/world";

const messages = new Messages();

const tests: Test[] = [
  [
    "there are numbers without trust",
    async () => {
      assert.equal(vscode.workspace.isTrusted, false);
      const { document } = await open(await write("total.py", TOTAL));
      await running(await extension());
      await numbers(document.uri);
      assert.ok("untrusted-workspace" in (await status()).degraded);
      assert.deepEqual(messages.take(), []);
    },
  ],
  [
    "neither the settings files of the workspace nor its restricted settings count",
    async () => {
      const api = await extension();
      const { pid } = (await status()).server;
      await write("rlm-lsp.toml", 'latency = "1 ns"\n');
      const settings = { "rlm-lsp.budgets": [{ latency: "1 ns" }], "rlm-lsp.interpreter": "/nowhere/python", "rlm-lsp.path": "/nowhere" };
      await write(".vscode/settings.json", JSON.stringify({ ...settings, "rlm-lsp.debounce": "100 ms" }));
      await until("the workspace's other settings count", () => vscode.workspace.getConfiguration("rlm-lsp").get("debounce") === "100 ms");
      await until("they have reached the server", async () => (await status()).settings["debounceS"] === 0.1);
      const { document } = await open(await write("other.py", TOTAL.replace("total", "other")));
      await numbers(document.uri);
      await sleep(500);
      assert.deepEqual(budgetsBroken(document.uri), []);
      assert.equal(api.state.kind, "running");
      assert.equal((await status()).server.pid, pid);
    },
  ],
  [
    "git is not asked, which the answer says",
    async () => {
      await open(await write("total.py", TOTAL));
      await vscode.commands.executeCommand(COMMANDS.compareWithHead);
      assert.match(messages.take().join("\n"), /only files of trusted workspaces are compared/);
    },
  ],
  [
    "explanations are given all the same",
    async () => {
      const { document } = await open(await write("total.py", TOTAL));
      await numbers(document.uri);
      await vscode.commands.executeCommand(SERVER.explain, { uri: document.uri.toString(), key: "total" });
      await until("the document", () => tabs().includes("Explain total.md"));
    },
  ],
];

export function run(): Promise<void> {
  return runAll(tests);
}
