// Every sentence that the plugin may utter.

import { message } from "@qudao/sdk";

export const messages = [
  message(
    "former-price",
    "涨价通知期：原目录价 {0} 保留至 {1}",
    "Notice of a raise: the former list price {0} holds until {1}",
  ),
  message("region-uplift", "区域 {0} 加价 {1}", "Region {0}: {1} more"),
  message("tier-discount", "{0} 等级优惠 {1}", "Tier {0}: {1} off"),
  message("volume-discount", "单行满 {0} 件优惠 {1}", "{1} off from {0} pieces on a line"),
  message("promotion", "促销“{0}”优惠 {1}，至 {2} 止", "Promotion “{0}”: {1} off until {2}"),
  message("rounding", "目录价取到 {0} 位小数", "List price rounded to {0} decimals"),
  message("floor-share", "最低价：不低于目录价的 {0}", "Floor: no less than {0} of the list price"),
  message("floor-price", "最低价：该产品不低于 {0}", "Floor: no less than {0} for this product"),
  message("tier-not-listed", "等级 {0} 没有折扣", "Tier {0} has no discount"),
  message("tier-not-best", "等级优惠 {0} 未用：另有更优", "Tier discount of {0} not used: another is larger"),
  message("volume-not-best", "批量优惠 {0} 未用：另有更优", "Volume discount of {0} not used: another is larger"),
  message("promotion-not-best", "促销优惠 {0} 未用：另有更优", "Promotion of {0} not used: another is larger"),
  message("next-break", "再加 {0} 件可享批量优惠 {1}", "{0} pieces more get a volume discount of {1}"),
  message(
    "quantity-above-maximum",
    "数量 {0} 超过单行上限 {1}",
    "{0} pieces are more than the {1} allowed on a line",
  ),
  message(
    "deep-discount",
    "{0} 行的价格低于目录价的 {1}；最低的是 {2}，为目录价的 {3}",
    "{0} lines are priced below {1} of the list price; the lowest is {2} at {3} of it",
  ),
];
