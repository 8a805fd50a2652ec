//! What KPI plugins are asked of a period, and asking one, whether or not it holds.

use crate::Context;
use crate::errors::Result;
use crate::measured::measured;
use crate::metrics::{Measured, measure};
use crate::rules::attributes;
use crate::trials::{Came, Rule};
use qudao_domain::kpi::{KpiAnswer, Scorecard, Subject};
use qudao_domain::time::Period;
use qudao_engine::{Evaluated, Plugin, RuleFailure};
use qudao_store::Tx;
use qudao_store::bindings::For;
use qudao_store::dealers::{self, Dealer};

/// A period, measured: who has facts or targets in it, with their figures.
pub(crate) struct Scoring {
    period: Period,
    measured: Measured,
    /// The dealers that get a scorecard, by code.
    pub dealers: Vec<Dealer>,
}

impl Scoring {
    /// Measures a period as the transaction sees it.
    ///
    /// # Errors
    /// As any query.
    pub async fn of(tx: &mut Tx, ctx: &Context, period: Period) -> Result<Self> {
        let mut dealers = dealers::all(tx, ctx.company).await?;
        let measured = measure(tx, ctx, period, &dealers).await?;
        dealers.retain(|dealer| measured.concerns(dealer.id));
        Ok(Self { period, measured, dealers })
    }

    /// What a plugin is asked of a dealer.
    pub fn subject(&self, dealer: &Dealer, plugin: &Plugin) -> Subject {
        let reads = plugin.descriptor();
        Subject {
            code: dealer.code.clone(),
            tier: dealer.tier.clone(),
            region: dealer.region.clone(),
            attributes: attributes(&dealer.attributes, &reads.attributes),
            first: self.period.first,
            last: self.period.last,
            metrics: self.measured.of(dealer.id, &reads.metrics),
        }
    }
}

/// For whom the rule is sought that scores a dealer.
pub(crate) fn whom(dealer: &Dealer) -> For<'_> {
    For { dealer: &dealer.code, tier: &dealer.tier, region: &dealer.region }
}

/// Asks a plugin for a scorecard. Blocks.
pub(crate) fn score(
    company: &str,
    plugin: &Plugin,
    settings: &str,
    subject: &Subject,
) -> std::result::Result<Evaluated<KpiAnswer>, RuleFailure> {
    measured(company, plugin, || plugin.score(subject, settings))
}

/// The scorecard that a rule makes, and nothing else. Blocks.
pub(crate) fn card(company: &str, rule: &Rule, subject: &Subject) -> Came<Scorecard> {
    match score(company, &rule.plugin, &rule.settings, subject).map(|evaluated| evaluated.answer) {
        Ok(KpiAnswer::Scored(card)) => Came::Answered(card),
        Ok(KpiAnswer::Refused(notes)) => {
            Came::Refused(notes.into_iter().next().map(|first| first.code).unwrap_or_default())
        }
        Err(failure) => Came::failed(&failure),
    }
}
