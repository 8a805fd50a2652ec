//! Registered deals: the list with the form to register one, and a registration with its ruling.

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use chrono::NaiveDate;
use qudao_app::{App, AppError, DealDraft, DealFilter, DealPage, Told, is_open};
use qudao_domain::contract::{Message, Note};
use qudao_domain::deal::DealState;
use qudao_domain::decimal::Decimal;
use qudao_domain::ids::DealId;
use qudao_domain::money::Money;
use qudao_domain::permissions::Action;
use qudao_store::deals::Deal;
use serde::{Deserialize, Serialize};

use super::app_errors::to_page_error;
use super::errors::{FieldError, PageError, PageResult};
use super::forms::{Form, FormView};
use super::notes::sentence;
use super::orders::may_open_decisions;
use super::page::Page;
use super::preferences::tell_at;
use super::priced::RuleView;
use super::views::Views;
use crate::routes::Routes;
use crate::sessions::SignedIn;

/// Rows on one page of the list.
const PAGE: i64 = 50;

/// Registered deals.
pub fn routes() -> Routes {
    Routes::default()
        .get("/deals", index)
        .post("/deals", register)
        .get("/deals/{id}", show)
        .post("/deals/{id}/decision", decide)
        .post("/deals/{id}/withdrawal", withdraw)
}

/// The list's filters, as they stand in the address.
#[derive(Debug, Default, Deserialize, Serialize)]
struct Filters {
    #[serde(default)]
    q: String,
    #[serde(default)]
    state: String,
    #[serde(default, skip_serializing)]
    after: String,
}

#[derive(Serialize)]
struct Index {
    filter: Filters,
    tabs: Vec<Tab>,
    deals: Vec<Row>,
    count: i64,
    next: Option<String>,
    previous: Option<String>,
    currency: &'static str,
    form: FormView,
    categories: Vec<Choice>,
    can: MayRegister,
}

#[derive(Serialize)]
struct MayRegister {
    register: bool,
}

#[derive(Serialize)]
struct Tab {
    value: &'static str,
    /// The badge's word; none for all.
    word: Option<&'static str>,
    count: i64,
    current: bool,
}

#[derive(Serialize)]
struct Choice {
    value: String,
    label: String,
}

#[derive(Serialize)]
struct Row {
    id: DealId,
    customer: String,
    /// None for direct sales.
    dealer: Option<Dealer>,
    category: String,
    amount_minor: i64,
    state: &'static str,
    until: Option<NaiveDate>,
    registered_at: String,
}

#[derive(Serialize)]
struct Dealer {
    code: String,
    name: String,
}

/// Where it stands, for a badge: a day and not a job says that it has expired.
fn word(deal: &Deal, today: NaiveDate) -> &'static str {
    let expired = deal.state.standing().is_some() && !is_open(deal, today);
    if expired { "expired" } else { deal.state.as_str() }
}

impl Row {
    fn of(deal: &Deal, today: NaiveDate) -> Self {
        let dealer = deal.dealer.as_ref().zip(deal.dealer_name.as_ref());
        Self {
            id: deal.id,
            customer: deal.customer_name.clone(),
            dealer: dealer.map(|(code, name)| Dealer { code: code.clone(), name: name.clone() }),
            category: deal.category.clone(),
            amount_minor: deal.amount_minor,
            state: word(deal, today),
            until: deal.protected_until.filter(|_| deal.state == DealState::Accepted),
            registered_at: deal.registered_at.to_string(),
        }
    }
}

