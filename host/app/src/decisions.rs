//! Recorded evaluations: finding them, and running them again to see that the answer is the same to the byte.

use crate::errors::{AppError, Result};
use crate::incentives::json;
use crate::measured::measured;
use crate::pricing::AT_BASE_PRICE;
use crate::threads::in_background;
use crate::{App, Context};
use chrono::{NaiveDate, TimeZone};
use qudao_domain::contract::Kind;
use qudao_domain::ids::{DealId, DecisionId, OrderId};
use qudao_domain::permissions::Action;
use qudao_domain::pricing::base_price_answer;
use qudao_domain::time::Instant;
use qudao_engine::cases::Question;
use qudao_engine::{Evaluated, RuleFailure, differences};
use qudao_store::Tx;
use qudao_store::bindings::{self, Binding};
use qudao_store::deals;
use qudao_store::decisions::{self, Decision, Listed, Wanted};
use qudao_store::plugins::{self, Plugin};
use qudao_store::revisions::{self, Revision};
use serde::de::DeserializeOwned;
use serde_json::Value;
use uuid::Uuid;

/// How many decisions another rule is tried on while somebody waits.
const LATEST: i64 = 200;

/// The most entries that one page of a list has.
pub const MAX_PAGE: i64 = 200;

/// Which decisions, or which runs, somebody wants to see. What is empty does not narrow.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DecisionFilter {
    /// What was decided.
    pub kind: Option<Kind>,
    /// By which plugin: its digest.
    pub plugin: Option<String>,
    /// `answered` or `refused`; of runs that failed the error's name.
    pub outcome: Option<String>,
    /// The dealer's code; of runs alone.
    pub dealer: Option<String>,
    /// Those that failed alone; of runs alone.
    pub failed: bool,
    /// About what, such as `order 0198…`.
    pub subject: Option<String>,
    /// The day in the company's zone.
    pub day: Option<NaiveDate>,
    /// What somebody typed to find one: a decision's id, an order's number or id, or a subject.
    pub search: String,
}

/// A page of a list.
#[derive(Debug, Clone)]
pub struct Listing<T, Id> {
    /// The entries, the latest first.
    pub items: Vec<T>,
    /// Where the next page begins; none on the last.
    pub next: Option<Id>,
    /// How many there are on all pages; counted for decisions alone.
    pub count: i64,
}

/// What a decision or failure is about, as people know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct About {
    /// `order`, `settlement`, `scorecard`, `deal`, `dealer`, `salesperson` or `program`.
    pub kind: String,
    /// The order's number, the deal's customer, the dealer's code; else the recorded id.
    pub label: String,
    /// The recorded id.
    pub id: String,
}

/// A decision with everything that led to it.
#[derive(Debug, Clone)]
pub struct DecisionPage {
    /// The decision.
    pub decision: Decision,
    /// The settings that it read.
    pub revision: Revision,
    /// Why it was this plugin and these settings.
    pub binding: Binding,
    /// The plugin; its descriptor has the sentences for the codes of the output.
    pub plugin: Plugin,
}

/// How a decision came out when it was run again.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Replay {
    /// Whether the output is the same to the byte.
    pub identical: bool,
    /// Whether the same fuel was burnt; it must be under the same engine.
    pub same_fuel: bool,
    /// Where the outputs begin to differ.
    pub first_difference: Option<Difference>,
    /// The engine that decided.
    pub engine_then: String,
    /// The engine that ran it again.
    pub engine_now: String,
    /// Fuel that deciding burnt.
    pub fuel_then: i64,
    /// Fuel that running it again burnt.
    pub fuel_now: i64,
}

/// Where two outputs begin to differ.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Difference {
    /// JSON pointer into the output; empty for the whole.
    pub pointer: String,
    /// What was decided; `null` where nothing stood.
    pub was: Value,
    /// What came out now.
    pub now: Value,
}

/// An output made again.
struct Again {
    /// As it would be recorded.
    output: Vec<u8>,
    /// Fuel it burnt.
    fuel: u64,
}

