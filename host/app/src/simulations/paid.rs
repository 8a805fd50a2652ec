//! What a simulation of an incentive rule adds up: by period and dealer, and the largest changes.

use super::tally::{Guard, GuardKind};
use crate::incentives::Paid;
use chrono::NaiveDate;
use qudao_domain::ids::DealerId;
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

/// How many changes are named.
const NAMED: usize = 100;
/// How many dealers are kept, those with the largest changes first.
const KEPT: usize = 1_000;

/// What dealers are paid and what they would be paid, in minor units.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payments {
    /// What they are paid.
    pub before_minor: i64,
    /// What they would be paid.
    pub after_minor: i64,
}

impl Payments {
    /// How much more they would be paid; negative for less.
    #[must_use]
    pub const fn change_minor(&self) -> i64 {
        self.after_minor.saturating_sub(self.before_minor)
    }

    fn add(&mut self, before_minor: i64, after_minor: i64) {
        self.before_minor = self.before_minor.saturating_add(before_minor);
        self.after_minor = self.after_minor.saturating_add(after_minor);
    }
}

/// Where it is known from what a period pays without the candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Before {
    /// It was settled: what the ledger posted.
    Settled,
    /// It was not settled: what the rule in force pays over the same facts.
    Estimated,
    /// It was not settled and no rule is in force, so nothing.
    NoRule,
    /// It was not settled and the rule in force refuses or fails, so nothing.
    Unanswered,
}

/// One period of the program.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeriodPaid {
    /// As `2026-Q4`.
    pub period: String,
    /// Its first day.
    pub first: NaiveDate,
    /// Its last day.
    pub last: NaiveDate,
    /// Where `before_minor` is known from.
    pub from: Before,
    /// Facts that the candidate was told.
    pub facts: i64,
    /// Sum of the net amounts of the period's facts, in minor units.
    pub turnover_minor: i64,
    /// What it costs.
    pub before_minor: i64,
    /// What it would cost; none where the candidate does not answer.
    pub after_minor: Option<i64>,
    /// What the candidate found left of the budget; none without a budget.
    pub budget_left_minor: Option<i64>,
    /// Why the candidate refuses, as its first reason's code.
    pub refused: Option<String>,
    /// How the candidate fails.
    pub failed: Option<String>,
}

/// A dealer over all periods that the candidate answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DealerPaid {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// What it is paid.
    pub paid: Payments,
}

/// A dealer that would be paid something else for a period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaidChange {
    /// Its code.
    pub dealer: String,
    /// Its name.
    pub name: String,
    /// The period.
    pub period: String,
    /// What it is paid.
    pub paid: Payments,
}

/// What trying an incentive rule over a program's periods came to. Periods that the candidate does not answer are in no
/// sum.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct IncentiveOutcome {
    /// The program's code.
    pub program: String,
    /// Its name in Chinese.
    pub name_zh: String,
    /// Its name in English.
    pub name_en: String,
    /// The most that it may pay over all its periods, in minor units; none without a limit.
    pub budget_minor: Option<i64>,
    /// What it posted in periods that were not tried.
    pub outside_minor: i64,
    /// In all.
    pub paid: Payments,
    /// Turnover of the answered periods, in minor units.
    pub turnover_minor: i64,
    /// In time's order.
    pub periods: Vec<PeriodPaid>,
    /// Periods that the candidate refuses or fails on.
    pub unanswered: i64,
    /// By dealer, the largest change first.
    pub dealers: Vec<DealerPaid>,
    /// How often a dealer would be paid something else for a period.
    pub changed: i64,
    /// The largest of these.
    pub changes: Vec<PaidChange>,
    /// The limits, and whether they held.
    pub guards: Vec<Guard>,
    /// Milliseconds that it took.
    pub elapsed_ms: i64,
}

impl IncentiveOutcome {
    /// What the candidate would leave of the budget, in minor units; none without a budget.
    #[must_use]
    pub fn left_minor(&self) -> Option<i64> {
        let gone = self.outside_minor.saturating_add(self.paid.after_minor);
        self.budget_minor.map(|budget| budget.saturating_sub(gone))
    }
}

