// Exact decimal numbers. Nothing here ever becomes a float.

/** The most decimals that a number of the contract may carry. */
export const MAX_SCALE = 9;

const LEAST = -(2n ** 63n);
const MOST = 2n ** 63n - 1n;
const TEXT = /^(-?)([0-9]+)(?:\.([0-9]+))?$/;
/** Longer texts are no number that anybody meant. */
const MAX_TEXT = 60;

/** Whether a whole number has the 64 bits of the contract's `s64`. */
export function fitsS64(whole: bigint): boolean {
  return LEAST <= whole && whole <= MOST;
}

/**
 * An exact number, `mantissa × 10^-scale`, as wide as it needs to be. Only where it leaves the plugin must it fit
 * 64 bits and nine decimals: `round` before that.
 *
 * Two decimals are compared by `compare`, `lessThan` and the like; `<` between them throws, and `===` asks whether they
 * are the same object.
 */
export class Decimal {
  static readonly ZERO = new Decimal(0n, 0);
  static readonly ONE = new Decimal(1n, 0);
  static readonly ONE_HUNDRED = new Decimal(100n, 0);

  readonly mantissa: bigint;
  readonly scale: number;

  /** `new Decimal(5n, 2)` is 0.05. */
  constructor(mantissa: bigint, scale: number) {
    // A call costs an interpreted plugin more than this does, and there is no busier place.
    if (scale >>> 0 !== scale) {
      throw new RangeError(`a scale is a whole number from 0, not ${scale}`);
    }
    this.mantissa = mantissa;
    this.scale = scale;
  }

  /** Reads `-12.50`: an optional minus, digits, and digits after a point. */
  static parse(text: string): Decimal {
    const parts = text.length <= MAX_TEXT ? TEXT.exec(text) : null;
    if (parts === null) {
      throw new SyntaxError(`\`${text.slice(0, 20)}\` is no decimal; write for example 0.05`);
    }
    const [, sign, whole, fraction = ""] = parts;
    return new Decimal(BigInt(`${sign}${whole}${fraction}`), fraction.length);
  }

  /** A whole number. */
  static of(whole: bigint): Decimal {
    return new Decimal(whole, 0);
  }

  /** The smallest; there must be one. */
  static min(first: Decimal, ...others: readonly Decimal[]): Decimal {
    return others.reduce((least, next) => (next.lessThan(least) ? next : least), first);
  }

  /** The largest; there must be one. */
  static max(first: Decimal, ...others: readonly Decimal[]): Decimal {
    return others.reduce((most, next) => (most.lessThan(next) ? next : most), first);
  }

  /** The sum; of none, 0. */
  static sum(all: Iterable<Decimal>): Decimal {
    let sum = Decimal.ZERO;
    for (const each of all) sum = sum.add(each);
    return sum;
  }

  add(other: Decimal): Decimal {
    const { scale } = this;
    if (scale === other.scale) return new Decimal(this.mantissa + other.mantissa, scale);
    const finer = scale < other.scale ? other.scale : scale;
    return new Decimal(this.at(finer) + other.at(finer), finer);
  }

  sub(other: Decimal): Decimal {
    const { scale } = this;
    if (scale === other.scale) return new Decimal(this.mantissa - other.mantissa, scale);
    const finer = scale < other.scale ? other.scale : scale;
    return new Decimal(this.at(finer) - other.at(finer), finer);
  }

  mul(other: Decimal): Decimal {
    return new Decimal(this.mantissa * other.mantissa, this.scale + other.scale);
  }

  /** The quotient, rounded half-even to so many decimals. Dividing by 0 throws. */
  div(other: Decimal, scale: number): Decimal {
    if (other.isZero()) throw new RangeError(`${this} cannot be divided by 0`);
    const sign = other.mantissa < 0n ? -1n : 1n;
    const dividend = sign * this.mantissa * tenTo(other.scale + scale);
    return new Decimal(halfEven(dividend, sign * other.mantissa * tenTo(this.scale)), scale);
  }

  neg(): Decimal {
    return new Decimal(-this.mantissa, this.scale);
  }

  abs(): Decimal {
    return this.mantissa < 0n ? this.neg() : this;
  }

