//! Reading numbers, days and words as people write them, refusing what could mean two things.

use chrono::NaiveDate;
use qudao_domain::decimal::{Decimal, to_parts};

/// Why a text is not the value that was expected: a code, and how to mend it.
pub(super) type Refused = (&'static str, String);

/// A cell's text; none where it is empty or says that there is nothing.
pub(super) fn text(cell: &str) -> Option<&str> {
    let text = cell.trim_matches(|c: char| c.is_whitespace() || c == '\u{a0}');
    (!text.is_empty() && text != "NULL" && text != "\\N").then_some(text)
}

/// An exact number: digits with a point.
pub(super) fn number(text: &str) -> Result<Decimal, Refused> {
    let wrong = |why: &str| {
        let shown: String = text.chars().take(40).collect();
        ("number", format!("`{shown}` is {why}; write digits with a point, such as 1234.50"))
    };
    if text.contains(',') {
        return Err(wrong("ambiguous: a comma may part thousands or decimals"));
    }
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let plain =
        digits.chars().all(|c| c.is_ascii_digit() || c == '.') && digits.chars().any(|c| c.is_ascii_digit());
    if !plain {
        return Err(wrong("no number"));
    }
    let number: Decimal = text.parse().map_err(|_| wrong("no number that can be kept exactly"))?;
    to_parts(number).map_err(|error| ("number", error.to_string()))?;
    Ok(number)
}

/// A whole number within a range.
pub(super) fn whole(text: &str, low: i64, high: i64) -> Result<i64, Refused> {
    let exact = number(text)?.normalize();
    let out = || ("range", format!("`{text}` is not between {low} and {high}"));
    if exact.scale() > 0 {
        return Err(("number", format!("`{text}` is not a whole number")));
    }
    let whole = i64::try_from(exact.mantissa()).map_err(|_| out())?;
    if (low..=high).contains(&whole) { Ok(whole) } else { Err(out()) }
}

/// A day: 2026-11-24, 2026/11/24, 2026.11.24, 20261124 or 2026年11月24日, with or without a time after it.
pub(super) fn day(text: &str) -> Result<NaiveDate, Refused> {
    let wrong = || {
        let shown: String = text.chars().take(40).collect();
        ("date", format!("`{shown}` is no date that reads one way only; write it as 2026-11-24"))
    };
    let day = text.split([' ', 'T']).next().unwrap_or(text);
    let parts: Vec<&str> = if day.len() == 8 && day.bytes().all(|byte| byte.is_ascii_digit()) {
        vec![&day[..4], &day[4..6], &day[6..]]
    } else if let Some(chinese) = day.strip_suffix('日') {
        chinese.split(['年', '月']).collect()
    } else {
        let separator = ['-', '/', '.'].into_iter().find(|c| day.contains(*c)).ok_or_else(wrong)?;
        day.split(separator).collect()
    };
    let [year, month, day] = parts.as_slice() else { return Err(wrong()) };
    let digits = |part: &str, longest: usize| {
        let right =
            !part.is_empty() && part.len() <= longest && part.bytes().all(|byte| byte.is_ascii_digit());
        right.then(|| part.parse::<u32>().ok()).flatten()
    };
    let year = digits(year, 4).filter(|_| year.len() == 4).ok_or_else(wrong)?;
    let (month, day) = (digits(month, 2).ok_or_else(wrong)?, digits(day, 2).ok_or_else(wrong)?);
    let year = i32::try_from(year).map_err(|_| wrong())?;
    NaiveDate::from_ymd_opt(year, month, day).ok_or_else(wrong)
}

/// Yes or no.
pub(super) fn flag(text: &str) -> Result<bool, Refused> {
    match text.to_lowercase().as_str() {
        "yes" | "y" | "true" | "1" | "是" => Ok(true),
        "no" | "n" | "false" | "0" | "否" => Ok(false),
        _ => Err(("flag", format!("`{text}` is neither yes nor no; write yes or no (是 or 否)"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_exact_or_refused() {
        for (text, shown) in
            [("2024.99", "2024.99"), ("-3", "-3"), ("0.000000001", "0.000000001"), ("+7.50", "7.50")]
        {
            assert_eq!(number(text).unwrap().to_string(), shown);
        }
        for wrong in [
            "",
            "1,234",
            "1.234,50",
            "1e3",
            "¥5",
            "12a",
            ".",
            "--1",
            "0.0000000001",
            "99999999999999999999",
            "NaN",
        ] {
            assert!(number(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn quantities_keep_to_their_range() {
        assert_eq!(whole("3.00", 1, 10).unwrap(), 3);
        for (wrong, code) in [("0", "range"), ("-1", "range"), ("1000000000000", "range"), ("1.5", "number")]
        {
            assert_eq!(whole(wrong, 1, 1_000_000).unwrap_err().0, code, "{wrong}");
        }
    }

    #[test]
    fn days_that_read_one_way_only() {
        for text in [
            "2026-11-04",
            "2026/11/4",
            "2026.11.04",
            "20261104",
            "2026年11月4日",
            "2026-11-04 00:00:00.000",
            "2026-11-04T08:00",
        ] {
            assert_eq!(day(text).unwrap().to_string(), "2026-11-04", "{text}");
        }
        for wrong in [
            "11/04/2026",
            "4-11-2026",
            "26-11-04",
            "2026-13-01",
            "2026-02-30",
            "soon",
            "2026-11",
            "２０２６-11-04",
        ] {
            assert_eq!(day(wrong).unwrap_err().0, "date", "{wrong}");
        }
    }

    #[test]
    fn nothing_is_nothing() {
        assert_eq!([text(" "), text("NULL"), text("\\N"), text("\u{a0}x ")], [None, None, None, Some("x")]);
    }
}
