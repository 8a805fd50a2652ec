//! What a KPI plugin is asked and what it answers.

use crate::contract::{Attribute, Note};
use crate::decimal::Decimal;
use chrono::NaiveDate;
use rust_decimal::RoundingStrategy;
use serde::{Deserialize, Serialize};

/// Shares and growth are kept to so many decimals.
const SHARE_DECIMALS: u32 = 6;

/// `part ÷ whole`, half-even to six decimals; none where there is no whole.
#[must_use]
pub fn share(part: i64, whole: i64) -> Option<Decimal> {
    let exact = Decimal::from(part).checked_div(Decimal::from(whole)).filter(|_| whole > 0)?;
    Some(exact.round_dp_with_strategy(SHARE_DECIMALS, RoundingStrategy::MidpointNearestEven))
}

/// A figure that the plugin asked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Metric {
    /// Which one.
    pub code: String,
    /// This period's; none where nothing was measured.
    pub actual: Option<Decimal>,
    /// The same figure a year before.
    pub previous: Option<Decimal>,
    /// What was to be reached.
    pub target: Option<Decimal>,
}

/// Who is scored, on what.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Subject {
    /// The dealer's code.
    pub code: String,
    /// Its tier.
    pub tier: String,
    /// Its region.
    pub region: String,
    /// Those of its attributes that the plugin reads.
    pub attributes: Vec<Attribute>,
    /// First day of the period.
    pub first: NaiveDate,
    /// Last day of the period.
    pub last: NaiveDate,
    /// The figures it asked for.
    pub metrics: Vec<Metric>,
}

/// One weighted indicator.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Indicator {
    /// One of the descriptor's messages.
    pub code: String,
    /// Share of the total, 0 to 1.
    pub weight: Decimal,
    /// What was to be reached.
    pub target: Option<Decimal>,
    /// What was reached.
    pub actual: Option<Decimal>,
    /// actual ÷ target.
    pub attainment: Option<Decimal>,
    /// Points before weighting.
    pub score: Decimal,
    /// The steps of the calculation.
    pub steps: Vec<Note>,
}

/// A subject's result.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Scorecard {
    /// What it is made of.
    pub indicators: Vec<Indicator>,
    /// Σ weight × score, rounded half-even to two places.
    pub total: Decimal,
    /// One of the descriptor's messages.
    pub grade: String,
}

/// What a KPI rule says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KpiAnswer {
    /// A scorecard.
    Scored(Scorecard),
    /// Coded reasons why there is none.
    Refused(Vec<Note>),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_rounded_half_even_to_six_decimals() {
        assert_eq!(share(1, 3), Some(Decimal::new(333_333, 6)));
        assert_eq!(share(2, 3), Some(Decimal::new(666_667, 6)));
        assert_eq!(share(1, 2_000_000), Some(Decimal::ZERO));
        assert_eq!(share(3, 2_000_000), Some(Decimal::new(2, 6)));
        assert_eq!(share(-1, 4), Some(Decimal::new(-25, 2)));
        assert_eq!(share(1, 0), None);
        assert_eq!(share(1, -5), None);
    }
}
