//! Scorecards and the ranking that they make.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use qudao_app::{App, Ranked, Ranking, ScorecardPage, Scored};
use qudao_domain::contract::Note;
use qudao_domain::decimal::Decimal;
use qudao_domain::ids::ScorecardId;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::json::{Api, ApiQuery};
use super::said::{Said, said};
use crate::sessions::SignedIn;
use crate::state::AppState;
use crate::web::i18n::Language;
use crate::web::{Page, PageError};

/// Scorecards and ranking.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(score, list)).routes(routes!(show)).routes(routes!(ranking))
}

/// Which period to score.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ScoreBody {
    /// Such as `2026-Q4`, `2026-11` or `2026`.
    period: String,
}

/// What a scoring did.
#[derive(Debug, Serialize, ToSchema)]
struct ScoredBody {
    /// The period.
    period: String,
    /// Counts how often the period was scored, from 1.
    number: i64,
    /// How many cards were written.
    cards: usize,
    /// Dealers for whom the rule refused.
    refused: Vec<RefusedBody>,
}

/// A dealer for whom the rule refused.
#[derive(Debug, Serialize, ToSchema)]
struct RefusedBody {
    /// The dealer's code.
    dealer: String,
    /// Why.
    reasons: Vec<Said>,
}

impl ScoredBody {
    fn of(scored: &Scored, language: Language) -> Self {
        let refused = scored.refused.iter().map(|(dealer, reasons)| RefusedBody {
            dealer: dealer.clone(),
            reasons: reasons.iter().map(|note| said(note, &scored.messages, language)).collect(),
        });
        Self {
            period: scored.period.clone(),
            number: scored.number,
            cards: scored.cards,
            refused: refused.collect(),
        }
    }
}

/// A scorecard in its place.
#[derive(Debug, Serialize, ToSchema)]
struct CardBody {
    /// Its id.
    id: Uuid,
    /// The dealer's code.
    dealer: String,
    /// The dealer's name.
    dealer_name: String,
    /// The dealer's region.
    region: String,
    /// The dealer's tier.
    tier: String,
    /// The period.
    period: String,
    /// Number of its scoring.
    number: i64,
    /// Points in all, as a decimal.
    total: String,
    /// The plugin's grade.
    grade: String,
    /// Place among all dealers that were scored; equal totals share it.
    rank: usize,
    /// Ranks won (positive) or lost since the period before; none where there was no card then.
    change: Option<i64>,
    /// The evaluation that it rests on.
    decision: Uuid,
    /// When.
    scored_at: DateTime<Utc>,
}

impl From<&Ranked> for CardBody {
    fn from(ranked: &Ranked) -> Self {
        let card = &ranked.card;
        Self {
            id: card.id.0,
            dealer: card.dealer.clone(),
            dealer_name: card.dealer_name.clone(),
            region: card.region.clone(),
            tier: card.tier.clone(),
            period: card.period.clone(),
            number: card.number,
            total: card.total.0.to_string(),
            grade: card.grade.clone(),
            rank: ranked.rank,
            change: ranked.change,
            decision: card.decision_id.0,
            scored_at: card.scored_at.utc(),
        }
    }
}

/// The cards of a period's last scoring, the best first.
#[derive(Debug, Serialize, ToSchema)]
struct RankingBody {
    /// The period.
    period: String,
    /// The dealers that the caller may see, each with its place among all.
    cards: Vec<CardBody>,
    /// How many dealers were scored in all.
    count: usize,
}

impl From<Ranking> for RankingBody {
    fn from(ranking: Ranking) -> Self {
        let cards = ranking.rows.iter().map(CardBody::from).collect();
        Self { period: ranking.period, cards, count: ranking.count }
    }
}

