//! A rule tried over what really happened on some days: begun here, run in the background, looked at later.

mod incentive;
mod kpi;
mod margin;
mod outcome;
mod paid;
mod plan;
mod run;
mod running;
mod scores;
mod tally;

pub use margin::Margin;
pub use outcome::Simulated;
pub use paid::{Before, DealerPaid, IncentiveOutcome, PaidChange, Payments, PeriodPaid};
pub use scores::{DealerScores, KpiOutcome, PeriodScores, ScoreChange, Scores};
pub use tally::{Change, Guard, GuardKind, Outcome, Part, Sums};

use crate::errors::{AppError, Issue, Result};
use crate::{App, Context};
use chrono::NaiveDate;
use plan::plan;
use qudao_domain::contract::Kind;
use qudao_domain::decimal::{Decimal, Exact};
use qudao_domain::ids::SimulationId;
use qudao_domain::lifecycle::{Policy, SimulationState};
use qudao_domain::permissions::Action;
use qudao_domain::settlement::Calendar;
use qudao_domain::time::Instant;
use qudao_store::plugins::Plugin;
use qudao_store::simulations::{self, End, NewSimulation as Row, Simulation};
use qudao_store::{Json, Tx, plugins, quotas, revisions};

/// A simulation that said nothing for so long has died with its server.
const SILENT_MS: i64 = 60_000;
/// How many a list shows.
const SHOWN: i64 = 50;

/// What to try over which days.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewSimulation {
    /// The plugin.
    pub digest: String,
    /// Number of its settings; none for the latest.
    pub revision: Option<i64>,
    /// First day of the orders; of other kinds than pricing a day of the first period.
    pub first: NaiveDate,
    /// Last day of the orders; of other kinds than pricing a day of the last period.
    pub last: NaiveDate,
    /// The program's code, for incentives.
    pub program: Option<String>,
    /// Which periods are scored, for KPIs; none for quarters.
    pub calendar: Option<Calendar>,
    /// Guard: the most that any dealer may lose over these days, in minor units: by paying more, or by being paid less.
    pub most_loss_minor: Option<i64>,
    /// Guard: the most that the company may lose over these days, in minor units: by getting less, or by paying more.
    pub most_cost_minor: Option<i64>,
    /// Guard: the least that must be left of what has a cost, in percent of its amount.
    pub least_margin: Option<Decimal>,
}

impl App {
    /// Begins to try a plugin and settings: pricing over the orders of some days, incentives over the periods of a program
    /// in which those lie, KPIs over periods that are scored. It runs in the background; look at it with
    /// [`App::simulation`].
    ///
    /// # Errors
    /// [`AppError::Forbidden`], also for a guard of margins by whoever may not see costs; [`AppError::NotFound`] for an
    /// unknown plugin; [`AppError::Invalid`] for settings or a program that are not there,
    /// days on which nothing happened or that have not come, and guards that cannot be; [`AppError::Conflict`]
    /// `simulation-kind` for deal plugins, `simulations-running` while as many run as the company may have.
    pub async fn start_simulation(&self, ctx: &Context, new: &NewSimulation) -> Result<SimulationId> {
        ctx.whole_company(Action::PluginsApprove)?;
        if new.least_margin.is_some() {
            // Whether such a guard holds tells the margin, one try after the other.
            ctx.whole_company(Action::CostsRead)?;
        }
        let now = self.clock().now();
        let mut tx = self.db().write(ctx.company).await?;
        let plugin = plugins::find(&mut tx, ctx.company, &new.digest).await?.ok_or(AppError::NotFound)?;
        let plan = plan(&mut tx, ctx, plugin.kind, new, ctx.day(now)).await?;
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
        let row = Row {
            id: SimulationId::at(now),
            plugin_digest: &plugin.digest,
            revision: revision.id,
            program: plan.program().map(|program| program.id),
            days: plan.days(),
            most_loss_minor: new.most_loss_minor,
            most_cost_minor: new.most_cost_minor,
            least_margin: new.least_margin.map(|least| Exact(least.normalize())),
            orders: plan.steps(),
            by: ctx.user,
            at: now,
        };
        let id = row.id;
        simulations::insert(&mut tx, ctx.company, &row).await?;
        tx.commit().await?;
        let (app, ctx, new) = (self.clone(), ctx.clone(), new.clone());
        tokio::spawn(async move { app.run_simulation(&ctx, id, &new, &revision.settings, &plan).await });
        Ok(id)
    }

    /// A simulation, with what came out once it is done; without margins for whoever may not see costs.
    ///
    /// # Errors
    /// [`AppError::NotFound`] when the company has none of this id.
    pub async fn simulation(
        &self,
        ctx: &Context,
        id: SimulationId,
    ) -> Result<(Simulation, Option<Simulated>)> {
        ctx.whole_company(Action::PluginsRead)?;
        let mut tx = self.db().read(ctx.company).await?;
        let mut found = simulations::find(&mut tx, ctx.company, id).await?.ok_or(AppError::NotFound)?;
        let mut outcome = Simulated::of(&found)?;
        if ctx.whole_company(Action::CostsRead).is_err() {
            found.least_margin = None;
            if let Some(outcome) = &mut outcome {
                outcome.without_costs();
                found.outcome = Some(Json(outcome.told()?));
            }
        }
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
    if !matches!(plugin.kind, Kind::Pricing | Kind::Incentive) {
        return Ok(());
    }
    let last = simulations::last_done(tx, ctx.company, &plugin.digest).await?;
    let outcome = match &last {
        Some(last) => Simulated::of(last)?,
        None => None,
    };
    let guards = outcome.as_ref().map(Simulated::guards).unwrap_or_default();
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

/// One that died with its server is told as failed.
fn settled(mut found: Simulation, now: Instant) -> Simulation {
    if found.state == SimulationState::Running && found.beat_at.plus_ms(SILENT_MS) < now {
        found.state = SimulationState::Failed;
        found.error = "interrupted: the server that ran it stopped; begin it again".to_owned();
    }
    found
}
