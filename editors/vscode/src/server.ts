/** The server's life: found, started, started again when it crashes, left alone when it does not last, and what the user is told of it. */

import { access, constants, realpath, stat } from "node:fs/promises";
import { homedir } from "node:os";
import * as path from "node:path";

import * as vscode from "vscode";
import type { LanguageClient } from "vscode-languageclient/node";

import type { Connection, Hooks } from "./client";
import { CrashPolicy } from "./crash_policy";
import { diagnose } from "./diagnosis";
import { tellFailed, tellMissing } from "./messages";
import { pythonEnvironment } from "./python_environment";
import { findServer } from "./server_command";
import { ServerProcess } from "./server_process";
import type { Command, ServerState } from "./server_state";
import { SECTION } from "./settings";

export class Server implements vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<ServerState>();
  private readonly policy = new CrashPolicy();
  private connection: Connection | undefined;
  private current: ServerState = { kind: "stopped" };
  private turn: Promise<void> = Promise.resolve();
  private timer: NodeJS.Timeout | undefined;
  private told = false;
  private disposed = false;

  /** Fires whenever `state` is another one. */
  readonly onDidChangeState = this.changed.event;

  constructor(
    private readonly extensionFolder: string,
    readonly ownEnvironment: string,
    private readonly log: vscode.LogOutputChannel,
    private readonly hooks: Omit<Hooks, "lost">,
  ) {}

  get state(): ServerState {
    return this.current;
  }

  /** The client of a server that is running. */
  get client(): LanguageClient | undefined {
    return this.current.kind === "running" ? this.connection?.language : undefined;
  }

  /** Starts the server, or another one in its place. Never rejects: `state` says what has come of it. */
  restart(): Promise<void> {
    this.policy.forget();
    this.told = false;
    return this.queue(async () => {
      await this.end();
      await this.begin();
    });
  }

  /** As `restart`, but only if another program would be started, or none is running. */
  restartIfOther(): Promise<void> {
    return this.queue(async () => {
      const found = await this.find();
      const now = this.connection?.process.command;
      if (this.current.kind !== "running" || found?.program !== now?.program) {
        this.policy.forget();
        await this.end();
        await this.begin();
      }
    });
  }

  /** Ends the server for good. */
  async stop(): Promise<void> {
    this.disposed = true;
    await this.queue(() => this.end());
  }

  dispose(): void {
    void this.stop();
    this.changed.dispose();
  }

  /** One thing after another: settings may change while the server is starting. */
  private queue(work: () => Promise<void>): Promise<void> {
    this.turn = this.turn.then(work).catch((error: unknown) => {
      this.log.error(error instanceof Error ? error : String(error));
    });
    return this.turn;
  }

  private async begin(): Promise<void> {
    if (this.disposed) {
      return;
    }
    this.set({ kind: "starting" });
    const command = await this.find();
    if (command === undefined) {
      this.missing("the server rlm-lsp was found neither in the chosen Python environment nor on PATH");
      return;
    }
    this.log.info(`starting ${[command.program, ...command.arguments].join(" ")} (${command.origin})`);
    this.set({ kind: "starting", command });
    const started = new ServerProcess(command, this.extensionFolder);
    const client = await import("./client.js");
    const connection: Connection = new client.Connection(started, this.log, {
      ...this.hooks,
      lost: () => {
        if (this.connection === connection && this.current.kind === "running") {
          void this.queue(() => this.lost(connection));
        }
      },
    });
    this.connection = connection;
    try {
      await connection.start();
    } catch (error) {
      this.log.error(error instanceof Error ? error.message : String(error));
      await this.lost(connection);
      return;
    }
    this.set({ kind: "running", command, version: connection.language.initializeResult?.serverInfo?.version ?? "" });
  }

  private async end(): Promise<void> {
    clearTimeout(this.timer);
    const connection = this.connection;
    this.connection = undefined;
    await connection?.stop();
    this.set({ kind: "stopped" });
  }

  /** The server has ended without having been asked to, or did not even start. */
  private async lost(connection: Connection): Promise<void> {
    if (this.connection !== connection) {
      return;
    }
    this.connection = undefined;
    const { command } = connection.process;
    const { missing, reason } = diagnose(command.program, await connection.process.ending());
    await connection.stop();
    this.log.error(reason);
    if (missing) {
      this.missing(reason);
      return;
    }
    const delay = this.policy.crashed(Date.now());
    if (delay === undefined) {
      this.set({ kind: "failed", reason });
      if (!this.told) {
        this.told = true;
        void tellFailed(this.policy.count, reason);
      }
      return;
    }
    this.set({ kind: "starting", command });
    this.timer = setTimeout(() => void this.queue(() => (this.connection === undefined ? this.begin() : Promise.resolve())), delay);
  }

  private missing(reason: string): void {
    this.log.warn(reason);
    this.set({ kind: "missing", reason });
    if (!this.told) {
      this.told = true;
      void tellMissing(reason);
    }
  }

  private find(): Promise<Command | undefined> {
    const configuration = vscode.workspace.getConfiguration(SECTION);
    const folders = vscode.workspace.workspaceFolders ?? [];
    return findServer(
      {
        interpreter: configuration.get("interpreter", "").trim(),
        path: configuration.get("path", "").trim(),
        environment: () => pythonEnvironment(folders[0]?.uri, this.log),
        ownEnvironment: this.ownEnvironment,
        trusted: vscode.workspace.isTrusted,
        workspaceFolders: folders.filter((folder) => folder.uri.scheme === "file").map((folder) => folder.uri.fsPath),
      },
      {
        platform: process.platform,
        home: homedir(),
        searchPath: process.env["PATH"] ?? "",
        executable,
      },
    );
  }

  private set(state: ServerState): void {
    this.current = state;
    if (!this.disposed) {
      this.changed.fire(state);
    }
  }
}

async function executable(file: string): Promise<string | undefined> {
  try {
    await access(file, constants.X_OK);
    return (await stat(file)).isFile() ? path.normalize(await realpath(file)) : undefined;
  } catch {
    return undefined;
  }
}
