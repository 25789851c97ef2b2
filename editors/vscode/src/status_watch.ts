/** Keeps what the server says of itself up to date, by asking after something has happened and while predictions are under way. */

import * as vscode from "vscode";

import type { Status } from "./answers";
import { SERVER } from "./command_names";
import { execute } from "./requests";
import type { Server } from "./server";
import { isBusy } from "./status_text";

const AFTER_EVENT_MS = 200; // hints are asked for in bursts
const WHILE_BUSY_MS = 1_000;

export class StatusWatch implements vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<Status | undefined>();
  private readonly disposables: readonly { dispose(): unknown }[];
  private known: Status | undefined;
  private timer: NodeJS.Timeout | undefined;
  private asking = false;
  private again = false;

  readonly onDidChange = this.changed.event;

  constructor(private readonly server: Server) {
    this.disposables = [
      this.changed,
      server.onDidChangeState(() => {
        this.set(undefined);
        this.touch();
      }),
      vscode.window.onDidChangeActiveTextEditor(() => {
        this.touch();
      }),
      vscode.workspace.onDidChangeConfiguration(() => {
        this.touch();
      }),
    ];
  }

  /** The last that is known, undefined while the server is not running. */
  get status(): Status | undefined {
    return this.known;
  }

  /** Something has happened that may have changed the status. */
  touch(): void {
    if (this.server.client !== undefined) {
      this.schedule(AFTER_EVENT_MS);
    }
  }

  dispose(): void {
    clearTimeout(this.timer);
    vscode.Disposable.from(...this.disposables).dispose();
  }

  private schedule(delay: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.ask(), delay);
  }

  private async ask(): Promise<void> {
    const client = this.server.client;
    if (client === undefined) {
      return;
    }
    if (this.asking) {
      this.again = true;
      return;
    }
    this.asking = true;
    try {
      const answer = (await execute(client, SERVER.status, { show: false })) as Status;
      if (client === this.server.client) {
        this.set(answer);
        if (isBusy(answer)) {
          this.schedule(WHILE_BUSY_MS);
        }
      }
    } catch {
      // the connection was lost, of which the server's state tells
    } finally {
      this.asking = false;
      if (this.again) {
        this.again = false;
        this.touch();
      }
    }
  }

  private set(status: Status | undefined): void {
    this.known = status;
    this.changed.fire(status);
  }
}
