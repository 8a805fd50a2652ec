//! Every sentence that the plugin may utter. None of them names the other side.

use qudao_sdk::Message;

/// Code, Chinese, English.
const WORDS: [(&str, &str, &str); 21] = [
    ("protected", "报备成功，受保护至 {0}", "Registered and protected until {0}"),
    ("extended", "进展已确认，保护延长至 {0}", "Progress noted: protected until {0}"),
    (
        "extended-enough",
        "自首次报备起最多保护至 {0}，不能再延期",
        "Protected until {0} at most, counted from the first registration; it is not extended any more",
    ),
    ("shared", "与另外 {0} 家共享此商机", "Shared with {0} others"),
    (
        "already-registered",
        "您已于 {0} 报备此商机；汇报进展后才能延期",
        "You registered this on {0}; report progress to extend it",
    ),
    ("still-undecided", "您对此商机的报备尚待裁定", "Your registration of this is still to be decided"),
    ("below-minimum", "金额 {0} 低于最低报备金额 {1}", "{0} is less than the smallest amount, {1}"),
    (
        "taken-until",
        "此商机已有人报备，保护期至 {0}",
        "Somebody registered this before and is protected until {0}",
    ),
    (
        "taken-undecided",
        "此商机已有人报备，尚待裁定",
        "Somebody registered this before; it is still to be decided",
    ),
    ("dealer-first", "经销商已报备，按规则归经销商", "A dealer registered this; dealers go first"),
    ("direct-first", "厂商直销已报备，按规则归直销", "Direct sales registered this; they go first"),
    (
        "somebody-decides-dealers",
        "另有经销商报备同一商机，需人工裁定",
        "Another dealer registered this; somebody decides",
    ),
    (
        "somebody-decides-direct",
        "经销商与直销报备同一商机，需人工裁定",
        "A dealer and direct sales both registered this; somebody decides",
    ),
    (
        "other-refused",
        "另有报备未被受理，您的报备继续有效",
        "Another registration was refused; yours goes on",
    ),
    (
        "other-asks",
        "另有报备待裁定；若被受理，您的报备终止",
        "Another registration is to be decided; accepted, it ends yours",
    ),
    ("other-protected", "另有报备受到保护", "Another registration is protected now"),
    ("now-shared", "此商机改为共享", "This is shared now"),
    ("ended-for-dealer", "按规则归经销商，您的报备终止", "Dealers go first: your registration ends"),
    ("ended-for-direct", "按规则归厂商直销，您的报备终止", "Direct sales go first: your registration ends"),
    ("own-extended", "由新的报备接替，保护至 {0}", "A new registration takes its place, until {0}"),
    ("floor", "各方报价不得低于目录价的 {0}", "Nobody may quote below {0} of the list price"),
];

/// The descriptor's messages.
pub(crate) fn messages() -> Vec<Message> {
    WORDS.into_iter().map(|(code, zh_cn, en)| Message::new(code, zh_cn, en)).collect()
}
