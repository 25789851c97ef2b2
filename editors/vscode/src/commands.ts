/** What people ask for: the server answers, and the answer is shown as a document that can be read. */

import * as vscode from "vscode";
import type { LanguageClient, Middleware } from "vscode-languageclient/node";

import type { Comparison, Explanation, Scaling, Status, WorkspaceCheck } from "./answers";
import { COMMANDS, SERVER } from "./command_names";
import type { Documents } from "./documents";
import { functionAtCursor } from "./function_at";
import { nameIn, type FunctionName } from "./function_name";
import { execute, wasCancelled } from "./requests";
import * as results from "./results";
import type { Server } from "./server";
import { statusDocument } from "./status_text";

type Argument = Readonly<Record<string, unknown>>;

export class Commands {
  constructor(
    private readonly server: () => Server,
    private readonly documents: Documents,
    private readonly log: vscode.LogOutputChannel,
    private readonly changed: () => void,
  ) {}

  /** For the client: commands of lenses, of code actions and of key bindings, under the server's names. */
  readonly executeCommand: NonNullable<Middleware["executeCommand"]> = async (command, args, next): Promise<unknown> => {
    const argument: unknown = args[0] ?? {};
    if (!(command in this.shown) || typeof argument !== "object" || argument === null || (argument as Argument)["show"] === false) {
      return next(command, args);
    }
    return this.run(command, argument as Argument);
  };

  /** The extension's own commands. */
  register(install: () => Promise<void>, openOnnx: (file?: unknown) => Promise<void>): vscode.Disposable {
    const table: Record<keyof typeof COMMANDS, (argument?: unknown) => Promise<unknown>> = {
      showStatus: () => (this.client === undefined ? this.offerHelp() : this.run(SERVER.status, {})),
      explain: (argument) => this.ofFunction(SERVER.explain, argument),
      scaling: (argument) => this.ofFunction(SERVER.scaling, argument),
      copyAsJson: (argument) => this.ofFunction(SERVER.copyAsJson, argument),
      compareWithHead: () => this.ofDocument(SERVER.compareWithHead),
      checkWorkspace: () => this.run(SERVER.checkWorkspace, {}),
      toggle: () => this.run(SERVER.toggle, {}),
      restartModel: () => this.run(SERVER.restartWorker),
      clearCache: () => this.run(SERVER.clearCache),
      restart: () => this.server().restart(),
      showLog: () => {
        this.log.show();
        return Promise.resolve();
      },
      install,
      openOnnx,
    };
    const names = Object.keys(COMMANDS) as (keyof typeof COMMANDS)[];
    return vscode.Disposable.from(...names.map((name) => vscode.commands.registerCommand(COMMANDS[name], table[name])));
  }

  private get client(): LanguageClient | undefined {
    return this.server().client;
  }

  /** How the answers of the server's commands are shown. */
  private readonly shown: Readonly<Record<string, (answer: unknown, argument: Argument) => Promise<unknown>>> = {
    [SERVER.status]: (answer) => {
      const state = this.server().state;
      const command = state.kind === "running" ? state.command : undefined;
      const line = [command?.program ?? "", ...(command?.arguments ?? [])].join(" ");
      return this.documents.show("rlm-lsp status", statusDocument(answer as Status, line, command?.origin ?? ""));
    },
    [SERVER.explain]: (answer, argument) => {
      const found = answer as Explanation;
      const document = openDocument(argument);
      const lineAt = (line: number) =>
        document?.version === found.version && line < document.lineCount ? document.lineAt(line).text : undefined;
      return this.documents.show(`Explain ${found.function}`, results.explanation(found, lineAt));
    },
    [SERVER.scaling]: (answer) => {
      const found = answer as Scaling;
      return this.documents.show(`Scaling of ${found.function}`, results.scaling(found));
    },
    [SERVER.compareWithHead]: (answer, argument) => {
      const file = fileName(argument);
      return this.documents.show(`${file} against HEAD`, results.comparison(answer as Comparison, file));
    },
    [SERVER.checkWorkspace]: (answer) => this.documents.show("Workspace check", results.workspaceCheck(answer as WorkspaceCheck)),
    [SERVER.copyAsJson]: async (answer) => {
      await vscode.env.clipboard.writeText(JSON.stringify(answer, undefined, 2));
      vscode.window.setStatusBarMessage("rlm-lsp: the prediction is on the clipboard", 5_000);
    },
    [SERVER.toggle]: (answer) => {
      const { enabled } = answer as { readonly enabled: boolean };
      vscode.window.setStatusBarMessage(`rlm-lsp is ${enabled ? "on" : "off"} for this session`, 5_000);
      return Promise.resolve();
    },
  };

