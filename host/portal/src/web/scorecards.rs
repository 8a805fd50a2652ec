//! The ranking of a period and the scorecards it is made of.

use axum::extract::{Path, Query, State};
use qudao_app::{App, Ranked, Ranking, ScorecardPage};
use qudao_domain::contract::{Message, Note};
use qudao_domain::decimal::Decimal;
use qudao_domain::ids::ScorecardId;
use qudao_domain::kpi::Indicator;
use qudao_domain::permissions::Action;
use qudao_domain::settlement::Calendar;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

use super::errors::PageResult;
use super::forms::Form;
use super::orders::may_open_decisions;
use super::page::Page;
use super::preferences::tell_at;
use super::priced::RuleView;
use super::views::Views;
use crate::routes::Routes;
use crate::sessions::SignedIn;

/// Rows on one page of the ranking.
const PAGE: usize = 50;
/// Dealers in the chart.
const BARS: usize = 15;
/// Metrics whose figures are shares.
const SHARES: [&str; 3] = ["growth", "collection", "completeness"];

/// Ranking and scorecards.
pub fn routes() -> Routes {
    Routes::default().get("/ranking", ranking).post("/ranking", score).get("/scorecards/{id}", show)
}

/// The ranking's filters, as they stand in the address.
#[derive(Debug, Default, Deserialize, Serialize)]
struct Filters {
    #[serde(default)]
    period: String,
    #[serde(default)]
    region: String,
    #[serde(default)]
    tier: String,
    #[serde(default, skip_serializing)]
    after: String,
}

#[derive(Serialize)]
struct RankingView {
    filter: Filters,
    periods: Vec<String>,
    regions: Vec<String>,
    tiers: Vec<String>,
    messages: Vec<Message>,
    rows: Vec<Row>,
    bars: Vec<Bar>,
    count: usize,
    next: Option<String>,
    previous: Option<String>,
    can: Can,
}

#[derive(Serialize)]
struct Can {
    score: bool,
}

#[derive(Serialize)]
struct DealerView {
    name: String,
    code: String,
    region: String,
    tier: String,
}

#[derive(Serialize)]
struct Row {
    rank: usize,
    id: ScorecardId,
    dealer: DealerView,
    total: String,
    grade: String,
    change: Option<i64>,
    own: bool,
}

#[derive(Serialize)]
struct Bar {
    name: String,
    total: String,
    own: bool,
}

fn dealer_view(ranked: &Ranked) -> DealerView {
    let card = &ranked.card;
    DealerView {
        name: card.dealer_name.clone(),
        code: card.dealer.clone(),
        region: card.region.clone(),
        tier: card.tier.clone(),
    }
}

async fn ranking(
    page: Page,
    ctx: SignedIn,
    State(app): State<App>,
    State(views): State<Views>,
    Query(mut filter): Query<Filters>,
) -> PageResult {
    let periods = app.scored_periods(&ctx).await?;
    if filter.period.is_empty() {
        // Before anything was scored the button offers the quarter that ended last.
        let quarter = Calendar::Quarter.period_of(ctx.day(app.clock().now())).first.pred_opt();
        let ended = quarter.map(|day| Calendar::Quarter.period_of(day).to_string());
        filter.period = periods.first().cloned().or(ended).unwrap_or_default();
    }
    let found = app.ranking(&ctx, &filter.period).await?;
    views.page(&page, "ranking.html", &ranking_view(&ctx, filter, periods, found))
}

