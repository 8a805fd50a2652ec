//! What two versions of other kinds than pricing did.

use chrono::NaiveDate;
use qudao_app::{App, Came, Context, PaidRow, Points, ProgramByBoth, RuledByBoth, ScoredByBoth, Verdict};
use qudao_domain::contract::Text;
use qudao_domain::deal::{ClaimantKind, Floor};
use qudao_domain::decimal::Decimal;
use serde::Serialize;

use super::OutcomeView;
use crate::web::errors::PageError;
use crate::web::page::Page;
use crate::web::plugins::SubjectView;

#[derive(Serialize)]
pub struct ProgramView {
    name: Text,
    period: String,
    currency: &'static str,
    /// Neither where the period has too many facts.
    one: Option<OutcomeView>,
    other: Option<OutcomeView>,
    difference_minor: Option<i64>,
    changed: usize,
    rows: Vec<PaidView>,
}

#[derive(Serialize)]
struct PaidView {
    dealer: String,
    name: String,
    one_minor: i64,
    other_minor: i64,
    change_minor: i64,
}

impl ProgramView {
    pub fn of(found: &ProgramByBoth, currency: &'static str) -> Self {
        let row = |row: &PaidRow| PaidView {
            dealer: row.dealer.clone(),
            name: row.name.clone(),
            one_minor: row.one_minor,
            other_minor: row.other_minor,
            change_minor: row.other_minor.saturating_sub(row.one_minor),
        };
        let sums = found.sums.as_ref();
        let answers = sums.and_then(|(one, other)| one.answer().zip(other.answer()));
        Self {
            name: Text { zh_cn: found.program.name_zh.clone(), en: found.program.name_en.clone() },
            period: found.period.clone(),
            currency,
            one: sums.map(|(one, _)| OutcomeView::of(one)),
            other: sums.map(|(_, other)| OutcomeView::of(other)),
            difference_minor: answers.map(|(one, other)| other.saturating_sub(*one)),
            changed: found.changed,
            rows: found.rows.iter().map(row).collect(),
        }
    }
}

#[derive(Serialize)]
pub struct ScoresView {
    period: String,
    dealers: usize,
    changed: usize,
    one: Option<Decimal>,
    other: Option<Decimal>,
    rows: Vec<ScoreView>,
}

#[derive(Serialize)]
struct ScoreView {
    dealer: String,
    name: String,
    one: PointsView,
    other: PointsView,
}

#[derive(Serialize)]
struct PointsView {
    total: Option<Decimal>,
    refused: Option<String>,
    failed: Option<&'static str>,
}

impl PointsView {
    fn of(came: &Came<Points>) -> Self {
        let (refused, failed) = unanswered(came);
        Self { total: came.answer().map(|points| points.total), refused, failed }
    }
}

impl ScoresView {
    pub fn of(found: &ScoredByBoth) -> Self {
        let rows = found.rows.iter().map(|row| ScoreView {
            dealer: row.dealer.clone(),
            name: row.name.clone(),
            one: PointsView::of(&row.one),
            other: PointsView::of(&row.other),
        });
        Self {
            period: found.period.clone(),
            dealers: found.dealers,
            changed: found.changed,
            one: found.averages.map(|(one, _)| one),
            other: found.averages.map(|(_, other)| other),
            rows: rows.collect(),
        }
    }
}

#[derive(Serialize)]
pub struct DealsView {
    deals: usize,
    changed: usize,
    rows: Vec<RuledView>,
}

#[derive(Serialize)]
struct RuledView {
    subject: SubjectView,
    customer: String,
    /// The dealer's code; none for direct sales.
    dealer: Option<String>,
    on: NaiveDate,
    one: VerdictView,
    other: VerdictView,
}

#[derive(Serialize)]
struct VerdictView {
    /// What becomes of the claim, where it was ruled.
    outcome: Option<&'static str>,
    protected_until: Option<NaiveDate>,
    /// The claim's own share of a split.
    share: Option<Decimal>,
    floor_share: Option<Decimal>,
    floor_minor: Option<i64>,
    floor_currency: Option<&'static str>,
    ended: usize,
    refused: Option<String>,
    failed: Option<&'static str>,
}

impl VerdictView {
    fn of(came: &Came<Verdict>) -> Self {
        let (refused, failed) = unanswered(came);
        let verdict = came.answer();
        let shares = verdict.map(|verdict| verdict.shares.as_slice()).unwrap_or_default();
        let own = shares.iter().find(|share| share.registration == 0);
        let (floor_share, money) = match verdict.and_then(|verdict| verdict.floor) {
            Some(Floor::Share(share)) => (Some(share), None),
            Some(Floor::Amount(money)) => (None, Some(money)),
            None => (None, None),
        };
        Self {
            outcome: verdict.map(|verdict| verdict.outcome.as_str()),
            protected_until: verdict.and_then(|verdict| verdict.protected_until),
            share: own.map(|share| Decimal::new(i64::from(share.basis_points), 4)),
            floor_share,
            floor_minor: money.map(|money| money.minor),
            floor_currency: money.map(|money| money.currency.code()),
            ended: verdict.map_or(0, |verdict| verdict.ended.len()),
            refused,
            failed,
        }
    }
}

impl DealsView {
    pub async fn of(
        app: &App,
        caller: &Context,
        page: &Page,
        found: &RuledByBoth,
    ) -> Result<Self, PageError> {
        let subjects: Vec<&str> = found.rows.iter().map(|row| row.subject.as_str()).collect();
        let about = app.about(caller, &subjects).await?;
        let rows = found.rows.iter().zip(&about).map(|(row, about)| RuledView {
            subject: SubjectView::of(about, page.language),
            customer: row.customer.clone(),
            dealer: (row.claimant_kind == ClaimantKind::Dealer).then(|| row.claimant.clone()),
            on: row.on,
            one: VerdictView::of(&row.one),
            other: VerdictView::of(&row.other),
        });
        Ok(Self { deals: found.deals, changed: found.changed, rows: rows.collect() })
    }
}

fn unanswered<T>(came: &Came<T>) -> (Option<String>, Option<&'static str>) {
    match came {
        Came::Answered(_) => (None, None),
        Came::Refused(code) => (Some(code.clone()), None),
        Came::Failed(error) => (None, Some(error)),
    }
}
