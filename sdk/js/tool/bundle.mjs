// Bundles with esbuild: a plugin with all that it imports, and tests for node.

import { build } from "esbuild";
import { readdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { KINDS } from "./wit.mjs";

const GUARD = fileURLToPath(new URL("../src/guard.ts", import.meta.url));

const COMMON = { bundle: true, format: "esm", charset: "utf8", legalComments: "none", logLevel: "warning" };

/** What the engine brings that would answer otherwise in another build: a plugin that asks for it fails by name. */
const ABSENT = ["Date", "crypto", "performance", "fetch", "setTimeout", "setInterval"];
const WITHOUT = `${ABSENT.map((name) => `delete globalThis.${name};`).join(" ")} delete Math.random;`;

/** The plugin of a folder: its kind, by what it exports, and its source in one piece. */
export async function bundlePlugin(folder) {
  const entry = resolve(folder, "src/plugin.ts");
  // Neutral: a module of node that a plugin imports by mistake is an error here and not a failure at run time.
  const options = { ...COMMON, platform: "neutral", target: "es2022", write: false, banner: { js: WITHOUT } };
  const { metafile } = await build({ ...options, entryPoints: [entry], metafile: true, outfile: "plugin.js" });
  const [{ exports }] = Object.values(metafile.outputs);
  const kinds = KINDS.filter((kind) => exports.includes(kind));
  if (kinds.length !== 1) {
    throw new Error(`src/plugin.ts exports ${exports.join(", ") || "nothing"}; export one of ${KINDS.join(", ")}`);
  }
  const [kind] = kinds;
  const contents = `
    import { ${kind} as plugin } from ${JSON.stringify(entry)};
    import { guard } from ${JSON.stringify(GUARD)};
    export const ${kind} = guard.${kind}(plugin);`;
  const { outputFiles } = await build({ ...options, stdin: { contents, resolveDir: folder } });
  return { kind, source: outputFiles[0].text };
}

/** Bundles `tests/*.test.ts` of a folder and returns the files to run. */
export async function bundleTests(folder, into) {
  const names = (await readdir(join(folder, "tests"))).filter((name) => name.endsWith(".test.ts"));
  const entryPoints = names.map((name) => join(folder, "tests", name));
  const options = { ...COMMON, entryPoints, platform: "node", target: "node20", sourcemap: "inline" };
  await build({ ...options, outdir: into, outExtension: { ".js": ".mjs" } });
  return names.map((name) => join(into, name.replace(/ts$/, "mjs"))).sort();
}
