// Money and days.

import assert from "node:assert/strict";
import { test } from "node:test";
import { allocate, Day, Decimal, exponent, Money } from "../src/index";
import { Chance } from "./chance";

test("an amount is rounded half-even to the currency's minor unit", () => {
  const minor = (exact: string, currency: string) => Money.round(Decimal.parse(exact), currency).minor;
  assert.deepEqual([minor("10.025", "CNY"), minor("10.035", "CNY"), minor("-0.005", "CNY")], [1002n, 1004n, 0n]);
  assert.deepEqual([minor("1234.5", "JPY"), minor("1.0005", "KWD"), minor("7", "CLF")], [1234n, 1000n, 70_000n]);
  assert.equal(Money.ofLine(Decimal.parse("0.333"), 3n, "CNY").toString(), "CNY 1.00");
});

test("exponents are those of ISO 4217, and no other word is a currency", () => {
  assert.deepEqual(["JPY", "XPF", "CNY", "BHD", "UYW"].map(exponent), [0, 0, 2, 3, 4]);
  for (const code of ["cny", "CN", "CNYX", "", "C1Y"]) assert.throws(() => exponent(code), /is no currency/, code);
  assert.throws(() => new Money(1n, "yuan"), /is no currency/);
});

test("an amount of more than 64 bits is refused", () => {
  assert.equal(new Money(2n ** 63n - 1n, "JPY").minor, 2n ** 63n - 1n);
  assert.throws(() => new Money(2n ** 63n, "JPY"), /64 bits/);
  assert.throws(() => Money.round(Decimal.parse("92233720368547758.08"), "CNY"), /64 bits/);
});

test("shares add up, and none is a whole unit off", () => {
  const chance = new Chance(11n);
  for (let round = 0; round < 1_000; round += 1) {
    const weights = Array.from({ length: 1 + Number(chance.below(9n)) }, () => chance.below(1_000n));
    const total = chance.below(1_000_000n) - 500_000n;
    const shares = allocate(total, weights);
    const sum = weights.reduce((all, weight) => all + weight, 0n);
    assert.equal(
      shares.reduce((all, share) => all + share, 0n),
      total,
    );
    shares.forEach((share, place) => {
      const off = share * sum - total * (weights[place] ?? 0n);
      assert.ok(sum === 0n || (-sum < off && off < sum), `${total} over ${weights}: ${shares}`);
    });
  }
});

test("what is left over goes to the largest remainders, the earlier first", () => {
  assert.deepEqual(allocate(100n, [1n, 1n, 1n]), [34n, 33n, 33n]);
  assert.deepEqual(allocate(-100n, [1n, 1n, 1n]), [-34n, -33n, -33n]);
  assert.deepEqual(allocate(10n, [1n, 5n, 3n]), [1n, 6n, 3n]);
  assert.deepEqual(allocate(5n, [0n, 0n]), [5n, 0n]);
  assert.deepEqual(allocate(5n, []), []);
  assert.throws(() => allocate(5n, [-1n, 2n]), /negative/);
});

test("only days of the calendar are read", () => {
  for (const good of ["2024-02-29", "2000-02-29", "0001-01-01", "9999-12-31"]) {
    assert.equal(`${Day.parse(good)}`, good);
  }
  const wrong = ["2023-02-29", "1900-02-29", "2026-13-01", "2026-00-01", "2026-04-31", "2026-4-03", "0000-01-01", "", "今天"];
  for (const text of wrong) assert.throws(() => Day.parse(text), /is no day/, text);
});

test("days stand in the order of the calendar", () => {
  const days = ["2025-12-31", "2026-01-01", "2026-01-31", "2026-02-01"].map(Day.parse);
  assert.deepEqual([...days].reverse().sort((a, b) => Number(a) - Number(b)), days);
  const [first, second] = days as [Day, Day];
  assert.ok(first < second && second >= first && first.equals(Day.parse("2025-12-31")));
  assert.equal(JSON.stringify([first]), '["2025-12-31"]');
});
