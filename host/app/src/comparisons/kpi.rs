//! What two KPI rules make of the last period that has begun.

use super::{NAMED, Side};
use crate::errors::Result;
use crate::programs::read_period;
use crate::scorecards::{Scoring, card};
use crate::threads::in_background;
use crate::trials::{Came, Rule};
use crate::{App, Context};
use chrono::{Datelike, NaiveDate};
use qudao_domain::decimal::Decimal;
use qudao_domain::kpi::{Scorecard, Subject};
use qudao_domain::settlement::Calendar;
use qudao_domain::time::Period;
use qudao_store::scorecards;
use std::cmp::Reverse;

/// The scorecards of a period, made by both.
#[derive(Debug, Clone)]
pub struct ScoredByBoth {
    /// The period, as `2026-Q4`.
    pub period: String,
    /// Dealers with facts or targets in it.
    pub dealers: usize,
    /// How many come out otherwise.
    pub changed: usize,
    /// The average total by each of the two, of the dealers that both score; none where there are none.
    pub averages: Option<(Decimal, Decimal)>,
    /// The dealers that come out otherwise, the largest differences first.
    pub rows: Vec<ScoredRow>,
}

/// A dealer that comes out otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScoredRow {
    /// Its code.
    pub dealer: String,
    /// Its name.
    pub name: String,
    /// By the one.
    pub one: Came<Points>,
    /// By the other.
    pub other: Came<Points>,
}

/// What a scorecard says in short.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Points {
    /// Points in all.
    pub total: Decimal,
    /// The grade's code.
    pub grade: String,
}

impl From<Scorecard> for Points {
    fn from(card: Scorecard) -> Self {
        Self { total: card.total, grade: card.grade }
    }
}

/// A dealer and what each of the two is asked of it.
struct Question {
    dealer: String,
    name: String,
    one: Subject,
    other: Subject,
}

impl App {
    pub(super) async fn score_by_both(
        &self,
        ctx: &Context,
        one: &Side,
        other: &Side,
    ) -> Result<ScoredByBoth> {
        let (one, other) = self.rules_of(ctx, one, other).await?;
        let today = ctx.day(self.clock().now());
        let mut tx = self.db().read(ctx.company).await?;
        let scored = scorecards::periods(&mut tx, ctx.company).await?;
        let last = scored.first().map(|(period, _)| read_period(period)).transpose()?;
        let period = last_begun(last, today);
        let scoring = Scoring::of(&mut tx, ctx, period).await?;
        drop(tx);
        let question = |dealer: &qudao_store::dealers::Dealer| Question {
            dealer: dealer.code.clone(),
            name: dealer.name.clone(),
            one: scoring.subject(dealer, &one.plugin),
            other: scoring.subject(dealer, &other.plugin),
        };
        let questions: Vec<Question> = scoring.dealers.iter().map(question).collect();
        let (company, turn) = (ctx.company_code.clone(), self.turn(ctx.company).await?);
        in_background(move || {
            let _turn = turn;
            score_all(&company, period, (&one, &other), questions)
        })
        .await
    }
}

/// The period of today that is as long as the last one that was scored; else the quarter.
fn last_begun(last: Option<Period>, today: NaiveDate) -> Period {
    match last.map(|last| last.last.month0() - last.first.month0()) {
        Some(0) => Calendar::Month.period_of(today),
        Some(11) => today.year().to_string().parse().unwrap_or_else(|_| Period::quarter_of(today)),
        _ => Period::quarter_of(today),
    }
}

fn score_all(
    company: &str,
    period: Period,
    (one, other): (&Rule, &Rule),
    questions: Vec<Question>,
) -> ScoredByBoth {
    let dealers = questions.len();
    let (mut rows, mut both) = (Vec::new(), Vec::new());
    for question in questions {
        let first = points(card(company, one, &question.one));
        let second = points(card(company, other, &question.other));
        if let (Some(first), Some(second)) = (first.answer(), second.answer()) {
            both.push((first.total, second.total));
        }
        if first != second {
            let (dealer, name) = (question.dealer, question.name);
            rows.push(ScoredRow { dealer, name, one: first, other: second });
        }
    }
    let changed = rows.len();
    let total = |came: &Came<Points>| came.answer().map(|points| points.total).unwrap_or_default();
    rows.sort_by_key(|row| Reverse(total(&row.one).saturating_sub(total(&row.other)).abs()));
    rows.truncate(NAMED);
    ScoredByBoth { period: period.to_string(), dealers, changed, averages: averages(&both), rows }
}

fn points(came: Came<Scorecard>) -> Came<Points> {
    match came {
        Came::Answered(card) => Came::Answered(Points::from(card)),
        Came::Refused(code) => Came::Refused(code),
        Came::Failed(error) => Came::Failed(error),
    }
}

fn averages(both: &[(Decimal, Decimal)]) -> Option<(Decimal, Decimal)> {
    let count = Decimal::from(both.len());
    let sum = |total: fn(&(Decimal, Decimal)) -> Decimal| {
        both.iter().map(total).fold(Decimal::ZERO, Decimal::saturating_add)
    };
    let average = |sum: Decimal| Some(sum.checked_div(count)?.round_dp(2));
    Some((average(sum(|pair| pair.0))?, average(sum(|pair| pair.1))?))
}
