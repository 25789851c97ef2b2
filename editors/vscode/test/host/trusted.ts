/** The extension in a trusted, empty folder. The machine setting rlm-lsp.interpreter names a Python that has the server. */

import * as assert from "node:assert/strict";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";

import * as vscode from "vscode";

import type { Explanation } from "../../src/answers";
import { COMMANDS, SERVER } from "../../src/command_names";
import { Messages, run as runAll, sleep, until, type Test } from "./support/suite";
import { budgetsBroken, extension, hints, numbers, open, running, set, status, tabs, TOTAL, write } from "./support/world";

const messages = new Messages();

async function withInterpreter(interpreter: string, body: () => Promise<void>): Promise<void> {
  const before = vscode.workspace.getConfiguration("rlm-lsp").get("interpreter", "");
  await set("interpreter", interpreter);
  try {
    await body();
  } finally {
    await set("interpreter", before);
    await running(await extension());
  }
}

/** A program that is to be the server: a shell script. */
async function withScript(text: string, body: (file: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), "rlm-lsp-"));
  try {
    const file = path.join(folder, "python");
    await writeFile(file, `#!/bin/sh\n${text}\n`);
    await chmod(file, 0o700);
    await body(file);
  } finally {
    await rm(folder, { recursive: true });
  }
}

