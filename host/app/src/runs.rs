//! Evaluations that decided nothing: every failure and a sample of the rest, for as long as the company keeps them.

use crate::decisions::{DecisionFilter, Difference, Listing, MAX_PAGE, difference, wanted};
use crate::errors::{AppError, Issue, Result};
use crate::measured::measured;
use crate::quotas::FRESH;
use crate::rules::{sha256_hex, whole};
use crate::{App, Context};
use qudao_domain::contract::Kind;
use qudao_domain::ids::{CompanyId, RuleRunId};
use qudao_domain::lifecycle::RunPolicy;
use qudao_domain::permissions::Action;
use qudao_domain::time::Instant;
use qudao_engine::cases::{Answer, Question};
use qudao_engine::{Evaluated, RuleFailure};
use qudao_store::bindings::Live;
use qudao_store::plugins::Plugin;
use qudao_store::runs::{self, Recorded, Run};
use qudao_store::{audit, plugins, revisions};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Instant as Moment;

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;
/// The longest that runs are kept, in days.
const MOST_DAYS: i64 = 3_650;

/// When the old runs of each company were last forgotten by this server.
#[derive(Default)]
pub(crate) struct Sweeps(Mutex<HashMap<CompanyId, Instant>>);

impl Sweeps {
    /// Whether an hour has passed; if so, it counts as done.
    fn due(&self, company: CompanyId, now: Instant) -> bool {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let due = last.get(&company).is_none_or(|last| *last < now.plus_ms(-HOUR_MS));
        if due {
            last.insert(company, now);
        }
        due
    }
}

/// What each company keeps, as this server last read it: whoever asks for a price should not wait for one more query.
#[derive(Default)]
pub(crate) struct Policies(Mutex<HashMap<CompanyId, (RunPolicy, Moment)>>);

impl Policies {
    fn known(&self, company: CompanyId) -> Option<RunPolicy> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (policy, read_at) = known.get(&company)?;
        (read_at.elapsed() <= FRESH).then_some(*policy)
    }

    fn note(&self, company: CompanyId, policy: RunPolicy) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(company, (policy, Moment::now()));
    }
}

/// A run with the plugin whose sentences explain it.
#[derive(Debug, Clone)]
pub struct RunPage {
    /// The run.
    pub recorded: Recorded,
    /// The plugin.
    pub plugin: Plugin,
}

/// How a run came out when it was run again.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Rerun {
    /// Whether it ended as before: with the same output to the byte, or with the same failure.
    pub identical: bool,
    /// What it ended with: `answered`, `refused` or the failure's name.
    pub outcome: String,
    /// Of a failure what and where.
    pub detail: String,
    /// Where the outputs begin to differ.
    pub first_difference: Option<Difference>,
    /// Fuel then.
    pub fuel_then: i64,
    /// Fuel now.
    pub fuel_now: i64,
}

impl App {
    /// Runs that decided nothing, the latest first.
    ///
    /// # Errors
    /// [`AppError::Forbidden`].
    pub async fn runs(
        &self,
        ctx: &Context,
        filter: &DecisionFilter,
        before: Option<RuleRunId>,
        limit: i64,
    ) -> Result<Listing<Recorded, RuleRunId>> {
        ctx.whole_company(Action::PluginsRead)?;
        let (wanted, limit) = (wanted(ctx, filter), limit.clamp(1, MAX_PAGE));
        let mut tx = self.db().read(ctx.company).await?;
        let items = runs::list(&mut tx, ctx.company, &wanted, before, limit + 1).await?;
        Ok(Listing::of(items, limit, |recorded| recorded.id))
    }

    /// A run, with its input where it was small enough to be kept.
    ///
    /// # Errors
    /// [`AppError::NotFound`] when the company has none of this id.
    pub async fn run(&self, ctx: &Context, id: RuleRunId) -> Result<RunPage> {
        ctx.whole_company(Action::PluginsRead)?;
        let mut tx = self.db().read(ctx.company).await?;
        let recorded = runs::find(&mut tx, ctx.company, id).await?.ok_or(AppError::NotFound)?;
        let plugin = plugins::find(&mut tx, ctx.company, &recorded.run.plugin_digest).await?;
        Ok(RunPage { recorded, plugin: plugin.ok_or(AppError::NotFound)? })
    }

