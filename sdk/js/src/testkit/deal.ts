// A deal case's JSON.

import type * as wit from "qudao:deal/deal@0.1.0";
import { Day } from "../day";
import { attribute, count, day, decimal, flag, list, money, optional, record, words, writeDecimal } from "./json";
import { writeMoney, writeNote } from "./json";
import type { Json, JsonObject } from "./json";

export function readClaim(claim: JsonObject): wit.Claim {
  const customer = record(claim["customer"], "customer");
  return {
    on: day(claim["on"], "on"),
    claimant: readClaimant(claim["claimant"], "claimant"),
    customer: {
      key: words(customer["key"], "customer.key"),
      name: words(customer["name"], "customer.name"),
      registeredNumber: words(customer["registered_number"] ?? "", "customer.registered_number"),
      region: words(customer["region"] ?? "", "customer.region"),
    },
    category: words(claim["category"], "category"),
    skus: list(claim["skus"], "skus", words),
    amount: money(claim["amount"], "amount"),
    expectedClose: day(claim["expected_close"], "expected_close"),
    progress: words(claim["progress"] ?? "", "progress"),
    note: words(claim["note"] ?? "", "note"),
    earlier: list(claim["earlier"], "earlier", readEarlier),
  };
}

function oneOf<T extends string>(json: Json | undefined, place: string, all: readonly T[]): T {
  const word = words(json, place);
  const known = all.find((each) => each === word);
  if (known === undefined) throw new TypeError(`${place}: there is no \`${word}\``);
  return known;
}

function readClaimant(json: Json | undefined, place: string): wit.Claimant {
  const claimant = record(json, place);
  return {
    kind: oneOf(claimant["kind"], `${place}.kind`, ["dealer", "salesperson"]),
    code: words(claimant["code"], `${place}.code`),
    tier: words(claimant["tier"], `${place}.tier`),
    region: words(claimant["region"], `${place}.region`),
    attributes: list(claimant["attributes"], `${place}.attributes`, attribute),
  };
}

function readEarlier(json: Json, place: string): wit.Earlier {
  const earlier = record(json, place);
  return {
    number: count(earlier["number"], `${place}.number`),
    claimant: readClaimant(earlier["claimant"], `${place}.claimant`),
    isOwn: flag(earlier["is_own"], `${place}.is_own`),
    registeredOn: day(earlier["registered_on"], `${place}.registered_on`),
    category: words(earlier["category"], `${place}.category`),
    amount: money(earlier["amount"], `${place}.amount`),
    standing: oneOf(earlier["standing"], `${place}.standing`, ["accepted", "asked"]),
    ...optional("protectedUntil", earlier["protected_until"], `${place}.protected_until`, day),
    ...optional("floor", earlier["floor"], `${place}.floor`, readFloor),
  };
}

function readFloor(json: Json, place: string): wit.Floor {
  const { share, amount } = record(json, place);
  return share === undefined
    ? { tag: "amount", val: money(amount, place) }
    : { tag: "share", val: decimal(share, place) };
}

export function writeRuling(ruling: wit.Ruling): JsonObject {
  const { outcome, protectedUntil, shares, floor, reasons, affected } = ruling;
  return {
    outcome,
    protected_until: protectedUntil ? Day.of(protectedUntil).toString() : null,
    shares: shares.map(({ registration, basisPoints }) => ({ registration, basis_points: basisPoints })),
    floor: floor ? writeFloor(floor) : null,
    reasons: reasons.map(writeNote),
    affected: affected.map(({ registration, ends, reasons }) => ({
      registration,
      ends,
      reasons: reasons.map(writeNote),
    })),
  };
}

function writeFloor(floor: wit.Floor): JsonObject {
  return floor.tag === "share" ? { share: writeDecimal(floor.val) } : { amount: writeMoney(floor.val) };
}
