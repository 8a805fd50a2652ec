//! Tries a KPI rule over the scorecards of some periods.

use super::running::{Ran, ran};
use super::scores::{PeriodScores, Tally};
use crate::errors::Result;
use crate::scorecards::{Scoring, card, whom};
use crate::threads::in_background;
use crate::trials::{Came, Rule};
use crate::{App, Context};
use qudao_domain::contract::Kind;
use qudao_domain::decimal::Decimal;
use qudao_domain::ids::{DealerId, SimulationId};
use qudao_domain::kpi::Subject;
use qudao_domain::time::Period;
use qudao_store::bindings;
use qudao_store::{companies, scorecards};
use std::collections::HashMap;

/// What a dealer's card is without the candidate.
enum Now {
    /// As it was recorded.
    Recorded(Decimal),
    /// To be asked of the rule in force.
    Asked(Rule, Subject),
    /// No rule is in force for the dealer.
    NoRule,
}

/// A dealer of one period, about to be scored.
struct Question {
    code: String,
    name: String,
    now: Now,
    subject: Subject,
}

/// A dealer of one period, scored.
pub(super) struct ScoredBoth {
    pub code: String,
    pub name: String,
    /// Whether `before` was recorded.
    pub recorded: bool,
    /// The total without the candidate, where there is one.
    pub before: Option<Decimal>,
    pub after: Came<Decimal>,
}

impl App {
    pub(super) async fn simulate_kpi(
        &self,
        ctx: &Context,
        id: SimulationId,
        rule: &Rule,
        periods: &[Period],
    ) -> Result<Ran> {
        let mut tally = Tally::default();
        for (done, period) in (0..).zip(periods) {
            let scored = self.score_both(ctx, rule, *period);
            let Some(scored) = self.unless_stopped(ctx, id, done, scored).await? else {
                return Ok(Ran::Stopped(done));
            };
            tally.add(PeriodScores::of(*period), scored);
        }
        ran(periods.len(), &tally.outcome())
    }

    /// Every dealer of a period, as it is scored and as the candidate scores it.
    async fn score_both(&self, ctx: &Context, rule: &Rule, period: Period) -> Result<Vec<ScoredBoth>> {
        let now = self.clock().now();
        let mut tx = self.db().read(ctx.company).await?;
        let scoring = Scoring::of(&mut tx, ctx, period).await?;
        let name = period.to_string();
        let number = companies::counted(&mut tx, ctx.company, &scorecards::counter(&name)).await?;
        let cards = scorecards::of_scoring(&mut tx, ctx.company, &name, number, None, 0).await?;
        let recorded: HashMap<DealerId, Decimal> =
            cards.into_iter().map(|card| (card.dealer_id, card.total.0)).collect();
        let mut found = Vec::with_capacity(scoring.dealers.len());
        for dealer in &scoring.dealers {
            let total = recorded.get(&dealer.id).copied();
            let live = match total {
                Some(_) => None,
                None => bindings::live(&mut tx, ctx.company, Kind::Kpi, None, whom(dealer), now).await?,
            };
            found.push((total, live));
        }
        drop(tx);
        let mut questions = Vec::with_capacity(found.len());
        for (dealer, (total, live)) in scoring.dealers.iter().zip(found) {
            let now = match (total, live) {
                (Some(total), _) => Now::Recorded(total),
                (None, Some(live)) => {
                    let rule = self.rule(ctx, &live.plugin_digest, &live.settings).await?;
                    let subject = scoring.subject(dealer, &rule.plugin);
                    Now::Asked(rule, subject)
                }
                (None, None) => Now::NoRule,
            };
            questions.push(Question {
                code: dealer.code.clone(),
                name: dealer.name.clone(),
                now,
                subject: scoring.subject(dealer, &rule.plugin),
            });
        }
        let (company, rule) = (ctx.company_code.clone(), rule.clone());
        in_background(move || questions.into_iter().map(|asked| answered(&company, &rule, asked)).collect())
            .await
    }
}

fn answered(company: &str, rule: &Rule, question: Question) -> ScoredBoth {
    let total = |rule: &Rule, subject: &Subject| match card(company, rule, subject) {
        Came::Answered(card) => Came::Answered(card.total),
        Came::Refused(code) => Came::Refused(code),
        Came::Failed(error) => Came::Failed(error),
    };
    let before = match &question.now {
        Now::Recorded(total) => Some(*total),
        Now::Asked(rule, subject) => total(rule, subject).answer().copied(),
        Now::NoRule => None,
    };
    ScoredBoth {
        recorded: matches!(question.now, Now::Recorded(_)),
        before,
        after: total(rule, &question.subject),
        code: question.code,
        name: question.name,
    }
}
