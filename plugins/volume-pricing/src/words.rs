//! Every sentence that the plugin may utter.

use qudao_sdk::Message;

/// Code, Chinese, English.
const WORDS: [(&str, &str, &str); 14] = [
    (
        "former-price",
        "涨价通知期：原目录价 {0} 保留至 {1}",
        "Notice of a raise: the former list price {0} holds until {1}",
    ),
    ("region-uplift", "区域 {0} 加价 {1}", "Region {0}: {1} more"),
    ("tier-discount", "{0} 等级优惠 {1}", "Tier {0}: {1} off"),
    ("volume-discount", "单行满 {0} 件优惠 {1}", "{1} off from {0} pieces on a line"),
    ("promotion", "促销“{0}”优惠 {1}，至 {2} 止", "Promotion \u{201c}{0}\u{201d}: {1} off until {2}"),
    ("rounding", "目录价取到 {0} 位小数", "List price rounded to {0} decimals"),
    ("floor-share", "最低价：不低于目录价的 {0}", "Floor: no less than {0} of the list price"),
    ("floor-price", "最低价：该产品不低于 {0}", "Floor: no less than {0} for this product"),
    ("tier-not-listed", "等级 {0} 没有折扣", "Tier {0} has no discount"),
    ("tier-not-best", "等级优惠 {0} 未用：另有更优", "Tier discount of {0} not used: another is larger"),
    ("volume-not-best", "批量优惠 {0} 未用：另有更优", "Volume discount of {0} not used: another is larger"),
    ("promotion-not-best", "促销优惠 {0} 未用：另有更优", "Promotion of {0} not used: another is larger"),
    ("next-break", "再加 {0} 件可享批量优惠 {1}", "{0} pieces more get a volume discount of {1}"),
    (
        "quantity-above-maximum",
        "数量 {0} 超过单行上限 {1}",
        "{0} pieces are more than the {1} allowed on a line",
    ),
];

/// What stands apart because it is a reason for somebody to look.
const APPROVAL: (&str, &str, &str) = (
    "deep-discount",
    "{0} 行的价格低于目录价的 {1}；最低的是 {2}，为目录价的 {3}",
    "{0} lines are priced below {1} of the list price; the lowest is {2} at {3} of it",
);

/// The descriptor's messages.
pub(crate) fn messages() -> Vec<Message> {
    let all = WORDS.into_iter().chain([APPROVAL]);
    all.map(|(code, zh_cn, en)| Message::new(code, zh_cn, en)).collect()
}
