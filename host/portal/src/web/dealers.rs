//! Dealers: the list with its tree, and how one of them stands.

use axum::extract::{Path, Query, State};
use qudao_app::{
    App, AppError, Context, DealerDetails, DealerFilter, DealerSort, DealerWords, OrderQuery, StatementFilter,
};
use qudao_domain::contract::{Message, Text};
use qudao_domain::ids::{DealerId, ScorecardId, StatementId};
use qudao_domain::permissions::Action;
use qudao_store::dealers::{Dealer, Listed};
use qudao_store::orders::Listed as ListedOrder;
use qudao_store::statements::Statement;
use serde::{Deserialize, Serialize};

use super::errors::PageResult;
use super::page::Page;
use super::products::attribute_views;
use super::views::Views;
use crate::routes::Routes;
use crate::sessions::SignedIn;

/// Dealers on one page.
const PAGE: i64 = 50;
/// Orders, statements and dealers below on a dealer's page.
const SHOWN: usize = 5;

/// Dealers.
pub fn routes() -> Routes {
    Routes::default().get("/dealers", index).get("/dealers/{code}", show)
}

/// The list's filters, as they stand in the address.
#[derive(Debug, Default, Deserialize)]
struct Filters {
    #[serde(default)]
    q: String,
    #[serde(default)]
    region: String,
    #[serde(default)]
    tier: String,
    #[serde(default)]
    under: String,
    #[serde(default)]
    sort: String,
    #[serde(default)]
    after: String,
}

#[derive(Serialize)]
struct Index {
    filter: FilterView,
    regions: Vec<String>,
    tiers: Vec<String>,
    sort: String,
    currency: &'static str,
    next: Option<String>,
    previous: Option<String>,
    dealers: Vec<Row>,
    count: i64,
}

#[derive(Serialize)]
struct FilterView {
    q: String,
    region: String,
    tier: String,
}

/// A dealer by name.
#[derive(Serialize)]
struct NamedView {
    code: String,
    name: String,
}

#[derive(Serialize)]
struct Row {
    name: String,
    code: String,
    depth: i64,
    region: String,
    tier: String,
    parent: Option<NamedView>,
    below: i64,
    orders: i64,
    turnover_minor: i64,
}

/// What the address says of the order; anything else is the largest turnover first.
fn sort_of(word: &str) -> (String, DealerSort, bool) {
    let (bare, down) = word.strip_prefix('-').map_or((word, false), |bare| (bare, true));
    let sort = match bare {
        "name" => DealerSort::Name,
        "region" => DealerSort::Region,
        "tier" => DealerSort::Tier,
        "orders" => DealerSort::Orders,
        "turnover" => DealerSort::Turnover,
        _ => return ("-turnover".to_owned(), DealerSort::Turnover, true),
    };
    (word.to_owned(), sort, down)
}

async fn index(
    page: Page,
    ctx: SignedIn,
    State(app): State<App>,
    State(views): State<Views>,
    Query(filters): Query<Filters>,
) -> PageResult {
    let (word, sort, down) = sort_of(&filters.sort);
    let filter = DealerFilter {
        tier: filters.tier.clone(),
        region: filters.region.clone(),
        search: filters.q.trim().to_owned(),
        under: filters.under,
        sort,
        down,
        after: filters.after,
        limit: PAGE,
    };
    let found = app.dealers(&ctx, &filter).await?;
    // Those who see a branch only are not told which words others have.
    let words = match app.dealer_words(&ctx).await {
        Ok(words) => words,
        Err(AppError::Forbidden) => words_of(&found.dealers),
        Err(error) => return Err(error.into()),
    };
    let only = |counted: Vec<(String, i64)>| counted.into_iter().map(|(word, _)| word).collect();
    let context = Index {
        filter: FilterView { q: filters.q, region: filters.region, tier: filters.tier },
        regions: only(words.regions),
        tiers: only(words.tiers),
        sort: word,
        currency: ctx.currency.code(),
        next: found.next,
        previous: None,
        dealers: found.dealers.into_iter().map(row).collect(),
        count: found.total,
    };
    views.page(&page, "dealers/index.html", &context)
}

fn words_of(dealers: &[Listed]) -> DealerWords {
    let each = |word: fn(&Dealer) -> &String| {
        let mut words: Vec<(String, i64)> =
            dealers.iter().map(|listed| (word(&listed.dealer).clone(), 0)).collect();
        words.sort_unstable();
        words.dedup();
        words
    };
    DealerWords { tiers: each(|dealer| &dealer.tier), regions: each(|dealer| &dealer.region) }
}

fn row(listed: Listed) -> Row {
    let parent = listed.parent_code.zip(listed.parent_name);
    Row {
        name: listed.dealer.name,
        code: listed.dealer.code,
        depth: listed.level,
        region: listed.dealer.region,
        tier: listed.dealer.tier,
        parent: parent.map(|(code, name)| NamedView { code, name }),
        below: listed.below,
        orders: listed.orders,
        turnover_minor: listed.turnover_minor,
    }
}

#[derive(Serialize)]
struct Show {
    dealer: DealerView,
    path: Vec<(String, String)>,
    figures: FiguresView,
    currency: &'static str,
    orders: Vec<OrderView>,
    statements: Vec<StatementView>,
    scorecard: Option<CardView>,
    below: Vec<BelowView>,
    messages: Vec<Message>,
    can: Can,
}

#[derive(Serialize)]
struct Can {
    order: bool,
}

#[derive(Serialize)]
struct DealerView {
    name: String,
    code: String,
    tier: String,
    region: String,
    parent: Option<NamedView>,
    terms_days: i64,
    created_at: String,
    attributes: Vec<AttributeView>,
}

