// Bundles with esbuild: a plugin with all that it imports, and tests for node.

import { build } from "esbuild";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { KINDS } from "./wit.mjs";

const COMMON = { bundle: true, format: "esm", charset: "utf8", legalComments: "none", logLevel: "warning" };

/** The plugin of a folder: its kind, by what it exports, and its source in one piece. */
export async function bundlePlugin(folder) {
  const entry = join(folder, "src/plugin.ts");
  // Neutral: a module of node that a plugin imports by mistake is an error here and not a failure at run time.
  const options = { ...COMMON, entryPoints: [entry], platform: "neutral", target: "es2022", write: false };
  const { outputFiles, metafile } = await build({ ...options, metafile: true, outfile: "plugin.js" });
  const [{ exports }] = Object.values(metafile.outputs);
  const kinds = KINDS.filter((kind) => exports.includes(kind));
  if (kinds.length !== 1) {
    throw new Error(`src/plugin.ts exports ${exports.join(", ") || "nothing"}; export one of ${KINDS.join(", ")}`);
  }
  return { kind: kinds[0], source: outputFiles[0].text };
}

/** Bundles `tests/*.test.ts` of a folder and returns the files to run. */
export async function bundleTests(folder, into) {
  const names = (await readdir(join(folder, "tests"))).filter((name) => name.endsWith(".test.ts"));
  const entryPoints = names.map((name) => join(folder, "tests", name));
  const options = { ...COMMON, entryPoints, platform: "node", target: "node20", sourcemap: "inline" };
  await build({ ...options, outdir: into, outExtension: { ".js": ".mjs" } });
  return names.map((name) => join(into, name.replace(/ts$/, "mjs"))).sort();
}
