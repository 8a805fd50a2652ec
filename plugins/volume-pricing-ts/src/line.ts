// One line's price. The exact price is carried from step to step; what a step shows is the difference between the rounded
// prices after and before it, so that the steps add up to the cent.

import { Decimal, note, percent, PricedLine, type Line, type Note } from "@qudao/sdk";
import type { Offers } from "./discounts";
import { listPrice } from "./notice";
import type { Settings } from "./settings";

/** A price on its way: exact, and as shown. */
class Walk {
  readonly priced: PricedLine;
  exact: Decimal;

  constructor(
    line: Line,
    readonly decimals: number,
  ) {
    this.priced = new PricedLine(line);
    this.exact = line.basePrice;
  }

  to(exact: Decimal, reason: Note): void {
    this.priced.adjust(exact.round(this.decimals).sub(this.priced.unitPrice), reason);
    this.exact = exact;
  }
}

/** Prices one line. */
export function priceLine(line: Line, offers: Offers, settings: Settings): PricedLine {
  const walk = new Walk(line, Number(settings.decimals));
  walk.to(line.basePrice, note("rounding", settings.decimals));
  const { price: listed, held } = listPrice(line, offers.on, settings.notice_days);
  if (held) walk.to(listed, held);
  if (!offers.uplift.isZero()) {
    const uplifted = listed.mul(Decimal.ONE.add(offers.uplift));
    walk.to(uplifted, note("region-uplift", offers.region, percent(offers.uplift)));
  }
  const list = walk.exact;
  const { taken, skipped } = offers.forLine(line);
  for (const { rate, used } of taken) {
    const from = settings.stacking === "compound" ? walk.exact : list;
    walk.to(walk.exact.sub(from.mul(rate)), used);
  }
  liftToFloor(walk, line, listed, settings);
  walk.priced.skipped = skipped;
  return walk.priced;
}

/** The floor is rounded up, so that the price is never below it. */
function liftToFloor(walk: Walk, line: Line, listed: Decimal, settings: Settings): void {
  const byShare = listed.mul(settings.floor_share).roundUp(walk.decimals);
  const own = settings.floors.find(({ sku }) => sku === line.sku)?.price;
  const byPrice = (own ?? Decimal.ZERO).roundUp(walk.decimals);
  if (walk.priced.unitPrice.atLeast(Decimal.max(byShare, byPrice))) return;
  if (own && byPrice.atLeast(byShare)) walk.to(byPrice, note("floor-price", own));
  else walk.to(byShare, note("floor-share", percent(settings.floor_share)));
}
