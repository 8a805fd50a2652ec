// The smallest honest KPI plugin: turnover and collection, weighted.

import { Decimal, defineKpi, message, metric, note, percent, scorecard, text } from "@qudao/sdk";
import type { Argument, Indicator, Subject } from "@qudao/sdk";
import { name, version } from "../package.json";
import { settings } from "./settings";

// The export's name is that of the kind. Forget it, and nothing is built.
export const kpi = defineKpi({
  name,
  version,
  title: text("销售与回款考核", "Turnover and collection"),
  summary: text(
    "按权重给销售额和回款率打分，达到分数线为合格。",
    "Scores turnover and collection by weight; enough points pass.",
  ),
  settings,
  // Every code that an answer may use, in both languages; indicators and grades are codes too.
  messages: [
    message("turnover", "销售额", "Turnover"),
    message("collection", "回款率", "Collection"),
    message("attained", "实际 {0} ÷ 目标 {1} = {2}", "Actual {0} ÷ target {1} = {2}"),
    message("missing", "没有实际值或目标，计 0 分", "No figure or no target: 0 points"),
    message("pass", "合格", "Pass"),
    message("fail", "不合格", "Fail"),
  ],
  attributes: [],
  // What the host measures is listed in the portal's documentation; it sends what is named here.
  metrics: ["turnover", "collection"],
  score(subject, { turnover_weight: weight, collection_target: target, pass_from: passFrom }) {
    const own = metric(subject, "turnover")?.target;
    const indicators = [
      measure(subject, "turnover", weight, own, (figure) => figure),
      measure(subject, "collection", Decimal.ONE.sub(weight), target, percent),
    ];
    // It adds up as the host does, which checks it.
    return scorecard(indicators, (total) => (total.atLeast(passFrom) ? "pass" : "fail"));
  },
});

/**
 * The rule itself: 100 points for reaching the target, fewer in proportion, never more. `show` says how a figure of this
 * metric is written.
 */
export function measure(
  subject: Subject,
  code: string,
  weight: Decimal,
  target: Decimal | undefined,
  show: (figure: Decimal) => Argument,
): Indicator {
  const actual = metric(subject, code)?.actual;
  if (!actual || !target?.moreThan(Decimal.ZERO)) {
    // Say why there is nothing: the dealer reads it.
    const steps = [note("missing")];
    return { code, weight, target, actual, attainment: undefined, score: Decimal.ZERO, steps };
  }
  // Between 0 and 1, to four decimals (hundredths of a per cent).
  const attainment = Decimal.max(Decimal.ZERO, Decimal.min(Decimal.ONE, actual.div(target, 4)));
  const steps = [note("attained", show(actual), show(target), percent(attainment))];
  return { code, weight, target, actual, attainment, score: attainment.mul(Decimal.ONE_HUNDRED), steps };
}
