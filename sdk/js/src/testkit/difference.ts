// Where two answers differ, place by place.

import { Decimal } from "../decimal";
import type { Json, JsonObject } from "./json";

/** One line for each place at which the answer is another. "0.10" is "0.1", and an absent list is an empty one. */
export function differences(expected: Json, actual: Json, place = "$"): string[] {
  if (isObject(expected) && isObject(actual)) {
    const keys = [...new Set([...Object.keys(expected), ...Object.keys(actual)])].sort();
    return keys.flatMap((key) => differences(expected[key] ?? null, actual[key] ?? null, `${place}.${key}`));
  }
  if (Array.isArray(expected) && Array.isArray(actual)) {
    const places = Array.from({ length: Math.max(expected.length, actual.length) }, (_, at) => at);
    return places.flatMap((at) => differences(expected[at] ?? null, actual[at] ?? null, `${place}[${at}]`));
  }
  if (same(expected, actual)) return [];
  return [`${place}: expected ${JSON.stringify(expected)}, got ${JSON.stringify(actual)}`];
}

function isObject(json: Json): json is JsonObject {
  return typeof json === "object" && json !== null && !Array.isArray(json);
}

function same(expected: Json, actual: Json): boolean {
  if (expected === actual || (isNothing(expected) && isNothing(actual))) return true;
  const [left, right] = [number(expected), number(actual)];
  return left !== undefined && right !== undefined && left.equals(right);
}

function isNothing(json: Json): boolean {
  return json === null || (Array.isArray(json) && json.length === 0);
}

function number(json: Json): Decimal | undefined {
  try {
    return typeof json === "string" ? Decimal.parse(json) : undefined;
  } catch {
    return undefined;
  }
}
