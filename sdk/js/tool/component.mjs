// Makes a component of a bundled plugin.

import { componentize } from "@bytecodealliance/componentize-js";
import { mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { withWit, world } from "./wit.mjs";

/** A plugin imports nothing: without these the engine asks the host for no clock, randomness, stream or network. */
const DISABLED = ["stdio", "random", "clocks", "http", "fetch-event"];

/** The custom section that carries a plugin's cases: a JSON object of them, by name. The host runs them at upload. */
const CASES_SECTION = "qudao:cases";

/** The bytes of a component with the cases of a folder, its files NAME.json, inside. */
export async function component(plugin, casesFolder) {
  const bytes = await bare(plugin);
  const cases = await readCases(casesFolder);
  return Object.keys(cases).length === 0 ? bytes : Buffer.concat([bytes, customSection(CASES_SECTION, cases)]);
}

/** By name, sorted, so that the same folder gives the same bytes. */
async function readCases(folder) {
  const files = await readdir(folder).catch((error) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  const cases = {};
  for (const file of files.filter((file) => file.endsWith(".json")).sort()) {
    const path = join(folder, file);
    try {
      cases[file.slice(0, -".json".length)] = JSON.parse(await readFile(path, "utf8"));
    } catch (error) {
      throw new Error(`${path} is no case: ${error.message}`);
    }
  }
  return cases;
}

/** Section 0 of a component: its size, the name with its length, the content. */
function customSection(name, content) {
  const named = Buffer.from(name);
  const body = Buffer.concat([unsigned(named.length), named, Buffer.from(JSON.stringify(content))]);
  return Buffer.concat([Buffer.from([0]), unsigned(body.length), body]);
}

/** LEB128. */
function unsigned(number) {
  const bytes = [];
  for (; number >= 128; number = Math.floor(number / 128)) bytes.push((number % 128) | 128);
  return Buffer.from([...bytes, number]);
}

async function bare({ kind, source }) {
  const folder = await mkdtemp(join(tmpdir(), "qudao-plugin-"));
  try {
    const sourcePath = join(folder, "plugin.js");
    await writeFile(sourcePath, source);
    const options = { sourcePath, worldName: world(kind), disableFeatures: DISABLED };
    const made = await withWit(kind, (witPath) => componentize({ ...options, witPath }));
    return made.component;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
