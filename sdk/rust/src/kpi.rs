//! How performance is scored: [`Kpi`] and [`export_kpi!`](crate::export_kpi!).
//!
//! ```
//! use qudao_sdk::kpi::{Indicator, Kpi, Scorecard, Subject};
//! use qudao_sdk::{Decimal, Descriptor, JsonSchema, Kind, Message, Note, Text, export_kpi};
//! use qudao_sdk::{settings_default, settings_schema};
//!
//! #[derive(Default, serde::Serialize, serde::Deserialize, JsonSchema)]
//! pub struct NoSettings {}
//!
//! /// 100 points for whoever sold anything.
//! pub struct SoldAnything;
//!
//! impl Kpi for SoldAnything {
//!     type Settings = NoSettings;
//!
//!     fn describe() -> Descriptor {
//!         Descriptor {
//!             kind: Kind::Kpi,
//!             name: "sold-anything".into(),
//!             version: "1.0.0".into(),
//!             title: Text::new("有销售即满分", "Sold anything"),
//!             summary: Text::new("本期有销售得 100 分。", "100 points for any turnover."),
//!             settings_schema: settings_schema::<NoSettings>(),
//!             settings_default: settings_default::<NoSettings>(),
//!             messages: vec![
//!                 Message::new("turnover", "销售额", "Turnover"),
//!                 Message::new("yes", "有销售", "Sold something"),
//!                 Message::new("no", "无销售", "Sold nothing"),
//!             ],
//!             attributes: vec![],
//!             metrics: vec!["turnover".into()],
//!         }
//!     }
//!
//!     fn score(subject: &Subject, _: &NoSettings) -> Result<Scorecard, Vec<Note>> {
//!         let actual = subject.metric("turnover").and_then(|metric| metric.actual);
//!         let sold = actual.is_some_and(|actual| actual > Decimal::ZERO);
//!         let score = if sold { Decimal::ONE_HUNDRED } else { Decimal::ZERO };
//!         let turnover = Indicator {
//!             code: "turnover".into(),
//!             weight: Decimal::ONE,
//!             target: None,
//!             actual,
//!             attainment: None,
//!             score,
//!             steps: vec![],
//!         };
//!         Ok(Scorecard::of(vec![turnover], |total| if total.is_zero() { "no" } else { "yes" }.into()))
//!     }
//! }
//!
//! export_kpi!(SoldAnything);
//! # fn main() {}
//! ```

use crate::bindings::kpi::exports::qudao::kpi::kpi as wit;
use crate::bindings::types;
use crate::{Attribute, Date, Decimal, Descriptor, JsonSchema, Note, RoundingStrategy, boundary, settings};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::marker::PhantomData;

/// A scoring rule. There are no default bodies.
pub trait Kpi {
    /// What the company can set; the host has checked it against its schema before it comes here.
    type Settings: DeserializeOwned + JsonSchema;

    /// Asked once, at upload. Its `metrics` are what [`Subject::metrics`] will hold.
    fn describe() -> Descriptor;

    /// Scores one subject for one period.
    ///
    /// # Errors
    /// Coded reasons why it cannot be scored.
    fn score(subject: &Subject, settings: &Self::Settings) -> Result<Scorecard, Vec<Note>>;
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
    /// Those of its attributes that the descriptor names.
    #[serde(default)]
    pub attributes: Vec<Attribute>,
    /// First day of the period.
    pub first: Date,
    /// Last day of the period.
    pub last: Date,
    /// The figures that the descriptor names.
    pub metrics: Vec<Metric>,
}

impl Subject {
    /// The metric with this code.
    #[must_use]
    pub fn metric(&self, code: &str) -> Option<&Metric> {
        self.metrics.iter().find(|metric| metric.code == code)
    }
}

/// One weighted indicator.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Indicator {
    /// One of the descriptor's messages.
    pub code: String,
    /// Share of the total, 0 to 1; the host checks that the weights add up to 1.
    pub weight: Decimal,
    /// What was to be reached.
    pub target: Option<Decimal>,
    /// What was reached.
    pub actual: Option<Decimal>,
    /// actual ÷ target, 1 where it is met exactly.
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
    /// Σ weight × score, rounded half-even to two places; the host checks it.
    pub total: Decimal,
    /// One of the descriptor's messages.
    pub grade: String,
}

impl Scorecard {
    /// Adds the indicators up as the host does, and grades the total.
    #[must_use]
    pub fn of(indicators: Vec<Indicator>, grade: impl FnOnce(Decimal) -> String) -> Self {
        let exact: Decimal = indicators.iter().map(|indicator| indicator.weight * indicator.score).sum();
        let total = exact.round_dp_with_strategy(2, RoundingStrategy::MidpointNearestEven);
        Self { indicators, total, grade: grade(total) }
    }
}

/// A [`Kpi`] result as the host keeps it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KpiAnswer {
    /// A scorecard.
    Scored(Scorecard),
    /// Coded reasons why there is none.
    Refused(Vec<Note>),
}

/// Turns a [`Kpi`] rule into the component's exports; [`export_kpi!`](crate::export_kpi!) uses it.
#[doc(hidden)]
pub struct Exported<T>(PhantomData<T>);

impl<T: Kpi> wit::Guest for Exported<T> {
    fn describe() -> types::Descriptor {
        boundary::descriptor(T::describe())
    }

    fn score(subject: wit::Subject, settings: String) -> Result<wit::Scorecard, Vec<types::Note>> {
        let scored = T::score(&boundary::subject(subject), &settings::must_read(&settings));
        scored.map(boundary::scorecard).map_err(boundary::notes)
    }
}

/// Makes a type that is [`Kpi`] the plugin of this crate.
#[macro_export]
macro_rules! export_kpi {
    ($rule:ty) => {
        const _: () = {
            type Exported = $crate::kpi::Exported<$rule>;
            const fn is_a_kpi_rule<T: $crate::kpi::Kpi>() {}
            is_a_kpi_rule::<$rule>();
            #[cfg(target_family = "wasm")]
    $crate::bindings::kpi::export_world!(Exported with_types_in $crate::bindings::kpi);
        };
    };
}