#[derive(Serialize)]
struct AttributeView {
    key: String,
    value: String,
}

#[derive(Serialize)]
struct FiguresView {
    turnover_minor: i64,
    turnover_before_minor: i64,
    open_orders: i64,
    open_minor: i64,
    incentives_minor: i64,
    credit_limit_minor: Option<i64>,
    owed_minor: i64,
}

#[derive(Serialize)]
struct OrderView {
    id: String,
    number: String,
    status: &'static str,
    lines: i64,
    total_minor: i64,
    placed_at: String,
}

#[derive(Serialize)]
struct StatementView {
    id: StatementId,
    period: String,
    program: Text,
    total_minor: i64,
}

#[derive(Serialize)]
struct CardView {
    id: ScorecardId,
    period: String,
    total: String,
    grade: String,
    rank: usize,
    of: usize,
}

#[derive(Serialize)]
struct BelowView {
    name: String,
    code: String,
    tier: String,
}

async fn show(
    page: Page,
    ctx: SignedIn,
    State(app): State<App>,
    State(views): State<Views>,
    Path(code): Path<String>,
) -> PageResult {
    let found = app.dealer(&ctx, &code).await?;
    let figures = app.dealer_figures(&ctx, &code).await?;
    let (scorecard, messages) = latest_card(&app, &ctx, &code).await?;
    let context = Show {
        figures: FiguresView {
            turnover_minor: figures.turnover_minor,
            turnover_before_minor: figures.turnover_before_minor,
            open_orders: figures.open_orders,
            open_minor: figures.open_minor,
            incentives_minor: figures.incentives_minor,
            credit_limit_minor: found.dealer.credit_limit_minor,
            owed_minor: figures.owed_minor,
        },
        currency: ctx.currency.code(),
        orders: latest_orders(&app, &ctx, found.dealer.id).await?,
        statements: latest_statements(&app, &ctx, &code).await?,
        scorecard,
        messages,
        path: found
            .above
            .iter()
            .rev()
            .map(|above| (above.name.clone(), format!("/dealers/{}", above.code)))
            .collect(),
        below: found
            .children
            .iter()
            .take(SHOWN * 4)
            .map(|below| BelowView {
                name: below.name.clone(),
                code: below.code.clone(),
                tier: below.tier.clone(),
            })
            .collect(),
        can: Can { order: !ctx.role.is_dealer() && ctx.reach(Action::OrdersPlace).is_ok() },
        dealer: dealer_view(&found, page.language),
    };
    views.page(&page, "dealers/show.html", &context)
}

fn dealer_view(found: &DealerDetails, language: super::i18n::Language) -> DealerView {
    let dealer = &found.dealer;
    let attributes = attribute_views(&dealer.attributes.0, language).into_iter();
    DealerView {
        name: dealer.name.clone(),
        code: dealer.code.clone(),
        tier: dealer.tier.clone(),
        region: dealer.region.clone(),
        parent: found
            .above
            .first()
            .map(|above| NamedView { code: above.code.clone(), name: above.name.clone() }),
        terms_days: dealer.terms_days,
        created_at: dealer.created_at.to_string(),
        attributes: attributes.map(|(key, value)| AttributeView { key, value }).collect(),
    }
}

async fn latest_orders(app: &App, ctx: &Context, dealer: DealerId) -> Result<Vec<OrderView>, AppError> {
    if ctx.reach(Action::OrdersRead).is_err() {
        return Ok(Vec::new());
    }
    let limit = i64::try_from(SHOWN).unwrap_or(i64::MAX);
    let query = OrderQuery { dealer: Some(dealer), limit, ..OrderQuery::default() };
    let view = |listed: ListedOrder| OrderView {
        id: listed.order.id.to_string(),
        number: listed.order.number,
        status: listed.order.status.as_str(),
        lines: listed.order.lines,
        total_minor: listed.order.total_minor,
        placed_at: listed.order.placed_at.to_string(),
    };
    Ok(app.orders(ctx, &query).await?.into_iter().map(view).collect())
}

async fn latest_statements(app: &App, ctx: &Context, code: &str) -> Result<Vec<StatementView>, AppError> {
    if ctx.reach(Action::StatementsRead).is_err() {
        return Ok(Vec::new());
    }
    let filter = StatementFilter { dealer: code.to_owned(), limit: 50, ..StatementFilter::default() };
    // The filter finds words in code and name; here it is this one dealer.
    let found = app.statements(ctx, &filter).await?.into_iter().filter(|statement| statement.dealer == code);
    let view = |statement: Statement| StatementView {
        id: statement.id,
        period: statement.period,
        program: Text { zh_cn: statement.program_zh, en: statement.program_en },
        total_minor: statement.total_minor,
    };
    Ok(found.take(SHOWN).map(view).collect())
}

/// The dealer's card of the period that was scored last, with the plugin's sentences.
async fn latest_card(
    app: &App,
    ctx: &Context,
    code: &str,
) -> Result<(Option<CardView>, Vec<Message>), AppError> {
    if ctx.reach(Action::ScorecardsRead).is_err() {
        return Ok((None, Vec::new()));
    }
    let Some(period) = app.scored_periods(ctx).await?.into_iter().next() else {
        return Ok((None, Vec::new()));
    };
    let ranking = app.ranking(ctx, &period).await?;
    let own = ranking.rows.iter().find(|ranked| ranked.card.dealer == code);
    let view = own.map(|ranked| CardView {
        id: ranked.card.id,
        period: ranking.period.clone(),
        total: ranked.card.total.0.to_string(),
        grade: ranked.card.grade.clone(),
        rank: ranked.rank,
        of: ranking.count,
    });
    Ok((view, ranking.messages))
}
