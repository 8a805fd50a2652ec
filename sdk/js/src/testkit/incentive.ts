// An incentive case's JSON, and its run.

import assert from "node:assert/strict";
import type * as wit from "qudao:incentive/incentive@0.1.0";
import type { Refused } from "../contract";
import type { IncentivePlugin } from "../incentive";
import { heard } from "./heard";
import { attribute, count, day, decimal, list, optional, record, whole, words, writeNote } from "./json";
import type { Json, JsonObject } from "./json";

/** Runs with the facts all at once, one by one and in threes, which must make no difference. */
export function settle(plugin: IncentivePlugin, input: JsonObject, settings: string): JsonObject | Refused<wit.Note> {
  const header = readHeader(record(input["header"], "header"), settings);
  const facts = list(input["facts"], "facts", readFact);
  const chunked = (size: number) => run(plugin, header, facts, size);
  const whole = chunked(Math.max(facts.length, 1));
  for (const size of [1, 3]) {
    assert.deepEqual(chunked(size), whole, `the answer is another when the facts come ${size} at a time`);
  }
  return whole;
}

function run(plugin: IncentivePlugin, header: wit.Header, facts: readonly wit.Fact[], size: number) {
  return heard<JsonObject, wit.Note>(() => {
    const accumulator = plugin.Accumulator.open(header);
    for (let from = 0; from < facts.length; from += size) accumulator.add(facts.slice(from, from + size));
    return writeSettlement(accumulator.finish());
  });
}

function readHeader(header: JsonObject, settings: string): wit.Header {
  return {
    program: words(header["program"], "header.program"),
    currency: words(header["currency"], "header.currency"),
    period: { first: day(header["first"], "header.first"), last: day(header["last"], "header.last") },
    participants: list(header["participants"], "header.participants", readParticipant),
    products: list(header["products"], "header.products", readProduct),
    targets: list(header["targets"], "header.targets", readFigure),
    metrics: list(header["metrics"], "header.metrics", readFigure),
    settings,
    ...optional("budgetLeft", header["budget_left"], "header.budget_left", whole),
  };
}

function readParticipant(json: Json, place: string): wit.Participant {
  const participant = record(json, place);
  return {
    code: words(participant["code"], `${place}.code`),
    tier: words(participant["tier"], `${place}.tier`),
    region: words(participant["region"], `${place}.region`),
    attributes: list(participant["attributes"], `${place}.attributes`, attribute),
    ...optional("parent", participant["parent"], `${place}.parent`, count),
  };
}

function readProduct(json: Json, place: string): wit.Product {
  const product = record(json, place);
  return {
    sku: words(product["sku"], `${place}.sku`),
    category: words(product["category"], `${place}.category`),
    attributes: list(product["attributes"], `${place}.attributes`, attribute),
  };
}

function readFigure(json: Json, place: string): wit.Target {
  const figure = record(json, place);
  return {
    participant: count(figure["participant"], `${place}.participant`),
    code: words(figure["code"], `${place}.code`),
    value: decimal(figure["value"], `${place}.value`),
  };
}

function readFact(json: Json, place: string): wit.Fact {
  const fact = record(json, place);
  const kind = words(fact["kind"], `${place}.kind`);
  if (kind !== "shipped" && kind !== "returned") throw new TypeError(`${place}.kind: there is no \`${kind}\``);
  return {
    seq: whole(fact["seq"], `${place}.seq`),
    kind,
    participant: count(fact["participant"], `${place}.participant`),
    product: count(fact["product"], `${place}.product`),
    on: day(fact["on"], `${place}.on`),
    quantity: whole(fact["quantity"], `${place}.quantity`),
    amount: whole(fact["amount_minor"], `${place}.amount_minor`),
    ...optional("paidOn", fact["paid_on"], `${place}.paid_on`, day),
    ...optional("reverses", fact["reverses"], `${place}.reverses`, whole),
  };
}

function writeSettlement({ payouts, unpaid }: wit.Settlement): JsonObject {
  return {
    payouts: payouts.map(({ beneficiary, reason, amount, basis, steps }) => ({
      beneficiary,
      reason: writeNote(reason),
      amount_minor: Number(amount),
      basis: writeBasis(basis),
      steps: steps.map(writeNote),
    })),
    unpaid: unpaid.map(({ beneficiary, reason }) => ({ beneficiary, reason: writeNote(reason) })),
  };
}

function writeBasis(basis: wit.Basis): Json {
  if (basis.tag === "all") return "all";
  return { [basis.tag]: basis.tag === "category" ? basis.val : Array.from(basis.val, Number) };
}
