// Settings to begin with: those of the Rust twin.

import { Day, Decimal } from "@qudao/sdk";
import type { Break, Settings } from "./settings";

const hundredths = (number: bigint) => new Decimal(number, 2);

/** The five volume discounts of AdventureWorks. */
const breaks = (
  [
    [11n, 14n, 2n],
    [15n, 24n, 5n],
    [25n, 40n, 10n],
    [41n, 60n, 15n],
    [61n, null, 20n],
  ] as const
).map(([from, to, rate]): Break => ({ scope: "all", code: "", from, to, discount: hundredths(rate) }));

export const defaults: Settings = {
  tiers: [
    { tier: "gold", discount: hundredths(8n) },
    { tier: "silver", discount: hundredths(5n) },
    { tier: "bronze", discount: hundredths(2n) },
  ],
  breaks,
  promotions: [
    {
      name: "双十一 / Double Eleven",
      scope: "category",
      code: "Accessories",
      first: new Day(2026, 11, 1),
      last: new Day(2026, 11, 11),
      from: 1n,
      to: null,
      discount: hundredths(10n),
    },
  ],
  regions: [{ region: "west", uplift: hundredths(2n) }],
  stacking: "compound",
  floor_share: hundredths(60n),
  floors: [],
  approval_below: hundredths(70n),
  max_quantity: 10_000n,
  decimals: 2n,
  notice_days: 0n,
};