  private async ofFunction(command: string, argument: unknown): Promise<unknown> {
    const name = nameIn(argument) ?? (await this.functionAtCursor());
    return name === undefined ? undefined : this.run(command, { ...name });
  }

  private async functionAtCursor(): Promise<FunctionName | undefined> {
    const editor = vscode.window.activeTextEditor;
    const name = editor === undefined || this.client === undefined ? undefined : await functionAtCursor(this.client, editor);
    if (name === undefined && this.client !== undefined) {
      void vscode.window.showInformationMessage("There is no function with a prediction at the cursor.");
    } else if (this.client === undefined) {
      await this.offerHelp();
    }
    return name;
  }

  private async ofDocument(command: string): Promise<unknown> {
    const document = vscode.window.activeTextEditor?.document;
    if (document === undefined) {
      void vscode.window.showInformationMessage("Open a file first.");
      return undefined;
    }
    return this.run(command, { uri: document.uri.toString() });
  }

  /** Has the server run `command`, shows the answer, and returns it. What goes wrong is told: the user is waiting. */
  private async run(command: string, argument?: Argument): Promise<unknown> {
    const client = this.client;
    if (client === undefined) {
      await this.offerHelp();
      return undefined;
    }
    try {
      const quiet = argument === undefined || command === SERVER.toggle ? argument : { ...argument, show: false };
      const answer = await vscode.window.withProgress({ location: vscode.ProgressLocation.Window, title: "rlm-lsp" }, () =>
        execute(client, command, quiet),
      );
      await this.shown[command]?.(answer, argument ?? {});
      return answer;
    } catch (error) {
      if (!wasCancelled(error)) {
        void vscode.window.showErrorMessage(error instanceof Error ? error.message : String(error));
      }
      return undefined;
    } finally {
      this.changed();
    }
  }

  /** What to do about a server that is not running. */
  private async offerHelp(): Promise<void> {
    const state = this.server().state;
    const title = "reason" in state ? state.reason : `the server is ${state.kind}`;
    const items = [
      { label: "$(cloud-download) Install Server", detail: "into an environment of its own", command: COMMANDS.install, arguments: [] },
      {
        label: "$(gear) Choose Interpreter…",
        detail: "one in which rlm-lsp is installed",
        command: "workbench.action.openSettings",
        arguments: ["rlm-lsp.interpreter"],
      },
      { label: "$(refresh) Restart Server", command: COMMANDS.restart, arguments: [] },
      { label: "$(output) Show Log", command: COMMANDS.showLog, arguments: [] },
    ];
    const chosen = await vscode.window.showQuickPick(items, { title: `rlm-lsp: ${title}` });
    if (chosen !== undefined) {
      await vscode.commands.executeCommand(chosen.command, ...chosen.arguments);
    }
  }
}

function openDocument(argument: Argument): vscode.TextDocument | undefined {
  return vscode.workspace.textDocuments.find((document) => document.uri.toString() === argument["uri"]);
}

function fileName(argument: Argument): string {
  const uri = argument["uri"];
  return typeof uri === "string" ? (vscode.Uri.parse(uri).path.split("/").at(-1) ?? uri) : "file";
}
