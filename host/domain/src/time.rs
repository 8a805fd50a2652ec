//! Instants in UTC with microseconds, and the days and periods of a company's zone.

use chrono::{DateTime, Datelike, Months, NaiveDate, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use std::fmt;
use uuid::Uuid;

/// A moment in UTC, to the microsecond (what Postgres keeps).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Instant(DateTime<Utc>);

impl Instant {
    /// From microseconds since 1970; outside the calendar it is 1970 itself.
    #[must_use]
    pub fn from_micros(micros: i64) -> Self {
        Self(DateTime::from_timestamp_micros(micros).unwrap_or_default())
    }

    /// Truncated to the microsecond.
    #[must_use]
    pub fn from_utc(moment: DateTime<Utc>) -> Self {
        Self::from_micros(moment.timestamp_micros())
    }

    /// Microseconds since 1970.
    #[must_use]
    pub fn micros(self) -> i64 {
        self.0.timestamp_micros()
    }

    /// The same moment as a `chrono` value.
    #[must_use]
    pub fn utc(self) -> DateTime<Utc> {
        self.0
    }

    /// Later (or, negative, earlier) by so many milliseconds.
    #[must_use]
    pub fn plus_ms(self, ms: i64) -> Self {
        Self::from_micros(self.micros().saturating_add(ms.saturating_mul(1000)))
    }

    /// The day on which the moment falls in a zone.
    #[must_use]
    pub fn day_in(self, zone: chrono_tz::Tz) -> NaiveDate {
        self.0.with_timezone(&zone).date_naive()
    }

    /// A fresh UUIDv7 that carries this moment.
    #[must_use]
    pub fn uuid(self) -> Uuid {
        let seconds = u64::try_from(self.0.timestamp()).unwrap_or(0);
        let stamp = uuid::Timestamp::from_unix(uuid::NoContext, seconds, self.0.timestamp_subsec_nanos());
        Uuid::new_v7(stamp)
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.to_rfc3339_opts(SecondsFormat::Micros, true))
    }
}

/// Timestamps are `timestamptz` on Postgres; on SQLite text of fixed width, so that they sort.
#[cfg(feature = "sqlx")]
mod column {
    use super::{DateTime, Instant, Utc};
    use sqlx::encode::IsNull;
    use sqlx::error::BoxDynError;
    use sqlx::{Database, Decode, Encode, Postgres, Sqlite, Type};

    impl Type<Postgres> for Instant {
        fn type_info() -> <Postgres as Database>::TypeInfo {
            <DateTime<Utc> as Type<Postgres>>::type_info()
        }
    }

    impl sqlx::postgres::PgHasArrayType for Instant {
        fn array_type_info() -> sqlx::postgres::PgTypeInfo {
            <DateTime<Utc> as sqlx::postgres::PgHasArrayType>::array_type_info()
        }
    }

    impl<'q> Encode<'q, Postgres> for Instant {
        fn encode_by_ref(
            &self,
            buffer: &mut <Postgres as Database>::ArgumentBuffer,
        ) -> Result<IsNull, BoxDynError> {
            <DateTime<Utc> as Encode<'q, Postgres>>::encode_by_ref(&self.0, buffer)
        }
    }

    impl<'r> Decode<'r, Postgres> for Instant {
        fn decode(value: <Postgres as Database>::ValueRef<'r>) -> Result<Self, BoxDynError> {
            <DateTime<Utc> as Decode<'r, Postgres>>::decode(value).map(Self)
        }
    }

    impl Type<Sqlite> for Instant {
        fn type_info() -> <Sqlite as Database>::TypeInfo {
            <String as Type<Sqlite>>::type_info()
        }
        fn compatible(info: &<Sqlite as Database>::TypeInfo) -> bool {
            <String as Type<Sqlite>>::compatible(info)
        }
    }

    impl<'q> Encode<'q, Sqlite> for Instant {
        fn encode_by_ref(
            &self,
            buffer: &mut <Sqlite as Database>::ArgumentBuffer,
        ) -> Result<IsNull, BoxDynError> {
            <String as Encode<'q, Sqlite>>::encode(self.to_string(), buffer)
        }
    }