impl App {
    /// Decisions, the latest first.
    ///
    /// # Errors
    /// [`AppError::Forbidden`].
    pub async fn decisions(
        &self,
        ctx: &Context,
        filter: &DecisionFilter,
        before: Option<DecisionId>,
        limit: i64,
    ) -> Result<Listing<Listed, DecisionId>> {
        ctx.whole_company(Action::PluginsRead)?;
        let (mut wanted, limit) = (wanted(ctx, filter), limit.clamp(1, MAX_PAGE));
        let mut tx = self.db().read(ctx.company).await?;
        search(&mut tx, ctx, filter.search.trim(), &mut wanted).await?;
        let items = decisions::list(&mut tx, ctx.company, &wanted, before, limit + 1).await?;
        let count = decisions::count(&mut tx, ctx.company, &wanted).await?;
        Ok(Listing { count, ..Listing::of(items, limit, |listed| listed.id) })
    }

    /// How many decisions each plugin made, by its digest.
    ///
    /// # Errors
    /// [`AppError::Forbidden`].
    pub async fn decision_counts(&self, ctx: &Context) -> Result<Vec<(String, i64)>> {
        ctx.whole_company(Action::PluginsRead)?;
        let mut tx = self.db().read(ctx.company).await?;
        Ok(decisions::counts(&mut tx, ctx.company).await?)
    }

    /// Subjects of decisions and failures as people know them, in the same order.
    ///
    /// # Errors
    /// [`AppError::Forbidden`].
    pub async fn about(&self, ctx: &Context, subjects: &[&str]) -> Result<Vec<About>> {
        ctx.whole_company(Action::PluginsRead)?;
        let mut tx = self.db().read(ctx.company).await?;
        let mut known = Vec::with_capacity(subjects.len());
        for subject in subjects {
            let (kind, id) = subject.split_once(' ').unwrap_or(("", subject));
            let known_as = match id.parse::<Uuid>() {
                Ok(order) if kind == "order" => {
                    decisions::order_number(&mut tx, ctx.company, OrderId(order)).await?
                }
                Ok(deal) if kind == "deal" => {
                    let deal = deals::find(&mut tx, ctx.company, DealId(deal), None, 0).await?;
                    deal.map(|deal| deal.customer_name)
                }
                _ => None,
            };
            let label = known_as.unwrap_or_else(|| id.to_owned());
            known.push(About { kind: kind.to_owned(), label, id: id.to_owned() });
        }
        Ok(known)
    }

    /// A decision with all that led to it.
    ///
    /// # Errors
    /// [`AppError::NotFound`] when the company has none of this id.
    pub async fn decision(&self, ctx: &Context, id: DecisionId) -> Result<DecisionPage> {
        ctx.whole_company(Action::PluginsRead)?;
        let gone = |what: &str| AppError::Internal(format!("the {what} of decision {id} is gone"));
        let mut tx = self.db().read(ctx.company).await?;
        let decision = decisions::find(&mut tx, ctx.company, id).await?.ok_or(AppError::NotFound)?;
        let revision = revisions::find(&mut tx, ctx.company, decision.revision_id).await?;
        let binding = bindings::find(&mut tx, ctx.company, decision.binding_id).await?;
        let plugin = plugins::find(&mut tx, ctx.company, &decision.plugin_digest).await?;
        Ok(DecisionPage {
            revision: revision.ok_or_else(|| gone("settings"))?,
            binding: binding.ok_or_else(|| gone("binding"))?,
            plugin: plugin.ok_or_else(|| gone("plugin"))?,
            decision,
        })
    }

    /// Runs a decision again: the same component, settings and input. Nothing is stored.
    ///
    /// # Errors
    /// [`AppError::NotFound`] when the company has none of this id; [`AppError::Internal`] when the recorded input
    /// cannot be read; of a settlement as [`App::replay_incentive`]. That a plugin of another kind fails now is
    /// a difference, not an error.
    pub async fn replay(&self, ctx: &Context, id: DecisionId) -> Result<Replay> {
        self.replay_for(ctx, id, true).await
    }

