// The smallest honest pricing plugin, to copy: one discount for lines of many pieces.

import { definePricing, message, note, percent, PricedLine, text, type Line } from "@qudao/sdk";
import { name, version } from "../package.json";
import { settings, type Settings } from "./settings";

// The export's name is that of the kind. Forget it, and nothing is built.
export const pricing = definePricing({
  name,
  version,
  title: text("TypeScript 入门示例", "Starter in TypeScript"),
  summary: text("一次购买足够多的件数，整行按比例优惠。", "A line of enough pieces gets one discount."),
  settings,
  // Every code that an answer may use, in both languages.
  messages: [
    message("bulk", "满 {0} 件优惠 {1}", "{1} off from {0} pieces"),
    message("bulk-not-reached", "还差 {0} 件可享优惠 {1}", "{0} pieces more get {1} off"),
  ],
  attributes: [],
  price(order, settings) {
    return { lines: order.lines.map((line) => priceLine(line, settings)), adjustments: [], approvals: [] };
  },
});

/** The rule itself: a pure function, so that a test needs nothing but its arguments. */
export function priceLine(line: Line, settings: Settings): PricedLine {
  const priced = new PricedLine(line);
  const missing = settings.from_pieces - line.quantity;
  if (missing > 0n) {
    // Say why a rule did not apply: the buyer sees what would earn more.
    priced.skipped.push(note("bulk-not-reached", missing, percent(settings.discount)));
    return priced;
  }
  // Four decimals carry any unit price; the host rounds the line's amount to the currency.
  const off = line.basePrice.mul(settings.discount).round(4);
  priced.adjust(off.neg(), note("bulk", settings.from_pieces, percent(settings.discount)));
  return priced;
}
