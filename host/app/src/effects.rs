//! What other settings would do: recent orders priced again, without placing anything.

use crate::decisions::recorded_input;
use crate::errors::{AppError, Result};
use crate::measured::measured;
use crate::{App, Context};
use chrono::NaiveDate;
use qudao_domain::bindings::ScopeKind;
use qudao_domain::contract::Kind;
use qudao_domain::money::MoneyError;
use qudao_domain::orders::totals;
use qudao_domain::permissions::Action;
use qudao_domain::pricing::{PricingAnswer, PricingRequest};
use qudao_engine::{Plugin, RuleFailure};
use std::cmp::Reverse;
use std::sync::Arc;

/// How many of the largest changes are named.
const NAMED: usize = 8;

/// What settings would do to recent orders.
#[derive(Debug, Clone, Default)]
pub struct Effect {
    /// Orders priced again.
    pub cases: usize,
    /// Those whose total would be another, the refused ones among them.
    pub changed: usize,
    /// Those that would be refused.
    pub refused: usize,
    /// Day of the first.
    pub first: NaiveDate,
    /// Day of the last.
    pub last: NaiveDate,
    /// Sum of the totals as they are, in minor units, the refused ones left out.
    pub before_minor: i64,
    /// Sum of the totals as they would be.
    pub after_minor: i64,
    /// The largest changes.
    pub rows: Vec<EffectRow>,
    /// Why pricing again was given up: the plugin fails with these settings.
    pub failure: Option<RuleFailure>,
}

/// One order, priced again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EffectRow {
    /// What the decision was about, as recorded: `order 0198…`.
    pub subject: String,
    /// The dealer's code.
    pub dealer: String,
    /// The day.
    pub on: NaiveDate,
    /// Its total as it is, in minor units.
    pub before_minor: i64,
    /// Its total as it would be; none where it would be refused.
    pub after_minor: Option<i64>,
}

pub(crate) struct Case {
    pub subject: String,
    pub request: PricingRequest,
    pub before_minor: i64,
}

impl App {
    /// Prices the latest orders of a scope again with a plugin and settings. None where there were none.
    ///
    /// # Errors
    /// [`AppError::NotFound`] when there is no such plugin.
    pub async fn pricing_effect(
        &self,
        ctx: &Context,
        digest: &str,
        settings: &str,
        scope: (ScopeKind, &str),
    ) -> Result<Option<Effect>> {
        ctx.whole_company(Action::PluginsRead)?;
        let cases = self.recent_orders(ctx, scope).await?;
        if cases.is_empty() {
            return Ok(None);
        }
        let plugin = self.rules().plugin(self.db(), ctx.company, digest).await?;
        let (settings, company) = (settings.to_owned(), ctx.company_code.clone());
        let turn = self.turn(ctx.company).await?;
        turn.run(move || price_again(&company, &plugin, &settings, cases)).await?.map(Some)
    }

    pub(crate) async fn recent_orders(&self, ctx: &Context, scope: (ScopeKind, &str)) -> Result<Vec<Case>> {
        let latest = self.latest_answered(ctx, Kind::Pricing).await?;
        let mut cases = Vec::with_capacity(latest.len());
        for found in latest {
            let request: PricingRequest = recorded_input(&found)?;
            let answer: PricingAnswer = serde_json::from_slice(&found.output).map_err(|error| {
                AppError::Internal(format!("the output of decision {}: {error}", found.id))
            })?;
            let PricingAnswer::Quoted(quote) = answer else { continue };
            if within(&request, scope) {
                let before = totals(&request.lines, &quote, request.currency).map_err(too_much)?;
                cases.push(Case { subject: found.subject, before_minor: before.total_minor, request });
            }
        }
        Ok(cases)
    }
}

fn within(request: &PricingRequest, (kind, value): (ScopeKind, &str)) -> bool {
    match kind {
        ScopeKind::Company => true,
        ScopeKind::Region => request.dealer.region == value,
        ScopeKind::Tier => request.dealer.tier == value,
        ScopeKind::Dealer => request.dealer.code == value,
    }
}

fn too_much(error: MoneyError) -> AppError {
    AppError::Internal(format!("totals cannot be added up: {error}"))
}

/// What an order comes to with a rule.
pub(crate) enum Came {
    /// A total, in minor units.
    Total(i64),
    /// A refusal; the first reason's code.
    Refused(String),
    /// Nothing that could be used.
    Failed(RuleFailure),
}

pub(crate) fn come_to(
    company: &str,
    plugin: &Plugin,
    settings: &str,
    request: &PricingRequest,
) -> Result<Came> {
    let evaluated = measured(company, plugin, || plugin.price(request, settings));
    Ok(match evaluated.map(|evaluated| evaluated.answer) {
        Ok(PricingAnswer::Quoted(quote)) => {
            Came::Total(totals(&request.lines, &quote, request.currency).map_err(too_much)?.total_minor)
        }
        Ok(PricingAnswer::Refused(violations)) => {
            Came::Refused(violations.into_iter().next().map(|first| first.reason.code).unwrap_or_default())
        }
        Err(failure) => Came::Failed(failure),
    })
}

fn price_again(company: &str, plugin: &Arc<Plugin>, settings: &str, cases: Vec<Case>) -> Result<Effect> {
    let mut effect = Effect { cases: cases.len(), ..Effect::default() };
    let days = || cases.iter().map(|case| case.request.on);
    effect.first = days().min().unwrap_or_default();
    effect.last = days().max().unwrap_or_default();
    for case in cases {
        let after_minor = match come_to(company, plugin, settings, &case.request)? {
            Came::Total(minor) => Some(minor),
            Came::Refused(_) => None,
            Came::Failed(failure) => {
                effect.failure = Some(failure);
                return Ok(effect);
            }
        };
        effect.count(EffectRow {
            subject: case.subject,
            dealer: case.request.dealer.code,
            on: case.request.on,
            before_minor: case.before_minor,
            after_minor,
        });
    }
    effect.rows.sort_by_key(|row| Reverse(row.size()));
    effect.rows.truncate(NAMED);
    Ok(effect)
}

impl Effect {
    fn count(&mut self, row: EffectRow) {
        match row.after_minor {
            Some(after) => {
                self.before_minor = self.before_minor.saturating_add(row.before_minor);
                self.after_minor = self.after_minor.saturating_add(after);
            }
            None => self.refused += 1,
        }
        if row.after_minor != Some(row.before_minor) {
            self.changed += 1;
            self.rows.push(row);
        }
    }
}

impl EffectRow {
    /// How much it would change; a refusal loses the whole order.
    fn size(&self) -> u64 {
        self.after_minor.unwrap_or(0).abs_diff(self.before_minor)
    }
}
