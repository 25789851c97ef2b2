/** Marks in the gutter and the overview ruler at functions over budget, where the user wants them. */

import * as vscode from "vscode";

import { overBudget } from "./over_budget";
import { SECTION } from "./settings";

const SETTING = "overBudgetDecorations";

export class Decorations implements vscode.Disposable {
  private readonly disposables: readonly { dispose(): unknown }[];
  private types: { readonly error: vscode.TextEditorDecorationType; readonly warning: vscode.TextEditorDecorationType } | undefined;

  constructor(private readonly extensionUri: vscode.Uri) {
    this.disposables = [
      vscode.languages.onDidChangeDiagnostics(({ uris }) => {
        const changed = new Set(uris.map((uri) => uri.toString()));
        this.draw((editor) => changed.has(editor.document.uri.toString()));
      }),
      vscode.window.onDidChangeVisibleTextEditors(() => {
        this.draw();
      }),
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration(`${SECTION}.${SETTING}`)) {
          this.configure();
        }
      }),
    ];
    this.configure();
  }

  dispose(): void {
    this.remove();
    vscode.Disposable.from(...this.disposables).dispose();
  }

  private configure(): void {
    const wanted = vscode.workspace.getConfiguration(SECTION).get<boolean>(SETTING, false);
    this.remove();
    if (wanted) {
      this.types = { error: this.type("error", "rlmLsp.overBudgetError"), warning: this.type("warning", "rlmLsp.overBudgetWarning") };
      this.draw();
    }
  }

  private type(name: string, color: string): vscode.TextEditorDecorationType {
    return vscode.window.createTextEditorDecorationType({
      gutterIconPath: vscode.Uri.joinPath(this.extensionUri, "resources", `over-budget-${name}.svg`),
      gutterIconSize: "contain",
      overviewRulerColor: new vscode.ThemeColor(color),
      overviewRulerLane: vscode.OverviewRulerLane.Right,
      rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed,
    });
  }

  private remove(): void {
    this.types?.error.dispose(); // takes the marks away
    this.types?.warning.dispose();
    this.types = undefined;
  }

  private draw(which: (editor: vscode.TextEditor) => boolean = () => true): void {
    const types = this.types;
    if (types === undefined) {
      return;
    }
    for (const editor of vscode.window.visibleTextEditors.filter(which)) {
      const { errors, warnings } = overBudget(vscode.languages.getDiagnostics(editor.document.uri));
      editor.setDecorations(types.error, errors.map(wholeLine));
      editor.setDecorations(types.warning, warnings.map(wholeLine));
    }
  }
}

function wholeLine(line: number): vscode.Range {
  return new vscode.Range(line, 0, line, 0);
}
