//! What a simulation of a KPI rule shows.

use qudao_app::{KpiOutcome, Scores};
use qudao_domain::decimal::Decimal;
use serde::Serialize;

use super::{FailureView, SHOWN};

#[derive(Serialize)]
pub struct KpiView {
    cards: i64,
    added: i64,
    risen: i64,
    fallen: i64,
    same: i64,
    before: Option<Decimal>,
    after: Option<Decimal>,
    change: Decimal,
    periods: Vec<PeriodView>,
    dealers: Vec<DealerView>,
    changes: Vec<ChangeView>,
    refusals: Vec<FailureView>,
    failures: Vec<FailureView>,
    failed: i64,
    seconds: Decimal,
}

#[derive(Serialize)]
struct PeriodView {
    period: String,
    dealers: i64,
    recorded: i64,
    before: Option<Decimal>,
    after: Option<Decimal>,
    change: Decimal,
    risen: i64,
    fallen: i64,
}

#[derive(Serialize)]
struct DealerView {
    code: String,
    name: String,
    before: Option<Decimal>,
    after: Option<Decimal>,
    change: Decimal,
}

#[derive(Serialize)]
struct ChangeView {
    dealer: String,
    name: String,
    period: String,
    before: Decimal,
    after: Decimal,
    change: Decimal,
}

/// Averages before and after, and how far they lie apart.
fn averages(scores: &Scores) -> (Option<Decimal>, Option<Decimal>, Decimal) {
    let found = scores.averages();
    let change = found.map(|(before, after)| after.saturating_sub(before)).unwrap_or_default();
    (found.map(|(before, _)| before), found.map(|(_, after)| after), change)
}

impl KpiView {
    pub fn of(outcome: &KpiOutcome) -> Self {
        let (before, after, change) = averages(&outcome.scores);
        let periods = outcome.periods.iter().map(|row| {
            let (before, after, change) = averages(&row.scores);
            PeriodView {
                period: row.period.clone(),
                dealers: row.dealers,
                recorded: row.recorded,
                before,
                after,
                change,
                risen: row.risen,
                fallen: row.fallen,
            }
        });
        let dealers = outcome.dealers.iter().take(SHOWN).map(|dealer| {
            let (before, after, change) = averages(&dealer.scores);
            DealerView { code: dealer.code.clone(), name: dealer.name.clone(), before, after, change }
        });
        let changes = outcome.changes.iter().map(|one| ChangeView {
            dealer: one.dealer.clone(),
            name: one.name.clone(),
            period: one.period.clone(),
            before: one.before,
            after: one.after,
            change: one.after.saturating_sub(one.before),
        });
        Self {
            cards: outcome.cards,
            added: outcome.added,
            risen: outcome.risen,
            fallen: outcome.fallen,
            same: outcome.scores.count - outcome.risen - outcome.fallen,
            before,
            after,
            change,
            periods: periods.collect(),
            dealers: dealers.collect(),
            changes: changes.collect(),
            refusals: FailureView::all(&outcome.refusals),
            failures: FailureView::all(&outcome.failures),
            failed: outcome.failures.values().sum(),
            seconds: Decimal::new(outcome.elapsed_ms, 3).round_dp(1),
        }
    }
}