    /// The same; what nobody waits for takes no turn.
    pub(crate) async fn replay_for(&self, ctx: &Context, id: DecisionId, waits: bool) -> Result<Replay> {
        ctx.whole_company(Action::PluginsRead)?;
        let mut tx = self.db().read(ctx.company).await?;
        let decision = decisions::find(&mut tx, ctx.company, id).await?.ok_or(AppError::NotFound)?;
        let revision = revisions::find(&mut tx, ctx.company, decision.revision_id).await?;
        drop(tx);
        let gone = || AppError::Internal(format!("the settings of decision {id} are gone"));
        let settings = revision.ok_or_else(gone)?.settings;
        let plugin = self.rules().plugin(self.db(), ctx.company, &decision.plugin_digest).await?;
        let again = match decision.kind {
            Kind::Pricing if decision.outcome == AT_BASE_PRICE => {
                let output = json(&base_price_answer(&recorded_input(&decision)?))?;
                Again { output, fuel: 0 }
            }
            // Its facts are streamed again; the input of every other kind is recorded whole.
            Kind::Incentive => {
                let (output, fuel) = self.replay_incentive(ctx, &decision, &settings).await?;
                Again { output, fuel }
            }
            kind => {
                let question = Question::read(kind, &recorded_input(&decision)?);
                let question =
                    question.map_err(|what| AppError::Internal(format!("decision {id}: {what}")))?;
                let company = ctx.company_code.clone();
                let ask = move || output_of(measured(&company, &plugin, || question.ask(&plugin, &settings)));
                if waits {
                    self.turn(ctx.company).await?.run(ask).await??
                } else {
                    in_background(ask).await??
                }
            }
        };
        let engine_now = self.rules().engine().version().to_owned();
        Ok(compared(decision, again, engine_now))
    }
}

impl<T, Id> Listing<T, Id> {
    /// A page of at most `limit` of these, of which one more than that was asked for.
    pub(crate) fn of(mut items: Vec<T>, limit: i64, id: impl Fn(&T) -> Id) -> Self {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = items.len() > limit;
        items.truncate(limit);
        let next = items.last().filter(|_| more).map(id);
        Self { items, next, count: 0 }
    }
}

pub(crate) fn wanted(ctx: &Context, filter: &DecisionFilter) -> Wanted {
    let begins = |day: NaiveDate| {
        let midnight = day.and_hms_opt(0, 0, 0)?;
        // Where clocks are put forward at midnight the day begins an hour later.
        let local = ctx.zone.from_local_datetime(&midnight).earliest();
        let local = local.or_else(|| ctx.zone.from_local_datetime(&day.and_hms_opt(1, 0, 0)?).earliest());
        local.map(|moment| Instant::from_utc(moment.to_utc()))
    };
    Wanted {
        kind: filter.kind,
        plugin: filter.plugin.clone(),
        outcome: filter.outcome.clone(),
        subject: filter.subject.clone(),
        since: filter.day.and_then(begins),
        until: filter.day.and_then(|day| day.succ_opt()).and_then(begins),
        dealer: filter.dealer.clone(),
        failed: filter.failed,
        id: None,
    }
}

/// Narrows to what somebody typed.
async fn search(tx: &mut Tx, ctx: &Context, typed: &str, wanted: &mut Wanted) -> Result<()> {
    if typed.is_empty() {
        return Ok(());
    }
    let id = typed.parse::<DecisionId>().ok();
    if let Some(id) = id
        && decisions::find(tx, ctx.company, id).await?.is_some()
    {
        wanted.id = Some(id);
        return Ok(());
    }
    let order = decisions::order_of_number(tx, ctx.company, typed).await?;
    wanted.subject = Some(match (order, id) {
        (Some(order), _) => format!("order {order}"),
        (None, Some(DecisionId(id))) => format!("order {id}"),
        (None, None) => typed.to_owned(),
    });
    Ok(())
}

