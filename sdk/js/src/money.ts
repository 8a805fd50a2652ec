// Amounts in the minor unit of their currency, and the one rule by which they are rounded.

import { Decimal, fitsS64, tenTo } from "./decimal";

const ZERO = ["BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF"];
const EXPONENTS = new Map<string, number>([
  ...[...ZERO, "XOF", "XPF"].map((code) => [code, 0] as const),
  ...["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"].map((code) => [code, 3] as const),
  ...["CLF", "UYW"].map((code) => [code, 4] as const),
]);

/** Decimals of a currency's minor unit by ISO 4217: JPY 0, CNY 2, KWD 3. */
export function exponent(currency: string): number {
  if (!/^[A-Z]{3}$/.test(currency)) {
    throw new RangeError(`\`${currency.slice(0, 12)}\` is no currency; write for example CNY`);
  }
  return EXPONENTS.get(currency) ?? 2;
}

/** An amount in minor units (fen, cents, whole yen) of a currency. */
export class Money {
  readonly minor: bigint;
  readonly currency: string;

  /** `minor` units; negative is owed the other way. Throws where they have more than 64 bits. */
  constructor(minor: bigint, currency: string) {
    if (!fitsS64(minor)) throw new RangeError(`the amount ${minor} has more than 64 bits of minor units`);
    exponent(currency);
    this.minor = minor;
    this.currency = currency;
  }

  /** An exact amount in major units, rounded half-even to the minor unit, as the host does. */
  static round(exact: Decimal, currency: string): Money {
    const decimals = exponent(currency);
    const rounded = exact.round(decimals);
    return new Money(rounded.mantissa * tenTo(decimals - rounded.scale), currency);
  }

  /** `unitPrice × quantity`, rounded. */
  static ofLine(unitPrice: Decimal, quantity: bigint, currency: string): Money {
    return Money.round(unitPrice.mul(Decimal.of(quantity)), currency);
  }

  /** In major units: 1,234 fen is 12.34. */
  toDecimal(): Decimal {
    return new Decimal(this.minor, exponent(this.currency));
  }

  toString(): string {
    return `${this.currency} ${this.toDecimal()}`;
  }
}

/**
 * Shares `total` out in proportion to weights (none negative), exactly: each share is rounded down and the minor units
 * left over go one each to the largest remainders, the earlier first where two are equal. All weights zero: everything
 * goes to the first.
 */
export function allocate(total: bigint, weights: readonly bigint[]): bigint[] {
  const sum = weights.reduce((all, weight) => all + weight, 0n);
  if (weights.some((weight) => weight < 0n)) throw new RangeError("a weight is negative");
  if (sum === 0n) return weights.map((_, place) => (place === 0 ? total : 0n));
  const size = total < 0n ? -total : total;
  const shares = weights.map((weight) => (size * weight) / sum);
  const left = shares.reduce((rest, share) => rest - share, size);
  const remainders = weights.map((weight, place) => ({ place, rest: (size * weight) % sum }));
  // The sort is stable: of equal remainders the earlier share comes first.
  remainders.sort((a, b) => (a.rest > b.rest ? -1 : a.rest < b.rest ? 1 : 0));
  const lucky = new Set(remainders.slice(0, Number(left)).map(({ place }) => place));
  const sign = total < 0n ? -1n : 1n;
  return shares.map((share, place) => sign * (lucky.has(place) ? share + 1n : share));
}
