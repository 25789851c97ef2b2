// Bundles the viewer: viewer.js (with its worker and the picture's style sheet as texts in it) and viewer.css, into the Python package, where they
// are committed, and into dist/ for the extension. --check: says whether the committed files are what the sources build, writing nothing.
// --tests: also every test file into out/viewer.
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const HERE = import.meta.dirname;
const SHIPPED = `${HERE}/../../../rlm_lsp/onnx/viewer`;
const DIST = `${HERE}/../dist`;
const MOST_BYTES = 80_000; // of both together, gzipped

const common = { bundle: true, minify: true, write: false, target: ["chrome120", "firefox128", "safari17"], charset: "utf8", legalComments: "none", logLevel: "warning", absWorkingDir: HERE };

async function bundled(options) {
  const { outputFiles } = await build({ ...common, ...options });
  return outputFiles[0].text;
}

async function viewer() {
  const worker = await bundled({ entryPoints: ["src/layout/worker.ts"], format: "iife" });
  const sheet = await bundled({ entryPoints: ["style/scene.css"] });
  const define = { LAYOUT_WORKER: JSON.stringify(worker), SCENE_SHEET: JSON.stringify(sheet) };
  return {
    "viewer.js": await bundled({ entryPoints: ["src/main.ts"], format: "iife", define }),
    "viewer.css": await bundled({ entryPoints: ["style/viewer.css"] }),
  };
}

const files = await viewer();
const size = Object.values(files).reduce((sum, text) => sum + gzipSync(text, { level: 9 }).length, 0);
if (size > MOST_BYTES) {
  throw new Error(`the viewer has ${size} bytes gzipped, more than ${MOST_BYTES}`);
}
if (process.argv.includes("--check")) {
  const other = Object.entries(files).filter(([name, text]) => readFileSync(`${SHIPPED}/${name}`, "utf8") !== text);
  if (other.length > 0) {
    console.error(`rlm_lsp/onnx/viewer/${other.map(([name]) => name).join(", ")}: not what the sources build; run: npm run build, in editors/vscode`);
    process.exitCode = 1;
  }
} else {
  for (const folder of [SHIPPED, DIST]) {
    mkdirSync(folder, { recursive: true });
    for (const [name, text] of Object.entries(files)) {
      writeFileSync(`${folder}/${name}`, text);
    }
  }
}
if (process.argv.includes("--size")) {
  console.log(`${size} bytes gzipped`);
}
if (process.argv.includes("--tests")) {
  rmSync(`${HERE}/../out/viewer`, { recursive: true, force: true });
  const entryPoints = readdirSync(`${HERE}/test`).filter((name) => name.endsWith(".test.ts")).map((name) => `test/${name}`);
  await build({ bundle: true, platform: "node", target: "node20", format: "cjs", sourcemap: "inline", absWorkingDir: HERE, entryPoints, outdir: "../out/viewer", logLevel: "warning" });
}
