//! What a KPI plugin is asked and what it answers.

use crate::contract::{Attribute, Note};
use crate::decimal::Decimal;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

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