fn ranking_view(ctx: &SignedIn, filter: Filters, periods: Vec<String>, found: Ranking) -> RankingView {
    let words = |word: fn(&Ranked) -> &str| -> Vec<String> {
        let all: BTreeSet<&str> = found.rows.iter().map(word).filter(|word| !word.is_empty()).collect();
        all.into_iter().map(str::to_owned).collect()
    };
    let (regions, tiers) = (words(|row| &row.card.region), words(|row| &row.card.tier));
    let fits = |row: &&Ranked| {
        (filter.region.is_empty() || row.card.region == filter.region)
            && (filter.tier.is_empty() || row.card.tier == filter.tier)
    };
    let fitting: Vec<&Ranked> = found.rows.iter().filter(fits).collect();
    let first: usize = filter.after.parse().unwrap_or(0);
    let own = |ranked: &Ranked| Some(ranked.card.dealer_id) == ctx.dealer;
    let row = |ranked: &&Ranked| Row {
        rank: ranked.rank,
        id: ranked.card.id,
        dealer: dealer_view(ranked),
        total: ranked.card.total.0.to_string(),
        grade: ranked.card.grade.clone(),
        change: ranked.change,
        own: own(ranked),
    };
    let bar = |ranked: &&Ranked| Bar {
        name: ranked.card.dealer_name.clone(),
        total: ranked.card.total.0.to_string(),
        own: own(ranked),
    };
    let rows: Vec<Row> = fitting.iter().skip(first).take(PAGE).map(row).collect();
    let last = first + rows.len();
    RankingView {
        bars: fitting.iter().take(BARS).map(bar).collect(),
        next: (last < fitting.len()).then(|| last.to_string()),
        previous: None,
        // Dealers see how many they are ranked among; the company sees how many the filters leave.
        count: if ctx.role.is_dealer() { found.count } else { fitting.len() },
        rows,
        periods,
        regions,
        tiers,
        messages: found.messages.clone(),
        can: Can { score: ctx.reach(Action::SettlementsRun).is_ok() },
        filter,
    }
}

async fn score(ctx: SignedIn, State(app): State<App>, form: Form) -> PageResult {
    let scored = app.score(&ctx, form.get("period")).await?;
    let address = format!("/ranking?period={}", scored.period);
    let (tone, told) = if scored.refused.is_empty() { ("good", "scored") } else { ("warn", "scored-partly") };
    Ok(tell_at(&address, tone, told))
}

#[derive(Serialize)]
struct Show {
    scorecard: CardView,
    indicators: Vec<IndicatorView>,
    weights: String,
    messages: Vec<Message>,
    rule: Option<RuleView>,
}

#[derive(Serialize)]
struct CardView {
    dealer: DealerView,
    period: String,
    total: String,
    grade: String,
    rank: usize,
    of: usize,
    previous: Option<String>,
    previous_period: Option<String>,
    scored_at: String,
}

#[derive(Serialize)]
struct IndicatorView {
    code: String,
    weight: String,
    target: Option<String>,
    actual: Option<String>,
    attainment: Option<String>,
    meter: i64,
    score: String,
    counts: String,
    steps: Vec<Note>,
    unit: &'static str,
}

async fn show(
    page: Page,
    ctx: SignedIn,
    State(app): State<App>,
    State(views): State<Views>,
    Path(id): Path<ScorecardId>,
) -> PageResult {
    let found = app.scorecard(&ctx, id).await?;
    views.page(&page, "scorecards/show.html", &card_view(&ctx, found))
}

fn card_view(ctx: &SignedIn, found: ScorecardPage) -> Show {
    let ScorecardPage { ranked, count, indicators, previous, rule, messages } = found;
    let card = &ranked.card;
    let (previous_period, previous) = previous.map(|(period, total)| (period, total.to_string())).unzip();
    let weights: Decimal = indicators.iter().map(|one| one.weight).sum();
    let decision = Some(card.decision_id.to_string());
    Show {
        scorecard: CardView {
            dealer: dealer_view(&ranked),
            period: card.period.clone(),
            total: card.total.0.to_string(),
            grade: card.grade.clone(),
            rank: ranked.rank,
            of: count,
            previous,
            previous_period,
            scored_at: card.scored_at.to_string(),
        },
        indicators: indicators.iter().map(indicator_view).collect(),
        weights: weights.normalize().to_string(),
        messages,
        rule: rule.map(|rule| RuleView::of(&rule, decision, may_open_decisions(ctx))),
    }
}

fn indicator_view(one: &Indicator) -> IndicatorView {
    let text = |number: Option<Decimal>| number.map(|number| number.normalize().to_string());
    let meter = one
        .attainment
        .map(|share| (share * Decimal::ONE_HUNDRED).round())
        .and_then(|share| share.to_string().parse::<i64>().ok());
    IndicatorView {
        code: one.code.clone(),
        weight: one.weight.normalize().to_string(),
        target: text(one.target),
        actual: text(one.actual),
        attainment: text(one.attainment),
        meter: meter.unwrap_or(0).clamp(0, 100),
        score: one.score.normalize().to_string(),
        counts: (one.weight * one.score).round_dp(2).normalize().to_string(),
        steps: one.steps.clone(),
        unit: if SHARES.contains(&one.code.as_str()) { "percent" } else { "number" },
    }
}
