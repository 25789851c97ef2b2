import assert from "node:assert/strict";
import { test } from "node:test";

import { expandHome, findServer, interpreterOf, type Choices, type Machine } from "../../src/server_command";

const OWN = "/home/u/.vscode/own";

function choices(changes: Partial<Choices> = {}): Choices {
  return {
    interpreter: "",
    path: "",
    environment: () => Promise.resolve(undefined),
    ownEnvironment: OWN,
    trusted: true,
    workspaceFolders: ["/home/u/project"],
    ...changes,
  };
}

/** A machine whose executables are `files`; a value is where a link leads. */
function machine(files: Record<string, string>, searchPath = "/usr/bin", platform: NodeJS.Platform = "linux"): Machine {
  return { platform, home: "/home/u", searchPath, executable: (file) => Promise.resolve(files[file]) };
}

function there(...files: string[]): Record<string, string> {
  return Object.fromEntries(files.map((file) => [file, file]));
}

test("the interpreter of the settings comes first, and nothing else is looked at", async () => {
  const environment = () => Promise.reject(new Error("asked"));
  const found = await findServer(choices({ interpreter: "~/venv/bin/python", path: "/opt/rlm-lsp", environment }), machine({}));
  assert.deepEqual(found, {
    program: "/home/u/venv/bin/python",
    arguments: ["-m", "rlm_lsp", "--stdio"],
    origin: "the setting rlm-lsp.interpreter",
  });
});

test("the program of the settings comes second", async () => {
  const found = await findServer(choices({ path: "/opt/rlm-lsp" }), machine(there("/usr/bin/rlm-lsp")));
  assert.deepEqual([found?.program, found?.arguments], ["/opt/rlm-lsp", ["--stdio"]]);
});

test("the Python extension's environment counts if the server is in it", async () => {
  const environment = () => Promise.resolve("/home/u/project/.venv/bin/python");
  const files = there("/home/u/project/.venv/bin/rlm-lsp", "/usr/bin/rlm-lsp");
  assert.equal((await findServer(choices({ environment }), machine(files)))?.program, "/home/u/project/.venv/bin/python");
  assert.equal((await findServer(choices({ environment }), machine(there("/usr/bin/rlm-lsp"))))?.program, "/usr/bin/rlm-lsp");
});

test("without that extension the .venv of a trusted workspace counts", async () => {
  const files = there("/home/u/project/.venv/bin/rlm-lsp", "/usr/bin/rlm-lsp");
  const found = await findServer(choices(), machine(files));
  assert.deepEqual([found?.program, found?.origin], ["/home/u/project/.venv/bin/python", "the .venv of the workspace"]);
  assert.equal((await findServer(choices({ trusted: false }), machine(files)))?.origin, "PATH");
  const windows = machine(there("C:\\p\\.venv\\Scripts\\rlm-lsp.exe"), "", "win32");
  assert.equal((await findServer(choices({ workspaceFolders: ["C:\\p"] }), windows))?.program, "C:\\p\\.venv\\Scripts\\python.exe");
});

test("an untrusted workspace's environment is not even asked for", async () => {
  const environment = () => Promise.reject(new Error("asked"));
  const found = await findServer(choices({ environment, trusted: false }), machine(there("/usr/bin/rlm-lsp")));
  assert.equal(found?.origin, "PATH");
});

test("without trust nothing is started out of the workspace, not even through a link or a folder on PATH", async () => {
  const inside = machine(there("/home/u/project/bin/rlm-lsp"), "/home/u/project/bin:/usr/bin");
  const linked = machine({ "/usr/bin/rlm-lsp": "/home/u/project/evil" });
  const beside = machine(there("/home/u/project2/rlm-lsp"), "/home/u/project2");
  assert.equal(await findServer(choices({ trusted: false }), inside), undefined);
  assert.equal(await findServer(choices({ trusted: false }), linked), undefined);
  assert.equal((await findServer(choices({ trusted: false }), beside))?.program, "/home/u/project2/rlm-lsp");
  assert.equal((await findServer(choices(), inside))?.program, "/home/u/project/bin/rlm-lsp");
});

test("folders of PATH that depend on where one is do not count", async () => {
  assert.equal(await findServer(choices(), machine(there("rlm-lsp", "bin/rlm-lsp", "./rlm-lsp"), ":.:bin")), undefined);
});

test("what Install Server has made comes last", async () => {
  const own = `${OWN}/bin/rlm-lsp`;
  assert.equal((await findServer(choices(), machine(there(own))))?.program, `${OWN}/bin/python`);
  assert.equal((await findServer(choices(), machine(there(own, "/usr/bin/rlm-lsp"))))?.program, "/usr/bin/rlm-lsp");
  assert.equal(await findServer(choices(), machine({})), undefined);
});

test("Windows has other names for the same things", async () => {
  const windows = (files: Record<string, string>, searchPath = "C:\\Tools") => machine(files, searchPath, "win32");
  const environment = () => Promise.resolve("C:\\conda\\python.exe");
  const found = await findServer(choices({ environment }), windows(there("C:\\conda\\Scripts\\rlm-lsp.exe")));
  assert.equal(found?.program, "C:\\conda\\python.exe");
  const onPath = await findServer(choices(), windows(there("D:\\Tools\\rlm-lsp.exe"), "C:\\Windows;D:\\Tools"));
  assert.equal(onPath?.program, "D:\\Tools\\rlm-lsp.exe");
  assert.equal(interpreterOf("C:\\own", "win32"), "C:\\own\\Scripts\\python.exe");
});

test("the home folder is written as ~ alone or before a slash", () => {
  assert.equal(expandHome("~", "/home/u"), "/home/u");
  assert.equal(expandHome("~/x", "/home/u"), "/home/u/x");
  assert.equal(expandHome("~other/x", "/home/u"), "~other/x");
  assert.equal(expandHome("/a/~", "/home/u"), "/a/~");
});
