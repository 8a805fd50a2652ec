#!/usr/bin/env node
// The tool of a plugin in TypeScript, run in the plugin's folder: `qudao-plugin build`, `check`, `test`.

import { spawnSync } from "node:child_process";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { bundlePlugin, bundleTests } from "./tool/bundle.mjs";
import { component } from "./tool/component.mjs";
import { generateTypes } from "./tool/wit.mjs";

const USAGE = `usage: qudao-plugin COMMAND, in the plugin's folder
  build [--out FILE]  check the types and make dist/NAME.wasm, or FILE, with the cases inside
  check               check the types
  test                run tests/*.test.ts natively
  types               make the types of the contract`;

const COMMANDS = { build, check, test, types: generateTypes };

async function main([name, ...words]) {
  const command = Object.hasOwn(COMMANDS, name ?? "") ? COMMANDS[name] : undefined;
  if (!command) throw new Error(USAGE);
  await command(words);
}

async function build(words) {
  const [option, file, ...others] = words;
  if (words.length > 0 && (option !== "--out" || !file || others.length > 0)) throw new Error(USAGE);
  const { name } = JSON.parse(await readFile("package.json", "utf8"));
  await check();
  const out = resolve(file ?? join("dist", `${name}.wasm`));
  const bytes = await component(await bundlePlugin("."), "cases");
  await mkdir(dirname(out), { recursive: true });
  // Written aside and renamed, so that whoever reads sees the old one or the new one.
  await writeFile(`${out}.${process.pid}`, bytes);
  await rename(`${out}.${process.pid}`, out);
  console.log(`${out}: ${bytes.length} bytes`);
}

async function check() {
  await generateTypes();
  const require = createRequire(import.meta.url);
  run([join(dirname(require.resolve("typescript/package.json")), "bin/tsc"), "--project", "."]);
}

async function test() {
  const folder = resolve("dist/tests");
  await rm(folder, { recursive: true, force: true });
  const files = await bundleTests(".", folder);
  if (files.length === 0) throw new Error("tests/ holds no *.test.ts");
  run(["--enable-source-maps", "--test", "--test-reporter=spec", ...files]);
}

/** Runs node; when it fails, so does this program. */
function run(words) {
  const { status, error } = spawnSync(process.execPath, words, { stdio: "inherit" });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
}

main(process.argv.slice(2)).catch((error) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
