//! What a simulation of an incentive rule shows.

use qudao_app::{Before, Guard, IncentiveOutcome, Payments, PeriodPaid};
use qudao_domain::contract::Text;
use qudao_domain::decimal::Decimal;
use serde::Serialize;

use super::SHOWN;

#[derive(Serialize)]
pub struct IncentiveView {
    program: Text,
    budget_minor: Option<i64>,
    outside_minor: i64,
    left_minor: Option<i64>,
    /// What is used of the budget, outside the range too.
    used: Option<Decimal>,
    before_minor: i64,
    after_minor: i64,
    change_minor: i64,
    share: Option<Decimal>,
    turnover_minor: i64,
    /// The cost as a share of the turnover.
    of_turnover: Option<Decimal>,
    unanswered: i64,
    changed: i64,
    guards: Vec<Guard>,
    periods: Vec<PeriodView>,
    dealers: Vec<PaidView>,
    changes: Vec<ChangeView>,
    seconds: Decimal,
}

#[derive(Serialize)]
struct PeriodView {
    period: String,
    from: Before,
    before_minor: i64,
    after_minor: Option<i64>,
    change_minor: i64,
    turnover_minor: i64,
    of_turnover: Option<Decimal>,
    left_minor: Option<i64>,
    used: Option<Decimal>,
    refused: Option<String>,
    failed: Option<String>,
}

#[derive(Serialize)]
struct PaidView {
    code: String,
    name: String,
    before_minor: i64,
    after_minor: i64,
    change_minor: i64,
}

#[derive(Serialize)]
struct ChangeView {
    period: String,
    #[serde(flatten)]
    paid: PaidView,
}

/// `part ÷ whole` to four decimals; none where there is no whole.
fn share(part: i64, whole: i64) -> Option<Decimal> {
    let share = Decimal::from(part).checked_div(Decimal::from(whole))?;
    Some(share.round_dp(4))
}

impl PeriodView {
    fn of(row: &PeriodPaid, budget: Option<i64>) -> Self {
        let after = row.after_minor.unwrap_or(0);
        let left = row.budget_left_minor.map(|left| left.saturating_sub(after));
        let used = budget.zip(left).and_then(|(budget, left)| share(budget.saturating_sub(left), budget));
        Self {
            period: row.period.clone(),
            from: row.from,
            before_minor: row.before_minor,
            after_minor: row.after_minor,
            change_minor: row.after_minor.map_or(0, |after| after.saturating_sub(row.before_minor)),
            turnover_minor: row.turnover_minor,
            of_turnover: row.after_minor.and_then(|after| share(after, row.turnover_minor)),
            left_minor: left,
            used,
            refused: row.refused.clone(),
            failed: row.failed.clone(),
        }
    }
}

impl PaidView {
    fn of(code: &str, name: &str, paid: &Payments) -> Self {
        Self {
            code: code.to_owned(),
            name: name.to_owned(),
            before_minor: paid.before_minor,
            after_minor: paid.after_minor,
            change_minor: paid.change_minor(),
        }
    }
}

impl IncentiveView {
    pub fn of(outcome: &IncentiveOutcome) -> Self {
        let (paid, budget) = (&outcome.paid, outcome.budget_minor);
        let left = outcome.left_minor();
        let used = budget.zip(left).and_then(|(budget, left)| share(budget.saturating_sub(left), budget));
        let dealers = outcome.dealers.iter().take(SHOWN);
        let changes = outcome.changes.iter().map(|change| ChangeView {
            period: change.period.clone(),
            paid: PaidView::of(&change.dealer, &change.name, &change.paid),
        });
        Self {
            program: Text { zh_cn: outcome.name_zh.clone(), en: outcome.name_en.clone() },
            budget_minor: budget,
            outside_minor: outcome.outside_minor,
            left_minor: left,
            used,
            before_minor: paid.before_minor,
            after_minor: paid.after_minor,
            change_minor: paid.change_minor(),
            share: share(paid.change_minor(), paid.before_minor),
            turnover_minor: outcome.turnover_minor,
            of_turnover: share(paid.after_minor, outcome.turnover_minor),
            unanswered: outcome.unanswered,
            changed: outcome.changed,
            guards: outcome.guards.clone(),
            periods: outcome.periods.iter().map(|row| PeriodView::of(row, budget)).collect(),
            dealers: dealers.map(|dealer| PaidView::of(&dealer.code, &dealer.name, &dealer.paid)).collect(),
            changes: changes.collect(),
            seconds: Decimal::new(outcome.elapsed_ms, 3).round_dp(1),
        }
    }
}
