// Each kind across the contract: there and back, refusals, and what must not pass.

import assert from "node:assert/strict";
import { test } from "node:test";
import { covers, Day, Decimal, defineDeal, defineIncentive, defineKpi, definePricing, defineSettings } from "../src/index";
import { message, Money, note, percent, PricedLine, refuse, scorecard, setting, text, type Argument } from "../src/index";
import { guard } from "../src/guard";
import { answer, check, faults, type JsonObject, type Plugin } from "../src/testkit/index";

const settings = defineSettings({ rate: setting.integer({ title: text("比率", "Rate") }) }, { rate: 100n });
const about = {
  name: "sample",
  version: "1.0.0",
  title: text("样例", "Sample"),
  summary: text("样例。", "A sample."),
  settings,
  messages: [message("why", "原因 {0}", "Because of {0}"), message("no", "不行", "No")],
  attributes: ["grade"],
};

const DEFAULTS = JSON.stringify(settings.defaults);

function order(quantity: number, basePrice = "10.5"): JsonObject {
  const dealer = { code: "D", tier: "gold", region: "west", attributes: [{ key: "grade", value: { number: "7" } }] };
  const line = { number: 4, sku: "S", category: "C", quantity, base_price: basePrice };
  return { currency: "CNY", on: "2026-11-24", dealer, lines: [line] };
}

const steps = (amount: Decimal, argument: Argument = "it") =>
  definePricing({
    ...about,
    price({ lines }) {
      const priced = lines.map((line) => new PricedLine(line));
      priced.forEach((line) => line.adjust(amount, note("why", argument)));
      return { lines: priced, adjustments: [], approvals: [] };
    },
  });

test("a price and its steps cannot disagree, and a step of nothing is none", () => {
  const quoted = (amount: string) => answer(steps(Decimal.parse(amount)), order(1), DEFAULTS);
  const line = { number: 4, unit_price: "10.0", skipped: [] };
  const step = { amount: "-0.5", reason: { code: "why", args: [{ text: "it" }] } };
  assert.deepEqual(quoted("-0.5"), { quoted: { lines: [{ ...line, adjustments: [step] }], adjustments: [], approvals: [] } });
  const nothing = { ...line, unit_price: "10.5", adjustments: [] };
  assert.deepEqual(quoted("0.00"), { quoted: { lines: [nothing], adjustments: [], approvals: [] } });
});

test("every kind of value crosses", () => {
  const values: [Argument, unknown][] = [
    ["words", { text: "words" }],
    [7n, { number: "7" }],
    [7, { number: "7" }],
    [Decimal.parse("1.50"), { number: "1.50" }],
    [percent(Decimal.parse("0.05")), { percent: "0.05" }],
    [new Money(-5n, "JPY"), { amount: { minor: -5, currency: "JPY" } }],
    [new Day(2026, 2, 3), { day: "2026-02-03" }],
    [true, { flag: true }],
  ];
  for (const [argument, expected] of values) {
    const answered = JSON.stringify(answer(steps(Decimal.ONE, argument), order(1), DEFAULTS));
    assert.ok(answered.includes(`"args":[${JSON.stringify(expected)}]`), answered);
  }
  assert.throws(() => note("why", 0.5), /no whole number; use a Decimal/);
});

test("no digit is cut where a number leaves", () => {
  for (const wide of ["0.1234567891", "9223372036854775808"]) {
    assert.throws(() => answer(steps(Decimal.parse(wide)), order(1), DEFAULTS), /round it before you answer/);
    assert.throws(() => answer(steps(Decimal.ONE, Decimal.parse(wide)), order(1), DEFAULTS), /round it/);
  }
});

test("a refusal is an answer, an error is a failure", () => {
  const refusing = definePricing({
    ...about,
    price: ({ lines: [line] }) => {
      if (line?.quantity === 1n) return refuse([{ line: line.number, reason: note("no") }, { reason: note("no") }]);
      throw new Error("broken");
    },
  });
  const reason = { code: "no", args: [] };
  assert.deepEqual(answer(refusing, order(1), DEFAULTS), { refused: [{ line: 4, reason }, { line: null, reason }] });
  assert.throws(() => answer(refusing, order(2), DEFAULTS), /broken/);
});

const perPiece = defineIncentive({
  ...about,
  open({ period, participants, budgetLeft }, { rate }) {
    if (participants.length === 0) return refuse([note("no")]);
    const pieces = participants.map(() => 0n);
    return {
      add(facts) {
        for (const fact of facts.filter(({ on }) => covers(period, on))) {
          pieces[fact.participant] = (pieces[fact.participant] ?? 0n) + fact.quantity;
        }
      },
      finish() {
        if (budgetLeft === 0n) return refuse([note("no")]);
        const payout = (sum: bigint, beneficiary: number) => {
          const basis = { tag: "facts", val: [BigInt(beneficiary)] } as const;
          return { beneficiary, reason: note("why", sum), amount: sum * rate, basis, steps: [] };
        };
        return { payouts: pieces.map(payout), unpaid: [{ beneficiary: 0, reason: note("no") }] };
      },
    };
  },
});

