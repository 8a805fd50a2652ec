//! Every sentence that the plugin may utter.

use qudao_sdk::Message;

/// Code, Chinese, English.
const WORDS: [(&str, &str, &str); 22] = [
    ("turnover", "销售额", "Turnover"),
    ("growth", "增长率", "Growth"),
    ("new-customers", "新客户", "New customers"),
    ("collection", "回款率", "Collection"),
    ("completeness", "资料完整度", "Completeness"),
    ("grade-a", "A", "A"),
    ("grade-b", "B", "B"),
    ("grade-c", "C", "C"),
    ("grade-d", "D", "D"),
    ("attained", "实际 {0} ÷ 目标 {1} = 达成率 {2}", "Actual {0} ÷ target {1} = attainment {2}"),
    (
        "attained-without-target",
        "目标 {1} 不大于零：实际 {0}，达成率 {2}",
        "Target {1} is not above zero: actual {0}, attainment {2}",
    ),
    ("below-zero", "实际为负，达成率按 0 计", "The figure is negative: attainment counts as 0"),
    ("capped", "达成率 {0} 超过上限，按 {1} 计", "Attainment {0} is above the cap and counts as {1}"),
    (
        "default-target",
        "未单独下达目标，采用参数中的目标 {0}",
        "No target of its own: that of the settings, {0}",
    ),
    ("derived", "按本期 {0} 与去年同期 {1} 推算", "Worked out from {0} this period and {1} last year"),
    ("not-measured", "本期没有实际数据", "There is no figure for the period"),
    ("no-target", "没有目标", "There is no target"),
    (
        "weight-from",
        "权重由 {0} 调整为 {1}：其他指标无法计分",
        "Weight {0} became {1}: other indicators cannot be scored",
    ),
    (
        "weights-do-not-add-up",
        "参数有误：权重合计为 {0}，应为 100%",
        "Settings: the weights add up to {0} instead of 100 %",
    ),
    (
        "indicator-twice",
        "参数有误：指标“{0}”出现两次",
        "Settings: indicator \u{201c}{0}\u{201d} is there twice",
    ),
    (
        "grades-out-of-order",
        "参数有误：等级分数线应 A 高于 B、B 高于 C",
        "Settings: A must need more than B, and B more than C",
    ),
    ("nothing-measured", "没有任何指标可以计分", "No indicator can be scored"),
];

/// The descriptor's messages.
pub(crate) fn messages() -> Vec<Message> {
    WORDS.into_iter().map(|(code, zh_cn, en)| Message::new(code, zh_cn, en)).collect()
}
