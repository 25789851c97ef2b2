// Bundles the extension into dist/extension.js; with --tests also every test file into out/test, with --watch again on each change.
import { readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { build, context } from "esbuild";

const common = { bundle: true, platform: "node", target: "node20", format: "cjs", external: ["vscode"], logLevel: "warning" };
const extension = {
  ...common,
  entryPoints: ["src/extension.ts"],
  outfile: "dist/extension.js",
  minify: true,
  keepNames: true, // errors in the log name the classes that they come from
  legalComments: "none", // all of them are in dist/licenses.txt
  metafile: true,
};

/** The licences of the packages whose code is in the bundle. */
function licenses(metafile) {
  const folders = Object.keys(metafile.inputs).map((input) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0]);
  const texts = [...new Set(folders.filter((folder) => folder !== undefined))].sort().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(`${folder}/package.json`, "utf8"));
    const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
    if (file === undefined) {
      throw new Error(`${folder} has no licence file`);
    }
    return `${name} ${version} (${license})\n\n${readFileSync(`${folder}/${file}`, "utf8").trim()}\n`;
  });
  return `extension.js holds code of these packages.\n\n${texts.join(`\n${"-".repeat(80)}\n\n`)}`;
}

if (process.argv.includes("--watch")) {
  await (await context({ ...extension, minify: false, sourcemap: "inline" })).watch();
} else {
  const { metafile } = await build(extension);
  writeFileSync("dist/licenses.txt", licenses(metafile));
  if (process.argv.includes("--tests")) {
    rmSync("out/test", { recursive: true, force: true });
    for (const kind of ["unit", "host"]) {
      const entryPoints = readdirSync(`test/${kind}`)
        .filter((name) => name.endsWith(".ts"))
        .map((name) => `test/${kind}/${name}`);
      await build({ ...common, entryPoints, outdir: `out/test/${kind}`, sourcemap: "inline" });
    }
  }
}
