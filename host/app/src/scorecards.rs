//! Scoring a period: a scorecard for each dealer, and the ranking that they make.

mod asking;

pub(crate) use asking::{Scoring, card, whom};

use crate::errors::{AppError, Result};
use crate::incentives::json;
use crate::programs::read_period;
use crate::rules::{RuleLine, rule_line, sha256_hex, whole};
use crate::threads::in_background;
use crate::{App, Context};
use chrono::Months;
use qudao_domain::contract::{Kind, Message, Note};
use qudao_domain::decimal::{Decimal, Exact};
use qudao_domain::ids::{DealerId, DecisionId, ScorecardId};
use qudao_domain::kpi::{Indicator, KpiAnswer, Subject};
use qudao_domain::permissions::Action;
use qudao_domain::time::{Instant, Period};
use qudao_engine::{Evaluated, Plugin, RuleFailure};
use qudao_store::bindings::{self, Live};
use qudao_store::decisions::{self, Decision};
use qudao_store::outbox::{self, Event};
use qudao_store::scorecards::{self, New, Scorecard};
use qudao_store::{Tx, audit, companies, components, revisions};
use serde_json::json;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// What a scoring did.
#[derive(Debug, Clone)]
pub struct Scored {
    /// The period, as `2026-Q4`.
    pub period: String,
    /// Counts how often the period was scored, from 1.
    pub number: i64,
    /// How many cards were written.
    pub cards: usize,
    /// Dealers for whom the rule refused, by code, with its reasons.
    pub refused: Vec<(String, Vec<Note>)>,
    /// The plugins' sentences.
    pub messages: Vec<Message>,
}

/// A dealer's place in the ranking.
#[derive(Debug, Clone)]
pub struct Ranked {
    /// The card.
    pub card: Scorecard,
    /// From 1; equal totals share a rank.
    pub rank: usize,
    /// Ranks won (positive) or lost since the period before; none where the dealer had no card then.
    pub change: Option<i64>,
}

/// A period's ranking, as far as the reader may see it.
#[derive(Debug, Clone)]
pub struct Ranking {
    /// The period, as `2026-Q4`.
    pub period: String,
    /// The dealers within the reader's reach, the best first.
    pub rows: Vec<Ranked>,
    /// How many dealers were ranked in all.
    pub count: usize,
    /// The plugins' sentences, for the grades.
    pub messages: Vec<Message>,
}

/// A scorecard with everything that explains it.
#[derive(Debug, Clone)]
pub struct ScorecardPage {
    /// The card and its place.
    pub ranked: Ranked,
    /// Among how many.
    pub count: usize,
    /// What it is made of.
    pub indicators: Vec<Indicator>,
    /// The dealer's total of the period before, with that period.
    pub previous: Option<(String, Decimal)>,
    /// The plugin and settings that made it.
    pub rule: Option<RuleLine>,
    /// The plugin's sentences.
    pub messages: Vec<Message>,
}

/// A dealer about to be scored.
struct Candidate {
    dealer: DealerId,
    live: Live,
    plugin: Arc<Plugin>,
    subject: Subject,
}

type Outcome = (Candidate, std::result::Result<Evaluated<KpiAnswer>, RuleFailure>);

