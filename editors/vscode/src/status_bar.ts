/** The item in the status bar. */

import * as vscode from "vscode";

import { COMMANDS } from "./command_names";
import type { Server } from "./server";
import { statusText } from "./status_text";
import type { StatusWatch } from "./status_watch";

export class StatusBar implements vscode.Disposable {
  private readonly item: vscode.StatusBarItem;
  private readonly disposables: readonly { dispose(): unknown }[];

  constructor(
    private readonly server: Server,
    private readonly watch: StatusWatch,
  ) {
    this.item = vscode.window.createStatusBarItem("status", vscode.StatusBarAlignment.Right, 90);
    this.item.name = "rlm-lsp";
    this.item.command = COMMANDS.showStatus;
    const draw = () => {
      this.draw();
    };
    this.disposables = [this.item, server.onDidChangeState(draw), watch.onDidChange(draw)];
    this.draw();
    this.item.show();
  }

  /** What it says, without its icon. */
  get text(): string {
    return this.item.text.replace(/\$\([^)]*\)\s*/g, "");
  }

  dispose(): void {
    vscode.Disposable.from(...this.disposables).dispose();
  }

  private draw(): void {
    const { text, tooltip, severity } = statusText(this.server.state, this.watch.status);
    this.item.text = text;
    this.item.tooltip = new vscode.MarkdownString(tooltip);
    this.item.accessibilityInformation = { label: `rlm-lsp: ${this.text}`, role: "button" };
    this.item.backgroundColor = severity === "none" ? undefined : new vscode.ThemeColor(`statusBarItem.${severity}Background`);
  }
}