const tests: Test[] = [
  [
    "a Python file brings the extension, the server and the numbers, and no message",
    async () => {
      const { document } = await open(await write("total.py", TOTAL));
      const api = await extension();
      await running(api);
      assert.equal((await numbers(document.uri)).length, 1);
      const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>("vscode.executeCodeLensProvider", document.uri, 9);
      assert.match(lenses[0]?.command?.title ?? "", /^predicted /);
      await until("the status bar says that all is well", () => /^rlm-s-\d+ · cpu · ready$/.test(api.statusText));
      assert.deepEqual(messages.take(), []);
    },
  ],
  [
    "all commands are there, under the extension's names and the server's",
    async () => {
      const there = new Set(await vscode.commands.getCommands(true));
      assert.deepEqual([...Object.values(COMMANDS), ...Object.values(SERVER)].filter((name) => !there.has(name)), []);
    },
  ],
  [
    "a command about the function at the cursor shows a document",
    async () => {
      const editor = await open(await write("total.py", TOTAL));
      for (const line of [0, 3]) {
        editor.selection = new vscode.Selection(line, 4, line, 4);
        const found = await vscode.commands.executeCommand<Explanation>(COMMANDS.explain);
        assert.equal(found.function, "total");
        assert.ok(found.regions.length > 0);
        await until("the document", () => tabs().includes("Explain total.md"));
        await vscode.window.showTextDocument(editor.document, vscode.ViewColumn.One);
      }
      await vscode.commands.executeCommand(COMMANDS.scaling);
      await until("the document", () => tabs().includes("Scaling of total.md"));
      await vscode.commands.executeCommand(COMMANDS.showStatus);
      await until("the document", () => tabs().includes("rlm-lsp status.md"));
      assert.equal(vscode.window.tabGroups.all.length, 2, "results share a column");
      assert.deepEqual(messages.take(), []);
    },
  ],
  [
    "so do the server's commands when a lens or a code action runs them",
    async () => {
      const { document } = await open(await write("other.py", TOTAL.replace("total", "other")));
      await numbers(document.uri);
      await vscode.commands.executeCommand(SERVER.explain, { uri: document.uri.toString(), key: "other" });
      const all = () => vscode.window.tabGroups.all.flatMap((group) => group.tabs);
      const tab = await until("the document", () => all().find(({ label }) => label === "Explain other.md"));
      assert.ok(tab.input instanceof vscode.TabInputCustom);
      const text = (await vscode.workspace.openTextDocument(tab.input.uri)).getText();
      assert.match(text, /^# What the prediction of `other` hangs on/);
      assert.match(text, /result \+= x/);
      assert.deepEqual(messages.take(), []);
    },
  ],
  [
    "code actions stand in the menu at the cursor, and none is a source action",
    async () => {
      const { document } = await open(await write("total.py", TOTAL));
      await numbers(document.uri);
      const place = new vscode.Range(0, 5, 0, 5);
      const found = await vscode.commands.executeCommand<vscode.CodeAction[]>("vscode.executeCodeActionProvider", document.uri, place);
      assert.ok(found.some(({ title }) => title === "Explain this prediction"));
      assert.deepEqual(found.filter(({ kind }) => kind !== undefined && vscode.CodeActionKind.Source.contains(kind)), []);
    },
  ],
  [
    "a switch counts at once, in the same process",
    async () => {
      const { document } = await open(await write("total.py", TOTAL));
      await numbers(document.uri);
      const { pid } = (await status()).server;
      await set("inlayHints", false);
      await until("no hints", async () => (await hints(document.uri)).length === 0);
      await set("inlayHints", undefined);
      await numbers(document.uri);
      assert.equal((await status()).server.pid, pid);
    },
  ],
  [
    "a settings file counts where the user has set nothing, and the user's word where he has",
    async () => {
      const { document } = await open(await write("total.py", TOTAL));
      const { pid } = (await status()).server;
      await write("rlm-lsp.toml", 'latency = "1 ns"\n');
      await until("a broken budget", () => budgetsBroken(document.uri).includes("latency-budget"));
      await set("latency", "1000 s");
      await until("a kept budget", () => budgetsBroken(document.uri).length === 0);
      await set("latency", undefined);
      await until("a broken budget", () => budgetsBroken(document.uri).includes("latency-budget"));
      await write("rlm-lsp.toml", "");
      await until("no budget", () => budgetsBroken(document.uri).length === 0);
      assert.equal((await status()).server.pid, pid);
    },
  ],
  [
    "everything can be turned off and on again",
    async () => {
      const { document } = await open(await write("total.py", TOTAL));
      const api = await extension();
      await numbers(document.uri);
      await vscode.commands.executeCommand(COMMANDS.toggle);
      await until("no hints", async () => (await hints(document.uri)).length === 0);
      await until("the status bar says so", () => api.statusText.endsWith("off"));
      await vscode.commands.executeCommand(COMMANDS.toggle);
      await numbers(document.uri);
    },
  ],
  [
    "cells of a notebook have numbers",
    async () => {
      const cells = [TOTAL, "%time total([1])", "def square(x):\n    return x * x\n"];
      const data = new vscode.NotebookData(cells.map((text) => new vscode.NotebookCellData(vscode.NotebookCellKind.Code, text, "python")));
      const notebook = await vscode.workspace.openNotebookDocument("jupyter-notebook", data);
      await vscode.window.showNotebookDocument(notebook, { viewColumn: vscode.ViewColumn.One });
      assert.equal((await numbers(notebook.cellAt(0).document.uri)).length, 1);
      assert.equal((await numbers(notebook.cellAt(2).document.uri)).length, 1);
    },
  ],
  [
    "a server that is killed comes back by itself",
    async () => {
      const { document } = await open(await write("total.py", TOTAL));
      const api = await extension();
      await numbers(document.uri);
      const { pid } = (await status()).server;
      process.kill(pid, "SIGKILL");
      await until("its end is noticed", () => api.state.kind !== "running");
      await running(api);
      await numbers(document.uri);
      assert.notEqual((await status()).server.pid, pid);
      assert.deepEqual(messages.take(), []);
    },
  ],
  [
    "Restart Server starts another process",
    async () => {
      const { pid } = (await status()).server;
      await vscode.commands.executeCommand(COMMANDS.restart);
      await running(await extension());
      assert.notEqual((await status()).server.pid, pid);
    },
  ],
  [
    "an interpreter that does not exist is told of once",
    async () => {
      const api = await extension();
      await withInterpreter("/nowhere/python", async () => {
        await until("it is missed", () => api.state.kind === "missing");
        assert.equal(api.statusText, "rlm-lsp: not installed");
        await sleep(1_000);
        assert.deepEqual(messages.take(), ["No predictions: /nowhere/python does not exist."]);
        await open(await write("total.py", TOTAL));
        await sleep(500);
        assert.deepEqual(messages.take(), []);
      });
    },
  ],
  [
    "so is one without the server, which is not started again and again",
    async () => {
      const api = await extension();
      await withScript('echo x >> "$0.log"; echo "$0: No module named rlm_lsp" >&2; exit 1', async (file) => {
        await withInterpreter(file, async () => {
          await until("it is missed", () => api.state.kind === "missing");
          await sleep(1_000);
          assert.deepEqual(messages.take(), [`No predictions: rlm-lsp is not installed in ${file}.`]);
          assert.equal(Buffer.from(await vscode.workspace.fs.readFile(vscode.Uri.file(`${file}.log`))).toString(), "x\n");
        });
      });
    },
  ],
  [
    "a server that does not last is left alone after a while, and that is told of once",
    async () => {
      const api = await extension();
      await withScript("echo 'it is broken' >&2; exit 3", async (file) => {
        await withInterpreter(file, async () => {
          await until("it is given up", () => api.state.kind === "failed");
          await sleep(1_000);
          const shown = messages.take();
          assert.equal(shown.length, 1);
          assert.match(shown[0] ?? "", /ended 5 times .* it ended with code 3: it is broken\.$/);
        });
      });
      assert.deepEqual(messages.take(), []);
    },
  ],
  [
    "it is there again when the setting is right again",
    async () => {
      const { document } = await open(await write("total.py", TOTAL));
      assert.equal((await numbers(document.uri)).length, 1);
    },
  ],
];

export function run(): Promise<void> {
  return runAll(tests);
}