    /// Runs it again: the same component, settings and input. Nothing is stored.
    ///
    /// # Errors
    /// [`AppError::NotFound`]; [`AppError::Conflict`] `run-without-input` where the input was too large to be kept,
    /// `run-of-facts` for a settlement, whose facts are no part of its record.
    pub async fn rerun(&self, ctx: &Context, id: RuleRunId) -> Result<Rerun> {
        let RunPage { recorded, .. } = self.run(ctx, id).await?;
        let run = recorded.run;
        if run.kind == Kind::Incentive {
            let message = "a settlement that failed is run again by settling the period again";
            return Err(AppError::conflict("run-of-facts", message));
        }
        if run.input.is_empty() {
            let message = "the input of this run was too large to be kept";
            return Err(AppError::conflict("run-without-input", message));
        }
        let broken = |what: String| AppError::Internal(format!("input of run {id}: {what}"));
        let input: Value = serde_json::from_slice(&run.input).map_err(|error| broken(error.to_string()))?;
        let question = Question::read(run.kind, &input).map_err(broken)?;
        let mut tx = self.db().read(ctx.company).await?;
        let revision = revisions::find(&mut tx, ctx.company, run.revision_id).await?;
        drop(tx);
        let settings = revision.ok_or(AppError::NotFound)?.settings;
        let plugin = self.rules().plugin(self.db(), ctx.company, &run.plugin_digest).await?;
        let (company, turn) = (ctx.company_code.clone(), self.turn(ctx.company).await?);
        let evaluated = turn.run(move || measured(&company, &plugin, || question.ask(&plugin, &settings)));
        rerun_of(&run, evaluated.await?)
    }

    /// What the company keeps.
    ///
    /// # Errors
    /// [`AppError::Forbidden`].
    pub async fn run_policy(&self, ctx: &Context) -> Result<RunPolicy> {
        ctx.whole_company(Action::PluginsRead)?;
        let mut tx = self.db().read(ctx.company).await?;
        Ok(runs::policy(&mut tx, ctx.company).await?)
    }

    /// Changes what the company keeps. What is older than that is forgotten with the next run that is kept. Other servers
    /// know of it within seconds.
    ///
    /// # Errors
    /// [`AppError::Invalid`] where a figure is out of its range.
    pub async fn save_run_policy(&self, ctx: &Context, policy: RunPolicy) -> Result<()> {
        ctx.whole_company(Action::PluginsPolicy)?;
        let issues: Vec<Issue> = [
            ("/keep_days", policy.keep_days, 1, MOST_DAYS),
            ("/sample_per_mille", policy.sample_per_mille, 0, 1_000),
        ]
        .into_iter()
        .filter(|(_, value, low, high)| !(low..=high).contains(&value))
        .map(|(pointer, _, low, high)| {
            let issue = Issue::new(pointer, "range", format!("write a number from {low} to {high}"));
            issue.with("low", low).with("high", high)
        })
        .collect();
        if !issues.is_empty() {
            return Err(AppError::Invalid(issues));
        }
        let now = self.clock().now();
        let mut tx = self.db().write(ctx.company).await?;
        let before = runs::policy(&mut tx, ctx.company).await?;
        runs::save_policy(&mut tx, ctx.company, policy, ctx.user, now).await?;
        let detail = json!({ "before": told(before), "after": told(policy) });
        audit::record(&mut tx, ctx.company, now, ctx.user, "run-policy.saved", "run policy", &detail).await?;
        tx.commit().await?;
        self.run_policies().note(ctx.company, policy);
        Ok(())
    }

