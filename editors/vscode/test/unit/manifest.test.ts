import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";

import { COMMANDS, SERVER } from "../../src/command_names";
import { explicitSettings, initializationOptions, RESTART_SETTINGS, SERVER_SETTINGS, type Inspected } from "../../src/settings";

interface Manifest {
  readonly main: string;
  readonly icon: string;
  readonly engines: { readonly vscode: string };
  readonly devDependencies: Record<string, string>;
  readonly capabilities: { readonly untrustedWorkspaces: { readonly restrictedConfigurations: string[] } };
  readonly contributes: {
    readonly configuration: { readonly properties: Record<string, { readonly scope: string; readonly markdownDescription: string }> };
    readonly commands: { readonly command: string }[];
  };
}

const MANIFEST = JSON.parse(readFileSync("package.json", "utf8")) as Manifest;
const PROPERTIES = MANIFEST.contributes.configuration.properties;
const OWN = ["overBudgetDecorations", "onnxViewer", "installFrom", "trace.server"];

test("the manifest has every setting and no other", () => {
  const known = [...SERVER_SETTINGS, ...RESTART_SETTINGS, ...OWN].map((name) => `rlm-lsp.${name}`);
  assert.deepEqual(Object.keys(PROPERTIES).sort(), known.sort());
});

test("what chooses a program or a model cannot be set by a workspace, and is restricted as well", () => {
  const restricted = new Set(MANIFEST.capabilities.untrustedWorkspaces.restrictedConfigurations);
  const machine = Object.entries(PROPERTIES).filter(([, property]) => property.scope === "machine");
  assert.deepEqual(machine.map(([name]) => name).sort(), [...RESTART_SETTINGS, "installFrom"].map((name) => `rlm-lsp.${name}`).sort());
  assert.ok(machine.every(([name]) => restricted.has(name)));
  assert.ok([...restricted].every((name) => name in PROPERTIES));
});

test("the settings that a description links to exist", () => {
  const links = Object.values(PROPERTIES).flatMap(({ markdownDescription }) => [...markdownDescription.matchAll(/#(rlm-lsp\.[\w.]+)#/g)]);
  assert.ok(links.length >= 3);
  assert.ok(links.every(([, name]) => name !== undefined && name in PROPERTIES));
});

test("the manifest has every command, and none has a name of the server's", () => {
  const contributed = MANIFEST.contributes.commands.map(({ command }) => command);
  assert.deepEqual(contributed.sort(), Object.values(COMMANDS).sort());
  const server = new Set<string>(Object.values(SERVER));
  assert.ok(contributed.every((command) => !server.has(command)));
});

test("the types are those of the oldest VS Code that is supported", () => {
  assert.equal(MANIFEST.engines.vscode, `^${MANIFEST.devDependencies["@types/vscode"] ?? ""}`);
  assert.ok(existsSync(MANIFEST.icon));
});

function configuration(values: Record<string, Inspected>) {
  return {
    inspect: (key: string): Inspected | undefined => values[key],
    get: (key: string): unknown => {
      const { globalValue, workspaceValue, workspaceFolderValue } = values[key] ?? {};
      return workspaceFolderValue ?? workspaceValue ?? globalValue ?? "the default";
    },
  };
}

test("the server is told what somebody has set, so that the settings file decides about the rest", () => {
  const found = explicitSettings(
    configuration({ hover: { globalValue: false }, latency: { globalValue: "1 s", workspaceFolderValue: "5 ms" }, metrics: {} }),
  );
  assert.deepEqual(found, { hover: false, latency: "5 ms" });
});

test("what is the extension's own is not the server's business", () => {
  assert.deepEqual(explicitSettings(configuration({ interpreter: { globalValue: "python" }, "trace.server": { globalValue: "off" } })), {});
});

test("the server learns of trust, model and device when it starts", () => {
  assert.deepEqual(initializationOptions(false, "", ""), { trusted: false });
  assert.deepEqual(initializationOptions(true, "/models/mine", "cpu"), { trusted: true, model: "/models/mine", device: "cpu" });
});
