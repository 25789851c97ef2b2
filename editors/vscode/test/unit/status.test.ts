import assert from "node:assert/strict";
import { test } from "node:test";

import type { Status } from "../../src/answers";
import { isBusy, statusDocument, statusText } from "../../src/status_text";

const COMMAND = { program: "/usr/bin/python3", arguments: ["-m", "rlm_lsp", "--stdio"], origin: "PATH" };
const RUNNING = { kind: "running", command: COMMAND, version: "0.1.0" } as const;
const STATUS: Status = {
  server: { version: "0.1.0", pid: 10, memory: 80e6 },
  model: { id: "rlm-s-2", device: "one core of a server", folder: "/models/rlm-s" },
  modelError: "",
  worker: { state: "ready", pid: 11, memory: 120e6, threads: 1, deaths: 0, failure: "" },
  queue: { queued: 0, asked: 0 },
  answers: { inMemory: 3, fromCache: 1, fromModel: 2 },
  quarantined: 0,
  cache: { path: "/home/u/.cache/rlm-lsp", size: 99e3 },
  degraded: {},
  settings: { enabled: true, device: "cpu" },
  documents: [{ uri: "file:///a.py", functions: 3, predicted: 2, stale: 0, unknown: 1, problems: [] }],
};

function bar(changes: Partial<Status>): [string, string] {
  const { text, severity } = statusText(RUNNING, { ...STATUS, ...changes });
  return [text, severity];
}

test("the bar says model, device and state", () => {
  assert.deepEqual(bar({}), ["$(graph) rlm-s-2 · cpu · ready", "none"]);
  assert.deepEqual(bar({ queue: { queued: 40, asked: 3 } }), ["$(loading~spin) rlm-s-2 · cpu · predicting 43", "none"]);
  assert.deepEqual(bar({ worker: { ...STATUS.worker, state: "loading" } }), ["$(loading~spin) rlm-s-2 · cpu · loading", "none"]);
  assert.deepEqual(bar({ settings: { enabled: false, device: "cpu" } }), ["$(circle-slash) rlm-s-2 · cpu · off", "none"]);
  assert.deepEqual(bar({ degraded: { "untrusted-workspace": "…" } }), ["$(shield) rlm-s-2 · cpu · ready", "none"]);
});

test("what keeps predictions away is a warning, and a server that does not last an error", () => {
  const unavailable = { degraded: { "worker-unavailable": "…" }, worker: { ...STATUS.worker, state: "unavailable" } };
  assert.deepEqual(bar(unavailable), ["$(warning) rlm-s-2 · cpu · unavailable", "warning"]);
  assert.deepEqual(bar({ model: null, degraded: { "no-model": "…" } }), ["$(warning) rlm-lsp: no model", "warning"]);
  assert.deepEqual(statusText({ kind: "missing", reason: "it is gone" }, undefined).severity, "warning");
  assert.deepEqual(statusText({ kind: "failed", reason: "it ended" }, undefined).severity, "error");
});

test("every state has a text of its own", () => {
  const texts = [
    statusText({ kind: "stopped" }, undefined),
    statusText({ kind: "starting" }, undefined),
    statusText({ kind: "missing", reason: "x" }, undefined),
    statusText({ kind: "failed", reason: "x" }, undefined),
    statusText(RUNNING, undefined),
    statusText(RUNNING, STATUS),
  ].map(({ text }) => text);
  assert.equal(new Set(texts).size, texts.length);
});

test("the tooltip names what is degraded, without letting it be markup", () => {
  const { tooltip } = statusText(RUNNING, { ...STATUS, degraded: { "not-cut <x>": "[a](command:b)" } });
  assert.match(tooltip, /not\\-cut \\<x\\>: \\\[a\\\]/);
});

test("the status is asked for again only while it will change", () => {
  assert.equal(isBusy(STATUS), false);
  assert.equal(isBusy({ ...STATUS, queue: { queued: 0, asked: 1 } }), true);
  assert.equal(isBusy({ ...STATUS, worker: { ...STATUS.worker, state: "restarting" } }), true);
  assert.equal(isBusy({ ...STATUS, worker: { ...STATUS.worker, state: "unloaded" } }), false);
});

test("the document has everything that a report of a bug needs", () => {
  const text = statusDocument({ ...STATUS, degraded: { "cache-not-kept": "read-only disk" } }, "python -m rlm_lsp", "PATH");
  for (const part of ["`python -m rlm_lsp`", "`/models/rlm-s`", "process 11, 120 MB", "**cache\\-not\\-kept**: read\\-only disk"]) {
    assert.ok(text.includes(part), part);
  }
  assert.match(text, /\| `file:\/\/\/a\.py` \| 3 \| 2 \| 0 \| 1 \|/);
  assert.match(statusDocument({ ...STATUS, model: null, modelError: "no files" }, "x", "y"), /none\\: no files/);
});
