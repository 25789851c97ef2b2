/** "Install Server": a virtual environment of the extension's own, made in a terminal where one can read along. */

import * as vscode from "vscode";

import type { Server } from "./server";
import { SECTION } from "./settings";

/** Asks nothing and changes nothing of the user's: neither their interpreter nor their environments. */
export async function install(context: vscode.ExtensionContext, server: Server): Promise<void> {
  const source = vscode.workspace.getConfiguration(SECTION).get("installFrom", "rlm-lsp").trim();
  const script = vscode.Uri.joinPath(context.extensionUri, "resources", "install_server.py").fsPath;
  await vscode.workspace.fs.createDirectory(context.globalStorageUri);
  const python = process.platform === "win32" ? "py" : "python3";
  const task = new vscode.Task(
    { type: "process" },
    vscode.TaskScope.Global,
    "Install Server",
    SECTION,
    new vscode.ProcessExecution(python, [script, server.ownEnvironment, source], { cwd: context.globalStorageUri.fsPath }),
  );
  task.presentationOptions = { reveal: vscode.TaskRevealKind.Always, panel: vscode.TaskPanelKind.Dedicated };
  if ((await exitCode(task)) === 0) {
    await server.restart();
  }
}

/** How the task ends. */
async function exitCode(task: vscode.Task): Promise<number | undefined> {
  const listeners: vscode.Disposable[] = [];
  const isOurs = ({ execution }: { readonly execution: vscode.TaskExecution }) =>
    execution.task.source === task.source && execution.task.name === task.name;
  try {
    return await new Promise((resolve, reject) => {
      listeners.push(
        vscode.tasks.onDidEndTaskProcess((event) => {
          if (isOurs(event)) {
            resolve(event.exitCode);
          }
        }),
        vscode.tasks.onDidEndTask((event) => {
          if (isOurs(event)) {
            resolve(undefined); // its process did not even start
          }
        }),
      );
      vscode.tasks.executeTask(task).then(undefined, reject);
    });
  } finally {
    vscode.Disposable.from(...listeners).dispose();
  }
}
