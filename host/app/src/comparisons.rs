//! Two versions, or two settings, side by side: what changed, and what it does to the latest orders.

use crate::effects::{Came, Case, come_to};
use crate::errors::{AppError, Issue, Result};
use crate::{App, Context};
use chrono::NaiveDate;
use qudao_domain::bindings::ScopeKind;
use qudao_domain::contract::Kind;
use qudao_domain::permissions::Action;
use qudao_domain::pricing::PricingRequest;
use qudao_engine::{Difference, Plugin as Loaded, differences};
use qudao_store::plugins::{self, Plugin};
use qudao_store::revisions::{self, Revision};
use serde_json::{Value, json};
use std::cmp::Reverse;
use std::sync::Arc;

/// The most places at which two are shown to differ.
const MOST_PLACES: usize = 100;
/// How many of the orders that come out otherwise are named.
const NAMED: usize = 20;

/// A version with settings, by its digest and their number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The component's digest.
    pub digest: String,
    /// Number of the settings; the latest when none.
    pub revision: Option<i64>,
}

/// One of the two.
#[derive(Debug, Clone)]
pub struct Side {
    /// The version.
    pub plugin: Plugin,
    /// The settings.
    pub revision: Revision,
}

/// What changed from the one to the other, and what that does.
#[derive(Debug, Clone)]
pub struct Comparison {
    /// From.
    pub one: Side,
    /// To.
    pub other: Side,
    /// Where what they say of themselves differs: name, version, contract, messages, attributes, metrics, schema.
    pub about: Vec<Difference>,
    /// Where the settings differ.
    pub settings: Vec<Difference>,
    /// The latest orders, priced by both; none for other kinds, and where there are no orders.
    pub orders: Option<Priced>,
}

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
    /// By the one.
    pub one: Outcome,
    /// By the other.
    pub other: Outcome,
}

/// What an order came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// A total, in minor units.
    Total(i64),
    /// A refusal; the first reason's code.
    Refused(String),
    /// A failure's name.
    Failed(&'static str),
}

impl Outcome {
    /// The total, where there is one.
    #[must_use]
    pub const fn total(&self) -> Option<i64> {
        match self {
            Self::Total(minor) => Some(*minor),
            Self::Refused(_) | Self::Failed(_) => None,
        }
    }
}

impl PricedRow {
    /// How much hangs on it; an order that only one of them prices counts wholly.
    fn size(&self) -> u64 {
        self.one.total().unwrap_or(0).abs_diff(self.other.total().unwrap_or(0))
    }
}

impl App {
    /// Compares two candidates of one kind. Nothing is stored.
    ///
    /// # Errors
    /// [`AppError::NotFound`] when there is no such version; [`AppError::Invalid`] when its settings have no such number
    /// or the two are not of one kind.
    pub async fn compare(&self, ctx: &Context, one: &Candidate, other: &Candidate) -> Result<Comparison> {
        ctx.whole_company(Action::PluginsRead)?;
        let one = self.side(ctx, one, "/revision").await?;
        let other = self.side(ctx, other, "/with_revision").await?;
        if one.plugin.kind != other.plugin.kind {
            let issue = Issue::new("/with", "other-kind", "compare with a version of the same kind");
            return Err(AppError::invalid(issue));
        }
        let orders = match one.plugin.kind {
            Kind::Pricing => self.price_by_both(ctx, &one, &other).await?,
            Kind::Incentive | Kind::Kpi | Kind::Deal => None,
        };
        let read = |side: &Side| serde_json::from_str(&side.revision.settings).unwrap_or_default();
        Ok(Comparison {
            about: differences(&told(&one.plugin), &told(&other.plugin), Value::eq, MOST_PLACES),
            settings: differences(&read(&one), &read(&other), Value::eq, MOST_PLACES),
            orders,
            one,
            other,
        })
    }

