/** Runs tests one after the other inside the extension host, which has no test runner of its own. */

import * as vscode from "vscode";

const PATIENCE_MS = 60_000; // a hang guard, not an expectation

export type Test = [name: string, body: () => Promise<void>];

/** What VS Code calls as `run` of the file that `extensionTestsPath` names: rejects if a test has failed. */
export async function run(tests: readonly Test[]): Promise<void> {
  const failed: string[] = [];
  for (const [name, body] of tests) {
    const began = Date.now();
    try {
      await body();
      console.log(`TEST ok ${name} (${Date.now() - began} ms)`);
    } catch (error) {
      failed.push(name);
      console.log(`TEST failed ${name}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    }
  }
  if (failed.length > 0) {
    throw new Error(`failed: ${failed.join("; ")}`);
  }
}

/** The first answer of `found` that is neither undefined nor false. */
export async function until<T>(what: string, found: () => T | Thenable<T>): Promise<NonNullable<T>> {
  const end = Date.now() + PATIENCE_MS;
  for (;;) {
    const answer = await found();
    if (answer !== undefined && answer !== null && answer !== false) {
      return answer;
    }
    if (Date.now() > end) {
      throw new Error(`in vain: ${what}`);
    }
    await sleep(50);
  }
}

export function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Every message that was shown since, in place of showing it. */
export class Messages {
  readonly shown: string[] = [];

  constructor() {
    const window = vscode.window as unknown as Record<string, (text: string) => Promise<undefined>>;
    for (const kind of ["showErrorMessage", "showWarningMessage", "showInformationMessage"]) {
      window[kind] = (text) => {
        this.shown.push(text);
        return Promise.resolve(undefined);
      };
    }
  }

  /** Those since the last time. */
  take(): string[] {
    return this.shown.splice(0);
  }
}
