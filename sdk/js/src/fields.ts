// The kinds of settings that there are.

import type { Text } from "./contract";
import { Day } from "./day";
import { Decimal } from "./decimal";

export type Json = null | boolean | number | string | Json[] | JsonObject;
export interface JsonObject {
  [key: string]: Json;
}

/** How one setting's JSON becomes a value; `place` names it in errors. */
export type Reading<T> = (json: Json | undefined, place: string) => T;

/** One setting. */
export interface Field<T> {
  readonly schema: JsonObject;
  readonly read: Reading<T>;
  write(value: T): Json;
}

/** A row of settings, as it is read. */
export type FieldsOf<F> = { -readonly [K in keyof F]: F[K] extends Field<infer T> ? T : never };

/** The words of a setting's label, and of the help below it. */
export interface Words {
  title: Text;
  help?: Text;
}

/** JSON's whole numbers are exact up to here. */
const SAFE = BigInt(Number.MAX_SAFE_INTEGER);

function wrong(place: string, json: Json | undefined, wanted: string): never {
  throw new TypeError(`${place}: ${JSON.stringify(json) ?? "nothing"} is no ${wanted}`);
}

function words({ title, help }: Words): JsonObject {
  const schema: JsonObject = { title: title.en, "x-title-zh-CN": title.zhCn };
  return help ? { ...schema, description: help.en, "x-description-zh-CN": help.zhCn } : schema;
}

/** A whole number. Without bounds those hold up to which JSON is exact, ±(2^53 − 1). */
function integer(about: Words & { min?: bigint; max?: bigint }): Field<bigint> {
  const [minimum, maximum] = [about.min ?? -SAFE, about.max ?? SAFE];
  if (minimum < -SAFE || maximum > SAFE) throw new RangeError("a whole number in JSON is exact only up to 2^53 − 1");
  const read: Reading<bigint> = (json, place) =>
    Number.isSafeInteger(json) ? BigInt(json as number) : wrong(place, json, "whole number");
  const schema = { ...words(about), type: "integer", minimum: Number(minimum), maximum: Number(maximum) };
  return { schema, read, write: Number };
}

/** An exact number, a string in JSON; `unit: "%"` has 0.05 shown and typed as 5 %. */
function decimal(about: Words & { min?: string; max?: string; unit?: string }): Field<Decimal> {
  const schema: JsonObject = { ...words(about), type: "string", format: "decimal" };
  schema["pattern"] = "^-?[0-9]{1,18}(\\.[0-9]{1,9})?$";
  if (about.min !== undefined) schema["x-minimum"] = Decimal.parse(about.min).toString();
  if (about.max !== undefined) schema["x-maximum"] = Decimal.parse(about.max).toString();
  if (about.unit !== undefined) schema["x-unit"] = about.unit;
  const read: Reading<Decimal> = (json, place) => parsed(Decimal.parse, json, place, "decimal");
  return { schema, read, write: String };
}

/** A calendar day. */
function day(about: Words): Field<Day> {
  const read: Reading<Day> = (json, place) => parsed(Day.parse, json, place, "day");
  return { schema: { ...words(about), type: "string", format: "date" }, read, write: String };
}

function parsed<T>(parse: (text: string) => T, json: Json | undefined, place: string, wanted: string): T {
  if (typeof json !== "string") return wrong(place, json, wanted);
  try {
    return parse(json);
  } catch {
    return wrong(place, json, wanted);
  }
}

/** Words; lengths in characters. */
function string(about: Words & { minLength?: number; maxLength?: number }): Field<string> {
  const schema: JsonObject = { ...words(about), type: "string" };
  if (about.minLength !== undefined) schema["minLength"] = about.minLength;
  if (about.maxLength !== undefined) schema["maxLength"] = about.maxLength;
  const read: Reading<string> = (json, place) => (typeof json === "string" ? json : wrong(place, json, "text"));
  return { schema, read, write: (value) => value };
}

/** Yes or no. */
function flag(about: Words): Field<boolean> {
  const read: Reading<boolean> = (json, place) => (typeof json === "boolean" ? json : wrong(place, json, "yes or no"));
  return { schema: { ...words(about), type: "boolean" }, read, write: (value) => value };
}

/** One of several, each with its label. */
function choice<C extends string>(about: Words & { of: Readonly<Record<C, Text>> }): Field<C> {
  const titled = Object.entries<Text>(about.of);
  const oneOf = titled.map(([value, title]) => ({ const: value, type: "string", ...words({ title }) }));
  const read: Reading<C> = (json, place) =>
    typeof json === "string" && Object.hasOwn(about.of, json) ? (json as C) : wrong(place, json, "choice");
  return { schema: { ...words(about), oneOf }, read, write: (value) => value };
}

/** A setting that may be left empty; then it is `null`. Not for choices and tables. */
function nullable<T>(field: Field<T>): Field<T | null> {
  const type = field.schema["type"];
  if (typeof type !== "string" || type === "array") throw new TypeError("only a plain setting may be left empty");
  return {
    schema: { ...field.schema, type: [type, "null"] },
    read: (json, place) => (json === null ? null : field.read(json, place)),
    write: (value) => (value === null ? null : field.write(value)),
  };
}

/** A table of at most `max` rows; its columns are plain settings. */
function table<F extends Record<string, Field<unknown>>>(
  about: Words & { max: number; columns: F },
): Field<FieldsOf<F>[]> {
  const schema = { ...words(about), type: "array", maxItems: about.max, items: rowSchema(about.columns) };
  return {
    schema,
    read: (json, place) => {
      if (!Array.isArray(json)) return wrong(place, json, "table");
      return json.map((row, at) => readRow(about.columns, row, `${place}[${at}]`));
    },
    write: (rows) => rows.map((row) => writeRow(about.columns, row)),
  };
}

/** The kinds of settings: `setting.integer({ title: text("…", "…"), min: 1n })`. */
export const setting = { integer, decimal, day, string, flag, choice, nullable, table };

/** The schema of an object with these fields. `x-order` is their order in the form, since a JSON object has none. */
export function rowSchema(fields: Readonly<Record<string, Field<unknown>>>): JsonObject {
  const properties: JsonObject = {};
  Object.entries(fields).forEach(([name, { schema }], place) => {
    properties[name] = { ...schema, "x-order": place };
  });
  return { type: "object", properties, required: Object.keys(fields), additionalProperties: false };
}

export function readRow<F extends Record<string, Field<unknown>>>(
  fields: F,
  json: Json | undefined,
  place: string,
): FieldsOf<F> {
  if (typeof json !== "object" || json === null || Array.isArray(json)) return wrong(place, json, "object");
  const unknown = Object.keys(json).find((name) => !Object.hasOwn(fields, name));
  if (unknown !== undefined) throw new TypeError(`${place}.${unknown}: there is no such setting`);
  const row: Record<string, unknown> = {};
  for (const name in fields) row[name] = fields[name]?.read(json[name], `${place}.${name}`);
  return row as FieldsOf<F>;
}

export function writeRow<F extends Record<string, Field<unknown>>>(fields: F, row: FieldsOf<F>): JsonObject {
  const json: JsonObject = {};
  for (const name in fields) json[name] = fields[name]?.write(row[name]) ?? null;
  return json;
}