function run(change: object, facts: JsonObject[] = []): JsonObject {
  const participant = { code: "D", tier: "gold", region: "west", parent: null };
  const header = { program: "P", currency: "CNY", first: "2026-01-01", last: "2026-03-31", participants: [participant] };
  const fact = { seq: 1, kind: "shipped", participant: 0, product: 0, on: "2026-01-01", quantity: 2, amount_minor: 5 };
  const all = facts.map((each) => ({ ...fact, ...each }));
  return { header: { ...header, products: [], ...change }, facts: all };
}

test("an incentive keeps its sums over chunks", () => {
  const facts = [{}, { on: "2026-03-31" }, { on: "2025-03-31" }, { quantity: -1, reverses: 1 }];
  const reason = { code: "why", args: [{ number: "3" }] };
  const payout = { beneficiary: 0, reason, amount_minor: 300, basis: { facts: [0] }, steps: [] };
  const unpaid = { beneficiary: 0, reason: { code: "no", args: [] } };
  assert.deepEqual(answer(perPiece, run({}, facts), DEFAULTS), { settled: { payouts: [payout], unpaid: [unpaid] } });
});

test("an incentive refuses when it opens and when it ends", () => {
  const refused = { refused: [{ code: "no", args: [] }] };
  assert.deepEqual(answer(perPiece, run({ participants: [] }), DEFAULTS), refused);
  assert.deepEqual(answer(perPiece, run({ budget_left: 0 }), DEFAULTS), refused);
});

test("an incentive whose answer depends on the chunks is found out", () => {
  const counts = defineIncentive({
    ...about,
    open() {
      let chunks = 0;
      return {
        add: () => void (chunks += 1),
        finish: () => ({
          payouts: [],
          unpaid: [{ beneficiary: chunks, reason: note("no") }],
        }),
      };
    },
  });
  assert.throws(() => answer(counts, run({}, [{}, {}]), DEFAULTS), /another when the facts come 1 at a time/);
});

test("a run is of no use once it is finished, and an amount keeps to 64 bits", () => {
  const day = { year: 2026, month: 1, day: 1 };
  const participant = { code: "D", tier: "", region: "", attributes: [] };
  const fact = { seq: 1n, kind: "shipped", participant: 0, product: 0, on: day, quantity: 2n ** 62n, amount: 0n } as const;
  const open = () =>
    perPiece.Accumulator.open({
      ...{ program: "P", currency: "CNY", period: { first: day, last: day }, participants: [participant] },
      ...{ products: [], targets: [], metrics: [], settings: DEFAULTS },
    });
  const finished = open();
  finished.finish();
  assert.throws(() => finished.finish(), /after it had finished/);
  assert.throws(() => finished.add([]), /after it had finished/);
  const large = open();
  large.add([fact]);
  assert.throws(() => large.finish(), /64 bits/);
});