impl App {
    /// Scores a period: measures every dealer with facts or targets in it, asks the KPI plugin bound for each, and
    /// keeps the cards of all of them or of none. Scored again, the new cards count and the old ones stay.
    ///
    /// # Errors
    /// [`AppError::Invalid`] for a period that cannot be; [`AppError::NoRule`] when a dealer has no KPI plugin;
    /// [`AppError::Rule`] when one fails.
    pub async fn score(&self, ctx: &Context, period: &str) -> Result<Scored> {
        ctx.whole_company(Action::SettlementsRun)?;
        let period = read_period(period)?;
        let made_for = self.clock().now();
        let candidates = self.candidates(ctx, period, made_for).await?;
        let company = ctx.company_code.clone();
        let outcomes: Vec<Outcome> = in_background(move || {
            let score = |candidate: Candidate| {
                let settings = &candidate.live.settings;
                let evaluated = asking::score(&company, &candidate.plugin, settings, &candidate.subject);
                (candidate, evaluated)
            };
            candidates.into_iter().map(score).collect()
        })
        .await?;
        let mut answers = Vec::with_capacity(outcomes.len());
        for (candidate, evaluated) in outcomes {
            match evaluated {
                Ok(evaluated) => answers.push((candidate, evaluated)),
                Err(failure) => {
                    let (live, input) = (&candidate.live, json(&candidate.subject)?);
                    let subject = format!("dealer {} {period}", candidate.subject.code);
                    return Err(self.rule_failed(ctx, Kind::Kpi, subject, live, input, failure).await);
                }
            }
        }
        self.keep_scorecards(ctx, period, made_for, answers).await
    }

    async fn candidates(&self, ctx: &Context, period: Period, made_for: Instant) -> Result<Vec<Candidate>> {
        let mut tx = self.db().read(ctx.company).await?;
        let scoring = Scoring::of(&mut tx, ctx, period).await?;
        let mut rules = Vec::with_capacity(scoring.dealers.len());
        for dealer in &scoring.dealers {
            let live = bindings::live(&mut tx, ctx.company, Kind::Kpi, None, whom(dealer), made_for);
            rules.push(live.await?.ok_or(AppError::NoRule(Kind::Kpi))?);
        }
        drop(tx);
        let mut candidates = Vec::with_capacity(rules.len());
        for (dealer, live) in scoring.dealers.iter().zip(rules) {
            let plugin = self.rules().plugin(self.db(), ctx.company, &live.plugin_digest).await?;
            let subject = scoring.subject(dealer, &plugin);
            candidates.push(Candidate { dealer: dealer.id, live, plugin, subject });
        }
        Ok(candidates)
    }

    async fn keep_scorecards(
        &self,
        ctx: &Context,
        period: Period,
        made_for: Instant,
        answers: Vec<(Candidate, Evaluated<KpiAnswer>)>,
    ) -> Result<Scored> {
        let now = self.clock().now();
        let period = period.to_string();
        let mut messages = BTreeMap::new();
        let (mut cards, mut refused, mut records) = (Vec::new(), Vec::new(), Vec::new());
        for (candidate, evaluated) in &answers {
            let id = ScorecardId::at(now);
            let record =
                decision(self.rules().engine().version(), candidate, evaluated, id, (made_for, now))?;
            match &evaluated.answer {
                KpiAnswer::Scored(card) => cards.push(New {
                    id,
                    dealer: candidate.dealer,
                    total: Exact(card.total),
                    grade: card.grade.clone(),
                    decision: record.id,
                }),
                KpiAnswer::Refused(reasons) => {
                    refused.push((candidate.subject.code.clone(), reasons.clone()))
                }
            }
            add_messages(&mut messages, &candidate.plugin.descriptor().messages);
            records.push(record);
        }
        let mut tx = self.db().write(ctx.company).await?;
        let number = companies::take(&mut tx, ctx.company, &scorecards::counter(&period), 1).await?;
        for record in &records {
            decisions::insert(&mut tx, ctx.company, record).await?;
        }
        scorecards::insert(&mut tx, ctx.company, &period, number, now, &cards).await?;
        let about =
            json!({ "period": period, "number": number, "cards": cards.len(), "refused": refused.len() });
        let subject = format!("scorecards {period}");
        audit::record(&mut tx, ctx.company, now, ctx.user, "period.scored", &subject, &about).await?;
        let event = Event {
            aggregate: "scoring",
            aggregate_id: now.uuid(),
            aggregate_seq: 1,
            event: "period.scored",
            version: 1,
            body: about,
        };
        outbox::insert(&mut tx, ctx.company, now, &event).await?;
        tx.commit().await?;
        Ok(Scored { period, number, cards: cards.len(), refused, messages: messages.into_values().collect() })
    }

