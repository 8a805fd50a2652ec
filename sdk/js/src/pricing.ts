// How a price is formed: `definePricing`.

import type * as wit from "qudao:pricing/pricing@0.2.0";
import { descriptor, fromNote, fromNotes, fromPlace, fromRefused, toAttributes, toDecimal } from "./boundary";
import { type About, type Attribute, type Note, Refused } from "./contract";
import { Day } from "./day";
import type { Decimal } from "./decimal";
import type { Money } from "./money";
import type { Settings } from "./settings";

/** The dealer for whom prices are asked. */
export interface Dealer {
  code: string;
  tier: string;
  region: string;
  attributes: Attribute[];
}

/** A list price that no longer holds. */
export interface FormerPrice {
  /** Of one piece, in the order's currency. */
  price: Decimal;
  /** The last day on which it held. */
  until: Day;
}

/** One line to be priced. */
export interface Line {
  /** Unique in the order; the answer names it again. */
  number: number;
  sku: string;
  category: string;
  /** Pieces, at least 1. */
  quantity: bigint;
  /** Dated list price of one piece, in the order's currency. */
  basePrice: Decimal;
  /** The list price that held before, if there was one. */
  formerPrice?: FormerPrice;
  attributes: Attribute[];
}

/** What a rule sees of an order. */
export interface Order {
  /** ISO 4217, of every price. */
  currency: string;
  /** The day for which prices are asked. */
  on: Day;
  dealer: Dealer;
  /** Terms of the dealer's contract that the descriptor names. */
  terms: Attribute[];
  /** Totals of the dealer's past that the descriptor names. */
  history: Attribute[];
  lines: Line[];
}

/** One step from the base price to the dealer's own. */
export interface Adjustment {
  /** Added to the unit price; negative for a discount. */
  amount: Decimal;
  reason: Note;
}

/** A line's price and how it was reached. The host checks that `basePrice + Σ adjustments = unitPrice`. */
export class PricedLine {
  readonly number: number;
  private price: Decimal;
  private readonly steps: Adjustment[] = [];
  /** Rules that were considered and did not apply, and why. */
  skipped: Note[] = [];

  /** The line at its base price, no step taken yet. */
  constructor(line: Pick<Line, "number" | "basePrice">) {
    this.number = line.number;
    this.price = line.basePrice;
  }

  /** The dealer's price of one piece. */
  get unitPrice(): Decimal {
    return this.price;
  }

  /** The steps from the base price. */
  get adjustments(): readonly Adjustment[] {
    return this.steps;
  }

  /** Takes one step, so that price and steps cannot disagree. A step of nothing is left out. */
  adjust(amount: Decimal, reason: Note): void {
    if (amount.isZero()) return;
    this.price = this.price.add(amount);
    this.steps.push({ amount, reason });
  }
}

/** A change to the order's total after the lines, in the order's currency. */
export interface OrderAdjustment {
  amount: Money;
  reason: Note;
}

/** A priced order. */
export interface Quote {
  /** One for each line of the order, in the same order. */
  lines: readonly PricedLine[];
  /** Changes to the total. */
  adjustments: readonly OrderAdjustment[];
  /** Why somebody must agree first; empty where nobody must. */
  approvals: readonly Note[];
}

/** Why an order, or one line of it, cannot be priced; without `line` the whole order is meant. */
export interface Violation {
  line?: number;
  reason: Note;
}

/** A pricing rule. */
export interface PricingRule<S> extends About {
  /** What the company can set. */
  settings: Settings<S>;
  /** Prices an order: one `PricedLine` for each line, in the same order; or `refuse([…])`. */
  price(order: Order, settings: S): Quote | Refused<Violation>;
}

/** What the component exports. */
export interface PricingPlugin {
  describe(): wit.Descriptor;
  /** Throws the violations where it refuses. */
  price(order: wit.Order, settings: string): wit.Quote;
}

/** Makes a rule the plugin: `export const pricing = definePricing({ … })`. */
export function definePricing<S>(rule: PricingRule<S>): PricingPlugin {
  const about = descriptor("pricing", rule, rule.settings, []);
  return {
    describe: () => about,
    price(order, settings) {
      const answer = rule.price(toOrder(order), rule.settings.read(settings));
      return answer instanceof Refused ? fromRefused(answer, fromViolation) : fromQuote(answer);
    },
  };
}

function toOrder({ currency, on, dealer, terms, history, lines }: wit.Order): Order {
  return {
    currency,
    on: Day.of(on),
    dealer: { ...dealer, attributes: toAttributes(dealer.attributes) },
    terms: toAttributes(terms),
    history: toAttributes(history),
    lines: lines.map(toLine),
  };
}

function toLine({ number, sku, category, quantity, basePrice, formerPrice, attributes }: wit.Line): Line {
  return {
    number,
    sku,
    category,
    quantity,
    basePrice: toDecimal(basePrice),
    ...(formerPrice && { formerPrice: { price: toDecimal(formerPrice.price), until: Day.of(formerPrice.until) } }),
    attributes: toAttributes(attributes),
  };
}

function fromQuote({ lines, adjustments, approvals }: Quote): wit.Quote {
  return {
    lines: lines.map(fromLine),
    adjustments: adjustments.map(({ amount, reason }) => ({ amount, reason: fromNote(reason) })),
    approvals: fromNotes(approvals),
  };
}

function fromLine(line: PricedLine): wit.PricedLine {
  return {
    number: fromPlace(line.number),
    unitPrice: line.unitPrice.toContract(),
    adjustments: line.adjustments.map(({ amount, reason }) => ({
      amount: amount.toContract(),
      reason: fromNote(reason),
    })),
    skipped: fromNotes(line.skipped),
  };
}

function fromViolation({ line, reason }: Violation): wit.Violation {
  return line === undefined ? { reason: fromNote(reason) } : { line: fromPlace(line), reason: fromNote(reason) };
}
