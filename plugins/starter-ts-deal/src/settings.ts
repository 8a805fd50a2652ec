// What the company can set. Each setting's title is the form's label, in both languages.

import { Decimal, defineSettings, setting, text, type SettingsOf } from "@qudao/sdk";

export const settings = defineSettings(
  {
    days: setting.integer({
      title: text("保护天数", "Days of protection"),
      help: text("先报备者受保护的天数。", "Days for which whoever comes first has the customer."),
      min: 1n,
      max: 365n,
    }),
    floor_share: setting.decimal({
      title: text("最低价比例", "Price floor"),
      help: text("各方报价均不得低于目录价的此比例。", "Nobody may quote below this share of the list price."),
      min: "0",
      max: "1",
      unit: "%",
    }),
  },
  // What a company begins with.
  { days: 60n, floor_share: Decimal.parse("0.8") },
);

export type Settings = SettingsOf<typeof settings>;
