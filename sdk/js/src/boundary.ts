// The one place where the contract's shapes become the author's and back. What the contract cannot carry throws here:
// the engine's own glue would cut it to 64 bits in silence.

import type * as wit from "qudao:types/types@0.1.0";
import type { About, Attribute, Kind, Note, Refused, Value } from "./contract";
import { Day } from "./day";
import { Decimal, fitsS64 } from "./decimal";
import { Money } from "./money";
import type { Settings } from "./settings";

export function toDecimal({ mantissa, scale }: wit.Decimal): Decimal {
  return new Decimal(mantissa, scale);
}

/** An optional number of the contract. */
export function toOptional(number: wit.Decimal | undefined): Decimal | undefined {
  return number && toDecimal(number);
}

export function toMoney({ minor, currency }: wit.Money): Money {
  return new Money(minor, currency);
}

export function toAttributes(all: readonly wit.Attribute[]): Attribute[] {
  return all.map(({ key, value }) => ({ key, value: toValue(value) }));
}

function toValue(value: wit.Value): Value {
  switch (value.tag) {
    case "number":
    case "percent":
      return { tag: value.tag, val: toDecimal(value.val) };
    case "amount":
      return { tag: "amount", val: toMoney(value.val) };
    case "day":
      return { tag: "day", val: Day.of(value.val) };
    default:
      return value;
  }
}

export function fromNote({ code, args }: Note): wit.Note {
  return { code, args: args.map(fromValue) };
}

export function fromNotes(all: readonly Note[]): wit.Note[] {
  return all.map(fromNote);
}

function fromValue(value: Value): wit.Value {
  return value.tag === "number" || value.tag === "percent" ? { tag: value.tag, val: value.val.toContract() } : value;
}

/** Minor units that are no `Money` because the run has one currency. */
export function fromAmount(minor: bigint): bigint {
  if (!fitsS64(minor)) throw new RangeError(`the amount ${minor} has more than 64 bits of minor units`);
  return minor;
}

/** A line's number or a place in a list: the contract's `u32`. */
export function fromPlace(place: number): number {
  if (!Number.isInteger(place) || place < 0 || place >= 2 ** 32) throw new RangeError(`${place} is no place in a list`);
  return place;
}

/** The contract's `result`: what is thrown and is no `Error` is its other side. */
export function fromRefused<Reason, Sent>(refused: Refused<Reason>, send: (reason: Reason) => Sent): never {
  throw refused.reasons.map(send);
}

export function descriptor(
  kind: Kind,
  about: About,
  settings: Settings<unknown>,
  metrics: readonly string[],
): wit.Descriptor {
  return { kind, ...spoken(about, settings), metrics: [...metrics] };
}

/** What a plugin of any kind says of itself. */
export function spoken(about: About, settings: Settings<unknown>): Omit<wit.Descriptor, "kind" | "metrics"> {
  const { name, version, title, summary, messages, attributes } = about;
  return {
    name,
    version,
    title,
    summary,
    settingsSchema: JSON.stringify(settings.schema),
    settingsDefault: JSON.stringify(settings.defaults),
    messages,
    attributes,
  };
}
