/** Which program is the server: the first that there is of the user's settings, an environment, PATH, and our own installation. */

import * as path from "node:path";

import type { Command } from "./server_state";

export interface Choices {
  /** The settings `rlm-lsp.interpreter` and `rlm-lsp.path`; "" where they are not set. */
  readonly interpreter: string;
  readonly path: string;
  /** The interpreter that the Python extension has chosen, asked for only if no setting says more. */
  readonly environment: () => Promise<string | undefined>;
  /** The folder of the environment that "Install Server" makes. */
  readonly ownEnvironment: string;
  readonly trusted: boolean;
  readonly workspaceFolders: readonly string[];
}

export interface Machine {
  readonly platform: NodeJS.Platform;
  readonly home: string;
  /** The PATH and, on Windows, the PATHEXT variable. */
  readonly searchPath: string;
  /** The real path of a file that can be run, undefined for anything else. */
  readonly executable: (file: string) => Promise<string | undefined>;
}

const MODULE = ["-m", "rlm_lsp", "--stdio"];
const STDIO = ["--stdio"];

/** The command that starts the server, undefined if none was found. What settings say is taken at their word: it fails by itself. */
export async function findServer(choices: Choices, machine: Machine): Promise<Command | undefined> {
  if (choices.interpreter !== "") {
    return { program: expandHome(choices.interpreter, machine.home), arguments: MODULE, origin: "the setting rlm-lsp.interpreter" };
  }
  if (choices.path !== "") {
    return { program: expandHome(choices.path, machine.home), arguments: STDIO, origin: "the setting rlm-lsp.path" };
  }
  // An environment is chosen by the workspace or lies in it: without trust nothing of it is run.
  const environment = choices.trusted ? await choices.environment() : undefined;
  if (environment !== undefined && (await hasServer(environment, machine))) {
    return { program: environment, arguments: MODULE, origin: "the Python extension's environment" };
  }
  for (const folder of choices.trusted ? choices.workspaceFolders : []) {
    const local = interpreterOf(flavour(machine).join(folder, ".venv"), machine.platform);
    if (await hasServer(local, machine)) {
      return { program: local, arguments: MODULE, origin: "the .venv of the workspace" };
    }
  }
  const onPath = await findOnPath(choices, machine);
  if (onPath !== undefined) {
    return { program: onPath, arguments: STDIO, origin: "PATH" };
  }
  const own = interpreterOf(choices.ownEnvironment, machine.platform);
  if (await hasServer(own, machine)) {
    return { program: own, arguments: MODULE, origin: "what “Install Server” installed" };
  }
  return undefined;
}

/** The interpreter of a virtual environment. */
export function interpreterOf(environment: string, platform: NodeJS.Platform): string {
  return platform === "win32" ? path.win32.join(environment, "Scripts", "python.exe") : path.posix.join(environment, "bin", "python");
}

/** `~` and `~/x` as paths of the home folder. */
export function expandHome(file: string, home: string): string {
  return /^~(?=$|[/\\])/.test(file) ? home + file.slice(1) : file;
}

/** Whether the script `rlm-lsp` lies where pip puts it for this interpreter. That costs no process, unlike asking the interpreter. */
async function hasServer(interpreter: string, machine: Machine): Promise<boolean> {
  const paths = flavour(machine);
  const folder = paths.dirname(interpreter);
  const scripts =
    machine.platform === "win32"
      ? [paths.join(folder, "rlm-lsp.exe"), paths.join(folder, "Scripts", "rlm-lsp.exe")]
      : [paths.join(folder, "rlm-lsp")];
  for (const script of scripts) {
    if ((await machine.executable(script)) !== undefined) {
      return true;
    }
  }
  return false;
}

/** `rlm-lsp` on PATH. Without trust, not from a folder that the workspace could have filled. */
async function findOnPath(choices: Choices, machine: Machine): Promise<string | undefined> {
  const paths = flavour(machine);
  const name = machine.platform === "win32" ? "rlm-lsp.exe" : "rlm-lsp";
  for (const folder of machine.searchPath.split(paths.delimiter)) {
    if (!paths.isAbsolute(folder)) {
      continue; // "." and "" would be whatever folder the extension host was started in
    }
    const file = paths.join(folder, name);
    const real = await machine.executable(file);
    if (real !== undefined && (choices.trusted || ![file, real].some((one) => liesIn(one, choices.workspaceFolders, machine)))) {
      return file;
    }
  }
  return undefined;
}

function liesIn(file: string, folders: readonly string[], machine: Machine): boolean {
  const paths = flavour(machine);
  return folders.some((folder) => {
    const from = paths.relative(folder, file);
    return from !== ".." && !from.startsWith(`..${paths.sep}`) && !paths.isAbsolute(from);
  });
}

function flavour(machine: Machine): path.PlatformPath {
  return machine.platform === "win32" ? path.win32 : path.posix;
}