    impl<'r> Decode<'r, Sqlite> for Instant {
        fn decode(value: <Sqlite as Database>::ValueRef<'r>) -> Result<Self, BoxDynError> {
            let text = <&str as Decode<'r, Sqlite>>::decode(value)?;
            Ok(Self(DateTime::parse_from_rfc3339(text)?.with_timezone(&Utc)))
        }
    }
}

/// A calendar month or quarter for which incentives are settled and KPIs scored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Period {
    /// First day.
    pub first: NaiveDate,
    /// Last day.
    pub last: NaiveDate,
}

/// The text names no period.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no period; write a year (2026), a quarter (2026-Q4) or a month (2026-11)")]
pub struct UnknownPeriod(String);

impl std::str::FromStr for Period {
    type Err = UnknownPeriod;

    fn from_str(text: &str) -> Result<Self, UnknownPeriod> {
        let unknown = || UnknownPeriod(text.chars().take(20).collect());
        let (year, part) = text.split_once('-').unwrap_or((text, ""));
        let year: i32 = year.parse().ok().filter(|_| year.len() == 4).ok_or_else(unknown)?;
        let (month, months) = match part {
            "" => (1, 12),
            "Q1" => (1, 3),
            "Q2" => (4, 3),
            "Q3" => (7, 3),
            "Q4" => (10, 3),
            month if month.len() == 2 => (month.parse().map_err(|_| unknown())?, 1),
            _ => return Err(unknown()),
        };
        let first = NaiveDate::from_ymd_opt(year, month, 1).ok_or_else(unknown)?;
        let last = first.checked_add_months(Months::new(months)).and_then(|next| next.pred_opt());
        Ok(Self { first, last: last.ok_or_else(unknown)? })
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let months = self.last.month0() + 1 - self.first.month0();
        match months {
            12 => write!(f, "{}", self.first.year()),
            3 => write!(f, "{}-Q{}", self.first.year(), self.first.month0() / 3 + 1),
            _ => write!(f, "{}-{:02}", self.first.year(), self.first.month()),
        }
    }
}

impl Period {
    /// The same days a year before (29 February becomes the 28th).
    #[must_use]
    pub fn year_before(self) -> Self {
        let back = |day: NaiveDate| day.checked_sub_months(Months::new(12)).unwrap_or(day);
        // The last day is that of its month, also where February was longer.
        let last = back(self.last.succ_opt().unwrap_or(self.last)).pred_opt();
        Self { first: back(self.first), last: last.unwrap_or(self.last) }
    }

    /// The quarter in which a day falls.
    #[must_use]
    pub fn quarter_of(day: NaiveDate) -> Self {
        let month = day.month0() / 3 * 3 + 1;
        let first = NaiveDate::from_ymd_opt(day.year(), month, 1).unwrap_or(day);
        let last = first.checked_add_months(Months::new(3)).and_then(|next| next.pred_opt());
        Self { first, last: last.unwrap_or(day) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_read_and_write_the_same() {
        for (text, first, last) in [
            ("2026", "2026-01-01", "2026-12-31"),
            ("2020-Q1", "2020-01-01", "2020-03-31"),
            ("2020-02", "2020-02-01", "2020-02-29"),
        ] {
            let period: Period = text.parse().unwrap();
            assert_eq!((period.first.to_string(), period.last.to_string()), (first.into(), last.into()));
            assert_eq!(period.to_string(), text);
        }
        for wrong in ["", "26", "2026-Q5", "2026-13", "2026-1", "渠道"] {
            assert!(wrong.parse::<Period>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_year_before_a_leap_february_ends_on_the_28th() {
        let february: Period = "2020-02".parse().unwrap();
        assert_eq!(february.year_before().to_string(), "2019-02");
        assert_eq!(february.year_before().last.to_string(), "2019-02-28");
    }

    #[test]
    fn instants_have_fixed_width() {
        let moment = Instant::from_micros(1_700_000_000_000_000);
        assert_eq!(moment.to_string(), "2023-11-14T22:13:20.000000Z");
    }
}
