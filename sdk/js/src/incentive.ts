// What earns an incentive: `defineIncentive`. Keep sums, not facts: a period may hold ten million of them.

import type * as wit from "qudao:incentive/incentive@0.1.0";
import { descriptor, fromAmount, fromNote, fromNotes, fromPlace, fromRefused, toAttributes, toDecimal } from "./boundary";
import { type About, type Attribute, type Note, Refused } from "./contract";
import { Day } from "./day";
import type { Decimal } from "./decimal";
import type { Settings } from "./settings";

/** First and last day. */
export interface Period {
  first: Day;
  last: Day;
}

/** A dealer that takes part; others name it by its position in `header.participants`. */
export interface Participant {
  code: string;
  tier: string;
  region: string;
  /** The next dealer up in the tree, if it takes part too. */
  parent?: number;
  attributes: Attribute[];
}

/** A product that occurs in the facts; they name it by its position in `header.products`. */
export interface Product {
  sku: string;
  category: string;
  attributes: Attribute[];
}

/** A participant's target or metric. */
export interface Figure {
  participant: number;
  code: string;
  value: Decimal;
}

/** What a run begins with. */
export interface Header {
  program: string;
  /** ISO 4217; all amounts of the run are in its minor unit. */
  currency: string;
  period: Period;
  participants: Participant[];
  products: Product[];
  targets: Figure[];
  metrics: Figure[];
  /** What is left of the program's budget, in minor units; absent where it has none. */
  budgetLeft?: bigint;
}

/** Whether a day lies in the period. A fact before it belongs to the same days a year earlier. */
export function covers({ first, last }: Period, day: Day): boolean {
  return first <= day && day <= last;
}

/** Something that happened. Facts come in the order in which they were recorded. */
export interface Fact {
  /** Its place in the company's record; stable for ever. */
  seq: bigint;
  kind: wit.FactKind;
  participant: number;
  product: number;
  on: Day;
  /** The day on which it was paid, if it was. */
  paidOn?: Day;
  /** Pieces; negative for a return. */
  quantity: bigint;
  /** Net, in minor units; negative for a return. */
  amount: bigint;
  /** For a return: the fact that it takes back. */
  reverses?: bigint;
}

/** Which facts a payout rests on: all of the beneficiary's, those of one category, or these alone. */
export type Basis = { tag: "all" } | { tag: "category"; val: string } | { tag: "facts"; val: readonly bigint[] };

/** What a beneficiary gets, and why. */
export interface Payout {
  beneficiary: number;
  /** What it is for. */
  reason: Note;
  /** Minor units; negative takes something back. */
  amount: bigint;
  basis: Basis;
  /** The steps of the calculation, in the order in which a person would do them. */
  steps: readonly Note[];
}

/** Why a scheme did not pay a participant. */
export interface Unpaid {
  beneficiary: number;
  reason: Note;
}

/** A run's result. */
export interface Settlement {
  payouts: readonly Payout[];
  unpaid: readonly Unpaid[];
}

/** A run under way. */
export interface Run {
  /** Takes the next facts. How many come at once means nothing. */
  add(facts: readonly Fact[]): void;
  finish(): Settlement | Refused<Note>;
}

/** An incentive scheme. */
export interface IncentiveRule<S> extends About {
  /** What the company can set. */
  settings: Settings<S>;
  /** Begins a run, or says by `refuse([…])` why it cannot be done. */
  open(header: Header, settings: S): Run | Refused<Note>;
}

/** The contract's resource. */
export interface Accumulator {
  add(facts: wit.Fact[]): void;
  /** Throws the notes where it refuses. */
  finish(): wit.Settlement;
}

/** What the component exports. */
export interface IncentivePlugin {
  describe(): wit.Descriptor;
  Accumulator: {
    /** Throws the notes where it refuses. */
    open(header: wit.Header): Accumulator;
  };
}

/** Makes a scheme the plugin: `export const incentive = defineIncentive({ … })`. */
export function defineIncentive<S>(rule: IncentiveRule<S>): IncentivePlugin {
  const about = descriptor("incentive", rule, rule.settings, []);
  class OpenRun implements Accumulator {
    #run: Run | undefined;

    constructor(run: Run) {
      this.#run = run;
    }

    static open(header: wit.Header): Accumulator {
      const run = rule.open(toHeader(header), rule.settings.read(header.settings));
      return run instanceof Refused ? fromRefused(run, fromNote) : new OpenRun(run);
    }

    add(facts: wit.Fact[]): void {
      underWay(this.#run).add(facts.map(toFact));
    }

    finish(): wit.Settlement {
      const settled = underWay(this.#run).finish();
      this.#run = undefined;
      return settled instanceof Refused ? fromRefused(settled, fromNote) : fromSettlement(settled);
    }
  }
  return { describe: () => about, Accumulator: OpenRun };
}

function underWay(run: Run | undefined): Run {
  if (run === undefined) throw new Error("the host used a run after it had finished");
  return run;
}

function toHeader(header: wit.Header): Header {
  const { program, currency, period, participants, products, targets, metrics, budgetLeft } = header;
  const read: Header = {
    program,
    currency,
    period: { first: Day.of(period.first), last: Day.of(period.last) },
    participants: participants.map((each) => ({ ...each, attributes: toAttributes(each.attributes) })),
    products: products.map((each) => ({ ...each, attributes: toAttributes(each.attributes) })),
    targets: targets.map(toFigure),
    metrics: metrics.map(toFigure),
  };
  return budgetLeft === undefined ? read : { ...read, budgetLeft };
}

function toFigure({ participant, code, value }: wit.Target | wit.Metric): Figure {
  return { participant, code, value: toDecimal(value) };
}

function toFact(fact: wit.Fact): Fact {
  const { seq, kind, participant, product, quantity, amount } = fact;
  const read: Fact = { seq, kind, participant, product, on: Day.of(fact.on), quantity, amount };
  if (fact.paidOn !== undefined) read.paidOn = Day.of(fact.paidOn);
  if (fact.reverses !== undefined) read.reverses = fact.reverses;
  return read;
}

function fromSettlement({ payouts, unpaid }: Settlement): wit.Settlement {
  return { payouts: payouts.map(fromPayout), unpaid: unpaid.map(fromUnpaid) };
}

function fromPayout({ beneficiary, reason, amount, basis, steps }: Payout): wit.Payout {
  return {
    beneficiary: fromPlace(beneficiary),
    reason: fromNote(reason),
    amount: fromAmount(amount),
    basis: basis.tag === "facts" ? { tag: "facts", val: BigUint64Array.from(basis.val) } : basis,
    steps: fromNotes(steps),
  };
}

function fromUnpaid({ beneficiary, reason }: Unpaid): wit.Unpaid {
  return { beneficiary: fromPlace(beneficiary), reason: fromNote(reason) };
}