    /// The periods that were scored, the latest first.
    ///
    /// # Errors
    /// [`AppError::Forbidden`].
    pub async fn scored_periods(&self, ctx: &Context) -> Result<Vec<String>> {
        ctx.within(Action::ScorecardsRead)?;
        let mut tx = self.db().read(ctx.company).await?;
        let periods = scorecards::periods(&mut tx, ctx.company).await?;
        Ok(periods.into_iter().map(|(period, _)| period).collect())
    }

    /// The ranking of a period's last scoring. A dealer's people see their own rows with their ranks among all.
    ///
    /// # Errors
    /// [`AppError::Invalid`] for a period that cannot be.
    pub async fn ranking(&self, ctx: &Context, period: &str) -> Result<Ranking> {
        ctx.within(Action::ScorecardsRead)?;
        let period = read_period(period)?;
        let mut tx = self.db().read(ctx.company).await?;
        let number =
            companies::counted(&mut tx, ctx.company, &scorecards::counter(&period.to_string())).await?;
        let all = ranked(&mut tx, ctx, period, number).await?;
        let count = all.len();
        let rows: Vec<Ranked> = all.into_iter().filter(|ranked| ranked.card.within).collect();
        let messages =
            messages_of(&mut tx, ctx, rows.iter().map(|row| row.card.plugin_digest.as_str())).await?;
        Ok(Ranking { period: period.to_string(), rows, count, messages })
    }

    /// One scorecard, explained.
    ///
    /// # Errors
    /// [`AppError::NotFound`] when there is none within the reader's reach.
    pub async fn scorecard(&self, ctx: &Context, id: ScorecardId) -> Result<ScorecardPage> {
        let within = ctx.within(Action::ScorecardsRead)?;
        let mut tx = self.db().read(ctx.company).await?;
        let found = scorecards::find(&mut tx, ctx.company, id, within.ancestor, within.depth).await?;
        let (period, number) = found.ok_or(AppError::NotFound)?;
        let period = read_period(&period)?;
        let all = ranked(&mut tx, ctx, period, number).await?;
        let count = all.len();
        let ranked = all.into_iter().find(|ranked| ranked.card.id == id).ok_or(AppError::NotFound)?;
        let broken =
            |what: String| AppError::Internal(format!("decision {}: {what}", ranked.card.decision_id));
        let decision = decisions::find(&mut tx, ctx.company, ranked.card.decision_id).await?;
        let decision = decision.ok_or_else(|| broken("is missing".to_owned()))?;
        let indicators =
            match serde_json::from_slice(&decision.output).map_err(|error| broken(error.to_string()))? {
                KpiAnswer::Scored(card) => card.indicators,
                KpiAnswer::Refused(_) => return Err(broken("has no card".to_owned())),
            };
        let before = previous(period);
        let earlier = last_scoring(&mut tx, ctx, before).await?;
        let earlier = earlier.into_iter().find(|card| card.dealer_id == ranked.card.dealer_id);
        let descriptor = components::descriptor(&mut tx, ctx.company, &decision.plugin_digest).await?;
        let revision = revisions::find(&mut tx, ctx.company, decision.revision_id).await?;
        let number = revision.map_or(0, |revision| revision.number);
        let rule = descriptor.as_ref().map(|descriptor| rule_line(descriptor, number));
        let messages = descriptor.map(|descriptor| descriptor.messages).unwrap_or_default();
        let previous = earlier.map(|card| (before.to_string(), card.total.0));
        Ok(ScorecardPage { ranked, count, indicators, previous, rule, messages })
    }
}

