//! Every sentence that the plugin may utter.

use qudao_sdk::Message;

/// Code, Chinese, English.
const WORDS: [(&str, &str, &str); 20] = [
    ("rebate", "销售返利", "Rebate on turnover"),
    ("rebate-category", "{0} 销售返利", "Rebate on turnover of {0}"),
    ("growth-bonus", "增长奖励", "Growth bonus"),
    ("turnover", "净销售额 {0}：发货 {1}，退货 {2}", "Net turnover {0}: shipped {1}, returned {2}"),
    (
        "turnover-category",
        "{0} 净销售额 {1}：发货 {2}，退货 {3}",
        "Net turnover of {0} {1}: shipped {2}, returned {3}",
    ),
    ("band-whole", "达到 {0} 档，全额 {1} × {2} = {3}", "Band from {0} reached: the whole {1} × {2} = {3}"),
    ("band-part", "{0} 档内 {1} × {2} = {3}", "In the band from {0}: {1} × {2} = {3}"),
    ("next-band", "再增加 {0} 即达 {1} 档", "{0} more reach the band of {1}"),
    (
        "growth",
        "本期 {0}，去年同期 {1}，增长 {2}",
        "This period {0}, the same days last year {1}: growth {2}",
    ),
    ("growth-rate", "增长达到 {0}，全额按 {1} 奖励 {2}", "Growth of {0} reached: {1} of the whole, {2}"),
    (
        "capped",
        "合计 {0} 超过单家上限 {1}，按比例缩减",
        "{0} in all is above the cap of {1}: reduced in proportion",
    ),
    (
        "budget-shared",
        "全部应付 {0} 超过剩余预算 {1}，按比例缩减",
        "{0} for all dealers is more than the {1} left of the budget: reduced in proportion",
    ),
    ("no-turnover", "本期没有销售", "No turnover in the period"),
    ("nothing-left", "退货不少于发货，净销售额 {0}", "Returns took back what was shipped: net turnover {0}"),
    ("below-band", "还差 {0} 即达 {1} 档", "{0} short of the band of {1}"),
    ("below-band-category", "{0} 还差 {1} 即达 {2} 档", "{0}: {1} short of the band of {2}"),
    (
        "rate-is-nothing",
        "适用的返利比例为零，或产品不在阶梯内",
        "The rate that holds is zero, or no band covers the products",
    ),
    ("below-minimum", "合计 {0} 低于起付金额 {1}", "{0} in all is below the minimum payout of {1}"),
    ("budget-used-up", "预算已用完", "The budget is used up"),
    (
        "band-twice",
        "参数有误：品类“{0}”有两个从 {1} 起的档位",
        "Settings: category \u{201c}{0}\u{201d} has two bands from {1}",
    ),
];

/// The descriptor's messages.
pub(crate) fn messages() -> Vec<Message> {
    WORDS.into_iter().map(|(code, zh_cn, en)| Message::new(code, zh_cn, en)).collect()
}
