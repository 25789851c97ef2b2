/** Why a process that was to be the server is none, from what it left on stderr. */

export interface Ending {
  /** What could not even be started has the system's code, ENOENT or EACCES. */
  readonly spawnError?: string;
  /** Null where it has not ended by itself. */
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** The last of what it wrote to stderr. */
  readonly stderr: string;
}

export interface Diagnosis {
  /** The server is not there at all, so starting it again is of no use. */
  readonly missing: boolean;
  /** One sentence without its full stop. */
  readonly reason: string;
}

const LONGEST_REASON = 160;

export function diagnose(program: string, ending: Ending): Diagnosis {
  if (ending.spawnError !== undefined) {
    const why = SPAWN_ERRORS[ending.spawnError] ?? `cannot be started (${ending.spawnError})`;
    return { missing: true, reason: `${program} ${why}` };
  }
  if (/No module named '?rlm_lsp\b/.test(ending.stderr)) {
    return { missing: true, reason: `rlm-lsp is not installed in ${program}` };
  }
  const module = /ModuleNotFoundError: No module named '([\w.]+)'/.exec(ending.stderr)?.[1];
  if (module !== undefined) {
    return { missing: true, reason: `the rlm-lsp of ${program} lacks the module ${module}; it needs to be installed again` };
  }
  if (/^SyntaxError: /m.test(ending.stderr)) {
    return { missing: true, reason: `${program} cannot read rlm-lsp, which needs Python 3.10 or newer` };
  }
  const last = ending.stderr.trimEnd().split(/\r?\n/).at(-1)?.trim() ?? "";
  const code = ending.exitCode === null ? "" : ` with code ${ending.exitCode}`;
  const how = ending.signal === null ? `ended${code}` : `was ended by ${ending.signal}`;
  return { missing: false, reason: last === "" ? `it ${how}` : `it ${how}: ${shortened(last)}` };
}

const SPAWN_ERRORS: Record<string, string> = {
  ENOENT: "does not exist",
  EACCES: "may not be run",
  ENOEXEC: "is no program",
  UNKNOWN: "is no program",
};

function shortened(text: string): string {
  return text.length <= LONGEST_REASON ? text : `${text.slice(0, LONGEST_REASON)}…`;
}
