// Whether a plugin's words are whole: every code described, in both languages, with the same places.

import type { Descriptor } from "../contract";
import type { Json, JsonObject } from "./json";

/** What every kind says of itself. */
type Spoken = Pick<Descriptor, "messages" | "settingsSchema">;

/** What is wrong with a descriptor's words and with the titles of its settings. */
export function faults(descriptor: Spoken): string[] {
  const codes = descriptor.messages.map(({ code }) => code);
  const twice = codes.filter((code, place) => codes.indexOf(code) !== place);
  const messages = descriptor.messages.flatMap(({ code, text }) => {
    const lacks = text.zhCn === "" || text.en === "" ? [`\`${code}\` lacks a language`] : [];
    const differ = places(text.zhCn).join() === places(text.en).join();
    return differ ? lacks : [...lacks, `\`${code}\` has other places in Chinese than in English`];
  });
  const schema = JSON.parse(descriptor.settingsSchema) as JsonObject;
  return [...twice.map((code) => `\`${code}\` is described twice`), ...messages, ...untitled(schema, "settings")];
}

/** The places `{0}`, `{1}`, … of a sentence. */
function places(words: string): string[] {
  return [...new Set(words.match(/\{[^}]*\}/g) ?? [])].sort();
}

function untitled(schema: JsonObject, place: string): string[] {
  const properties = Object.entries((schema["properties"] ?? {}) as Record<string, JsonObject>);
  const items = schema["items"] as JsonObject | undefined;
  return [
    ...properties.flatMap(([name, property]) => [
      ...["title", "x-title-zh-CN"].filter((key) => !property[key]).map((key) => `${place}.${name} has no \`${key}\``),
      ...untitled(property, `${place}.${name}`),
    ]),
    ...(items ? untitled(items, `${place}[]`) : []),
  ];
}

/** Codes and grades in an answer that the descriptor does not describe, and arguments it has no place for. */
export function unknown(descriptor: Spoken, answer: Json): string[] {
  return [...new Set(uses(answer).flatMap(([code, given]) => misuse(descriptor, code, given)))].sort();
}

/** Every code of an answer and how many arguments came with it. */
function uses(json: Json): [string, number][] {
  if (Array.isArray(json)) return json.flatMap(uses);
  if (typeof json !== "object" || json === null) return [];
  const given = Array.isArray(json["args"]) ? json["args"].length : 0;
  const codes = [json["code"], json["grade"]].filter((code) => typeof code === "string");
  return [...codes.map((code): [string, number] => [code, given]), ...Object.values(json).flatMap(uses)];
}

function misuse({ messages }: Spoken, code: string, given: number): string[] {
  const described = messages.find((each) => each.code === code);
  if (!described) return [`the descriptor has no message \`${code}\``];
  const wanted = places(described.text.en).length;
  return wanted === given ? [] : [`\`${code}\` has ${wanted} places and was given ${given} arguments`];
}
