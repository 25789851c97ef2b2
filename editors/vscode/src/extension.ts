/** Puts the parts together when the first Python file is opened. Nothing here waits: the server starts while the editor goes on. */

import * as vscode from "vscode";

import { Commands } from "./commands";
import { Decorations } from "./decorations";
import { Documents } from "./documents";
import { install } from "./install";
import { openOnnx, registerOnnx } from "./onnx";
import { watchPythonEnvironment } from "./python_environment";
import { Server } from "./server";
import type { ServerState } from "./server_state";
import { RESTART_SETTINGS, SECTION } from "./settings";
import { StatusBar } from "./status_bar";
import { StatusWatch } from "./status_watch";

/** What other extensions, and our tests, may use. */
export interface Api {
  readonly state: ServerState;
  readonly onDidChangeState: vscode.Event<ServerState>;
  /** What the status bar says. */
  readonly statusText: string;
}

let running: Server | undefined;

export function activate(context: vscode.ExtensionContext): Api {
  const log = vscode.window.createOutputChannel("rlm-lsp", { log: true });
  const documents = new Documents();
  const commands: Commands = new Commands(
    () => server,
    documents,
    log,
    () => {
      watch.touch();
    },
  );
  const ownEnvironment = vscode.Uri.joinPath(context.globalStorageUri, "server").fsPath;
  const server: Server = new Server(context.extensionUri.fsPath, ownEnvironment, log, {
    executeCommand: commands.executeCommand,
    asked: () => {
      watch.touch();
    },
  });
  const watch: StatusWatch = new StatusWatch(server);
  const bar = new StatusBar(server, watch);
  running = server;
  let chosen = restartSettings();
  context.subscriptions.push(
    log,
    documents,
    watch,
    bar,
    new Decorations(context.extensionUri),
    commands.register(() => install(context, server), openOnnx),
    registerOnnx(context.extensionUri, server),
    vscode.workspace.onDidGrantWorkspaceTrust(() => void server.restart()),
    vscode.workspace.onDidChangeConfiguration(() => {
      const now = restartSettings();
      if (now !== chosen) {
        chosen = now; // one change of a machine's settings is told of more than once
        void server.restart();
      }
    }),
  );
  void server.restart();
  void watchPythonEnvironment(() => void server.restartIfOther()).then((disposable) => {
    if (disposable !== undefined) {
      context.subscriptions.push(disposable);
    }
  });
  return {
    get state() {
      return server.state;
    },
    onDidChangeState: server.onDidChangeState,
    get statusText() {
      return bar.text;
    },
  };
}

function restartSettings(): string {
  const configuration = vscode.workspace.getConfiguration(SECTION);
  return JSON.stringify(RESTART_SETTINGS.map((key) => configuration.get(key)));
}

export async function deactivate(): Promise<void> {
  await running?.stop();
}