test("in a component an error is a code that no descriptor has", () => {
  const failing = guard.pricing(definePricing({ ...about, price: () => refuse([{ reason: note("no") }]) }));
  const broken = guard.pricing(steps(Decimal.parse("0.1234567891")));
  const failed = (plugin: Plugin, input: JsonObject) => JSON.stringify(answer(plugin, input, DEFAULTS));
  assert.equal(failed(failing, order(1)), '{"refused":[{"line":null,"reason":{"code":"no","args":[]}}]}');
  assert.match(failed(broken, order(1)), /"code":"RangeError: 10\.6234567891 has more than 9 decimals/);
  assert.match(JSON.stringify(answer(broken, order(1), "{}")), /"code":"TypeError: settings\.rate: nothing is no/);

  const tired = { add: () => assert.fail("too much"), finish: () => refuse([note("no")]) };
  const adding = guard.incentive(defineIncentive({ ...about, open: () => tired }));
  assert.match(failed(adding, run({}, [{}, {}])), /^{"refused":\[{"code":"AssertionError.*too much","args":\[\]}\]}$/);
  assert.equal(failed(adding, run({})), '{"refused":[{"code":"no","args":[]}]}');
  const whole = failed(guard.incentive(perPiece), run({}, [{}]));
  assert.equal(whole, failed(perPiece, run({}, [{}])));

  const score = () => assert.fail("no figure");
  const scoring = guard.kpi(defineKpi({ ...about, metrics: [], score }));
  const subject = { code: "D", tier: "", region: "", first: "2026-01-01", last: "2026-03-31" };
  assert.match(failed(scoring, subject), /no figure/);
});

test("a scorecard adds up as the host does", () => {
  const kpi = defineKpi({
    ...about,
    metrics: ["turnover"],
    score({ metrics }) {
      const [first] = metrics;
      if (!first?.actual) return refuse([note("no")]);
      const half = Decimal.parse("0.5");
      const attainment = first.target && first.actual.div(first.target, 4);
      const one = { code: "why", weight: half, target: first.target, actual: first.actual, attainment, steps: [] };
      const score = Decimal.parse("33.33");
      return scorecard([{ ...one, score }, { ...one, score: Decimal.parse("33.34") }], () => "no");
    },
  });
  const subject = { code: "D", tier: "", region: "", first: "2026-01-01", last: "2026-03-31" };
  const metric = { code: "turnover", actual: "80", previous: null, target: "120" };
  const scored = answer(kpi, { ...subject, metrics: [metric] }, DEFAULTS)["scored"] as JsonObject;
  assert.deepEqual([scored["total"], scored["grade"]], ["33.34", "no"]);
  const [indicator] = scored["indicators"] as JsonObject[];
  assert.deepEqual([indicator?.["attainment"], indicator?.["actual"], indicator?.["target"]], ["0.6667", "80", "120"]);
  const refused = answer(kpi, { ...subject, metrics: [{ ...metric, actual: null }] }, DEFAULTS);
  assert.deepEqual(refused, { refused: [{ code: "no", args: [] }] });
  assert.deepEqual([kpi.describe().kind, kpi.describe().metrics], ["kpi", ["turnover"]]);
});

test("a case names every place that differs and every word that is missing", () => {
  const expected = (answer(steps(Decimal.ONE), order(1), DEFAULTS)["quoted"] ?? {}) as JsonObject;
  const read = { about: "", input: order(1), expected: { quoted: expected } };
  assert.deepEqual(check(steps(Decimal.ONE), read), []);
  const [place, ...others] = check(steps(Decimal.parse("2")), read);
  assert.equal(place, '$.quoted.lines[0].adjustments[0].amount: expected "1", got "2"');
  assert.match(others.join("\n"), /unit_price: expected "11\.5", got "12\.5"\nthe whole answer: /);
  const silent = { ...steps(Decimal.ONE), describe: () => ({ ...steps(Decimal.ONE).describe(), messages: [] }) };
  assert.deepEqual(check(silent, read), ["the descriptor has no message `why`"]);
});

test("words that are not whole are found", () => {
  const descriptor = steps(Decimal.ONE).describe();
  assert.deepEqual(faults(descriptor), []);
  const messages = [message("a", "甲 {0}", "A"), message("a", "", "A")];
  const untitled = JSON.stringify({ properties: { rate: { title: "Rate", items: { properties: { x: {} } } } } });
  assert.deepEqual(faults({ ...descriptor, messages, settingsSchema: untitled }), [
    "`a` is described twice",
    "`a` has other places in Chinese than in English",
    "`a` lacks a language",
    "settings.rate has no `x-title-zh-CN`",
    "settings.rate[].x has no `title`",
    "settings.rate[].x has no `x-title-zh-CN`",
  ]);
});

test("a ruling crosses the contract, and what is no registration says why", () => {
  const deal = guard.deal(
    defineDeal({
      ...about,
      decide(claim) {
        if (claim.amount.minor === 0n) return refuse([note("no")]);
        const until = claim.on.plusDays(claim.earlier.length + 7);
        const told = claim.earlier.map(({ number }) => ({ registration: number, ends: false, reasons: [note("no")] }));
        const shares = [...told, { registration: 0 }].map(({ registration }) => ({ registration, basisPoints: 5_000 }));
        const floor = claim.earlier[0]?.floor;
        return { outcome: "split", protectedUntil: until, shares, floor, reasons: [note("no")], affected: told };
      },
    }),
  );
  const claimant = { kind: "dealer", code: "D", tier: "gold", region: "" };
  const amount = { minor: 5, currency: "CNY" };
  const one = { number: 1, claimant, is_own: true, registered_on: "2026-11-01", category: "c", amount };
  const earlier = [{ ...one, standing: "asked", protected_until: null, floor: { share: "0.85" } }];
  const customer = { key: "k", name: "K" };
  const base = { claimant, customer, category: "c", amount, expected_close: "2027-01-01" };
  const claim = { ...base, on: "2026-12-28", earlier };
  assert.deepEqual(answer(deal, claim, DEFAULTS), {
    ruled: {
      outcome: "split",
      protected_until: "2027-01-05",
      shares: [1, 0].map((registration) => ({ registration, basis_points: 5_000 })),
      floor: { share: "0.85" },
      reasons: [{ code: "no", args: [] }],
      affected: [{ registration: 1, ends: false, reasons: [{ code: "no", args: [] }] }],
    },
  });
  const nothing = { ...claim, amount: { minor: 0, currency: "CNY" } };
  assert.deepEqual(answer(deal, nothing, DEFAULTS), { refused: [{ code: "no", args: [] }] });
  assert.deepEqual(faults(deal.describe()), []);
});
