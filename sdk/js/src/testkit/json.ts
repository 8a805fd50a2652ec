// Reads the host's JSON: snake case, decimals and days as strings.

import type * as wit from "qudao:types/types@0.1.0";
import { Day } from "../day";
import { Decimal } from "../decimal";
import type { Json, JsonObject } from "../fields";

export type { Json, JsonObject };

function wrong(place: string, json: Json | undefined, wanted: string): never {
  throw new TypeError(`${place}: ${JSON.stringify(json) ?? "nothing"} is no ${wanted}`);
}

export function record(json: Json | undefined, place: string): JsonObject {
  return typeof json === "object" && json !== null && !Array.isArray(json) ? json : wrong(place, json, "object");
}

/** A list; absent is empty. */
export function list<T>(json: Json | undefined, place: string, read: (json: Json, place: string) => T): T[] {
  if (json === undefined || json === null) return [];
  return Array.isArray(json) ? json.map((each, at) => read(each, `${place}[${at}]`)) : wrong(place, json, "list");
}

export function words(json: Json | undefined, place: string): string {
  return typeof json === "string" ? json : wrong(place, json, "text");
}

export function count(json: Json | undefined, place: string): number {
  return typeof json === "number" && Number.isSafeInteger(json) ? json : wrong(place, json, "whole number");
}

export function whole(json: Json | undefined, place: string): bigint {
  return BigInt(count(json, place));
}

export function decimal(json: Json | undefined, place: string): wit.Decimal {
  return Decimal.parse(words(json, place)).toContract();
}

export function flag(json: Json | undefined, place: string): boolean {
  return typeof json === "boolean" ? json : wrong(place, json, "flag");
}

export function money(json: Json | undefined, place: string): wit.Money {
  const { minor, currency } = record(json, place);
  return { minor: whole(minor, place), currency: words(currency, place) };
}

export function day(json: Json | undefined, place: string): wit.Date {
  return Day.parse(words(json, place));
}

/** An entry that is left out where it is null or absent. */
export function optional<K extends string, T>(
  key: K,
  json: Json | undefined,
  place: string,
  read: (json: Json, place: string) => T,
): { [P in K]?: T } {
  const none: { [P in K]?: T } = {};
  return json === undefined || json === null ? none : { ...none, [key]: read(json, place) };
}

export function attribute(json: Json, place: string): wit.Attribute {
  const { key, value } = record(json, place);
  return { key: words(key, `${place}.key`), value: readValue(value, `${place}.value`) };
}

function readValue(json: Json | undefined, place: string): wit.Value {
  const [[tag, val] = wrong(place, json, "value"), ...others] = Object.entries(record(json, place));
  if (others.length > 0) wrong(place, json, "value");
  switch (tag) {
    case "text":
      return { tag, val: words(val, place) };
    case "number":
    case "percent":
      return { tag, val: decimal(val, place) };
    case "amount":
      return { tag, val: money(val, place) };
    case "day":
      return { tag, val: day(val, place) };
    default:
      return tag === "flag" && typeof val === "boolean" ? { tag, val } : wrong(place, json, "value");
  }
}

/** A decimal as the host writes it. */
export function writeDecimal({ mantissa, scale }: wit.Decimal): string {
  return new Decimal(mantissa, scale).toString();
}

export function writeMoney({ minor, currency }: wit.Money): JsonObject {
  return { minor: Number(minor), currency };
}

export function writeNote({ code, args }: wit.Note): JsonObject {
  return { code, args: args.map((value) => ({ [value.tag]: writeValue(value) })) };
}

function writeValue(value: wit.Value): Json {
  switch (value.tag) {
    case "number":
    case "percent":
      return writeDecimal(value.val);
    case "amount":
      return writeMoney(value.val);
    case "day":
      return Day.of(value.val).toString();
    default:
      return value.val;
  }
}