    /// What a version may be compared with: every version of its kind and name, the latest upload first, each with its
    /// latest settings, at most `settings` of them.
    ///
    /// # Errors
    /// [`AppError::NotFound`] when there is no such version.
    pub async fn comparable(
        &self,
        ctx: &Context,
        digest: &str,
        settings: i64,
    ) -> Result<Vec<(Plugin, Vec<Revision>)>> {
        ctx.whole_company(Action::PluginsRead)?;
        let mut tx = self.db().read(ctx.company).await?;
        let of = plugins::find(&mut tx, ctx.company, digest).await?.ok_or(AppError::NotFound)?;
        let mut candidates = Vec::new();
        for plugin in plugins::all(&mut tx, ctx.company).await? {
            if plugin.kind == of.kind && plugin.name == of.name {
                let known = revisions::all(&mut tx, ctx.company, &plugin.digest, settings).await?;
                candidates.push((plugin, known));
            }
        }
        Ok(candidates)
    }

    async fn side(&self, ctx: &Context, candidate: &Candidate, pointer: &str) -> Result<Side> {
        let mut tx = self.db().read(ctx.company).await?;
        let plugin = plugins::find(&mut tx, ctx.company, &candidate.digest).await?;
        let plugin = plugin.ok_or(AppError::NotFound)?;
        let revision = match candidate.revision {
            Some(number) => revisions::by_number(&mut tx, ctx.company, &plugin.digest, number).await?,
            None => revisions::latest(&mut tx, ctx.company, &plugin.digest).await?,
        };
        let unknown = || Issue::new(pointer, "unknown-revision", "the plugin has no settings of this number");
        Ok(Side { plugin, revision: revision.ok_or_else(|| AppError::invalid(unknown()))? })
    }

    async fn price_by_both(&self, ctx: &Context, one: &Side, other: &Side) -> Result<Option<Priced>> {
        let cases = self.recent_orders(ctx, (ScopeKind::Company, "")).await?;
        if cases.is_empty() {
            return Ok(None);
        }
        let load = |side: &Side| {
            let (digest, settings) = (side.plugin.digest.clone(), side.revision.settings.clone());
            async move {
                Ok::<_, AppError>((self.rules().plugin(self.db(), ctx.company, &digest).await?, settings))
            }
        };
        let (one, other) = (load(one).await?, load(other).await?);
        let (company, turn) = (ctx.company_code.clone(), self.turn(ctx.company).await?);
        let priced = turn.run(move || price_all(&company, &one, &other, cases));
        priced.await?.map(Some)
    }
}

type Rule = (Arc<Loaded>, String);

fn price_all(company: &str, one: &Rule, other: &Rule, cases: Vec<Case>) -> Result<Priced> {
    let mut priced = Priced { orders: cases.len(), ..Priced::default() };
    for case in cases {
        let first = outcome(company, one, &case.request)?;
        let second = outcome(company, other, &case.request)?;
        if let (Some(first), Some(second)) = (first.total(), second.total()) {
            priced.one_minor = priced.one_minor.saturating_add(first);
            priced.other_minor = priced.other_minor.saturating_add(second);
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

fn outcome(company: &str, (plugin, settings): &Rule, request: &PricingRequest) -> Result<Outcome> {
    Ok(match come_to(company, plugin, settings, request)? {
        Came::Total(minor) => Outcome::Total(minor),
        Came::Refused(code) => Outcome::Refused(code),
        Came::Failed(failure) => Outcome::Failed(failure.error.as_str()),
    })
}

/// What a version says of itself, with its lists as objects, so that what is new stands at a place of its own.
fn told(plugin: &Plugin) -> Value {
    let about = &plugin.descriptor;
    let messages: serde_json::Map<String, Value> =
        about.messages.iter().map(|message| (message.code.clone(), json!(message.text))).collect();
    let named = |names: &[String]| -> serde_json::Map<String, Value> {
        names.iter().map(|name| (name.clone(), Value::Bool(true))).collect()
    };
    json!({
        "name": about.name,
        "version": about.version,
        "contract": plugin.contract,
        "title": about.title,
        "summary": about.summary,
        "messages": messages,
        "attributes": named(&about.attributes),
        "metrics": named(&about.metrics),
        "settings_schema": serde_json::from_str::<Value>(&about.settings_schema).unwrap_or_default(),
        "size": plugin.size,
    })
}
