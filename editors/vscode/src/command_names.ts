/** The extension's commands. The server's own names are registered by the language client, so these must be others. */

export const COMMANDS = {
  showStatus: "rlmLsp.showStatus",
  explain: "rlmLsp.explain",
  scaling: "rlmLsp.scaling",
  copyAsJson: "rlmLsp.copyAsJson",
  compareWithHead: "rlmLsp.compareWithHead",
  checkWorkspace: "rlmLsp.checkWorkspace",
  toggle: "rlmLsp.toggle",
  restartModel: "rlmLsp.restartModel",
  clearCache: "rlmLsp.clearCache",
  restart: "rlmLsp.restart",
  showLog: "rlmLsp.showLog",
  install: "rlmLsp.install",
  openOnnx: "rlmLsp.openOnnx",
} as const;

/** The server's commands that the extension uses. */
export const SERVER = {
  status: "rlm-lsp.status",
  explain: "rlm-lsp.explain",
  scaling: "rlm-lsp.scaling",
  copyAsJson: "rlm-lsp.copyAsJson",
  compareWithHead: "rlm-lsp.compareWithHead",
  checkWorkspace: "rlm-lsp.checkWorkspace",
  toggle: "rlm-lsp.toggle",
  restartWorker: "rlm-lsp.restartWorker",
  clearCache: "rlm-lsp.clearCache",
} as const;
