// The smallest honest incentive plugin: a flat rate on a dealer's turnover, from a threshold on.

import { allocate, covers, defineIncentive, message, Money, note, percent, text } from "@qudao/sdk";
import type { Fact, Header, Note, Payout, Run, Settlement, Unpaid } from "@qudao/sdk";
import { name, version } from "../package.json";
import { settings, type Settings } from "./settings";

// The export's name is that of the kind. Forget it, and nothing is built.
export const incentive = defineIncentive({
  name,
  version,
  title: text("达标返利", "Rebate from a threshold"),
  summary: text(
    "本期净销售额达到起点后，按固定比例返利。",
    "A flat rate on the period's net turnover, once it reaches a threshold.",
  ),
  settings,
  // Every code that an answer may use, in both languages.
  messages: [
    message("rebate", "销售额返利", "Rebate on turnover"),
    message("rate", "销售额 {0} × {1} = {2}", "Turnover {0} × {1} = {2}"),
    message("not-reached", "销售额 {0}，还差 {1}", "Turnover {0}, {1} short of the threshold"),
    message("nothing-earned", "没有可返的金额", "There is nothing to pay"),
    message("budget-shared", "预算只余 {0}，按比例分配", "Only {0} is left of the budget: shared"),
    message("budget-used-up", "预算已用完", "The budget is used up"),
  ],
  attributes: [],
  open: (header, settings) => new Rebate(header, settings),
});

/** A run of the plugin over one period. */
class Rebate implements Run {
  /** Net turnover of each participant, in minor units. Keep sums, not facts: there may be ten million. */
  private readonly turnover: bigint[];

  constructor(
    private readonly header: Header,
    private readonly settings: Settings,
  ) {
    this.turnover = header.participants.map(() => 0n);
  }

  add(facts: readonly Fact[]): void {
    for (const { on, participant, amount } of facts) {
      // What came back is negative. The host also sends the same days of the year before, for growth.
      if (covers(this.header.period, on)) this.turnover[participant] = (this.turnover[participant] ?? 0n) + amount;
    }
  }

  finish(): Settlement {
    const payouts: Payout[] = [];
    const unpaid: Unpaid[] = [];
    this.turnover.forEach((turnover, beneficiary) => {
      const settled = this.settle(beneficiary, turnover);
      if ("amount" in settled) payouts.push(settled);
      else unpaid.push({ beneficiary, reason: settled });
    });
    return this.keptToBudget(payouts, unpaid);
  }

  /** The rule itself: what a turnover earns, or why nothing. */
  private settle(beneficiary: number, minor: bigint): Payout | Note {
    const { threshold, rate } = this.settings;
    const turnover = this.money(minor);
    const missing = threshold.sub(turnover.toDecimal());
    if (!missing.isZero() && !missing.isNegative()) {
      return note("not-reached", turnover, Money.round(missing, this.header.currency));
    }
    const earned = Money.round(turnover.toDecimal().mul(rate), this.header.currency);
    if (earned.minor === 0n) return note("nothing-earned");
    const steps = [note("rate", turnover, percent(rate), earned)];
    return { beneficiary, reason: note("rebate"), amount: earned.minor, basis: { tag: "all" }, steps };
  }

  /** The host takes no answer that pays more than is left. Everybody gets the same part of what was earned. */
  private keptToBudget(earned: Payout[], unpaid: Unpaid[]): Settlement {
    const weights = earned.map(({ amount }) => amount);
    const { budgetLeft } = this.header;
    const left = budgetLeft !== undefined && budgetLeft < 0n ? 0n : budgetLeft;
    if (left === undefined || weights.reduce((all, amount) => all + amount, 0n) <= left) {
      return { payouts: earned, unpaid };
    }
    const shares = allocate(left, weights);
    const payouts: Payout[] = [];
    earned.forEach((payout, place) => {
      const amount = shares[place] ?? 0n;
      const { beneficiary } = payout;
      if (amount === 0n) unpaid.push({ beneficiary, reason: note("budget-used-up") });
      else payouts.push({ ...payout, amount, steps: [...payout.steps, note("budget-shared", this.money(left))] });
    });
    return { payouts, unpaid };
  }

  private money(minor: bigint): Money {
    return new Money(minor, this.header.currency);
  }
}