async fn context(ctx: &SignedIn, app: &App, filter: Filters, form: FormView) -> Result<Index, AppError> {
    let wanted = DealFilter {
        state: filter.state.parse().ok(),
        search: filter.q.clone(),
        before: filter.after.parse().ok(),
        limit: PAGE + 1,
    };
    let mut found = app.deals(ctx, &wanted).await?;
    let shown = usize::try_from(PAGE).unwrap_or(usize::MAX);
    let more = found.len() > shown;
    found.truncate(shown);
    let counts = app.deal_counts(ctx).await?;
    let of =
        |state: DealState| counts.iter().find(|(known, _)| *known == state).map_or(0, |(_, count)| *count);
    let all: i64 = counts.iter().map(|(_, count)| count).sum();
    let tab = |state: &DealState| Tab {
        value: state.as_str(),
        word: Some(state.as_str()),
        count: of(*state),
        current: filter.state == state.as_str(),
    };
    let first = Tab { value: "", word: None, count: all, current: filter.state.is_empty() };
    let register = ctx.reach(Action::DealsRegister).is_ok();
    let categories = if register { app.categories(ctx).await? } else { Vec::new() };
    let today = ctx.day(app.clock().now());
    Ok(Index {
        tabs: std::iter::once(first).chain(DealState::ALL.iter().map(tab)).collect(),
        count: wanted.state.map_or(all, of),
        next: found.last().filter(|_| more).map(|deal| deal.id.to_string()),
        previous: None,
        deals: found.iter().map(|deal| Row::of(deal, today)).collect(),
        currency: ctx.currency.code(),
        form,
        categories: categories.into_iter().map(|(value, _)| Choice { label: value.clone(), value }).collect(),
        can: MayRegister { register },
        filter,
    })
}

async fn index(
    page: Page,
    ctx: SignedIn,
    State(app): State<App>,
    State(views): State<Views>,
    Query(filter): Query<Filters>,
) -> PageResult {
    let context = context(&ctx, &app, filter, FormView::default()).await?;
    views.page(&page, "deals/index.html", &context)
}

async fn register(
    page: Page,
    ctx: SignedIn,
    State(app): State<App>,
    State(views): State<Views>,
    form: Form,
) -> PageResult {
    let mut check = form.check();
    let customer = check.text("customer", 200);
    let category = check.text("category", 60);
    let exponent = ctx.currency.exponent();
    let amount = check.decimal("amount_minor", exponent).and_then(|amount| minor(amount, &ctx));
    let expected_close = check.day("expected_close");
    let text = |name: &str| form.get(name).to_owned();
    if let (Some(customer), Some(category), Some(amount_minor), Some(expected_close)) =
        (customer, category, amount, expected_close)
    {
        let skus = form.get("skus").split([',', '，', '、', ' ', '\n']).map(str::trim);
        let draft = DealDraft {
            customer: customer.to_owned(),
            registered_number: text("registered_number"),
            customer_region: text("customer_region"),
            category: category.to_owned(),
            skus: skus.filter(|sku| !sku.is_empty()).map(str::to_owned).collect(),
            amount_minor,
            expected_close,
            progress: text("progress"),
            note: text("note"),
        };
        match app.register_deal(&ctx, &draft).await {
            Ok(made) => return Ok(Redirect::to(&format!("/deals/{}", made.deal.id)).into_response()),
            Err(error) => told_at_fields(&page, error)?.into_iter().for_each(|error| check.fail(error)),
        }
    } else if check.errors().is_empty() {
        check.fail(FieldError::new("amount_minor", "amount"));
    }
    let shown = form.shown(check.errors(), page.language);
    let context = context(&ctx, &app, Filters::default(), shown).await?;
    views.page_with(StatusCode::UNPROCESSABLE_ENTITY, &page, "deals/index.html", &context)
}

/// An amount in minor units; none where it does not fit.
fn minor(amount: Decimal, ctx: &SignedIn) -> Option<i64> {
    Money::round(amount, ctx.currency).ok().map(|money| money.minor)
}

/// What was refused, told beside the field that can mend it; anything else is an error page.
fn told_at_fields(page: &Page, error: AppError) -> Result<Vec<FieldError>, PageError> {
    let page_error = match error {
        AppError::Refused { violations, messages } => {
            let said =
                violations.iter().map(|violation| sentence(&violation.reason, &messages, page.language));
            return Ok(said.map(|said| FieldError::new("customer", "rule-refuses").saying(said)).collect());
        }
        error => to_page_error(error),
    };
    let PageError::Invalid(errors) = page_error else { return Err(page_error) };
    let field = |mut error: FieldError| {
        let name = error.pointer.trim_start_matches('/');
        // Products are one field: /skus/3.
        error.pointer = name.split('/').next().unwrap_or_default().to_owned();
        error
    };
    Ok(errors.into_iter().map(field).collect())
}