fn decision(
    engine: &str,
    candidate: &Candidate,
    evaluated: &Evaluated<KpiAnswer>,
    id: ScorecardId,
    (made_for, now): (Instant, Instant),
) -> Result<Decision> {
    let (input, output) = (json(&candidate.subject)?, json(&evaluated.answer)?);
    let outcome = match evaluated.answer {
        KpiAnswer::Scored(_) => "answered",
        KpiAnswer::Refused(_) => "refused",
    };
    Ok(Decision {
        id: DecisionId::at(now),
        kind: Kind::Kpi,
        outcome: outcome.to_owned(),
        subject: format!("scorecard {id}"),
        plugin_digest: candidate.live.plugin_digest.clone(),
        contract: candidate.plugin.contract().to_owned(),
        revision_id: candidate.live.revision_id,
        binding_id: candidate.live.binding_id,
        engine: engine.to_owned(),
        made_for,
        made_at: now,
        input_hash: sha256_hex(&input),
        input,
        output_hash: sha256_hex(&output),
        output,
        fuel: whole(evaluated.fuel),
        elapsed_us: whole(evaluated.elapsed_us),
        parent_id: None,
    })
}

fn add_messages(known: &mut BTreeMap<String, Message>, more: &[Message]) {
    for message in more {
        known.entry(message.code.clone()).or_insert_with(|| message.clone());
    }
}

async fn messages_of(
    tx: &mut Tx,
    ctx: &Context,
    digests: impl Iterator<Item = &str>,
) -> Result<Vec<Message>> {
    let digests: std::collections::BTreeSet<&str> = digests.collect();
    let mut messages = BTreeMap::new();
    for digest in digests {
        if let Some(descriptor) = components::descriptor(tx, ctx.company, digest).await? {
            add_messages(&mut messages, &descriptor.messages);
        }
    }
    Ok(messages.into_values().collect())
}

/// The period of the same length right before.
fn previous(period: Period) -> Period {
    let next = period.last.succ_opt().unwrap_or(period.last);
    let months = chrono::Datelike::month(&period.last) + 1 - chrono::Datelike::month(&period.first);
    let back = |day: chrono::NaiveDate| day.checked_sub_months(Months::new(months)).unwrap_or(day);
    Period { first: back(period.first), last: back(next).pred_opt().unwrap_or(period.first) }
}

/// The cards of a period's last scoring.
async fn last_scoring(tx: &mut Tx, ctx: &Context, period: Period) -> Result<Vec<Scorecard>> {
    let within = ctx.within(Action::ScorecardsRead)?;
    let name = period.to_string();
    let number = companies::counted(tx, ctx.company, &scorecards::counter(&name)).await?;
    Ok(scorecards::of_scoring(tx, ctx.company, &name, number, within.ancestor, within.depth).await?)
}

/// One scoring's cards with their ranks, the best first.
async fn ranked(tx: &mut Tx, ctx: &Context, period: Period, number: i64) -> Result<Vec<Ranked>> {
    let within = ctx.within(Action::ScorecardsRead)?;
    let name = period.to_string();
    let cards = scorecards::of_scoring(tx, ctx.company, &name, number, within.ancestor, within.depth).await?;
    let before = ranks(last_scoring(tx, ctx, previous(period)).await?);
    let before: HashMap<DealerId, usize> =
        before.into_iter().map(|(rank, card)| (card.dealer_id, rank)).collect();
    let place = |rank: usize| i64::try_from(rank).unwrap_or(i64::MAX);
    let row = |(rank, card): (usize, Scorecard)| {
        let change = before.get(&card.dealer_id).map(|before| place(*before) - place(rank));
        Ranked { card, rank, change }
    };
    Ok(ranks(cards).into_iter().map(row).collect())
}

/// The best total first, equal totals by the dealer's code and with the same rank.
fn ranks(mut cards: Vec<Scorecard>) -> Vec<(usize, Scorecard)> {
    cards.sort_by(|a, b| b.total.cmp(&a.total).then_with(|| a.dealer.cmp(&b.dealer)));
    let mut rank = 0;
    let mut total = None;
    let mut ranked = Vec::with_capacity(cards.len());
    for (at, card) in cards.into_iter().enumerate() {
        if total != Some(card.total) {
            (rank, total) = (at + 1, Some(card.total));
        }
        ranked.push((rank, card));
    }
    ranked
}
