// What the company can set. Each setting's title is the form's label, in both languages.

import { Decimal, defineSettings, setting, text, type SettingsOf } from "@qudao/sdk";

export const settings = defineSettings(
  {
    turnover_weight: setting.decimal({
      title: text("销售额权重", "Weight of turnover"),
      help: text("销售额占总分的比重，其余为回款率。", "Turnover's share of the total; collection has the rest."),
      min: "0",
      max: "1",
      unit: "%",
    }),
    collection_target: setting.decimal({
      title: text("回款率目标", "Collection target"),
      help: text("应收货款中须按期收回的比例。", "Share of what was due that is to be paid in time."),
      min: "0.01",
      max: "1",
      unit: "%",
    }),
    pass_from: setting.decimal({
      title: text("合格分数线", "Pass from"),
      help: text("总分达到此数为合格。", "Points from which a dealer passes."),
      min: "0",
      max: "100",
    }),
  },
  // What a company begins with.
  { turnover_weight: Decimal.parse("0.7"), collection_target: Decimal.parse("0.95"), pass_from: Decimal.of(60n) },
);

export type Settings = SettingsOf<typeof settings>;
