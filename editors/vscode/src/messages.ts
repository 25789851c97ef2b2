/** The two messages that the extension shows unasked, and how long texts are told from short ones. */

import * as vscode from "vscode";

import { COMMANDS } from "./command_names";

const INSTALL = "Install";
const CHOOSE = "Choose Interpreter…";
const LOG = "Show Log";
const RESTART = "Restart Server";

export async function tellMissing(reason: string): Promise<void> {
  const text = `No predictions: ${reason}.`;
  await run(await vscode.window.showWarningMessage(text, INSTALL, CHOOSE, LOG));
}

export async function tellFailed(times: number, reason: string): Promise<void> {
  const text = `No predictions: the rlm-lsp server has ended ${times} times within three minutes; ${reason}.`;
  await run(await vscode.window.showErrorMessage(text, RESTART, LOG));
}

async function run(answer: string | undefined): Promise<void> {
  if (answer === INSTALL) {
    await vscode.commands.executeCommand(COMMANDS.install);
  } else if (answer === CHOOSE) {
    await vscode.commands.executeCommand("workbench.action.openSettings", "rlm-lsp.interpreter");
  } else if (answer === LOG) {
    await vscode.commands.executeCommand(COMMANDS.showLog);
  } else if (answer === RESTART) {
    await vscode.commands.executeCommand(COMMANDS.restart);
  }
}
