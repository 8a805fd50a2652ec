//! What two versions of other kinds than pricing did.

use chrono::NaiveDate;
use qudao_app::{
    Came, PaidRow, Points, ProgramByBoth, RuledByBoth, RuledRow, ScoredByBoth, ScoredRow, Verdict,
};
use qudao_domain::decimal::Decimal;
use serde::Serialize;
use serde_json::{Value as Json, json};
use utoipa::ToSchema;

use super::{OutcomeBody, unanswered};

/// A program's last period that has begun, paid by both.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProgramBody {
    /// The program's code.
    program: String,
    /// The period, such as `2026-Q4`.
    period: String,
    /// What it costs before; none where the period has too many facts to be compared at once: simulate it.
    one: Option<OutcomeBody>,
    /// What it costs after.
    other: Option<OutcomeBody>,
    /// How many dealers are paid something else.
    changed: usize,
    /// The largest differences.
    largest: Vec<ComparedDealerBody>,
}

impl From<&ProgramByBoth> for ProgramBody {
    fn from(found: &ProgramByBoth) -> Self {
        let sums = found.sums.as_ref();
        Self {
            program: found.program.code.clone(),
            period: found.period.clone(),
            one: sums.map(|(one, _)| OutcomeBody::from(one)),
            other: sums.map(|(_, other)| OutcomeBody::from(other)),
            changed: found.changed,
            largest: found.rows.iter().map(ComparedDealerBody::from).collect(),
        }
    }
}

/// A dealer that is paid something else.
#[derive(Debug, Serialize, ToSchema)]
pub struct ComparedDealerBody {
    /// Its code.
    dealer: String,
    /// Before, in minor units.
    one_minor: i64,
    /// After.
    other_minor: i64,
}

impl From<&PaidRow> for ComparedDealerBody {
    fn from(row: &PaidRow) -> Self {
        Self { dealer: row.dealer.clone(), one_minor: row.one_minor, other_minor: row.other_minor }
    }
}

/// A period's scorecards, made by both.
#[derive(Debug, Serialize, ToSchema)]
pub struct ScoresBody {
    /// The period, such as `2026-Q4`.
    period: String,
    /// Dealers with facts or targets in it.
    dealers: usize,
    /// How many come out otherwise.
    changed: usize,
    /// Average total before, of the dealers that both score.
    #[schema(value_type = Option<String>)]
    one_average: Option<Decimal>,
    /// Average total after.
    #[schema(value_type = Option<String>)]
    other_average: Option<Decimal>,
    /// The largest differences.
    largest: Vec<ComparedScoreBody>,
}

impl From<&ScoredByBoth> for ScoresBody {
    fn from(found: &ScoredByBoth) -> Self {
        Self {
            period: found.period.clone(),
            dealers: found.dealers,
            changed: found.changed,
            one_average: found.averages.map(|(one, _)| one),
            other_average: found.averages.map(|(_, other)| other),
            largest: found.rows.iter().map(ComparedScoreBody::from).collect(),
        }
    }
}

/// A dealer that comes out otherwise.
#[derive(Debug, Serialize, ToSchema)]
pub struct ComparedScoreBody {
    /// Its code.
    dealer: String,
    /// Before.
    one: PointsBody,
    /// After.
    other: PointsBody,
}

impl From<&ScoredRow> for ComparedScoreBody {
    fn from(row: &ScoredRow) -> Self {
        Self {
            dealer: row.dealer.clone(),
            one: PointsBody::from(&row.one),
            other: PointsBody::from(&row.other),
        }
    }
}

/// A scorecard in short, or why there is none.
#[derive(Debug, Serialize, ToSchema)]
pub struct PointsBody {
    /// Points in all.
    #[schema(value_type = Option<String>)]
    total: Option<Decimal>,
    /// The grade's code.
    grade: Option<String>,
    /// The first reason of a refusal.
    refused: Option<String>,
    /// The failure's name.
    failed: Option<String>,
}

impl From<&Came<Points>> for PointsBody {
    fn from(came: &Came<Points>) -> Self {
        let (refused, failed) = unanswered(came);
        let points = came.answer();
        Self {
            total: points.map(|points| points.total),
            grade: points.map(|points| points.grade.clone()),
            refused,
            failed,
        }
    }
}

/// The latest registrations, ruled by both.
#[derive(Debug, Serialize, ToSchema)]
pub struct DealsBody {
    /// How many.
    deals: usize,
    /// How many come out otherwise.
    changed: usize,
    /// The latest of those.
    latest: Vec<ComparedDealBody>,
}

impl From<&RuledByBoth> for DealsBody {
    fn from(found: &RuledByBoth) -> Self {
        Self {
            deals: found.deals,
            changed: found.changed,
            latest: found.rows.iter().map(ComparedDealBody::from).collect(),
        }
    }
}

/// A registration that comes out otherwise.
#[derive(Debug, Serialize, ToSchema)]
pub struct ComparedDealBody {
    /// What the decision was about, such as `deal 0198…`.
    subject: String,
    /// The customer.
    customer: String,
    /// Who registered.
    claimant: String,
    /// The day.
    on: NaiveDate,
    /// Before.
    one: VerdictBody,
    /// After.
    other: VerdictBody,
}

impl From<&RuledRow> for ComparedDealBody {
    fn from(row: &RuledRow) -> Self {
        Self {
            subject: row.subject.clone(),
            customer: row.customer.clone(),
            claimant: row.claimant.clone(),
            on: row.on,
            one: VerdictBody::from(&row.one),
            other: VerdictBody::from(&row.other),
        }
    }
}

/// A ruling without its reasons, or why there is none.
#[derive(Debug, Serialize, ToSchema)]
pub struct VerdictBody {
    /// `accept`, `ask`, `protect`, `split` or `refuse`.
    outcome: Option<String>,
    /// Until when it is protected.
    protected_until: Option<NaiveDate>,
    /// Who gets how much of a split.
    #[schema(value_type = Vec<Object>)]
    shares: Vec<Json>,
    /// The lowest price: a share of the list price, or an amount.
    #[schema(value_type = Option<Object>)]
    floor: Option<Json>,
    /// Numbers of the earlier registrations that end.
    ended: Vec<u32>,
    /// The first reason why it is no registration at all.
    refused: Option<String>,
    /// The failure's name.
    failed: Option<String>,
}

impl From<&Came<Verdict>> for VerdictBody {
    fn from(came: &Came<Verdict>) -> Self {
        let (refused, failed) = unanswered(came);
        let verdict = came.answer();
        let shares = verdict.map(|verdict| verdict.shares.as_slice()).unwrap_or_default();
        Self {
            outcome: verdict.map(|verdict| verdict.outcome.to_string()),
            protected_until: verdict.and_then(|verdict| verdict.protected_until),
            shares: shares.iter().map(|share| json!(share)).collect(),
            floor: verdict.and_then(|verdict| verdict.floor).map(|floor| json!(floor)),
            ended: verdict.map(|verdict| verdict.ended.clone()).unwrap_or_default(),
            refused,
            failed,
        }
    }
}