    /// Keeps a run, and once an hour forgets the old ones.
    pub(crate) async fn keep_run(&self, ctx: &Context, run: &Run) -> Result<()> {
        let mut tx = self.db().write(ctx.company).await?;
        runs::record(&mut tx, ctx.company, run).await?;
        if self.sweeps().due(ctx.company, run.at) {
            let policy = runs::policy(&mut tx, ctx.company).await?;
            let oldest = run.at.plus_ms(-policy.keep_days.saturating_mul(DAY_MS));
            runs::forget(&mut tx, ctx.company, oldest).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Keeps a price that somebody asked for, if it is one of the sample.
    pub(crate) async fn sample(&self, ctx: &Context, dealer: &str, asked: Sampled<'_>) -> Result<()> {
        let policy = match self.run_policies().known(ctx.company) {
            Some(policy) => policy,
            None => {
                let mut tx = self.db().read(ctx.company).await?;
                let policy = runs::policy(&mut tx, ctx.company).await?;
                self.run_policies().note(ctx.company, policy);
                policy
            }
        };
        let (at, input_hash) = (self.clock().now(), sha256_hex(asked.input));
        if !is_sampled(&input_hash, at, policy) {
            return Ok(());
        }
        let run = Run {
            kind: Kind::Pricing,
            subject: format!("dealer {dealer}"),
            dealer: dealer.to_owned(),
            plugin_digest: asked.live.plugin_digest.clone(),
            revision_id: asked.live.revision_id,
            binding_id: asked.live.binding_id,
            at,
            outcome: asked.outcome.to_owned(),
            detail: String::new(),
            backtrace: None,
            input: asked.input.to_vec(),
            input_hash,
            output: Some(asked.output.to_vec()),
            fuel: whole(asked.fuel),
            elapsed_us: whole(asked.elapsed_us),
        };
        self.keep_run(ctx, &run).await
    }
}

/// A price that was asked for and may be kept.
pub(crate) struct Sampled<'a> {
    pub live: &'a Live,
    /// `answered` or `refused`.
    pub outcome: &'static str,
    pub input: &'a [u8],
    pub output: &'a [u8],
    pub fuel: u64,
    pub elapsed_us: u64,
}

/// The same cart comes to another draw at another moment.
fn is_sampled(input_hash: &str, at: Instant, policy: RunPolicy) -> bool {
    let drawn = u64::from_str_radix(input_hash.get(..15).unwrap_or_default(), 16).unwrap_or(0);
    let drawn = drawn.wrapping_add(at.micros().unsigned_abs().wrapping_mul(0x9e37_79b9_7f4a_7c15)) >> 16;
    drawn % 1_000 < policy.sample_per_mille.unsigned_abs()
}

fn told(policy: RunPolicy) -> Value {
    json!({ "keep_days": policy.keep_days, "sample_per_mille": policy.sample_per_mille })
}

fn rerun_of(run: &Run, now: std::result::Result<Evaluated<Answer>, RuleFailure>) -> Result<Rerun> {
    let (outcome, detail, output, fuel) = match &now {
        Ok(evaluated) => {
            let word = if evaluated.answer.is_refusal() { "refused" } else { "answered" };
            let output = serde_json::to_vec(&evaluated.answer);
            let output = output.map_err(|error| AppError::Internal(error.to_string()))?;
            (word, String::new(), Some(output), evaluated.fuel)
        }
        Err(failure) => (failure.error.as_str(), failure.detail.clone(), None, failure.fuel),
    };
    let identical = run.outcome == outcome && run.output == output;
    let json = |bytes: &Option<Vec<u8>>| -> Value {
        bytes.as_deref().and_then(|bytes| serde_json::from_slice(bytes).ok()).unwrap_or_default()
    };
    let first_difference = (!identical).then(|| difference(&json(&run.output), &json(&output))).flatten();
    Ok(Rerun {
        identical,
        outcome: outcome.to_owned(),
        detail,
        first_difference,
        fuel_then: run.fuel,
        fuel_now: whole(fuel),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn about_as_many_are_drawn_as_were_asked_for() {
        let drawn = |per_mille| {
            let policy = RunPolicy { sample_per_mille: per_mille, ..RunPolicy::default() };
            let at = |ms: i64| Instant::from_micros(0).plus_ms(ms);
            (0..10_000).filter(|ms| is_sampled("00f0a1b2c3d4e5f6", at(*ms), policy)).count()
        };
        assert_eq!((drawn(0), drawn(1_000)), (0, 10_000));
        assert!((50..200).contains(&drawn(10)), "{}", drawn(10));
    }
}
