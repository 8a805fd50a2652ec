// Prices by dealer tier, volume breaks, dated promotions and region, with a floor: the twin of `plugins/volume-pricing`,
// whose README has the formula and worked examples.

import { definePricing, note, percent, refuse, text } from "@qudao/sdk";
import type { Decimal, Note, Order, PricedLine, Violation } from "@qudao/sdk";
import { name, version } from "../package.json";
import { Offers } from "./discounts";
import { priceLine } from "./line";
import { listPrice } from "./notice";
import { settings, type Settings } from "./settings";
import { messages } from "./words";

export const pricing = definePricing({
  name,
  version,
  title: text("等级与批量定价（TypeScript）", "Tier and volume pricing (TypeScript)"),
  summary: text(
    "按经销商等级、批量阶梯、限时促销和区域加价计算成交价，并守住最低价。",
    "Prices by dealer tier, volume breaks, dated promotions and region, and keeps a floor.",
  ),
  settings,
  messages,
  attributes: [],
  price(order, settings) {
    const refused = refusals(order, settings);
    if (refused.length > 0) return refuse(refused);
    const offers = new Offers(order, settings);
    const lines = order.lines.map((line) => priceLine(line, offers, settings));
    return { lines, adjustments: [], approvals: approval(order, lines, settings) };
  },
});

function refusals({ lines }: Order, { max_quantity: most }: Settings): Violation[] {
  if (most === null) return [];
  const tooMany = lines.filter(({ quantity }) => quantity > most);
  return tooMany.map(({ number, quantity }) => ({
    line: number,
    reason: note("quantity-above-maximum", quantity, most),
  }));
}

/** Decimals at which two shares of a price are told apart. */
const FINE = 28;

/** One reason for the whole order, however many lines are deep: the deepest is named. */
function approval({ lines, on }: Order, priced: readonly PricedLine[], settings: Settings): Note[] {
  const { approval_below: below, notice_days } = settings;
  const deep: Share[] = [];
  lines.forEach((line, at) => {
    const price = priced[at]?.unitPrice;
    const listed = listPrice(line, on, notice_days).price;
    if (price?.lessThan(listed.mul(below))) deep.push({ share: price.div(listed, FINE), sku: line.sku });
  });
  const [first, ...others] = deep;
  if (!first) return [];
  const lowest = others.reduce((least, next) => (isDeeper(next, least) ? next : least), first);
  const args = [percent(below), lowest.sku, percent(lowest.share.round(4))];
  return [note("deep-discount", deep.length, ...args)];
}

interface Share {
  share: Decimal;
  sku: string;
}

function isDeeper(a: Share, b: Share): boolean {
  const order = a.share.compare(b.share);
  return order < 0 || (order === 0 && a.sku < b.sku);
}
