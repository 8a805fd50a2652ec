//! How a price is shown: its staircase, its stock, and the rule that made it.

use qudao_app::RuleLine;
use qudao_domain::contract::{Note, Text};
use qudao_domain::pricing::{Adjustment, PricedLine};
use serde::Serialize;

/// From the base price to the dealer's own, for the macro `staircase`.
#[derive(Debug, Clone, Serialize)]
pub struct PriceView {
    base_price: String,
    unit_price: String,
    adjustments: Vec<StepView>,
    skipped: Vec<Note>,
}

#[derive(Debug, Clone, Serialize)]
struct StepView {
    amount: String,
    reason: Note,
}

impl PriceView {
    /// A line of a plugin's quote.
    #[must_use]
    pub fn of(base_price: impl ToString, line: &PricedLine) -> Self {
        let step =
            |step: &Adjustment| StepView { amount: step.amount.to_string(), reason: step.reason.clone() };
        Self {
            base_price: base_price.to_string(),
            unit_price: line.unit_price.to_string(),
            adjustments: line.adjustments.iter().map(step).collect(),
            skipped: line.skipped.clone(),
        }
    }

    /// A price without an explanation: imported history.
    #[must_use]
    pub fn plain(base_price: impl ToString, unit_price: impl ToString) -> Self {
        let (base_price, unit_price) = (base_price.to_string(), unit_price.to_string());
        Self { base_price, unit_price, adjustments: Vec::new(), skipped: Vec::new() }
    }
}

/// Pieces at hand, for the macro `stock`.
#[derive(Debug, Clone, Serialize)]
pub struct StockView {
    state: &'static str,
    available: i64,
    promise: Option<String>,
}

impl StockView {
    /// So many pieces could leave now; `wanted` of them are asked for.
    #[must_use]
    pub fn of(available: i64, wanted: i64) -> Self {
        let state = match available {
            ..=0 => "out-of-stock",
            left if left < wanted => "low-stock",
            1..=9 => "low-stock",
            _ => "in-stock",
        };
        Self { state, available: available.max(0), promise: None }
    }
}

/// Which rule decided, for the macro `rule_line`.
#[derive(Debug, Clone, Serialize)]
pub struct RuleView {
    name: Text,
    version: String,
    revision: i64,
    decision: Option<String>,
    href: Option<String>,
}

impl RuleView {
    /// The rule, with the decision where there is one, and a way to it for those who may see decisions.
    #[must_use]
    pub fn of(rule: &RuleLine, decision: Option<String>, may_open: bool) -> Self {
        let href = decision.as_ref().filter(|_| may_open).map(|id| format!("/decisions/{id}"));
        Self {
            name: rule.name.clone(),
            version: rule.version.clone(),
            revision: rule.revision,
            decision,
            href,
        }
    }
}
