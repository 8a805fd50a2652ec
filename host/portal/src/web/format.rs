//! Figures and times in the reader's language. Exact: nothing here passes through a float.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, Timelike, Utc};
use qudao_domain::decimal::Decimal;
use qudao_domain::money::Money;

use super::i18n::{Args, Language, say};

/// `-1234567.50` as `-1,234,567.50`; anything that is not a number stays as it is.
#[must_use]
pub fn group_digits(number: &str) -> String {
    let (sign, rest) = number.strip_prefix('-').map_or(("", number), |rest| ("-", rest));
    let (whole, fraction) = rest.split_once('.').map_or((rest, None), |(w, f)| (w, Some(f)));
    if whole.is_empty() || !whole.bytes().all(|b| b.is_ascii_digit()) {
        return number.to_owned();
    }
    let mut grouped = String::with_capacity(number.len() + whole.len() / 3 + 1);
    grouped.push_str(sign);
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    if let Some(fraction) = fraction {
        grouped.push('.');
        grouped.push_str(fraction);
    }
    grouped
}

/// A plain number, with digits grouped and needless zeros dropped.
#[must_use]
pub fn decimal(number: Decimal) -> String {
    group_digits(&number.normalize().to_string())
}

/// Minor units as a figure without its currency: `money(123456, 2)` is `1,234.56`.
#[must_use]
pub fn money(minor: i64, exponent: u32) -> String {
    group_digits(&Decimal::new(minor, exponent.min(9)).to_string())
}

/// A price of one piece: all of its decimals, and at least those of its currency (`128.40`, `0.0125`).
#[must_use]
pub fn price(amount: Decimal, exponent: u32) -> String {
    let mut shown = amount.normalize();
    if shown.scale() < exponent {
        shown.rescale(exponent);
    }
    group_digits(&shown.to_string())
}

/// An amount with its currency's sign: `¥1,234.56`.
#[must_use]
pub fn amount(money_: Money, language: Language) -> String {
    let figure = money(money_.minor, money_.currency.exponent());
    signed(&figure, money_.currency.code(), language)
}

/// Puts the currency's sign between minus and digits.
#[must_use]
pub fn signed(figure: &str, code: &str, language: Language) -> String {
    let (minus, digits) = figure.strip_prefix('-').map_or(("", figure), |rest| ("-", rest));
    match symbol(code, language) {
        Some(symbol) => format!("{minus}{symbol}{digits}"),
        None => format!("{minus}{code}\u{a0}{digits}"),
    }
}

fn symbol(code: &str, language: Language) -> Option<&'static str> {
    Some(match (code, language) {
        ("CNY", _) => "¥",
        ("USD", Language::En) => "$",
        ("USD", Language::ZhCn) => "US$",
        ("EUR", _) => "€",
        ("GBP", _) => "£",
        ("JPY", _) => "JP¥",
        ("HKD", _) => "HK$",
        ("KRW", _) => "₩",
        _ => return None,
    })
}

/// A rate as per cent: 0.05 is `5%` in Chinese, `5%` in English.
#[must_use]
pub fn percent(rate: Decimal) -> String {
    match rate.checked_mul(Decimal::from(100)) {
        Some(hundredfold) => format!("{}%", decimal(hundredfold)),
        None => rate.to_string(),
    }
}

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// A day: `2026-11-24` in Chinese, `24 Nov 2026` in English.
#[must_use]
pub fn day(day: NaiveDate, language: Language) -> String {
    match language {
        Language::ZhCn => day.to_string(),
        Language::En => {
            let month = MONTHS[usize::try_from(day.month0()).unwrap_or(0) % 12];
            format!("{} {month} {}", day.day(), day.year())
        }
    }
}

/// A moment to the minute, already in the company's zone.
#[must_use]
pub fn minute(local: NaiveDateTime, language: Language) -> String {
    let clock = format!("{:02}:{:02}", local.hour(), local.minute());
    match language {
        Language::ZhCn => format!("{} {clock}", day(local.date(), language)),
        Language::En => format!("{}, {clock}", day(local.date(), language)),
    }
}

/// How long ago (or in how long), in the largest unit that says enough; beyond 30 days the day itself.
#[must_use]
pub fn ago(then: DateTime<Utc>, now: DateTime<Utc>, local: NaiveDateTime, language: Language) -> String {
    let seconds = now.signed_duration_since(then).num_seconds();
    let size = seconds.unsigned_abs();
    let (unit, count) = match size {
        0..45 => return say(language, "time-now", None),
        45..3_600 => ("minutes", (size + 30) / 60),
        3_600..86_400 => ("hours", size / 3_600),
        86_400..2_592_000 => ("days", size / 86_400),
        _ => return day(local.date(), language),
    };
    let direction = if seconds < 0 { "in" } else { "ago" };
    let mut args = Args::new();
    args.set("count", count.max(1));
    say(language, &format!("time-{direction}-{unit}"), Some(&args))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_grouped_exactly() {
        for (plain, grouped) in [
            ("0", "0"),
            ("999", "999"),
            ("-1000", "-1,000"),
            ("1234567.500", "1,234,567.500"),
            ("9223372036854775807", "9,223,372,036,854,775,807"),
            ("n/a", "n/a"),
        ] {
            assert_eq!(group_digits(plain), grouped);
        }
        assert_eq!(money(-5, 2), "-0.05");
        assert_eq!(money(i64::MIN, 0), "-9,223,372,036,854,775,808");
        assert_eq!(decimal(Decimal::new(12_500_000, 3)), "12,500");
        assert_eq!(percent(Decimal::new(125, 4)), "1.25%");
        assert_eq!(price(Decimal::new(1284, 1), 2), "128.40");
        assert_eq!(price(Decimal::new(-12_500, 6), 2), "-0.0125");
        assert_eq!(price(Decimal::from(1_284_000), 0), "1,284,000");
    }

    #[test]
    fn amounts_carry_their_currency() {
        let yuan = Money::new(-12_840_000, "CNY".parse().unwrap());
        assert_eq!(amount(yuan, Language::ZhCn), "-¥128,400.00");
        let dinar = Money::new(1_500, "KWD".parse().unwrap());
        assert_eq!(amount(dinar, Language::En), "KWD\u{a0}1.500");
    }

    #[test]
    fn times_are_relative_for_a_month() {
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let at = |seconds: i64| {
            let then = now - chrono::TimeDelta::seconds(seconds);
            (ago(then, now, then.naive_utc(), Language::En), ago(then, now, then.naive_utc(), Language::ZhCn))
        };
        assert_eq!(at(5), ("just now".into(), "刚刚".into()));
        assert_eq!(at(60), ("1 minute ago".into(), "1 分钟前".into()));
        assert_eq!(at(7_200), ("2 hours ago".into(), "2 小时前".into()));
        assert_eq!(at(-172_800), ("in 2 days".into(), "2 天后".into()));
        assert_eq!(at(40 * 86_400), ("6 Dec 2026".into(), "2026-12-06".into()));
    }
}
