//! Runs a simulation to its end, whatever that is, and says how far it is.

use super::plan::Plan;
use super::{End, NewSimulation};
use crate::errors::{AppError, Result};
use crate::{App, Context};
use qudao_domain::ids::SimulationId;
use qudao_domain::lifecycle::SimulationState;
use qudao_store::simulations;
use serde::Serialize;
use std::time::Duration;

/// How often a step that takes long says that it goes on.
const BEAT: Duration = Duration::from_secs(5);

/// How far a run came.
pub(super) enum Ran {
    /// How many orders, or periods, were done, and what came out.
    Through(i64, serde_json::Value),
    /// How many were done until somebody asked for it to stop.
    Stopped(i64),
}

/// A run that went through all its steps.
pub(super) fn ran<T: Serialize>(steps: usize, outcome: &T) -> Result<Ran> {
    let told = serde_json::to_value(outcome).map_err(|error| AppError::Internal(error.to_string()))?;
    Ok(Ran::Through(i64::try_from(steps).unwrap_or(i64::MAX), told))
}

impl App {
    /// Runs a simulation to its end; what became of it is told in its row.
    pub(super) async fn run_simulation(
        &self,
        ctx: &Context,
        id: SimulationId,
        new: &NewSimulation,
        settings: &str,
        plan: &Plan,
    ) {
        let ran = self.simulate(ctx, id, new, settings, plan).await;
        let at = self.clock().now();
        let end = match ran {
            Ok(Ran::Through(done, outcome)) => {
                End { state: SimulationState::Done, done, error: "", outcome: Some(outcome), at }
            }
            Ok(Ran::Stopped(done)) => {
                End { state: SimulationState::Cancelled, done, error: "", outcome: None, at }
            }
            Err(error) => {
                tracing::error!(company = %ctx.company_code, simulation = %id, %error, "a simulation failed");
                let said = match error {
                    AppError::Internal(_) => "something went wrong on our side; the log says what",
                    AppError::Busy => "too much was going on; begin it again",
                    _ => "the plugin cannot be used",
                };
                End { state: SimulationState::Failed, done: 0, error: said, outcome: None, at }
            }
        };
        if let Err(error) = self.end_simulation(ctx, id, end).await {
            tracing::error!(simulation = %id, %error, "the end of a simulation was not kept");
        }
    }

    async fn simulate(
        &self,
        ctx: &Context,
        id: SimulationId,
        new: &NewSimulation,
        settings: &str,
        plan: &Plan,
    ) -> Result<Ran> {
        let began = self.clock().now();
        let mut ran = match plan {
            Plan::Orders(..) => self.simulate_pricing(ctx, id, new, settings).await?,
            Plan::Program(program, periods) => {
                let rule = self.rule(ctx, &new.digest, settings).await?;
                self.simulate_incentive(ctx, id, &rule, (program, periods), new).await?
            }
            Plan::Scores(periods) => {
                let rule = self.rule(ctx, &new.digest, settings).await?;
                self.simulate_kpi(ctx, id, &rule, periods).await?
            }
        };
        if let Ran::Through(_, outcome) = &mut ran {
            outcome["elapsed_ms"] = ((self.clock().now().micros() - began.micros()) / 1_000).into();
        }
        Ok(ran)
    }

    /// Says how far a simulation is; true when somebody asked for it to stop.
    pub(super) async fn beat(&self, ctx: &Context, id: SimulationId, done: i64) -> Result<bool> {
        let mut tx = self.db().write(ctx.company).await?;
        let stop = simulations::beat(&mut tx, ctx.company, id, done, self.clock().now()).await?;
        tx.commit().await?;
        Ok(stop)
    }

    /// Does a step of a simulation and says meanwhile that it goes on. None where somebody asked for it to stop: the
    /// step is given up then.
    pub(super) async fn unless_stopped<T>(
        &self,
        ctx: &Context,
        id: SimulationId,
        done: i64,
        step: impl Future<Output = Result<T>>,
    ) -> Result<Option<T>> {
        let mut step = std::pin::pin!(step);
        loop {
            if self.beat(ctx, id, done).await? {
                return Ok(None);
            }
            if let Ok(came) = tokio::time::timeout(BEAT, step.as_mut()).await {
                return came.map(Some);
            }
        }
    }
}
