/** The interpreter that the user has chosen in the Python extension, if that is there. */

import * as vscode from "vscode";

const ACTIVATION_MS = 5_000; // the Python extension is there for Python files anyway, but may be busy

/** As much of its API (ms-python.python, `environments`) as is used. */
interface PythonApi {
  readonly environments?: {
    getActiveEnvironmentPath(resource?: vscode.Uri): { readonly path: string };
    resolveEnvironment(environment: { readonly path: string }): Promise<{ readonly executable: { readonly uri?: vscode.Uri } } | undefined>;
    readonly onDidChangeActiveEnvironmentPath: vscode.Event<unknown>;
  };
}

/** The path of the interpreter; undefined without the extension, or where it has none. */
export async function pythonEnvironment(folder: vscode.Uri | undefined, log: vscode.LogOutputChannel): Promise<string | undefined> {
  try {
    const environments = (await api())?.environments;
    if (environments === undefined) {
      return undefined;
    }
    const chosen = await within(environments.resolveEnvironment(environments.getActiveEnvironmentPath(folder)));
    return chosen?.executable.uri?.fsPath;
  } catch (error) {
    log.warn(`the Python extension does not say which environment is chosen: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}

/** Calls `changed` when the user chooses another environment. */
export async function watchPythonEnvironment(changed: () => void): Promise<vscode.Disposable | undefined> {
  try {
    return (await api())?.environments?.onDidChangeActiveEnvironmentPath(changed);
  } catch {
    return undefined; // `pythonEnvironment` has logged why
  }
}

async function api(): Promise<PythonApi | undefined> {
  const extension = vscode.extensions.getExtension<PythonApi>("ms-python.python");
  if (extension === undefined) {
    return undefined;
  }
  return extension.isActive ? extension.exports : within(extension.activate());
}

/** What `promise` resolves to, undefined if that takes too long. */
async function within<T>(promise: Thenable<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, ACTIVATION_MS, undefined);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
