/** The file that an exporter wrote down as a node's source, looked for in the workspace alone: the path is a stranger's text. */

import * as vscode from "vscode";

export interface SourceLine {
  readonly file: string;
  readonly line: number;
}

const MOST_CANDIDATES = 50;

/** The file of the workspace whose path has most of its last parts in common with the one written down. */
export async function findSource({ file }: SourceLine): Promise<vscode.Uri | undefined> {
  const name = file.split(/[\\/]/).at(-1) ?? "";
  if (!/^[\w. -]+$/.test(name)) {
    return undefined;
  }
  const found = await vscode.workspace.findFiles(`**/${name}`, undefined, MOST_CANDIDATES);
  const ranked = found.map((uri) => ({ uri, shared: sharedEnd(uri.path, file) })).sort((one, other) => other.shared - one.shared);
  return ranked.at(0)?.uri;
}

/** How many parts two paths have in common, from the end. */
export function sharedEnd(one: string, other: string): number {
  const [first, second] = [one, other].map((path) => path.split(/[\\/]/).reverse());
  const differs = (first ?? []).findIndex((part, index) => part !== second?.[index]);
  return differs === -1 ? (first?.length ?? 0) : differs;
}
