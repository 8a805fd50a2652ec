// The smallest honest deal plugin: whoever comes first has the customer for a while, and nobody undercuts.

import { defineDeal, message, note, percent, text } from "@qudao/sdk";
import type { Affected, Claim, Earlier, Floor, Note, Ruling } from "@qudao/sdk";
import { name, version } from "../package.json";
import { settings, type Settings } from "./settings";

// The export's name is that of the kind. Forget it, and nothing is built.
export const deal = defineDeal({
  name,
  version,
  title: text("先报备者得", "First come, first served"),
  summary: text(
    "先报备者在一定天数内独享该客户，各方守同一最低价。",
    "Whoever registers a customer first has it for some days; one price floor for all.",
  ),
  settings,
  // Every code that an answer may use, in both languages. None may say who the other claimant is.
  messages: [
    message("protected", "受保护至 {0}", "Protected until {0}"),
    message("taken", "该客户已有人报备", "Somebody registered this customer before"),
    message("kept", "另有报备未被受理", "Another registration was refused"),
    message("floor", "报价不得低于目录价的 {0}", "Nobody may quote below {0} of the list price"),
  ],
  attributes: [],
  decide(claim, { days, floor_share: share }) {
    const floor: Floor = { tag: "share", val: share };
    const undercut = note("floor", percent(share));
    const holders = claim.earlier.filter((earlier) => holds(earlier, claim));
    // The floor holds for those who are told, too; each reads why.
    const affected = holders.map((holder) => told(holder, undercut));
    return { ...ruled(claim, holders, days, undercut), floor, affected };
  },
});

/** The rule itself: nobody holds the customer, and the claim has it for some days; else it is refused. */
function ruled(claim: Claim, holders: readonly Earlier[], days: Settings["days"], undercut: Note): Ruling {
  if (holders.length > 0) return { outcome: "refuse", reasons: [note("taken"), undercut] };
  const until = claim.on.plusDays(Number(days));
  return { outcome: "protect", protectedUntil: until, reasons: [note("protected", until), undercut] };
}

/** Whether an earlier registration keeps the claim out: it is protected on that day, or still to be decided. */
export function holds(earlier: Earlier, claim: Claim): boolean {
  const isProtected = earlier.protectedUntil !== undefined && earlier.protectedUntil >= claim.on;
  return earlier.standing === "asked" || isProtected;
}

function told(holder: Earlier, undercut: Note): Affected {
  return { registration: holder.number, ends: false, reasons: [note("kept"), undercut] };
}
