/** One ONNX file in a webview. The language server reads the file; the webview is given a document of it, and never the file. */

import { randomBytes } from "node:crypto";

import * as vscode from "vscode";
import type { LanguageClient } from "vscode-languageclient/node";

import { findSource, type SourceLine } from "./onnx_source";
import type { Server } from "./server";

const SETTLED_MS = 300; // after the last change of a file that is being written

interface Opened {
  readonly id: string;
  readonly document: unknown;
}

/** What the webview asks for; everything else that it sends is left alone. */
interface Question {
  readonly id?: unknown;
  readonly method?: unknown;
  readonly node?: unknown;
  readonly query?: unknown;
  readonly bindings?: unknown;
  readonly name?: unknown;
  readonly bytes?: unknown;
  readonly source?: unknown;
}

export class OnnxEditor implements vscode.Disposable {
  private readonly disposables: vscode.Disposable[] = [];
  private reading = new vscode.CancellationTokenSource();
  private opened: string | undefined;
  private bindings: Record<string, number> = {};
  private isReady = false;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly uri: vscode.Uri,
    private readonly panel: vscode.WebviewPanel,
    assets: vscode.Uri,
    private readonly server: Server,
  ) {
    const { webview } = panel;
    webview.options = { enableScripts: true, localResourceRoots: [assets] };
    const watcher = vscode.workspace.createFileSystemWatcher(new vscode.RelativePattern(vscode.Uri.joinPath(uri, ".."), "*.onnx"));
    this.disposables.push(
      webview.onDidReceiveMessage((message: Question) => void this.answer(message)),
      watcher,
      watcher.onDidChange((changed) => {
        this.reread(changed);
      }),
      watcher.onDidCreate((changed) => {
        this.reread(changed);
      }),
      server.onDidChangeState(() => {
        this.opened = undefined; // another process knows nothing of it
        void this.show();
      }),
    );
    webview.html = page(webview, assets);
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.reading.cancel();
    this.close();
    vscode.Disposable.from(...this.disposables).dispose();
  }

  private reread(changed: vscode.Uri): void {
    if (changed.toString() === this.uri.toString()) {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => void this.show(), SETTLED_MS);
    }
  }

  /** Has the server read the file, and hands its document to the webview; or says why there is none. */
  private async show(): Promise<void> {
    const { state, client } = this.server;
    if (!this.isReady) {
      return;
    }
    if (client === undefined) {
      if ("reason" in state) {
        this.send({ failure: `No picture: ${state.reason}. The command “rlm-lsp: Install Server” installs it.` });
      }
      return;
    }
    this.reading.cancel();
    this.reading = new vscode.CancellationTokenSource();
    const { token } = this.reading;
    try {
      const parameters = { uri: this.uri.toString(), bindings: this.bindings };
      const opened = await client.sendRequest<Opened>("rlm/onnx/open", parameters, token);
      this.close();
      this.opened = opened.id;
      this.send({ document: opened.document });
    } catch (error) {
      if (!token.isCancellationRequested) {
        this.send({ failure: messageOf(error) });
      }
    }
  }

  private async answer(question: Question): Promise<void> {
    if (question.method === "ready") {
      this.isReady = true;
      await this.show();
    } else if (question.method === "source") {
      await showSource(question.source);
    } else if (typeof question.id === "number") {
      try {
        this.send({ id: question.id, result: (await this.result(question)) ?? null });
      } catch (error) {
        this.send({ id: question.id, error: messageOf(error) });
      }
    }
  }

  private async result(question: Question): Promise<unknown> {
    if (question.method === "save" && typeof question.name === "string" && question.bytes instanceof Uint8Array) {
      return this.save(question.name, question.bytes);
    }
    const { client } = this.server;
    if (client === undefined || this.opened === undefined) {
      throw new Error("the language server is not running");
    }
    const { method } = question;
    if (method === "node" && typeof question.node === "number") {
      return client.sendRequest("rlm/onnx/node", { id: this.opened, node: question.node });
    }
    if (method === "search" && typeof question.query === "string") {
      return client.sendRequest("rlm/onnx/search", { id: this.opened, query: question.query });
    }
    if (method === "predict") {
      return client.sendRequest("rlm/onnx/predict", { id: this.opened });
    }
    if (method === "bind" && typeof question.bindings === "object" && question.bindings !== null) {
      return this.bind(client, this.opened, question.bindings);
    }
    throw new Error(`the viewer asks for what there is not: ${String(method)}`);
  }

  private async bind(client: LanguageClient, id: string, asked: object): Promise<unknown> {
    const sizes = Object.entries(asked).filter((pair): pair is [string, number] => Number.isSafeInteger(pair[1]));
    const bindings = Object.fromEntries(sizes);
    const { document } = await client.sendRequest<{ document: unknown }>("rlm/onnx/bind", { id, bindings });
    this.bindings = bindings;
    return document;
  }

  /** Where the user says. */
  private async save(name: string, bytes: Uint8Array): Promise<void> {
    const proposed = vscode.Uri.joinPath(this.uri, "..", name.replace(/[^\w.-]/g, "_"));
    const chosen = await vscode.window.showSaveDialog({ defaultUri: proposed });
    if (chosen !== undefined) {
      await vscode.workspace.fs.writeFile(chosen, bytes);
    }
  }

  private close(): void {
    const { client } = this.server;
    if (this.opened !== undefined && client !== undefined) {
      void client.sendRequest("rlm/onnx/close", { id: this.opened }).catch(() => undefined); // it may have ended
    }
    this.opened = undefined;
  }

  private send(message: object): void {
    void this.panel.webview.postMessage(message);
  }
}

async function showSource(asked: unknown): Promise<void> {
  const place = asked as Partial<SourceLine> | null;
  if (typeof place?.file !== "string" || typeof place.line !== "number") {
    return;
  }
  const uri = await findSource({ file: place.file, line: place.line });
  if (uri === undefined) {
    void vscode.window.showInformationMessage(`${place.file} is not in this workspace.`);
    return;
  }
  const at = new vscode.Position(Math.max(0, place.line - 1), 0);
  await vscode.window.showTextDocument(uri, { selection: new vscode.Range(at, at), viewColumn: vscode.ViewColumn.Beside });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The webview's page: our script and style, and nothing else, from anywhere. */
function page(webview: vscode.Webview, assets: vscode.Uri): string {
  const nonce = randomBytes(16).toString("base64url");
  const address = (name: string) => webview.asWebviewUri(vscode.Uri.joinPath(assets, name)).toString();
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src ${webview.cspSource}`,
    "img-src data: blob:",
    "worker-src blob:",
    `font-src ${webview.cspSource}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<link rel="stylesheet" href="${address("viewer.css")}">
<title>ONNX</title>
</head>
<body>
<script nonce="${nonce}" src="${address("viewer.js")}"></script>
</body>
</html>`;
}
