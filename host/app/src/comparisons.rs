//! Two versions, or two settings, side by side: what changed, and what it did to what really happened.

mod deals;
mod incentives;
mod kpi;
mod orders;

pub use deals::{RuledByBoth, RuledRow, Verdict};
pub use incentives::{PaidRow, ProgramByBoth};
pub use kpi::{Points, ScoredByBoth, ScoredRow};
pub use orders::{Priced, PricedRow};

use crate::errors::{AppError, Issue, Result};
use crate::trials::Rule;
use crate::{App, Context};
use qudao_domain::contract::Kind;
use qudao_domain::permissions::Action;
use qudao_engine::{Difference, differences};
use qudao_store::plugins::{self, Plugin};
use qudao_store::revisions::{self, Revision};
use serde_json::{Value, json};

/// The most places at which two are shown to differ.
const MOST_PLACES: usize = 100;
/// How many of those that come out otherwise are named.
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
    /// What both make of what really happened.
    pub did: Did,
}

/// What both make of what really happened, by their kind.
#[derive(Debug, Clone)]
pub enum Did {
    /// The latest orders, priced by both; none where there are no orders.
    Pricing(Option<Priced>),
    /// Each program's last period that has begun.
    Incentive(Vec<ProgramByBoth>),
    /// The last period that has begun.
    Kpi(ScoredByBoth),
    /// The latest registrations, ruled by both; none where there are none.
    Deal(Option<RuledByBoth>),
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
        let did = match one.plugin.kind {
            Kind::Pricing => Did::Pricing(self.price_by_both(ctx, &one, &other).await?),
            Kind::Incentive => Did::Incentive(self.pay_by_both(ctx, &one, &other).await?),
            Kind::Kpi => Did::Kpi(self.score_by_both(ctx, &one, &other).await?),
            Kind::Deal => Did::Deal(self.rule_by_both(ctx, &one, &other).await?),
        };
        let read = |side: &Side| serde_json::from_str(&side.revision.settings).unwrap_or_default();
        Ok(Comparison {
            about: differences(&told(&one.plugin), &told(&other.plugin), Value::eq, MOST_PLACES),
            settings: differences(&read(&one), &read(&other), Value::eq, MOST_PLACES),
            did,
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

    /// Both sides, ready to be asked.
    async fn rules_of(&self, ctx: &Context, one: &Side, other: &Side) -> Result<(Rule, Rule)> {
        let one = self.rule(ctx, &one.plugin.digest, &one.revision.settings).await?;
        Ok((one, self.rule(ctx, &other.plugin.digest, &other.revision.settings).await?))
    }
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
