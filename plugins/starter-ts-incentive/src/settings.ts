// What the company can set. Each setting's title is the form's label, in both languages.

import { Decimal, defineSettings, setting, text, type SettingsOf } from "@qudao/sdk";

export const settings = defineSettings(
  {
    threshold: setting.decimal({
      title: text("返利起点", "Threshold"),
      help: text(
        "本期净销售额达到此数即返利，以元为单位。",
        "Net turnover of the period from which the rebate is paid, in the currency's whole units.",
      ),
      min: "0",
      max: "999999999999",
    }),
    rate: setting.decimal({
      title: text("返利比例", "Rate"),
      help: text("按全部净销售额返还的比例。", "Share of the whole turnover that is paid."),
      min: "0",
      max: "0.5",
      unit: "%",
    }),
  },
  // What a company begins with.
  { threshold: Decimal.of(100_000n), rate: Decimal.parse("0.02") },
);

export type Settings = SettingsOf<typeof settings>;
