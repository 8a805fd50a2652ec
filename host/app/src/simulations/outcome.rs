//! What a simulation came to, by the kind of its plugin; kept as JSON of that kind's own shape.

use super::paid::IncentiveOutcome;
use super::scores::KpiOutcome;
use super::tally::{Guard, Outcome};
use crate::errors::{AppError, Result};
use qudao_domain::contract::Kind;
use qudao_store::simulations::Simulation;
use serde::de::DeserializeOwned;

/// What came out.
#[derive(Debug, Clone, PartialEq)]
pub enum Simulated {
    /// Orders priced again.
    Pricing(Outcome),
    /// A program's periods worked out again.
    Incentive(IncentiveOutcome),
    /// Periods scored again.
    Kpi(KpiOutcome),
}

impl Simulated {
    /// The limits that it was begun with, and whether they held.
    #[must_use]
    pub fn guards(&self) -> &[Guard] {
        match self {
            Self::Pricing(outcome) => &outcome.guards,
            Self::Incentive(outcome) => &outcome.guards,
            Self::Kpi(_) => &[],
        }
    }

    /// Takes away what only those may see who see costs.
    pub(super) fn without_costs(&mut self) {
        if let Self::Pricing(outcome) = self {
            outcome.without_costs();
        }
    }

    /// As it is kept.
    pub(super) fn told(&self) -> Result<serde_json::Value> {
        let told = match self {
            Self::Pricing(outcome) => serde_json::to_value(outcome),
            Self::Incentive(outcome) => serde_json::to_value(outcome),
            Self::Kpi(outcome) => serde_json::to_value(outcome),
        };
        told.map_err(|error| AppError::Internal(error.to_string()))
    }

    /// What a simulation keeps; none until it is done.
    pub(super) fn of(found: &Simulation) -> Result<Option<Self>> {
        Ok(match found.kind {
            Kind::Pricing => read(found)?.map(Self::Pricing),
            Kind::Incentive => read(found)?.map(Self::Incentive),
            Kind::Kpi => read(found)?.map(Self::Kpi),
            Kind::Deal => None,
        })
    }
}

fn read<T: DeserializeOwned>(found: &Simulation) -> Result<Option<T>> {
    let outcome = found.outcome.as_ref().map(|json| serde_json::from_value(json.0.clone())).transpose();
    outcome.map_err(|error| AppError::Internal(format!("outcome of simulation {}: {error}", found.id)))
}
