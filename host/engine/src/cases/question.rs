//! A question of any kind, read from JSON and put to a plugin.

use crate::config::Limits;
use crate::failure::RuleFailure;
use crate::plugin::{Evaluated, Opened, Plugin};
use qudao_domain::contract::Kind;
use qudao_domain::deal::{Claim, DealAnswer};
use qudao_domain::incentive::{IncentiveAnswer, IncentiveHeader, StreamedFact};
use qudao_domain::kpi::{KpiAnswer, Subject};
use qudao_domain::pricing::{PricingAnswer, PricingRequest};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::Arc;

/// How many facts are handed over at a time.
const CHUNK: usize = 4_096;

/// What an incentive is asked: the header, and the facts in their order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Run {
    /// What it is told first.
    pub header: IncentiveHeader,
    /// What happened.
    pub facts: Vec<StreamedFact>,
}

/// What a plugin is asked. In JSON it is the question alone: its kind is that of the plugin.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Question {
    /// Prices of an order.
    Pricing(PricingRequest),
    /// What a period earns.
    Incentive(Run),
    /// A score.
    Kpi(Subject),
    /// Who owns an opportunity.
    Deal(Claim),
}

/// What a plugin says, or should say.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Answer {
    /// To an order.
    Pricing(PricingAnswer),
    /// To a run.
    Incentive(IncentiveAnswer),
    /// To a subject.
    Kpi(KpiAnswer),
    /// To a claim.
    Deal(DealAnswer),
}

impl Question {
    /// Reads a question to a plugin of a kind.
    ///
    /// # Errors
    /// What is no such question about it.
    pub fn read(kind: Kind, json: &Value) -> Result<Self, String> {
        match kind {
            Kind::Pricing => read(json).map(Self::Pricing),
            Kind::Incentive => read(json).map(Self::Incentive),
            Kind::Kpi => read(json).map(Self::Kpi),
            Kind::Deal => read(json).map(Self::Deal),
        }
    }

    /// The fuel that a plugin gets for it.
    #[must_use]
    pub fn fuel(&self, limits: &Limits) -> u64 {
        match self {
            Self::Pricing(request) => limits.fuel(request.lines.len(), 0),
            Self::Incentive(run) => limits.fuel(run.header.entries(), run.facts.len()),
            Self::Kpi(subject) => limits.fuel(subject.metrics.len(), 0),
            Self::Deal(claim) => limits.fuel(claim.earlier.len(), 0),
        }
    }

    /// Puts it to a plugin.
    ///
    /// # Errors
    /// [`RuleFailure`] with its name when there is no answer that may be used.
    pub fn ask(&self, plugin: &Arc<Plugin>, settings: &str) -> Result<Evaluated<Answer>, RuleFailure> {
        match self {
            Self::Pricing(request) => {
                plugin.price(request, settings).map(|priced| priced.map(Answer::Pricing))
            }
            Self::Incentive(run) => {
                run.settle(plugin, settings, CHUNK).map(|settled| settled.map(Answer::Incentive))
            }
            Self::Kpi(subject) => plugin.score(subject, settings).map(|scored| scored.map(Answer::Kpi)),
            Self::Deal(claim) => plugin.decide(claim, settings).map(|ruled| ruled.map(Answer::Deal)),
        }
    }
}

impl Run {
    /// Runs an incentive with the facts so many at a time.
    ///
    /// # Errors
    /// [`RuleFailure`] with its name when there is no answer that may be used.
    pub fn settle(
        &self,
        plugin: &Arc<Plugin>,
        settings: &str,
        chunk: usize,
    ) -> Result<Evaluated<IncentiveAnswer>, RuleFailure> {
        match plugin.open_incentive(&self.header, settings)? {
            Opened::Refused(refused) => Ok(refused.map(IncentiveAnswer::Refused)),
            Opened::Run(mut run) => {
                for facts in self.facts.chunks(chunk.max(1)) {
                    run.add(facts)?;
                }
                run.finish()
            }
        }
    }
}

impl Answer {
    /// Whether it says why there is no answer.
    #[must_use]
    pub fn is_refusal(&self) -> bool {
        matches!(
            self,
            Self::Pricing(PricingAnswer::Refused(_))
                | Self::Incentive(IncentiveAnswer::Refused(_))
                | Self::Kpi(KpiAnswer::Refused(_))
                | Self::Deal(DealAnswer::Refused(_))
        )
    }

    /// Reads an answer of a plugin of a kind.
    ///
    /// # Errors
    /// What is no such answer about it.
    pub fn read(kind: Kind, json: &Value) -> Result<Self, String> {
        match kind {
            Kind::Pricing => read(json).map(Self::Pricing),
            Kind::Incentive => read(json).map(Self::Incentive),
            Kind::Kpi => read(json).map(Self::Kpi),
            Kind::Deal => read(json).map(Self::Deal),
        }
    }
}

fn read<T: DeserializeOwned>(json: &Value) -> Result<T, String> {
    T::deserialize(json).map_err(|error| error.to_string())
}
