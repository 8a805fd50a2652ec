// Who owns an opportunity: `defineDeal`.

import type * as wit from "qudao:deal/deal@0.1.0";
import { fromNote, fromNotes, fromPlace, fromRefused, spoken, toAttributes, toDecimal, toMoney } from "./boundary";
import { type About, type Attribute, type Note, Refused } from "./contract";
import { Day } from "./day";
import type { Decimal } from "./decimal";
import type { Money } from "./money";
import type { Settings } from "./settings";

/** Who registers. */
export interface Claimant {
  kind: "dealer" | "salesperson";
  /** The dealer's code, or the salesperson's id. */
  code: string;
  /** Empty for a salesperson. */
  tier: string;
  /** Empty for a salesperson. */
  region: string;
  attributes: Attribute[];
}

/** Who is to buy. */
export interface Customer {
  /** The same for every name and number that the host takes for the same customer. */
  key: string;
  /** As the claimant wrote it. */
  name: string;
  registeredNumber: string;
  region: string;
}

/** The lowest price at which anybody may quote: a share of the list price, 0 to 1, or an amount for the whole. */
export type Floor = { tag: "share"; val: Decimal } | { tag: "amount"; val: Money };

/** An open registration of the same customer. */
export interface Earlier {
  /** From 1, the oldest first; a ruling names it by this. */
  number: number;
  claimant: Claimant;
  /** Whether it is the claimant's own. */
  isOwn: boolean;
  registeredOn: Day;
  category: string;
  amount: Money;
  /** It holds, or somebody still has to decide it. */
  standing: "accepted" | "asked";
  protectedUntil: Day | undefined;
  floor: Floor | undefined;
}

/** A registration that is asked for. */
export interface Claim {
  /** The day on which it is made. */
  on: Day;
  claimant: Claimant;
  customer: Customer;
  category: string;
  skus: string[];
  /** What the opportunity may be worth. */
  amount: Money;
  expectedClose: Day;
  /** What the claimant says happened since it last registered this customer; empty where nothing did. */
  progress: string;
  note: string;
  earlier: Earlier[];
}

/** Who gets how much of a split. */
export interface Share {
  /** 0 for the claim, else the number of an earlier registration. */
  registration: number;
  /** Hundredths of a per cent; the host checks that all of them add up to 10,000. */
  basisPoints: number;
}

/** What the ruling means for an earlier registration: the floor holds for it too. */
export interface Affected {
  registration: number;
  /** It ends, for the claim has the opportunity now; with `ask`, once somebody accepts the claim. */
  ends: boolean;
  /** For whoever made it; names no other claimant. */
  reasons: readonly Note[];
}

/** Who owns the opportunity. */
export interface Ruling {
  outcome: "accept" | "ask" | "protect" | "split" | "refuse";
  /** Needed for `protect`, impossible for `refuse`. */
  protectedUntil?: Day | undefined;
  /** For `split` alone: the claim and at least one earlier registration. */
  shares?: readonly Share[];
  /** Holds for the claim and for every registration in `affected`. */
  floor?: Floor | undefined;
  /** For the claimant; names no other claimant. */
  reasons: readonly Note[];
  affected?: readonly Affected[];
}

/** A rule about deals. */
export interface DealRule<S> extends About {
  /** What the company can set. */
  settings: Settings<S>;
  /** Rules on a claim, or says by `refuse([…])` why it is no registration at all. */
  decide(claim: Claim, settings: S): Ruling | Refused<Note>;
}

/** What the component exports. */
export interface DealPlugin {
  describe(): wit.Descriptor;
  /** Throws the notes where it refuses. */
  decide(claim: wit.Claim, settings: string): wit.Ruling;
}

/** Makes a rule the plugin: `export const deal = defineDeal({ … })`. */
export function defineDeal<S>(rule: DealRule<S>): DealPlugin {
  // The interface says the kind, and there are no metrics.
  const about = spoken(rule, rule.settings);
  return {
    describe: () => about,
    decide(claim, settings) {
      const answer = rule.decide(toClaim(claim), rule.settings.read(settings));
      return answer instanceof Refused ? fromRefused(answer, fromNote) : fromRuling(answer);
    },
  };
}

function toClaim(claim: wit.Claim): Claim {
  return {
    ...claim,
    on: Day.of(claim.on),
    claimant: toClaimant(claim.claimant),
    amount: toMoney(claim.amount),
    expectedClose: Day.of(claim.expectedClose),
    earlier: claim.earlier.map(toEarlier),
  };
}

function toClaimant(claimant: wit.Claimant): Claimant {
  return { ...claimant, attributes: toAttributes(claimant.attributes) };
}

function toEarlier(earlier: wit.Earlier): Earlier {
  return {
    ...earlier,
    claimant: toClaimant(earlier.claimant),
    registeredOn: Day.of(earlier.registeredOn),
    amount: toMoney(earlier.amount),
    protectedUntil: earlier.protectedUntil && Day.of(earlier.protectedUntil),
    floor: earlier.floor && toFloor(earlier.floor),
  };
}

function toFloor(floor: wit.Floor): Floor {
  if (floor.tag === "share") return { tag: "share", val: toDecimal(floor.val) };
  return { tag: "amount", val: toMoney(floor.val) };
}

function fromRuling({ outcome, protectedUntil, shares, floor, reasons, affected }: Ruling): wit.Ruling {
  return {
    outcome,
    ...(protectedUntil && { protectedUntil }),
    shares: (shares ?? []).map(({ registration, basisPoints }) => ({
      registration: fromPlace(registration),
      basisPoints: fromPlace(basisPoints),
    })),
    ...(floor && { floor: fromFloor(floor) }),
    reasons: fromNotes(reasons),
    affected: (affected ?? []).map(({ registration, ends, reasons }) => ({
      registration: fromPlace(registration),
      ends,
      reasons: fromNotes(reasons),
    })),
  };
}

function fromFloor(floor: Floor): wit.Floor {
  return floor.tag === "share" ? { tag: "share", val: floor.val.toContract() } : floor;
}
