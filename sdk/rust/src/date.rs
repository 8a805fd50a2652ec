//! Calendar days, without a clock and without a time zone.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// A calendar day in the company's time zone. Days compare in the order of the calendar.
///
/// ```
/// use qudao_sdk::Date;
/// let day: Date = "2026-11-24".parse()?;
/// assert!(day < Date::new(2026, 12, 1));
/// assert_eq!(day.to_string(), "2026-11-24");
/// # Ok::<(), qudao_sdk::NotADate>(())
/// ```
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    /// 2026.
    pub year: u16,
    /// 1 to 12.
    pub month: u8,
    /// 1 to 31.
    pub day: u8,
}

impl Date {
    /// A day from its parts. It does not ask whether the month has that day; parsing does.
    #[must_use]
    pub const fn new(year: u16, month: u8, day: u8) -> Self {
        Self { year, month, day }
    }

    /// The day so many days later; at most the last one that the contract can carry.
    ///
    /// ```
    /// use qudao_sdk::Date;
    /// assert_eq!(Date::new(2026, 11, 24).plus_days(90), Date::new(2027, 2, 22));
    /// ```
    #[must_use]
    pub fn plus_days(self, days: u32) -> Self {
        let Self { mut year, mut month, mut day } = self;
        let mut left = days;
        loop {
            let rest = u32::from(Self::days_in_month(year, month).saturating_sub(day));
            if left <= rest {
                return Self { year, month, day: day.saturating_add(u8::try_from(left).unwrap_or(0)) };
            }
            left -= rest + 1;
            (month, day) = (month + 1, 1);
            if month > 12 {
                let Some(next) = year.checked_add(1) else { return Self::new(year, 12, 31) };
                (year, month) = (next, 1);
            }
        }
    }

    fn days_in_month(year: u16, month: u8) -> u8 {
        match month {
            4 | 6 | 9 | 11 => 30,
            2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
            2 => 28,
            1..=12 => 31,
            _ => 0,
        }
    }
}

/// The text is no calendar day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotADate(String);

impl fmt::Display for NotADate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is no day; write for example 2026-11-24", self.0)
    }
}

impl std::error::Error for NotADate {}

impl FromStr for Date {
    type Err = NotADate;

    fn from_str(text: &str) -> Result<Self, NotADate> {
        let part = |from: usize, to: usize| {
            let digits = text.get(from..to).filter(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
            digits.and_then(|part| part.parse::<u16>().ok())
        };
        let dashed = text.len() == 10 && text.get(4..5) == Some("-") && text.get(7..8) == Some("-");
        let read = || {
            let (year, month, day) = (part(0, 4)?, part(5, 7)?, part(8, 10)?);
            let (month, day) = (u8::try_from(month).ok()?, u8::try_from(day).ok()?);
            let real = year > 0 && day > 0 && day <= Self::days_in_month(year, month);
            real.then_some(Self { year, month, day })
        };
        dashed.then(read).flatten().ok_or_else(|| NotADate(text.chars().take(20).collect()))
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl Serialize for Date {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Date {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(D::Error::custom)
    }
}

impl schemars::JsonSchema for Date {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Date".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "format": "date" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_over_months_and_leap_years() {
        let day = |text: &str| text.parse::<Date>().unwrap();
        for (from, days, to) in [
            ("2026-01-31", 0, "2026-01-31"),
            ("2026-01-31", 1, "2026-02-01"),
            ("2024-02-28", 1, "2024-02-29"),
            ("2026-12-31", 1, "2027-01-01"),
            ("2026-01-01", 3_652, "2036-01-01"),
        ] {
            assert_eq!(day(from).plus_days(days), day(to), "{from} + {days}");
        }
        assert_eq!(Date::new(65_535, 12, 1).plus_days(u32::MAX), Date::new(65_535, 12, 31));
    }

    #[test]
    fn only_days_of_the_calendar_are_read() {
        for good in ["2024-02-29", "2000-02-29", "0001-01-01", "9999-12-31"] {
            assert_eq!(good.parse::<Date>().unwrap().to_string(), good);
        }
        for wrong in [
            "2023-02-29",
            "1900-02-29",
            "2026-13-01",
            "2026-00-01",
            "2026-04-31",
            "2026-4-03",
            "+026-04-03",
            "渠道渠a",
            "",
        ] {
            assert!(wrong.parse::<Date>().is_err(), "{wrong}");
        }
    }
}
