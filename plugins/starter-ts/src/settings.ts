// What the company can set. Each setting's title is the form's label, in both languages.

import { Decimal, defineSettings, setting, text, type SettingsOf } from "@qudao/sdk";

export const settings = defineSettings(
  {
    from_pieces: setting.integer({
      title: text("起始件数", "From pieces"),
      help: text("一行达到此件数即享优惠。", "Pieces on one line from which the discount holds."),
      min: 1n,
      max: 1_000_000n,
    }),
    discount: setting.decimal({
      title: text("优惠比例", "Discount"),
      help: text("从目录价中扣除的比例。", "Share of the base price that is taken off."),
      min: "0",
      max: "0.5",
      unit: "%",
    }),
  },
  // What a company begins with.
  { from_pieces: 10n, discount: Decimal.parse("0.05") },
);

export type Settings = SettingsOf<typeof settings>;
