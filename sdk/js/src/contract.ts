// The shapes that every kind shares. They are those of `sdk/wit/types.wit` in camel case, with a class where the
// contract has a number, an amount or a day.

/// <reference path="../generated/pricing-plugin.d.ts" />
/// <reference path="../generated/incentive-plugin.d.ts" />
/// <reference path="../generated/kpi-plugin.d.ts" />
/// <reference path="../generated/deal-plugin.d.ts" />

import type * as wit from "qudao:types/types@0.1.0";
import { Day } from "./day";
import { Decimal } from "./decimal";
import { Money } from "./money";

export type { Descriptor, Kind, Message, Text } from "qudao:types/types@0.1.0";

/** A value that the host shows to a person, formatted for the reader's language. */
export type Value =
  | { tag: "text"; val: string }
  | { tag: "number"; val: Decimal }
  | { tag: "percent"; val: Decimal }
  | { tag: "amount"; val: Money }
  | { tag: "day"; val: Day }
  | { tag: "flag"; val: boolean };

/** A company-defined fact about a dealer, product or contract. */
export interface Attribute {
  key: string;
  value: Value;
}

/** The value of the attribute with this key. */
export function attribute(attributes: readonly Attribute[], key: string): Value | undefined {
  return attributes.find((each) => each.key === key)?.value;
}

/** A coded sentence: `code` is one of the descriptor's messages, `args` fill its `{0}`, `{1}`, …. */
export interface Note {
  code: string;
  args: Value[];
}

/** What can become a value. A JavaScript number is taken only where it is whole. */
export type Argument = string | bigint | number | boolean | Decimal | Money | Day | Value;

/** A note from its code and whatever can become a value: `note("tier-discount", "gold", percent(rate))`. */
export function note(code: string, ...args: readonly Argument[]): Note {
  return { code, args: args.map(toValue) };
}

/** A rate as a value: 0.05 is shown as 5 %. */
export function percent(rate: Decimal): Value {
  return { tag: "percent", val: rate };
}

function toValue(argument: Argument): Value {
  switch (typeof argument) {
    case "string":
      return { tag: "text", val: argument };
    case "bigint":
      return { tag: "number", val: Decimal.of(argument) };
    case "number":
      if (!Number.isSafeInteger(argument)) throw new RangeError(`${argument} is no whole number; use a Decimal`);
      return { tag: "number", val: Decimal.of(BigInt(argument)) };
    case "boolean":
      return { tag: "flag", val: argument };
    default:
      if (argument instanceof Decimal) return { tag: "number", val: argument };
      if (argument instanceof Money) return { tag: "amount", val: argument };
      return argument instanceof Day ? { tag: "day", val: argument } : argument;
  }
}

/** The same words in both languages. */
export function text(zhCn: string, en: string): wit.Text {
  return { zhCn, en };
}

/** A sentence that the plugin may utter, with `{0}`, `{1}`, … where the args go. */
export function message(code: string, zhCn: string, en: string): wit.Message {
  return { code, text: { zhCn, en } };
}

/** What a plugin says of itself, but for its kind and its settings. */
export interface About {
  /** Lower-case words joined by hyphens. */
  name: string;
  /** Semantic version of the plugin; that of `package.json`. */
  version: string;
  title: wit.Text;
  /** What it does, in a sentence or two. */
  summary: wit.Text;
  /** Every code that an answer may use. */
  messages: wit.Message[];
  /** Keys of the attributes that it reads; the host sends no others. */
  attributes: string[];
}

/** Coded reasons why there is no result. That is an answer, not a failure. */
export class Refused<Reason> {
  constructor(readonly reasons: readonly Reason[]) {}
}

/** Answers with coded reasons instead of a result; there must be one. */
export function refuse<Reason>(reasons: readonly Reason[]): Refused<Reason> {
  return new Refused(reasons);
}
