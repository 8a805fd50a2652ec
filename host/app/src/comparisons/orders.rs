//! What two pricing rules make of the latest orders.

use super::{NAMED, Side};
use crate::effects::{self, Case, come_to};
use crate::errors::Result;
use crate::trials::{Came, Rule};
use crate::{App, Context};
use chrono::NaiveDate;
use qudao_domain::bindings::ScopeKind;
use qudao_domain::pricing::PricingRequest;
use std::cmp::Reverse;

/// Orders priced by both.
#[derive(Debug, Clone, Default)]
pub struct Priced {
    /// How many orders.
    pub orders: usize,
    /// How many come out otherwise.
    pub changed: usize,
    /// Sum of the totals by the one, in minor units, of the orders that both price.
    pub one_minor: i64,
    /// Sum of the totals by the other.
    pub other_minor: i64,
    /// The orders that come out otherwise, the largest changes first.
    pub rows: Vec<PricedRow>,
}

/// One order that comes out otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PricedRow {
    /// What the decision was about, as recorded: `order 0198…`.
    pub subject: String,
    /// The dealer's code.
    pub dealer: String,
    /// The day.
    pub on: NaiveDate,
    /// Its total by the one, in minor units.
    pub one: Came<i64>,
    /// By the other.
    pub other: Came<i64>,
}

impl PricedRow {
    /// How much hangs on it; an order that only one of them prices counts wholly.
    fn size(&self) -> u64 {
        let total = |came: &Came<i64>| came.answer().copied().unwrap_or(0);
        total(&self.one).abs_diff(total(&self.other))
    }
}

impl App {
    pub(super) async fn price_by_both(
        &self,
        ctx: &Context,
        one: &Side,
        other: &Side,
    ) -> Result<Option<Priced>> {
        let cases = self.recent_orders(ctx, (ScopeKind::Company, "")).await?;
        if cases.is_empty() {
            return Ok(None);
        }
        let (one, other) = self.rules_of(ctx, one, other).await?;
        let (company, turn) = (ctx.company_code.clone(), self.turn(ctx.company).await?);
        let priced = turn.run(move || price_all(&company, &one, &other, cases));
        priced.await?.map(Some)
    }
}

fn price_all(company: &str, one: &Rule, other: &Rule, cases: Vec<Case>) -> Result<Priced> {
    let mut priced = Priced { orders: cases.len(), ..Priced::default() };
    for case in cases {
        let first = outcome(company, one, &case.request)?;
        let second = outcome(company, other, &case.request)?;
        if let (Some(first), Some(second)) = (first.answer(), second.answer()) {
            priced.one_minor = priced.one_minor.saturating_add(*first);
            priced.other_minor = priced.other_minor.saturating_add(*second);
        }
        if first != second {
            priced.changed += 1;
            priced.rows.push(PricedRow {
                subject: case.subject,
                dealer: case.request.dealer.code,
                on: case.request.on,
                one: first,
                other: second,
            });
        }
    }
    priced.rows.sort_by_key(|row| Reverse(row.size()));
    priced.rows.truncate(NAMED);
    Ok(priced)
}

fn outcome(company: &str, rule: &Rule, request: &PricingRequest) -> Result<Came<i64>> {
    Ok(match come_to(company, &rule.plugin, &rule.settings, request)? {
        effects::Came::Total(minor) => Came::Answered(minor),
        effects::Came::Refused(code) => Came::Refused(code),
        effects::Came::Failed(failure) => Came::failed(&failure),
    })
}
