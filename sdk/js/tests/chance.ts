// Numbers at random, but the same ones in every run.

import { Decimal } from "../src/index";

/** A source of random numbers (xorshift, 64 bits). */
export class Chance {
  #state: bigint;

  constructor(seed: bigint) {
    this.#state = seed;
  }

  /** From 0 up to, and without, `end`. */
  below(end: bigint): bigint {
    this.#state ^= BigInt.asUintN(64, this.#state << 13n);
    this.#state ^= this.#state >> 7n;
    this.#state ^= BigInt.asUintN(64, this.#state << 17n);
    return this.#state % end;
  }

  /** Of few digits and of many, negative as often as positive. */
  decimal(maxScale = 12): Decimal {
    const size = 10n ** this.below(20n);
    const mantissa = this.below(size);
    const scale = Number(this.below(BigInt(maxScale + 1)));
    return new Decimal(this.below(2n) === 0n ? mantissa : -mantissa, scale);
  }
}
