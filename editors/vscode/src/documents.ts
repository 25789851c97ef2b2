/** Results as documents that cannot be edited, shown by VS Code's own Markdown preview beside the code. */

import * as vscode from "vscode";

export const SCHEME = "rlm-lsp";

const PREVIEW = "vscode.markdown.preview.editor"; // of the built-in extension for Markdown, which can be switched off

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
    const viewColumn = columnOfResults() ?? vscode.ViewColumn.Beside;
    if (vscode.extensions.getExtension("vscode.markdown-language-features") !== undefined) {
      await vscode.commands.executeCommand("vscode.openWith", uri, PREVIEW, { viewColumn, preview: true });
    } else {
      await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri), { preview: true, viewColumn });
    }
    return uri;
  }

  dispose(): void {
    vscode.Disposable.from(...this.disposables).dispose();
  }
}

/** Where results are shown already: each further one in a column of its own would leave no room. */
function columnOfResults(): vscode.ViewColumn | undefined {
  const groups = vscode.window.tabGroups.all;
  return groups.find((group) => group.tabs.some(({ input }) => isResult(input)))?.viewColumn;
}

function isResult(input: unknown): boolean {
  return (input instanceof vscode.TabInputCustom || input instanceof vscode.TabInputText) && input.uri.scheme === SCHEME;
}
