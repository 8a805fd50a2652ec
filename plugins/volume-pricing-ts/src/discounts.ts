// Which discounts a line may have. What does not depend on the line is found once for the order.

import { type Day, Decimal, note, percent, type Line, type Note, type Order } from "@qudao/sdk";
import type { Break, Promotion, Scope, Settings } from "./settings";

/** One discount of a line. */
export interface Discount {
  rate: Decimal;
  /** What the buyer reads when it is used. */
  used: Note;
  notBest: string;
}

/** The later is the more specific. */
const PRECEDENCE: readonly Scope[] = ["all", "category", "sku"];

/** What one order's dealer and day allow. */
export class Offers {
  readonly on: Day;
  readonly region: string;
  readonly uplift: Decimal;
  private readonly tier: string;
  private readonly tierDiscount: Decimal | undefined;
  /** Those that run on the order's day. */
  private readonly promotions: readonly Promotion[];

  constructor(
    { dealer, on }: Order,
    private readonly settings: Settings,
  ) {
    this.on = on;
    this.region = dealer.region;
    this.uplift = settings.regions.find(({ region }) => region === dealer.region)?.uplift ?? Decimal.ZERO;
    this.tier = dealer.tier;
    this.tierDiscount = settings.tiers.find(({ tier }) => tier === dealer.tier)?.discount;
    this.promotions = settings.promotions.filter(({ first, last }) => first <= on && on <= last);
  }

  /** The discounts to take, in order, and why others are not taken. */
  forLine(line: Line): { taken: Discount[]; skipped: Note[] } {
    const breaks = this.settings.breaks.filter((each) => applies(each, line));
    const found: Discount[] = [];
    for (const discount of [this.byTier(), byVolume(breaks, line.quantity), this.byPromotion(line)]) {
      if (discount && !discount.rate.isZero()) found.push(discount);
    }
    const best = this.settings.stacking === "best" ? largest(found) : undefined;
    const skipped = this.tierDiscount ? [] : [note("tier-not-listed", this.tier)];
    for (const beaten of best ? found : []) {
      if (beaten !== best) skipped.push(note(beaten.notBest, percent(beaten.rate)));
    }
    const next = nextBreak(breaks, line.quantity);
    if (next) skipped.push(next);
    return { taken: best ? [best] : found, skipped };
  }

  private byTier(): Discount | undefined {
    const rate = this.tierDiscount;
    return rate && { rate, used: note("tier-discount", this.tier, percent(rate)), notBest: "tier-not-best" };
  }

  private byPromotion(line: Line): Discount | undefined {
    const fit = this.promotions.filter((each) => applies(each, line) && within(line.quantity, each));
    const best = firstMax(fit, (a, b) => a.discount.compare(b.discount));
    if (!best) return undefined;
    const used = note("promotion", best.name, percent(best.discount), best.last);
    return { rate: best.discount, used, notBest: "promotion-not-best" };
  }
}

function byVolume(breaks: readonly Break[], quantity: bigint): Discount | undefined {
  const best = breakAt(breaks, quantity);
  if (!best) return undefined;
  const used = note("volume-discount", best.from, percent(best.discount));
  return { rate: best.discount, used, notBest: "volume-not-best" };
}

/** The break that holds at a quantity: the most specific, then the largest. */
function breakAt(breaks: readonly Break[], quantity: bigint): Break | undefined {
  const fit = breaks.filter((each) => within(quantity, each));
  return firstMax(fit, (a, b) => specificity(a) - specificity(b) || a.discount.compare(b.discount));
}

function specificity({ scope }: Break): number {
  return PRECEDENCE.indexOf(scope);
}

/** The nearest larger quantity at which the line would have a larger volume discount, if there is one. */
function nextBreak(breaks: readonly Break[], quantity: bigint): Note | undefined {
  const now = breakAt(breaks, quantity)?.discount ?? Decimal.ZERO;
  const starts = breaks.filter(({ from }) => from > quantity).sort((a, b) => (a.from < b.from ? -1 : a.from > b.from ? 1 : 0));
  for (const { from } of starts) {
    const rate = breakAt(breaks, from)?.discount;
    if (rate?.moreThan(now)) return note("next-break", from - quantity, percent(rate));
  }
  return undefined;
}

/** Of equals the first: a setting's place then decides. */
function firstMax<T>(all: readonly T[], compare: (a: T, b: T) => number): T | undefined {
  return all.reduce<T | undefined>(
    (best, next) => (best !== undefined && compare(best, next) >= 0 ? best : next),
    undefined,
  );
}

function largest(found: readonly Discount[]): Discount | undefined {
  return firstMax(found, (a, b) => a.rate.compare(b.rate));
}

function applies({ scope, code }: { scope: Scope; code: string }, line: Line): boolean {
  return scope === "all" || code === (scope === "category" ? line.category : line.sku);
}

function within(quantity: bigint, { from, to }: { from: bigint; to: bigint | null }): boolean {
  return from <= quantity && (to === null || quantity <= to);
}
