/** Results as documents that cannot be edited, shown by VS Code's own Markdown preview beside the code. */

import * as vscode from "vscode";

export const SCHEME = "rlm-lsp";

export class Documents implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private readonly texts = new Map<string, string>();
  private readonly changed = new vscode.EventEmitter<vscode.Uri>();
  private readonly disposables: readonly { dispose(): unknown }[];

  readonly onDidChange = this.changed.event;

  constructor() {
    this.disposables = [vscode.workspace.registerTextDocumentContentProvider(SCHEME, this), this.changed];
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.texts.get(uri.toString()) ?? "Nothing is kept of this result. Run the command again.\n";
  }

  /** Shows `text` under `name`, in place of what was shown under this name before. */
  async show(name: string, text: string): Promise<vscode.Uri> {
    const uri = vscode.Uri.from({ scheme: SCHEME, path: `/${name.replace(/[\\/?#\n\r]/g, "_")}.md` });
    this.texts.set(uri.toString(), text);
    this.changed.fire(uri);
    try {
      await vscode.commands.executeCommand("markdown.showPreviewToSide", uri);
    } catch {
      // the built-in extension for Markdown is switched off
      const document = await vscode.workspace.openTextDocument(uri);
      await vscode.window.showTextDocument(document, { preview: true, viewColumn: vscode.ViewColumn.Beside });
    }
    return uri;
  }

  dispose(): void {
    vscode.Disposable.from(...this.disposables).dispose();
  }
}
