// A raise is announced: for some days more a dealer pays from the list price before it.

import { note, type Day, type Decimal, type Line, type Note } from "@qudao/sdk";

/** The list price that a dealer pays from, and why it is not the line's own. */
export interface ListPrice {
  price: Decimal;
  held?: Note;
}

/** The list price of a line on a day. */
export function listPrice({ basePrice, formerPrice: former }: Line, on: Day, noticeDays: bigint): ListPrice {
  if (noticeDays === 0n || !former?.price.lessThan(basePrice)) return { price: basePrice };
  const last = former.until.plusDays(Number(noticeDays));
  return on <= last ? { price: former.price, held: note("former-price", former.price, last) } : { price: basePrice };
}
