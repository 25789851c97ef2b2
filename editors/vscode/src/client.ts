/**
 * The language client: one connection to one process of the server. What goes wrong is logged; who shows it to the user is server.ts, which
 * loads this file, and with it all of vscode-languageclient, once the process is started.
 */

import * as vscode from "vscode";
import { CloseAction, ErrorAction, LanguageClient, RevealOutputChannelOn, type Middleware } from "vscode-languageclient/node";

import type { ServerProcess } from "./server_process";
import { explicitSettings, initializationOptions, SECTION } from "./settings";

const INITIALIZE_MS = 60_000; // a first start on a cold and slow disk; later ones take a second
const STOP_MS = 2_000;

/** What the rest of the extension wants to know of, or have a say in. */
export interface Hooks {
  /** A command of the server was run by a lens, a code action or a key binding. */
  readonly executeCommand: NonNullable<Middleware["executeCommand"]>;
  /** The server was asked for something that may change its status. */
  readonly asked: () => void;
  /** The process has ended, or the connection to it, without having been asked to. */
  readonly lost: () => void;
}

/** Logs what it would show: it knows of no limit to its messages. */
class QuietClient extends LanguageClient {
  override error(message: string, data?: unknown): void {
    super.error(message, data, false);
  }

  override warn(message: string, data?: unknown): void {
    super.warn(message, data, false);
  }

  override info(message: string, data?: unknown): void {
    super.info(message, data, false);
  }
}

export class Connection {
  readonly language: LanguageClient;
  private stopping = false;

  constructor(
    readonly process: ServerProcess,
    log: vscode.LogOutputChannel,
    hooks: Hooks,
  ) {
    this.language = new QuietClient(SECTION, "rlm-lsp", () => process.started(), {
      documentSelector: ["file", "untitled", "vscode-notebook-cell"].map((scheme) => ({ language: "python", scheme })),
      outputChannel: log,
      revealOutputChannelOn: RevealOutputChannelOn.Never,
      initializationOptions: () => {
        const configuration = vscode.workspace.getConfiguration(SECTION);
        return initializationOptions(
          vscode.workspace.isTrusted,
          configuration.get("model", ""),
          configuration.get("device", ""),
        );
      },
      initializationFailedHandler: () => false,
      errorHandler: {
        error: () => ({ action: ErrorAction.Continue, handled: true }),
        closed: () => {
          if (!this.stopping) {
            hooks.lost();
          }
          return { action: CloseAction.DoNotRestart, handled: true };
        },
      },
      middleware: {
        executeCommand: hooks.executeCommand,
        provideInlayHints: async (document, range, token, next) => {
          const hints = await next(document, range, token);
          hooks.asked();
          return hints;
        },
        workspace: {
          configuration: (params) =>
            params.items.map((item) => {
              const scope = item.scopeUri === undefined ? undefined : vscode.Uri.parse(item.scopeUri);
              return item.section === SECTION ? explicitSettings(vscode.workspace.getConfiguration(SECTION, scope)) : null;
            }),
        },
      },
    });
  }

  /** Resolves when the server has answered `initialize`. */
  async start(): Promise<void> {
    const timer = setTimeout(() => {
      this.process.note(`\nit did not answer within ${INITIALIZE_MS / 1000} seconds`);
      this.process.kill();
    }, INITIALIZE_MS);
    try {
      await this.language.start();
    } finally {
      clearTimeout(timer);
    }
  }

  /** Ends the process, in a bounded time. */
  async stop(): Promise<void> {
    this.stopping = true;
    try {
      await this.language.dispose(STOP_MS);
    } catch {
      // it was starting, or did not answer: the process is ended below
    }
    this.process.kill();
  }
}
