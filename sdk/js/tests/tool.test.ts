// The command `qudao-plugin`: what is wrong is said before anything is built.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { test } from "node:test";

const TOOL = resolve("build.mjs");

/** Runs the tool in a folder that holds one plugin, and returns all that it said. */
function run(source: string, ...words: string[]): { status: number | null; said: string; left: string[] } {
  mkdirSync("dist", { recursive: true });
  const folder = mkdtempSync(resolve("dist/tool-"));
  try {
    mkdirSync(join(folder, "src"));
    mkdirSync(join(folder, "tests"));
    writeFileSync(join(folder, "package.json"), '{ "name": "sample", "type": "module" }');
    writeFileSync(join(folder, "tsconfig.json"), '{ "extends": "../../tsconfig.plugin.json", "include": ["src"] }');
    writeFileSync(join(folder, "src/plugin.ts"), source);
    const { status, stdout, stderr } = spawnSync(process.execPath, [TOOL, ...words], { cwd: folder, encoding: "utf8" });
    return { status, said: stdout + stderr, left: readdirSync(folder).sort() };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function refused(source: string, ...words: string[]): string {
  const { status, said, left } = run(source, ...words);
  assert.equal(status, 1, said);
  assert.deepEqual(left, ["package.json", "src", "tests", "tsconfig.json"], "nothing is built");
  return said;
}

test("a plugin of no kind, or of two, is refused", () => {
  assert.match(refused("export const price = 1;", "build"), /src\/plugin\.ts exports price; export one of pricing, incentive, kpi/);
  assert.match(refused("export const pricing = 1, kpi = 2;", "build"), /exports kpi, pricing; export one of/);
  assert.match(refused("export {};", "build"), /exports nothing/);
});

test("a wrong type is refused, and so is what a plugin cannot reach", () => {
  assert.match(refused('export const pricing: number = "1";', "check"), /src\/plugin\.ts.*error TS2322/);
  const reads = 'import { readFileSync } from "node:fs";\nexport const pricing = readFileSync("a");';
  assert.match(refused(reads, "build"), /node:fs/);
  assert.match(refused("export const pricing = fetch;", "build"), /fetch/);
});

test("tests that are missing and words that mean nothing are named", () => {
  assert.match(refused("export {};", "test"), /tests\/ holds no \*\.test\.ts/);
  for (const words of [[], ["make"], ["toString"], ["build", "--out"], ["build", "here"]]) {
    assert.match(refused("export {};", ...words), /usage: qudao-plugin/, words.join(" "));
  }
});