/// A weighted indicator; numbers are decimals.
#[derive(Debug, Serialize, ToSchema)]
struct IndicatorBody {
    /// What it measures, in words.
    indicator: Said,
    /// Share of the total.
    weight: String,
    /// What was to be reached.
    target: Option<String>,
    /// What was reached.
    actual: Option<String>,
    /// actual ÷ target.
    attainment: Option<String>,
    /// Points before weighting.
    score: String,
    /// The steps of the calculation.
    steps: Vec<Said>,
}

/// A scorecard, explained.
#[derive(Debug, Serialize, ToSchema)]
struct CardDetailsBody {
    /// Its head and place.
    card: CardBody,
    /// Among how many.
    count: usize,
    /// What it is made of.
    indicators: Vec<IndicatorBody>,
}

impl CardDetailsBody {
    fn of(page: &ScorecardPage, language: Language) -> Self {
        let text = |number: Option<Decimal>| number.map(|number| number.to_string());
        let word =
            |code: &str| said(&Note { code: code.to_owned(), args: Vec::new() }, &page.messages, language);
        let indicators = page.indicators.iter().map(|one| IndicatorBody {
            indicator: word(&one.code),
            weight: one.weight.to_string(),
            target: text(one.target),
            actual: text(one.actual),
            attainment: text(one.attainment),
            score: one.score.to_string(),
            steps: one.steps.iter().map(|note| said(note, &page.messages, language)).collect(),
        });
        Self { card: CardBody::from(&page.ranked), count: page.count, indicators: indicators.collect() }
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct PeriodQuery {
    /// Such as `2026-Q4`.
    period: String,
}

/// Scores a period: a card for each dealer with facts or targets in it. Scored again, the new cards count.
#[utoipa::path(post, path = "/api/v1/scorecards", tag = "scorecards", request_body = ScoreBody, responses(
    (status = 201, description = "Scored", body = ScoredBody),
    (status = 409, description = "No KPI plugin is active, or it failed"),
    (status = 422, description = "The period cannot be read"),
))]
async fn score(
    page: Page,
    caller: SignedIn,
    State(app): State<App>,
    Api(body): Api<ScoreBody>,
) -> Result<Response, PageError> {
    let scored = app.score(&caller, &body.period).await?;
    Ok((StatusCode::CREATED, Api(ScoredBody::of(&scored, page.language))).into_response())
}

/// Lists the cards of a period's last scoring; a dealer's people see their own.
#[utoipa::path(get, path = "/api/v1/scorecards", tag = "scorecards", params(PeriodQuery), responses(
    (status = 200, description = "The cards", body = RankingBody),
    (status = 422, description = "The period cannot be read"),
))]
async fn list(
    caller: SignedIn,
    State(app): State<App>,
    ApiQuery(query): ApiQuery<PeriodQuery>,
) -> Result<Api<RankingBody>, PageError> {
    Ok(Api(RankingBody::from(app.ranking(&caller, &query.period).await?)))
}

/// Shows a scorecard with its indicators and the steps to them.
#[utoipa::path(get, path = "/api/v1/scorecards/{id}", tag = "scorecards", params(("id" = Uuid, Path)), responses(
    (status = 200, description = "The card", body = CardDetailsBody),
    (status = 404, description = "No such card"),
))]
async fn show(
    page: Page,
    caller: SignedIn,
    State(app): State<App>,
    Path(id): Path<ScorecardId>,
) -> Result<Api<CardDetailsBody>, PageError> {
    Ok(Api(CardDetailsBody::of(&app.scorecard(&caller, id).await?, page.language)))
}

/// Ranks the dealers of a period's last scoring, the best first.
#[utoipa::path(get, path = "/api/v1/ranking", tag = "scorecards", params(PeriodQuery), responses(
    (status = 200, description = "The ranking", body = RankingBody),
    (status = 422, description = "The period cannot be read"),
))]
async fn ranking(
    caller: SignedIn,
    State(app): State<App>,
    ApiQuery(query): ApiQuery<PeriodQuery>,
) -> Result<Api<RankingBody>, PageError> {
    Ok(Api(RankingBody::from(app.ranking(&caller, &query.period).await?)))
}
