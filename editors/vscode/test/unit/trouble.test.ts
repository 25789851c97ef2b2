import assert from "node:assert/strict";
import { test } from "node:test";

import { CrashPolicy } from "../../src/crash_policy";
import { diagnose } from "../../src/diagnosis";

const ended = { exitCode: 1, signal: null, stderr: "" };

test("a server that crashes is started again, ever later, and at the fifth time within three minutes no more", () => {
  const policy = new CrashPolicy();
  const delays = [0, 1, 2, 3, 4].map((second) => policy.crashed(second * 1_000));
  assert.deepEqual(delays, [0, 500, 2_000, 5_000, undefined]);
  assert.equal(policy.count, 5);
});

test("crashes of long ago do not count, nor those before the user asked for another chance", () => {
  const policy = new CrashPolicy();
  for (let hour = 0; hour < 10; hour++) {
    assert.equal(policy.crashed(hour * 3_600_000), 0);
  }
  policy.crashed(36_000_000);
  policy.forget();
  assert.equal(policy.crashed(36_000_001), 0);
});

test("an interpreter without rlm-lsp is told from one that is not there", () => {
  const python = "/usr/bin/python3";
  assert.deepEqual(diagnose(python, { ...ended, stderr: `${python}: No module named rlm_lsp\n` }), {
    missing: true,
    reason: "rlm-lsp is not installed in /usr/bin/python3",
  });
  assert.deepEqual(diagnose("/nowhere", { ...ended, exitCode: null, spawnError: "ENOENT" }), {
    missing: true,
    reason: "/nowhere does not exist",
  });
  assert.match(diagnose("/etc/passwd", { ...ended, spawnError: "EACCES" }).reason, /may not be run/);
  assert.match(diagnose("/x", { ...ended, spawnError: "EMFILE" }).reason, /cannot be started \(EMFILE\)/);
});

test("an installation that is broken or too old is of no use either", () => {
  const broken = diagnose("python", { ...ended, stderr: "Traceback …\nModuleNotFoundError: No module named 'pygls.lsp'\n" });
  assert.deepEqual([broken.missing, broken.reason.includes("lacks the module pygls.lsp")], [true, true]);
  const old = diagnose("python3.8", { ...ended, stderr: '  File "cli.py", line 3\nSyntaxError: invalid syntax\n' });
  assert.deepEqual([old.missing, old.reason.includes("3.10 or newer")], [true, true]);
});

test("anything else is a crash, with the last that it said", () => {
  assert.deepEqual(diagnose("p", { exitCode: 2, signal: null, stderr: "a\nerror: no such model\n\n" }), {
    missing: false,
    reason: "it ended with code 2: error: no such model",
  });
  assert.equal(diagnose("p", { exitCode: null, signal: "SIGKILL", stderr: "" }).reason, "it was ended by SIGKILL");
  assert.equal(diagnose("p", { exitCode: null, signal: null, stderr: "" }).reason, "it ended");
  assert.ok(diagnose("p", { ...ended, stderr: "x".repeat(10_000) }).reason.length < 250);
});