/// Adds up period by period.
#[derive(Default)]
pub(super) struct Tally {
    periods: Vec<PeriodPaid>,
    dealers: BTreeMap<DealerId, Payments>,
    changes: Vec<(DealerId, String, Payments)>,
    paid: Payments,
    turnover_minor: i64,
}

impl Tally {
    /// A period, with what each dealer is paid and (unless the candidate does not answer) would be paid.
    pub(super) fn add(&mut self, row: PeriodPaid, before: &Paid, after: Option<&Paid>) {
        if let Some(after) = after {
            self.turnover_minor = self.turnover_minor.saturating_add(row.turnover_minor);
            let mut both: BTreeMap<DealerId, Payments> = BTreeMap::new();
            for (dealer, minor) in before {
                both.entry(*dealer).or_default().add(*minor, 0);
            }
            for (dealer, minor) in after {
                both.entry(*dealer).or_default().add(0, *minor);
            }
            for (dealer, paid) in both {
                self.paid.add(paid.before_minor, paid.after_minor);
                self.dealers.entry(dealer).or_default().add(paid.before_minor, paid.after_minor);
                if paid.change_minor() != 0 {
                    self.changes.push((dealer, row.period.clone(), paid));
                }
            }
        }
        self.periods.push(row);
    }

    /// What came out, held against the limits; `names` are dealers' codes and names.
    pub(super) fn outcome(
        self,
        names: &HashMap<DealerId, (String, String)>,
        limits: (Option<i64>, Option<i64>),
    ) -> IncentiveOutcome {
        let named = |dealer: &DealerId| names.get(dealer).cloned().unwrap_or_default();
        let dealer = |(dealer, paid): (DealerId, Payments)| {
            let (code, name) = named(&dealer);
            DealerPaid { code, name, paid }
        };
        let mut dealers: Vec<DealerPaid> = self.dealers.into_iter().map(dealer).collect();
        let size = |paid: &Payments| Reverse(paid.change_minor().unsigned_abs());
        dealers.sort_by(|one, other| {
            size(&one.paid).cmp(&size(&other.paid)).then_with(|| one.code.cmp(&other.code))
        });
        let unanswered = self.periods.iter().filter(|period| period.after_minor.is_none()).count();
        let guards = guards(&dealers, &self.paid, unanswered == 0, limits);
        dealers.truncate(KEPT);
        let changed = self.changes.len();
        let change = |(dealer, period, paid): (DealerId, String, Payments)| {
            let (code, name) = named(&dealer);
            PaidChange { dealer: code, name, period, paid }
        };
        let mut changes: Vec<PaidChange> = self.changes.into_iter().map(change).collect();
        changes.sort_by(|one, other| {
            let place = |change: &PaidChange| (change.period.clone(), change.dealer.clone());
            size(&one.paid).cmp(&size(&other.paid)).then_with(|| place(one).cmp(&place(other)))
        });
        changes.truncate(NAMED);
        let count = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        IncentiveOutcome {
            paid: self.paid,
            turnover_minor: self.turnover_minor,
            periods: self.periods,
            unanswered: count(unanswered),
            dealers,
            changed: count(changed),
            changes,
            guards,
            ..IncentiveOutcome::default()
        }
    }
}

/// Nobody knows what a period costs that the candidate does not answer: no guard holds over one.
fn guards(
    dealers: &[DealerPaid],
    paid: &Payments,
    answered: bool,
    (loss, cost): (Option<i64>, Option<i64>),
) -> Vec<Guard> {
    let worst = dealers.iter().min_by_key(|dealer| dealer.paid.change_minor());
    let less = worst.map_or(0, |dealer| dealer.paid.change_minor().saturating_neg().max(0));
    let dealer = worst.filter(|_| less > 0).map(|dealer| dealer.code.clone()).unwrap_or_default();
    let more = paid.change_minor().max(0);
    let guard = |kind, most_minor, found_minor, dealer| {
        let guard = Guard::of_amount(kind, most_minor, found_minor, dealer);
        Guard { held: answered && guard.held, ..guard }
    };
    let loss = loss.map(|most| guard(GuardKind::Loss, most, less, dealer));
    let cost = cost.map(|most| guard(GuardKind::Cost, most, more, String::new()));
    loss.into_iter().chain(cost).collect()
}