impl App {
    /// The latest decisions of a kind that were answered, whole: what another rule is tried on while somebody waits.
    pub(crate) async fn latest_answered(&self, ctx: &Context, kind: Kind) -> Result<Vec<Decision>> {
        let wanted = Wanted { kind: Some(kind), outcome: Some("answered".to_owned()), ..Wanted::default() };
        let mut tx = self.db().read(ctx.company).await?;
        let mut latest = Vec::new();
        for listed in decisions::list(&mut tx, ctx.company, &wanted, None, LATEST).await? {
            latest.extend(decisions::find(&mut tx, ctx.company, listed.id).await?);
        }
        Ok(latest)
    }
}

pub(crate) fn recorded_input<T: DeserializeOwned>(decision: &Decision) -> Result<T> {
    let read = serde_json::from_slice(&decision.input);
    read.map_err(|error| AppError::Internal(format!("the input of decision {}: {error}", decision.id)))
}

/// The output as it would be recorded; of a failure its name, so that it shows as the difference.
fn output_of<T: serde::Serialize>(
    evaluated: std::result::Result<Evaluated<T>, RuleFailure>,
) -> Result<Again> {
    let (output, fuel) = match &evaluated {
        Ok(evaluated) => (serde_json::to_vec(&evaluated.answer), evaluated.fuel),
        Err(failure) => (serde_json::to_vec(&failed(failure)), failure.fuel),
    };
    let output = output.map_err(|error| AppError::Internal(error.to_string()))?;
    Ok(Again { output, fuel })
}

fn failed(failure: &RuleFailure) -> Value {
    serde_json::json!({ "failed": failure.error, "detail": failure.detail })
}

fn compared(decision: Decision, again: Again, engine_now: String) -> Replay {
    let fuel_now = i64::try_from(again.fuel).unwrap_or(i64::MAX);
    let identical = decision.output == again.output;
    let first_difference = (!identical).then(|| {
        let json = |bytes: &[u8]| {
            serde_json::from_slice(bytes)
                .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(bytes).into_owned()))
        };
        let (was, now) = (json(&decision.output), json(&again.output));
        // The same values in other bytes: what differs is the writing of the whole.
        difference(&was, &now).unwrap_or(Difference { pointer: String::new(), was, now })
    });
    Replay {
        identical,
        same_fuel: decision.fuel == fuel_now,
        first_difference,
        engine_then: decision.engine,
        engine_now,
        fuel_then: decision.fuel,
        fuel_now,
    }
}

/// Where two values begin to differ.
pub(crate) fn difference(was: &Value, now: &Value) -> Option<Difference> {
    let found = differences(was, now, Value::eq, 1).pop()?;
    Some(Difference { pointer: found.path, was: found.expected, now: found.got })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_first_difference_is_found_in_depth() {
        let was = json!({"quoted": {"lines": [{"number": 1, "unit_price": "9.50"}], "a/b": 1}});
        let same = difference(&was, &was.clone());
        assert_eq!(same, None);
        let now = json!({"quoted": {"lines": [{"number": 1, "unit_price": "9.60"}], "a/b": 1}});
        let found = difference(&was, &now).unwrap();
        assert_eq!(found.pointer, "/quoted/lines/0/unit_price");
        assert_eq!((found.was, found.now), (json!("9.50"), json!("9.60")));
        let now = json!({"quoted": {"lines": [{"number": 1, "unit_price": "9.50"}, 7], "a/b": 1}});
        assert_eq!(difference(&was, &now).unwrap().pointer, "/quoted/lines/1");
        let now = json!({"quoted": {"lines": [{"number": 1, "unit_price": "9.50"}], "a/b": 2}});
        assert_eq!(difference(&was, &now).unwrap().pointer, "/quoted/a~1b");
        assert_eq!(difference(&was, &json!({"refused": []})).unwrap().pointer, "/quoted");
    }
}
