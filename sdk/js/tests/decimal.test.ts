// Decimals against an oracle: every number as a whole number of 10^-60.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Decimal } from "../src/index";
import { Chance } from "./chance";

const ROUNDS = 3_000;
const FINE = 60;

const fine = ({ mantissa, scale }: Decimal) => mantissa * 10n ** BigInt(FINE - scale);
const unit = (scale: number) => 10n ** BigInt(FINE - scale);
const size = (number: bigint) => (number < 0n ? -number : number);

function forAll(seed: bigint, holds: (chance: Chance) => void): void {
  const chance = new Chance(seed);
  for (let round = 0; round < ROUNDS; round += 1) holds(chance);
}

test("sums, differences and products are exact", () => {
  forAll(1n, (chance) => {
    const [a, b] = [chance.decimal(), chance.decimal()];
    assert.equal(fine(a.add(b)), fine(a) + fine(b));
    assert.equal(fine(a.sub(b)), fine(a) - fine(b));
    assert.equal(fine(a.mul(b)) * 10n ** BigInt(FINE), fine(a) * fine(b));
    assert.equal(fine(a.neg()), -fine(a));
    assert.equal(fine(a.abs()), size(fine(a)));
  });
});

test("the order is that of the numbers, whatever their scale", () => {
  forAll(2n, (chance) => {
    const a = chance.decimal();
    const b = chance.below(3n) === 0n ? new Decimal(a.mantissa * 1000n, a.scale + 3) : chance.decimal();
    const sign = fine(a) < fine(b) ? -1 : fine(a) > fine(b) ? 1 : 0;
    assert.equal(a.compare(b), sign);
    assert.deepEqual(
      [a.lessThan(b), a.atMost(b), a.equals(b), a.atLeast(b), a.moreThan(b)],
      [sign < 0, sign <= 0, sign === 0, sign >= 0, sign > 0],
    );
    assert.ok(Decimal.min(a, b).atMost(Decimal.max(a, b)));
  });
});

test("rounding takes the nearest, and of two as near the even one", () => {
  forAll(3n, (chance) => {
    const number = chance.decimal();
    const scale = Number(chance.below(10n));
    const rounded = number.round(scale);
    assert.ok(rounded.scale <= scale);
    const off = 2n * size(fine(rounded) - fine(number));
    assert.ok(off <= unit(scale), `${number} to ${scale}: ${rounded}`);
    if (off === unit(scale)) assert.equal((fine(rounded) / unit(scale)) % 2n, 0n, `${number} to ${scale}: ${rounded}`);
  });
});

test("halves go to the even neighbour on both sides of zero", () => {
  const cases = { "0.5": "0", "1.5": "2", "2.5": "2", "-0.5": "0", "-1.5": "-2", "-2.5": "-2", "2.51": "3", "-2.49": "-2" };
  for (const [number, expected] of Object.entries(cases)) {
    assert.equal(Decimal.parse(number).round(0).toString(), expected, number);
  }
});

test("rounding up never falls below and stays within a unit", () => {
  forAll(4n, (chance) => {
    const number = chance.decimal();
    const scale = Number(chance.below(10n));
    const more = fine(number.roundUp(scale)) - fine(number);
    assert.ok(0n <= more && more < unit(scale), `${number} to ${scale}`);
  });
});

test("a quotient is the nearest, and of two as near the even one", () => {
  forAll(5n, (chance) => {
    const [a, b] = [chance.decimal(), chance.decimal()];
    const scale = Number(chance.below(10n));
    if (b.isZero()) return assert.throws(() => a.div(b, scale), /cannot be divided by 0/);
    const quotient = a.div(b, scale);
    assert.equal(quotient.scale, scale);
    const off = 2n * size(fine(quotient.mul(b)) - fine(a)) * 10n ** BigInt(scale);
    assert.ok(off <= size(fine(b)), `${a} / ${b} = ${quotient}`);
    if (off === size(fine(b))) assert.equal(quotient.mantissa % 2n, 0n, `${a} / ${b} = ${quotient}`);
  });
});

test("a text is read as what was written", () => {
  forAll(6n, (chance) => {
    const number = chance.decimal();
    const read = Decimal.parse(`${number}`);
    assert.deepEqual([read.mantissa, read.scale], [number.mantissa, number.scale]);
    assert.equal(JSON.stringify({ number }), `{"number":"${number}"}`);
  });
  assert.equal(new Decimal(-5n, 3).toString(), "-0.005");
  assert.equal(Decimal.parse("-0.00").toString(), "0.00");
});

test("what is no decimal is refused", () => {
  for (const text of ["", "-", ".5", "5.", "+1", "1e3", " 1", "1_000", "1,5", "NaN", "0x1", "一", "1".repeat(61)]) {
    assert.throws(() => Decimal.parse(text), /is no decimal; write for example 0\.05/, text);
  }
  assert.throws(() => new Decimal(1n, -1), RangeError);
  assert.throws(() => new Decimal(1n, 0.5), RangeError);
});

test("every number of the contract survives, and no wider one is cut", () => {
  forAll(7n, (chance) => {
    const number = chance.decimal();
    const short = number.normalize();
    assert.ok(number.equals(short));
    if (short.scale <= 9 && size(short.mantissa) < 2n ** 63n) assert.ok(number.toContract().equals(number));
    else assert.throws(() => number.toContract(), /round it before you answer/, `${number}`);
  });
  for (const mantissa of [2n ** 63n - 1n, -(2n ** 63n)]) {
    assert.equal(new Decimal(mantissa, 9).toContract().mantissa, mantissa);
  }
  const fits = Decimal.parse("1.0500000000000").toContract();
  assert.deepEqual([fits.mantissa, fits.scale], [105n, 2]);
  for (const wide of ["0.1234567891", "9223372036854775808", "-9223372036854775809"]) {
    assert.throws(() => Decimal.parse(wide).toContract(), /more than 9 decimals or 19 digits/, wide);
  }
});

test("no operator sends a decimal through a float", () => {
  const [a, b] = [Decimal.parse("1"), Decimal.parse("2")];
  assert.throws(() => a < b, /compare\(\)/);
  assert.throws(() => `${(a as unknown as number) + 1}`, /add\(\)/);
  assert.throws(() => Number(a), TypeError);
});

test("sums of none and whole parts", () => {
  assert.ok(Decimal.sum([]).isZero());
  assert.equal(Decimal.sum([Decimal.parse("0.1"), Decimal.parse("0.2")]).toString(), "0.3");
  assert.deepEqual([Decimal.parse("-1.9").trunc(), Decimal.parse("7").trunc()], [-1n, 7n]);
  assert.ok(Decimal.parse("-0.01").isNegative() && !Decimal.ZERO.isNegative());
});
