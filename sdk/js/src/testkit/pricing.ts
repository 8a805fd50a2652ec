// A pricing case's JSON.

import type * as wit from "qudao:pricing/pricing@0.2.0";
import { attribute, count, day, decimal, list, record, whole, words, writeDecimal, writeNote } from "./json";
import type { Json, JsonObject } from "./json";

export function readOrder(order: JsonObject): wit.Order {
  return {
    currency: words(order["currency"], "currency"),
    on: day(order["on"], "on"),
    dealer: readDealer(record(order["dealer"], "dealer")),
    terms: list(order["terms"], "terms", attribute),
    history: list(order["history"], "history", attribute),
    lines: list(order["lines"], "lines", readLine),
  };
}

function readDealer(dealer: JsonObject): wit.Dealer {
  return {
    code: words(dealer["code"], "dealer.code"),
    tier: words(dealer["tier"], "dealer.tier"),
    region: words(dealer["region"], "dealer.region"),
    attributes: list(dealer["attributes"], "dealer.attributes", attribute),
  };
}

function readLine(json: Json, place: string): wit.Line {
  const line = record(json, place);
  return {
    number: count(line["number"], `${place}.number`),
    sku: words(line["sku"], `${place}.sku`),
    category: words(line["category"], `${place}.category`),
    quantity: whole(line["quantity"], `${place}.quantity`),
    basePrice: decimal(line["base_price"], `${place}.base_price`),
    ...(line["former_price"] != null && { formerPrice: readFormer(line["former_price"], `${place}.former_price`) }),
    attributes: list(line["attributes"], `${place}.attributes`, attribute),
  };
}

function readFormer(json: Json, place: string): wit.FormerPrice {
  const former = record(json, place);
  return { price: decimal(former["price"], `${place}.price`), until: day(former["until"], `${place}.until`) };
}

export function writeQuote({ lines, adjustments, approvals }: wit.Quote): JsonObject {
  return {
    lines: lines.map((line) => ({
      number: line.number,
      unit_price: writeDecimal(line.unitPrice),
      adjustments: line.adjustments.map(({ amount, reason }) => ({
        amount: writeDecimal(amount),
        reason: writeNote(reason),
      })),
      skipped: line.skipped.map(writeNote),
    })),
    adjustments: adjustments.map(({ amount, reason }) => ({
      amount: { minor: Number(amount.minor), currency: amount.currency },
      reason: writeNote(reason),
    })),
    approvals: approvals.map(writeNote),
  };
}

export function writeViolation({ line, reason }: wit.Violation): JsonObject {
  return { line: line ?? null, reason: writeNote(reason) };
}