  /** Rounded half-even to at most so many decimals, as the host rounds money. */
  round(scale: number): Decimal {
    if (this.scale <= scale) return this;
    return new Decimal(halfEven(this.mantissa, tenTo(this.scale - scale)), scale);
  }

  /** Rounded towards +∞ to at most so many decimals: for a floor that no price may fall below. */
  roundUp(scale: number): Decimal {
    if (this.scale <= scale) return this;
    const unit = tenTo(this.scale - scale);
    const down = this.mantissa / unit;
    const more = this.mantissa > 0n && down * unit !== this.mantissa;
    return new Decimal(more ? down + 1n : down, scale);
  }

  /** The same number without trailing zeros after the point. */
  normalize(): Decimal {
    let { mantissa, scale } = this;
    while (scale > 0 && mantissa % 10n === 0n) {
      mantissa /= 10n;
      scale -= 1;
    }
    return new Decimal(mantissa, scale);
  }

  /** -1, 0 or 1. 0.10 is 0.1. */
  compare(other: Decimal): -1 | 0 | 1 {
    const finer = this.scale < other.scale ? other.scale : this.scale;
    const left = this.at(finer);
    const right = other.at(finer);
    return left < right ? -1 : left > right ? 1 : 0;
  }

  equals(other: Decimal): boolean {
    return this.compare(other) === 0;
  }

  lessThan(other: Decimal): boolean {
    return this.compare(other) < 0;
  }

  atMost(other: Decimal): boolean {
    return this.compare(other) <= 0;
  }

  moreThan(other: Decimal): boolean {
    return this.compare(other) > 0;
  }

  atLeast(other: Decimal): boolean {
    return this.compare(other) >= 0;
  }

  isZero(): boolean {
    return this.mantissa === 0n;
  }

  isNegative(): boolean {
    return this.mantissa < 0n;
  }

  /** The whole part, towards 0. */
  trunc(): bigint {
    return this.mantissa / tenTo(this.scale);
  }

  /** As the contract carries it: 64 bits, at most nine decimals. No digit is dropped: what does not fit throws. */
  toContract(): Decimal {
    if (fits(this)) return this;
    const short = this.normalize();
    if (fits(short)) return short;
    throw new RangeError(`${this} has more than ${MAX_SCALE} decimals or 19 digits; round it before you answer`);
  }

  toString(): string {
    const digits = (this.mantissa < 0n ? -this.mantissa : this.mantissa).toString().padStart(this.scale + 1, "0");
    const sign = this.mantissa < 0n ? "-" : "";
    const point = digits.length - this.scale;
    return this.scale === 0 ? sign + digits : `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
  }

  /** Decimals are strings in JSON, since a JSON number passes through a float. */
  toJSON(): string {
    return this.toString();
  }

  /** Only a text may be made of it in passing; `a < b` and `a + b` throw instead of going through a float. */
  [Symbol.toPrimitive](hint: string): string {
    if (hint === "string") return this.toString();
    throw new TypeError("decimals are compared by compare() and added by add()");
  }

  private at(scale: number): bigint {
    return scale === this.scale ? this.mantissa : this.mantissa * tenTo(scale - this.scale);
  }
}

function fits(number: Decimal): boolean {
  return number.scale <= MAX_SCALE && fitsS64(number.mantissa);
}

/** Powers of ten, kept because they are asked for again and again. */
const TENS: bigint[] = Array.from({ length: 40 }, (_, exponent) => 10n ** BigInt(exponent));

/** `10^exponent`. */
export function tenTo(exponent: number): bigint {
  return TENS[exponent] ?? 10n ** BigInt(exponent);
}

/** `dividend ÷ divisor`, halves to the even neighbour; the divisor is positive. */
function halfEven(dividend: bigint, divisor: bigint): bigint {
  const towardsZero = dividend / divisor;
  const rest = dividend - towardsZero * divisor;
  const twice = 2n * (rest < 0n ? -rest : rest);
  if (twice < divisor || (twice === divisor && towardsZero % 2n === 0n)) return towardsZero;
  return dividend < 0n ? towardsZero - 1n : towardsZero + 1n;
}
