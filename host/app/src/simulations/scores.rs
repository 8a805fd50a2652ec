//! What a simulation of a KPI rule adds up: by period and dealer, and the largest changes.

use super::kpi::ScoredBoth;
use crate::trials::Came;
use qudao_domain::decimal::Decimal;
use qudao_domain::time::Period;
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// How many changes are named.
const NAMED: usize = 100;
/// How many dealers are kept, those with the largest changes first.
const KEPT: usize = 1_000;
/// Averages are kept to so many decimals, as totals are.
const AVERAGE_DECIMALS: u32 = 2;

/// Totals of scorecards that there are both with and without the candidate.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Scores {
    /// How many.
    pub count: i64,
    /// Sum of the totals as they are, in points.
    pub before: Decimal,
    /// Sum of the totals as they would be.
    pub after: Decimal,
}

impl Scores {
    /// The average total as it is, and as it would be; none where there are no scorecards.
    #[must_use]
    pub fn averages(&self) -> Option<(Decimal, Decimal)> {
        let average =
            |sum: Decimal| Some(sum.checked_div(Decimal::from(self.count))?.round_dp(AVERAGE_DECIMALS));
        Some((average(self.before)?, average(self.after)?))
    }

    fn add(&mut self, before: Decimal, after: Decimal) {
        self.count += 1;
        self.before = self.before.saturating_add(before);
        self.after = self.after.saturating_add(after);
    }

    /// How far the averages lie apart.
    fn size(&self) -> Decimal {
        self.averages().map(|(before, after)| after.saturating_sub(before).abs()).unwrap_or_default()
    }
}

/// One period.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PeriodScores {
    /// As `2026-Q4`.
    pub period: String,
    /// Dealers with facts or targets in it.
    pub dealers: i64,
    /// Those of them whose total without the candidate was recorded; of the others the rule in force is asked.
    pub recorded: i64,
    /// Totals that there are both with and without the candidate.
    pub scores: Scores,
    /// Totals that would rise.
    pub risen: i64,
    /// Totals that would fall.
    pub fallen: i64,
}

impl PeriodScores {
    pub(super) fn of(period: Period) -> Self {
        let (period, scores) = (period.to_string(), Scores::default());
        Self { period, dealers: 0, recorded: 0, scores, risen: 0, fallen: 0 }
    }
}

/// A dealer over all periods.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DealerScores {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Its totals.
    pub scores: Scores,
}

/// A dealer whose total of a period would be another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScoreChange {
    /// Its code.
    pub dealer: String,
    /// Its name.
    pub name: String,
    /// The period.
    pub period: String,
    /// The total as it is, in points.
    pub before: Decimal,
    /// The total as it would be.
    pub after: Decimal,
}

impl ScoreChange {
    fn size(&self) -> Decimal {
        self.after.saturating_sub(self.before).abs()
    }
}

/// What trying a KPI rule over some periods came to.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct KpiOutcome {
    /// In all.
    pub scores: Scores,
    /// Scorecards that the candidate would make.
    pub cards: i64,
    /// Those of them that there would not be without it.
    pub added: i64,
    /// Totals that would rise.
    pub risen: i64,
    /// Totals that would fall.
    pub fallen: i64,
    /// In time's order.
    pub periods: Vec<PeriodScores>,
    /// By dealer, the largest change of the average first.
    pub dealers: Vec<DealerScores>,
    /// The largest changes.
    pub changes: Vec<ScoreChange>,
    /// Why the candidate refuses, as its first reasons' codes, and how often.
    pub refusals: BTreeMap<String, i64>,
    /// How the candidate fails, and how often.
    pub failures: BTreeMap<String, i64>,
    /// Milliseconds that it took.
    pub elapsed_ms: i64,
}

/// Adds up period by period.
#[derive(Default)]
pub(super) struct Tally {
    outcome: KpiOutcome,
    dealers: BTreeMap<String, (String, Scores)>,
}

impl Tally {
    /// A period with its dealers.
    pub(super) fn add(&mut self, mut row: PeriodScores, scored: Vec<ScoredBoth>) {
        for one in scored {
            row.dealers += 1;
            row.recorded += i64::from(one.recorded);
            let after = match one.after {
                Came::Answered(after) => after,
                Came::Refused(code) => {
                    *self.outcome.refusals.entry(code).or_default() += 1;
                    continue;
                }
                Came::Failed(error) => {
                    *self.outcome.failures.entry(error.to_owned()).or_default() += 1;
                    continue;
                }
            };
            self.outcome.cards += 1;
            let Some(before) = one.before else {
                self.outcome.added += 1;
                continue;
            };
            row.scores.add(before, after);
            row.risen += i64::from(after > before);
            row.fallen += i64::from(after < before);
            self.outcome.scores.add(before, after);
            let (_, scores) =
                self.dealers.entry(one.code.clone()).or_insert_with(|| (one.name.clone(), Scores::default()));
            scores.add(before, after);
            if after != before {
                let (dealer, name, period) = (one.code, one.name, row.period.clone());
                self.outcome.changes.push(ScoreChange { dealer, name, period, before, after });
            }
        }
        self.outcome.risen += row.risen;
        self.outcome.fallen += row.fallen;
        self.outcome.periods.push(row);
    }

    /// What came out.
    pub(super) fn outcome(self) -> KpiOutcome {
        let mut outcome = self.outcome;
        // They came by period and dealer; a stable sort keeps that among equal ones.
        outcome.changes.sort_by_key(|change| Reverse(change.size()));
        outcome.changes.truncate(NAMED);
        let dealer = |(code, (name, scores))| DealerScores { code, name, scores };
        outcome.dealers = self.dealers.into_iter().map(dealer).collect();
        outcome.dealers.sort_by_key(|dealer| Reverse(dealer.scores.size()));
        outcome.dealers.truncate(KEPT);
        outcome
    }
}
