/** Opens ONNX files in the viewer. What shows them is loaded when the first one is opened. */

import * as vscode from "vscode";

import type { Server } from "./server";
import { SECTION } from "./settings";

export const VIEW_TYPE = "rlmLsp.onnx";

/** Files that were asked for by the command: they are shown even where the viewer is switched off. */
const asked = new Set<string>();

/** The editor for `*.onnx`. */
export function registerOnnx(extension: vscode.Uri, server: Server): vscode.Disposable {
  const provider: vscode.CustomReadonlyEditorProvider = {
    openCustomDocument: (uri) => ({ uri, dispose: () => undefined }),
    resolveCustomEditor: async ({ uri }, panel) => {
      const isAsked = asked.delete(uri.toString());
      if (!isAsked && !vscode.workspace.getConfiguration(SECTION, uri).get<boolean>("onnxViewer", true)) {
        panel.webview.html = "";
        await vscode.commands.executeCommand("vscode.openWith", uri, "default", panel.viewColumn);
        return;
      }
      const { OnnxEditor } = await import("./onnx_editor.js");
      const editor = new OnnxEditor(uri, panel, vscode.Uri.joinPath(extension, "dist"), server);
      panel.onDidDispose(() => {
        editor.dispose();
      });
    },
  };
  return vscode.window.registerCustomEditorProvider(VIEW_TYPE, provider, { supportsMultipleEditorsPerDocument: true });
}

/** The command: shows the file that is given (by the explorer's menu), or active, or chosen. */
export async function openOnnx(given?: unknown): Promise<void> {
  const uri = given instanceof vscode.Uri ? given : (activeFile() ?? (await chosenFile()));
  if (uri !== undefined) {
    asked.add(uri.toString());
    await vscode.commands.executeCommand("vscode.openWith", uri, VIEW_TYPE);
  }
}

function activeFile(): vscode.Uri | undefined {
  const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
  const uri = input instanceof vscode.TabInputText || input instanceof vscode.TabInputCustom ? input.uri : undefined;
  return uri?.path.toLowerCase().endsWith(".onnx") === true ? uri : undefined;
}

async function chosenFile(): Promise<vscode.Uri | undefined> {
  const chosen = await vscode.window.showOpenDialog({ filters: { ONNX: ["onnx"] }, title: "Open ONNX Viewer" });
  return chosen?.[0];
}
