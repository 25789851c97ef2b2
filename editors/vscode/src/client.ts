/** The language client: one connection to one process of the server. What goes wrong is logged; who shows it to the user is server.ts. */

import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";

import * as vscode from "vscode";
import { CloseAction, ErrorAction, LanguageClient, RevealOutputChannelOn, type Middleware } from "vscode-languageclient/node";

import type { Ending } from "./diagnosis";
import type { Command } from "./server_state";
import { explicitSettings, initializationOptions, SECTION } from "./settings";

const INITIALIZE_MS = 60_000; // a first start on a cold and slow disk; later ones take a second
const STOP_MS = 2_000;
const KEPT_STDERR = 4_096; // characters

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
  private process: ChildProcess | undefined;
  private stderr = "";
  private spawnError: string | undefined;
  private stopping = false;

  constructor(
    readonly command: Command,
    private readonly workingFolder: string,
    log: vscode.LogOutputChannel,
    private readonly hooks: Hooks,
  ) {
    this.language = new QuietClient(SECTION, "rlm-lsp", () => this.spawn(), {
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
            this.hooks.lost();
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
      this.stderr += `\nit did not answer within ${INITIALIZE_MS / 1000} seconds`;
      this.process?.kill("SIGKILL");
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
    const process = this.process;
    try {
      await this.language.dispose(STOP_MS);
    } catch {
      // it was starting, or did not answer: the process is ended below
    }
    if (process !== undefined && process.exitCode === null && process.signalCode === null) {
      process.kill("SIGKILL");
    }
  }

  /** How the process has ended. Waits a moment for what it may still be writing. */
  async ending(): Promise<Ending> {
    const process = this.process;
    if (process !== undefined && process.exitCode === null && process.signalCode === null && process.pid !== undefined) {
      await Promise.race([once(process, "exit"), new Promise((resolve) => setTimeout(resolve, STOP_MS))]);
    }
    return {
      stderr: this.stderr,
      exitCode: process?.exitCode ?? null,
      signal: process?.signalCode ?? null,
      ...(this.spawnError === undefined ? {} : { spawnError: this.spawnError }),
    };
  }

  private async spawn(): Promise<ChildProcess> {
    // Python puts the working folder before all others where it looks for modules, so it must not be one of a workspace.
    const child = spawn(this.command.program, this.command.arguments, { cwd: this.workingFolder, stdio: "pipe", windowsHide: true });
    this.process = child;
    child.stdin.on("error", () => undefined); // a server that has ended takes nothing more, which `closed` says
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.stderr = (this.stderr + text).slice(-KEPT_STDERR);
    });
    await new Promise<void>((resolve, reject) => {
      child.once("spawn", resolve);
      child.once("error", (error: NodeJS.ErrnoException) => {
        this.spawnError = error.code ?? error.message;
        reject(error);
      });
    });
    return child;
  }
}
