/** The server's process. It is started before the language client is loaded: both take a while, and the server the longer one. */

import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";

import type { Ending } from "./diagnosis";
import type { Command } from "./server_state";

const ENDING_MS = 2_000;
const KEPT_STDERR = 4_096; // characters

export class ServerProcess {
  private readonly child: ChildProcess;
  private readonly spawned: Promise<void>;
  private stderr = "";
  private spawnError: string | undefined;

  /** Starts it in `folder`, which must not be one of a workspace: Python looks for modules there before it looks anywhere else. */
  constructor(
    readonly command: Command,
    folder: string,
  ) {
    const child = spawn(command.program, command.arguments, { cwd: folder, stdio: "pipe", windowsHide: true });
    child.stdin.on("error", () => undefined); // a server that has ended takes nothing more, which the client notices by itself
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.note(text);
    });
    this.child = child;
    this.spawned = new Promise<void>((resolve, reject) => {
      child.once("spawn", resolve);
      child.once("error", (error: NodeJS.ErrnoException) => {
        this.spawnError = error.code ?? error.message;
        reject(error);
      });
    });
    this.spawned.catch(() => undefined); // whoever asks for the process is told
  }

  /** The process, for a client to talk to. Rejects if it could not be started, or has ended: then its streams say nothing more, not even that. */
  async started(): Promise<ChildProcess> {
    await this.spawned;
    if (!this.isRunning) {
      throw new Error("the server has ended before it was asked anything");
    }
    return this.child;
  }

  /** Keeps `text` with what it wrote to stderr. */
  note(text: string): void {
    this.stderr = (this.stderr + text).slice(-KEPT_STDERR);
  }

  /** Ends it, if it has not ended. */
  kill(): void {
    if (this.isRunning) {
      this.child.kill("SIGKILL");
    }
  }

  /** How it has ended. Waits a moment for what it may still be writing. */
  async ending(): Promise<Ending> {
    if (this.isRunning && this.child.pid !== undefined) {
      await Promise.race([once(this.child, "exit"), new Promise((resolve) => setTimeout(resolve, ENDING_MS))]);
    }
    return {
      stderr: this.stderr,
      exitCode: this.child.exitCode,
      signal: this.child.signalCode,
      ...(this.spawnError === undefined ? {} : { spawnError: this.spawnError }),
    };
  }

  private get isRunning(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }
}
