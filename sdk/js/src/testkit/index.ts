// Runs a plugin natively on the JSON cases beside it, under node's own test runner. A case is
//
//   { "about": "…", "settings": { … }, "input": { … }, "expected": { "quoted": { … } } }
//
// Without `settings` the plugin's own defaults hold. An incentive's input is `{ "header": …, "facts": [ … ] }`. The
// answer is `quoted`, `settled`, `scored`, `ruled` or `refused`. The same files run as Wasm in the host's own tests.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { DealPlugin } from "../deal";
import type { IncentivePlugin } from "../incentive";
import type { KpiPlugin } from "../kpi";
import type { PricingPlugin } from "../pricing";
import { answer } from "./answer";
import { differences } from "./difference";
import { record, type Json, type JsonObject } from "./json";
import { faults, unknown } from "./vocabulary";

export type { Json, JsonObject } from "./json";
export { answer } from "./answer";
export { differences } from "./difference";
export { faults } from "./vocabulary";

/** A plugin of any kind, as it is exported. */
export type Plugin = PricingPlugin | IncentivePlugin | KpiPlugin | DealPlugin;

/** One file of a folder of cases. */
export interface Case {
  about: string;
  settings?: JsonObject;
  input: JsonObject;
  expected: JsonObject;
}

/** Makes a test of the plugin's words and one of each case of a folder; a path is meant from the working directory. */
export function testCases(plugin: Plugin, folder: string): void {
  test("every code has its words, every setting its title", () => {
    assert.deepEqual(faults(plugin.describe()), []);
  });
  for (const [name, read] of readCases(folder)) {
    test(`${name}: ${read.about}`, () => {
      const found = check(plugin, read);
      assert.ok(found.length === 0, `\n${found.join("\n")}`);
    });
  }
}

/** The cases of a folder by name; throws where there is none or a file is none. */
export function readCases(folder: string): [string, Case][] {
  const names = readdirSync(folder).filter((name) => name.endsWith(".json"));
  if (names.length === 0) throw new Error(`${folder} holds no case (*.json)`);
  return names.sort().map((name) => [name.slice(0, -".json".length), readCase(join(folder, name))]);
}

function readCase(path: string): Case {
  const read = record(JSON.parse(readFileSync(path, "utf8")) as Json, path);
  const { about, settings, input, expected, ...others } = read;
  const strange = Object.keys(others);
  if (typeof about !== "string" || strange.length > 0) throw new Error(`${path} is no case: ${strange.join(", ")}`);
  const found: Case = { about, input: record(input, "input"), expected: record(expected, "expected") };
  return settings === undefined ? found : { ...found, settings: record(settings, "settings") };
}

/** What a plugin answers otherwise than a case expects, place by place; empty where nothing differs. */
export function check(plugin: Plugin, { settings, input, expected }: Case): string[] {
  const descriptor = plugin.describe();
  const given = settings === undefined ? descriptor.settingsDefault : JSON.stringify(settings);
  const actual = answer(plugin, input, given);
  const differ = differences(expected, actual);
  const whole = differ.length > 0 ? [`the whole answer: ${JSON.stringify(actual)}`] : [];
  return [...unknown(descriptor, actual), ...differ, ...whole];
}
