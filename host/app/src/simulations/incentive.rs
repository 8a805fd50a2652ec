//! Tries an incentive rule over the periods of a program, in time's order: what an earlier period takes of the budget
//! the later ones no longer have.

use super::NewSimulation;
use super::paid::{Before, IncentiveOutcome, PeriodPaid, Tally};
use super::running::{Ran, ran};
use crate::errors::Result;
use crate::incentives::{Paid, answer};
use crate::trials::{Came, Rule};
use crate::{App, Context};
use qudao_domain::contract::Kind;
use qudao_domain::ids::{DealerId, SimulationId};
use qudao_domain::time::Period;
use qudao_store::bindings::{self, For};
use qudao_store::programs::Program;
use qudao_store::{dealers, facts, settlements};
use std::collections::{HashMap, HashSet};

/// What the ledger says of a program when its simulation begins, and the rule in force then.
struct World {
    names: HashMap<DealerId, (String, String)>,
    /// What each dealer was posted, of the periods that were settled.
    settled: HashMap<Period, Paid>,
    posted: HashMap<String, i64>,
    /// What the program posted in periods that are not tried.
    outside_minor: i64,
    live: Option<Rule>,
}

impl World {
    /// What the program posted in other periods than this one.
    fn elsewhere(&self, period: Period) -> i64 {
        let name = period.to_string();
        let others = self.posted.iter().filter(|(other, _)| **other != name);
        others.map(|(_, minor)| *minor).fold(0, i64::saturating_add)
    }
}

/// What has gone of the budget within the range so far.
#[derive(Clone, Copy, Default)]
struct Spent {
    /// By the candidate.
    candidate_minor: i64,
    /// By the rule in force, in periods that it had not settled yet.
    estimated_minor: i64,
}

impl App {
    pub(super) async fn simulate_incentive(
        &self,
        ctx: &Context,
        id: SimulationId,
        rule: &Rule,
        (program, periods): (&Program, &[Period]),
        new: &NewSimulation,
    ) -> Result<Ran> {
        let world = self.incentive_world(ctx, program, periods).await?;
        let mut tally = Tally::default();
        let mut spent = Spent::default();
        for (done, period) in (0..).zip(periods) {
            let tried = self.try_period(ctx, &world, rule, program, *period, spent);
            let Some((row, before, after)) = self.unless_stopped(ctx, id, done, tried).await? else {
                return Ok(Ran::Stopped(done));
            };
            if row.from == Before::Estimated {
                spent.estimated_minor = spent.estimated_minor.saturating_add(row.before_minor);
            }
            spent.candidate_minor = spent.candidate_minor.saturating_add(row.after_minor.unwrap_or(0));
            tally.add(row, &before, after.answer());
        }
        let limits = (new.most_loss_minor, new.most_cost_minor);
        let outcome = IncentiveOutcome {
            program: program.code.clone(),
            name_zh: program.name_zh.clone(),
            name_en: program.name_en.clone(),
            budget_minor: program.budget_minor,
            outside_minor: world.outside_minor,
            ..tally.outcome(&world.names, limits)
        };
        ran(periods.len(), &outcome)
    }

    async fn incentive_world(&self, ctx: &Context, program: &Program, periods: &[Period]) -> Result<World> {
        let now = self.clock().now();
        let mut tx = self.db().read(ctx.company).await?;
        let everybody = dealers::all(&mut tx, ctx.company).await?;
        let runs = settlements::latest(&mut tx, ctx.company).await?;
        let runs: HashSet<String> =
            runs.into_iter().filter(|run| run.program_id == program.id).map(|run| run.period).collect();
        let mut settled = HashMap::new();
        for period in periods.iter().filter(|period| runs.contains(&period.to_string())) {
            let name = period.to_string();
            let posted = settlements::posted_by_dealer(&mut tx, ctx.company, program.id, &name).await?;
            settled.insert(*period, posted.into_iter().collect());
        }
        let posted: HashMap<String, i64> =
            settlements::posted_by_period(&mut tx, ctx.company, program.id).await?.into_iter().collect();
        let tried: HashSet<String> = periods.iter().map(ToString::to_string).collect();
        let outside = posted.iter().filter(|(period, _)| !tried.contains(*period));
        let outside_minor = outside.map(|(_, minor)| *minor).fold(0, i64::saturating_add);
        let (of, whole) = (Some(program.id), For::default());
        let live = bindings::live(&mut tx, ctx.company, Kind::Incentive, of, whole, now).await?;
        drop(tx);
        let live = match live {
            Some(live) => Some(self.rule(ctx, &live.plugin_digest, &live.settings).await?),
            None => None,
        };
        let name = |dealer: dealers::Dealer| (dealer.id, (dealer.code, dealer.name));
        Ok(World { names: everybody.into_iter().map(name).collect(), settled, posted, outside_minor, live })
    }

    /// One period: its row, what each dealer is paid before, and what it would be paid.
    async fn try_period(
        &self,
        ctx: &Context,
        world: &World,
        rule: &Rule,
        program: &Program,
        period: Period,
        spent: Spent,
    ) -> Result<(PeriodPaid, Paid, Came<Paid>)> {
        let mut tx = self.db().read(ctx.company).await?;
        let left = |gone: i64| program.budget_minor.map(|budget| budget.saturating_sub(gone));
        let left_minor = left(world.outside_minor.saturating_add(spent.candidate_minor));
        let tried = answer(&mut tx, ctx, rule, program, period, left_minor).await?;
        let (from, before) = match (world.settled.get(&period), &world.live) {
            (Some(posted), _) => (Before::Settled, posted.clone()),
            (None, Some(live)) => {
                let left = left(world.elsewhere(period).saturating_add(spent.estimated_minor));
                match answer(&mut tx, ctx, live, program, period, left).await?.paid() {
                    Came::Answered(paid) => (Before::Estimated, paid),
                    Came::Refused(_) | Came::Failed(_) => (Before::Unanswered, Paid::new()),
                }
            }
            (None, None) => (Before::NoRule, Paid::new()),
        };
        let watermark = tried.input.watermark;
        let turnover_minor =
            facts::turnover(&mut tx, ctx.company, (period.first, period.last), watermark).await?;
        let after = tried.paid();
        let sum = |paid: &Paid| paid.values().copied().fold(0, i64::saturating_add);
        let (refused, failed) = match &after {
            Came::Answered(_) => (None, None),
            Came::Refused(code) => (Some(code.clone()), None),
            Came::Failed(error) => (None, Some((*error).to_owned())),
        };
        let row = PeriodPaid {
            period: period.to_string(),
            first: period.first,
            last: period.last,
            from,
            facts: tried.input.facts,
            turnover_minor,
            before_minor: sum(&before),
            after_minor: after.answer().map(sum),
            budget_left_minor: left_minor,
            refused,
            failed,
        };
        Ok((row, before, after))
    }
}
