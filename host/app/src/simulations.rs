//! A rule tried over the company's real orders of some days: begun here, run in the background, looked at later.

mod margin;
mod run;
mod tally;

pub use margin::Margin;
pub use tally::{Change, Guard, GuardKind, Outcome, Part, Sums};

use crate::errors::{AppError, Issue, Result};
use crate::{App, Context};
use chrono::NaiveDate;
use qudao_domain::contract::Kind;
use qudao_domain::decimal::{Decimal, Exact};
use qudao_domain::ids::SimulationId;
use qudao_domain::lifecycle::{Policy, SimulationState};
use qudao_domain::permissions::Action;
use qudao_domain::time::Instant;
use qudao_store::plugins::Plugin;
use qudao_store::simulations::{self, End, NewSimulation as Row, Simulation};
use qudao_store::{Json, Tx, plugins, quotas, revisions};

/// A simulation that said nothing for so long has died with its server.
const SILENT_MS: i64 = 60_000;
/// How many a list shows.
const SHOWN: i64 = 50;
/// Decimals that a margin's limit may have, in percent.
const PERCENT_SCALE: u32 = 4;

/// What to try over which orders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSimulation {
    /// The plugin.
    pub digest: String,
    /// Number of its settings; none for the latest.
    pub revision: Option<i64>,
    /// First day of the orders.
    pub first: NaiveDate,
    /// Last day of the orders.
    pub last: NaiveDate,
    /// Guard: the most that any dealer may pay more over these days, in minor units.
    pub most_loss_minor: Option<i64>,
    /// Guard: the most that the company may get less over these days, in minor units.
    pub most_cost_minor: Option<i64>,
    /// Guard: the least that must be left of what has a cost, in percent of its amount.
    pub least_margin: Option<Decimal>,
}

impl App {
    /// Begins to price the orders of some days again with a plugin and settings. It runs in the background; look at it
    /// with [`App::simulation`].
    ///
    /// # Errors
    /// [`AppError::Forbidden`], also for a guard of margins by whoever may not see costs;
    /// [`AppError::NotFound`] for an unknown plugin; [`AppError::Invalid`] for settings that are not there, days that
    /// hold no orders or guards that cannot be; [`AppError::Conflict`] `simulation-kind` for a plugin that prices
    /// nothing, `simulations-running` while two others run.
    pub async fn start_simulation(&self, ctx: &Context, new: &NewSimulation) -> Result<SimulationId> {
        ctx.whole_company(Action::PluginsApprove)?;
        if new.least_margin.is_some() {
            // Whether such a guard holds tells the margin, one try after the other.
            ctx.whole_company(Action::CostsRead)?;
        }
        check(new)?;
        let now = self.clock().now();
        let mut tx = self.db().write(ctx.company).await?;
        let plugin = plugins::find(&mut tx, ctx.company, &new.digest).await?.ok_or(AppError::NotFound)?;
        if plugin.kind != Kind::Pricing {
            let message = "only pricing plugins are tried over orders";
            return Err(AppError::conflict("simulation-kind", message));
        }
        let revision = match new.revision {
            Some(number) => revisions::by_number(&mut tx, ctx.company, &plugin.digest, number).await?,
            None => revisions::latest(&mut tx, ctx.company, &plugin.digest).await?,
        };
        let unknown =
            || Issue::new("/revision", "unknown-revision", "the plugin has no settings of this number");
        let revision = revision.ok_or_else(|| AppError::invalid(unknown()))?;
        let most = quotas::of(&mut tx, ctx.company).await?.simulations;
        if simulations::running(&mut tx, ctx.company, now.plus_ms(-SILENT_MS)).await? >= most {
            let message = format!("{most} simulations run already; wait for one or cancel it");
            return Err(AppError::conflict("simulations-running", message).with("most", most));
        }
        let days = (new.first, new.last);
        let orders = simulations::count(&mut tx, ctx.company, days).await?;
        if orders == 0 {
            let issue = Issue::new("/first", "no-orders", "there are no orders on these days");
            return Err(AppError::invalid(issue));
        }
        let row = Row {
            id: SimulationId::at(now),
            plugin_digest: &plugin.digest,
            revision: revision.id,
            days,
            most_loss_minor: new.most_loss_minor,
            most_cost_minor: new.most_cost_minor,
            least_margin: new.least_margin.map(|least| Exact(least.normalize())),
            orders,
            by: ctx.user,
            at: now,
        };
        let id = row.id;
        simulations::insert(&mut tx, ctx.company, &row).await?;
        tx.commit().await?;
        let (app, ctx, new) = (self.clone(), ctx.clone(), new.clone());
        tokio::spawn(async move { app.run_simulation(&ctx, id, &new, &revision.settings).await });
        Ok(id)
    }