#[derive(Serialize)]
struct Show {
    deal: Head,
    told: Vec<ToldView>,
    messages: Vec<Message>,
    others: Vec<Row>,
    rule: Option<RuleView>,
    form: FormView,
    can: May,
}

#[derive(Serialize)]
struct May {
    withdraw: bool,
    decide: bool,
}

#[derive(Serialize)]
struct Head {
    id: DealId,
    customer: String,
    registered_number: String,
    region: String,
    dealer: Option<Dealer>,
    by: String,
    category: String,
    skus: Vec<String>,
    amount_minor: i64,
    currency: String,
    expected_close: NaiveDate,
    progress: String,
    note: String,
    registered_at: String,
    state: &'static str,
    until: Option<NaiveDate>,
    floor_share: Option<String>,
    floor_minor: Option<i64>,
    /// A decimal: 0.3333.
    share: Option<String>,
    decided_by: Option<String>,
    decided_at: Option<String>,
    decided_note: String,
}

#[derive(Serialize)]
struct ToldView {
    at: String,
    reasons: Vec<Note>,
}

fn show_view(ctx: &SignedIn, found: DealPage, today: NaiveDate, form: FormView) -> Show {
    let DealPage { deal, told, messages, rule, others, may_withdraw, may_decide } = found;
    let decision = Some(deal.decision_id.to_string());
    let told = told.into_iter().map(|Told { at, reasons, .. }| ToldView { at: at.to_string(), reasons });
    Show {
        told: told.collect(),
        messages,
        others: others.iter().map(|other| Row::of(other, today)).collect(),
        rule: rule.map(|rule| RuleView::of(&rule, decision, may_open_decisions(ctx))),
        form,
        can: May { withdraw: may_withdraw, decide: may_decide },
        deal: head(deal, today),
    }
}

fn head(deal: Deal, today: NaiveDate) -> Head {
    let Row { id, customer, dealer, category, amount_minor, state, registered_at, .. } =
        Row::of(&deal, today);
    Head {
        id,
        customer,
        dealer,
        category,
        amount_minor,
        state,
        registered_at,
        registered_number: deal.registered_number,
        region: deal.customer_region,
        by: deal.user_name,
        skus: deal.skus.0,
        currency: deal.currency,
        expected_close: deal.expected_close,
        progress: deal.progress,
        note: deal.note,
        until: deal.protected_until,
        floor_share: deal.floor_share.map(|share| share.0.normalize().to_string()),
        floor_minor: deal.floor_minor,
        share: deal.share_bp.map(|points| Decimal::new(points, 4).normalize().to_string()),
        decided_by: deal.decided_by_name,
        decided_at: deal.decided_at.map(|at| at.to_string()),
        decided_note: deal.decided_note,
    }
}

async fn show(
    page: Page,
    ctx: SignedIn,
    State(app): State<App>,
    State(views): State<Views>,
    Path(id): Path<DealId>,
) -> PageResult {
    let found = app.deal(&ctx, id).await?;
    let today = ctx.day(app.clock().now());
    views.page(&page, "deals/show.html", &show_view(&ctx, found, today, FormView::default()))
}

async fn decide(
    page: Page,
    ctx: SignedIn,
    State(app): State<App>,
    State(views): State<Views>,
    Path(id): Path<DealId>,
    form: Form,
) -> PageResult {
    let accept = form.get("answer") == "accept";
    let errors = match app.decide_deal(&ctx, id, accept, form.get("note")).await {
        Ok(_) => return Ok(tell_at(&format!("/deals/{id}"), "good", "deal-decided")),
        Err(error) => told_at_fields(&page, error)?,
    };
    let found = app.deal(&ctx, id).await?;
    let shown = form.shown(&errors, page.language);
    let context = show_view(&ctx, found, ctx.day(app.clock().now()), shown);
    views.page_with(StatusCode::UNPROCESSABLE_ENTITY, &page, "deals/show.html", &context)
}

async fn withdraw(ctx: SignedIn, State(app): State<App>, Path(id): Path<DealId>, _: Form) -> PageResult {
    app.withdraw_deal(&ctx, id).await?;
    Ok(tell_at(&format!("/deals/{id}"), "good", "deal-withdrawn"))
}