    /// A simulation, with what came out once it is done; without margins for whoever may not see costs.
    ///
    /// # Errors
    /// [`AppError::NotFound`] when the company has none of this id.
    pub async fn simulation(&self, ctx: &Context, id: SimulationId) -> Result<(Simulation, Option<Outcome>)> {
        ctx.whole_company(Action::PluginsRead)?;
        let mut tx = self.db().read(ctx.company).await?;
        let mut found = simulations::find(&mut tx, ctx.company, id).await?.ok_or(AppError::NotFound)?;
        let mut outcome = outcome_of(&found)?;
        if ctx.whole_company(Action::CostsRead).is_err() {
            found.least_margin = None;
            if let Some(outcome) = &mut outcome {
                outcome.without_costs();
            }
        }
        found.outcome = outcome.as_ref().map(told).transpose()?.map(Json);
        Ok((settled(found, self.clock().now()), outcome))
    }

    /// Simulations, the latest first; of one plugin, or (empty) of all.
    ///
    /// # Errors
    /// [`AppError::Forbidden`].
    pub async fn simulations(&self, ctx: &Context, plugin: &str) -> Result<Vec<Simulation>> {
        ctx.whole_company(Action::PluginsRead)?;
        let now = self.clock().now();
        let mut tx = self.db().read(ctx.company).await?;
        let mut found = simulations::list(&mut tx, ctx.company, plugin, SHOWN).await?;
        if ctx.whole_company(Action::CostsRead).is_err() {
            found.iter_mut().for_each(|one| one.least_margin = None);
        }
        Ok(found.into_iter().map(|one| settled(one, now)).collect())
    }

    /// Asks a running simulation to stop; it does within moments.
    ///
    /// # Errors
    /// [`AppError::NotFound`] when there is no running one of this id.
    pub async fn cancel_simulation(&self, ctx: &Context, id: SimulationId) -> Result<()> {
        ctx.whole_company(Action::PluginsApprove)?;
        let mut tx = self.db().write(ctx.company).await?;
        if !simulations::cancel(&mut tx, ctx.company, id).await? {
            return Err(AppError::NotFound);
        }
        Ok(tx.commit().await?)
    }

    async fn end_simulation(&self, ctx: &Context, id: SimulationId, end: End<'_>) -> Result<()> {
        let mut tx = self.db().write(ctx.company).await?;
        simulations::end(&mut tx, ctx.company, id, end).await?;
        Ok(tx.commit().await?)
    }
}

/// Whether the last simulation of a version lets it be approved.
///
/// # Errors
/// [`AppError::Conflict`] `guard-failed`, or `simulation-needed` where the policy asks for one.
pub(crate) async fn approvable(tx: &mut Tx, ctx: &Context, plugin: &Plugin, policy: &Policy) -> Result<()> {
    if plugin.kind != Kind::Pricing {
        return Ok(());
    }
    let last = simulations::last_done(tx, ctx.company, &plugin.digest).await?;
    let outcome = match &last {
        Some(last) => outcome_of(last)?,
        None => None,
    };
    let guards = outcome.map(|outcome| outcome.guards).unwrap_or_default();
    if guards.iter().any(|guard| !guard.held) {
        let message =
            "a guard of its last simulation did not hold; mend the version or its settings and try again";
        return Err(AppError::conflict("guard-failed", message));
    }
    if policy.needs_simulation && guards.is_empty() {
        let message = "your company approves a version only after a simulation whose guards held; run one";
        return Err(AppError::conflict("simulation-needed", message));
    }
    Ok(())
}

fn outcome_of(found: &Simulation) -> Result<Option<Outcome>> {
    let read = |json: &serde_json::Value| serde_json::from_value(json.clone());
    let outcome = found.outcome.as_ref().map(|json| read(&json.0)).transpose();
    outcome.map_err(|error| AppError::Internal(format!("outcome of simulation {}: {error}", found.id)))
}

/// What came out as it is kept and told.
fn told(outcome: &Outcome) -> Result<serde_json::Value> {
    serde_json::to_value(outcome).map_err(|error| AppError::Internal(error.to_string()))
}

/// One that died with its server is told as failed.
fn settled(mut found: Simulation, now: Instant) -> Simulation {
    if found.state == SimulationState::Running && found.beat_at.plus_ms(SILENT_MS) < now {
        found.state = SimulationState::Failed;
        found.error = "interrupted: the server that ran it stopped; begin it again".to_owned();
    }
    found
}

fn check(new: &NewSimulation) -> Result<()> {
    let mut issues = Vec::new();
    if new.last < new.first {
        issues.push(Issue::new("/last", "order", "the last day must not be before the first"));
    }
    for (pointer, guard) in
        [("/most_loss_minor", new.most_loss_minor), ("/most_cost_minor", new.most_cost_minor)]
    {
        if guard.is_some_and(|most| most < 0) {
            issues.push(Issue::new(pointer, "negative", "write an amount of zero or more"));
        }
    }
    if let Some(least) = new.least_margin {
        if least < Decimal::ZERO || least > Decimal::ONE_HUNDRED {
            let issue = Issue::new("/least_margin", "range", "write a percentage from 0 to 100");
            issues.push(issue.with("low", 0).with("high", 100));
        } else if least.normalize().scale() > PERCENT_SCALE {
            let message = format!("write at most {PERCENT_SCALE} decimals");
            issues.push(Issue::new("/least_margin", "decimals", message).with("limit", PERCENT_SCALE));
        }
    }
    if issues.is_empty() { Ok(()) } else { Err(AppError::Invalid(issues)) }
}
