//! Registered deals: who owns an opportunity.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, NaiveDate, Utc};
use qudao_app::{App, Context, DealDraft, DealFilter, DealPage, is_open};
use qudao_domain::deal::DealState;
use qudao_domain::ids::DealId;
use qudao_store::deals::Deal;
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
use crate::web::{FieldError, Page, PageError};

/// Registered deals.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(register, list))
        .routes(routes!(show))
        .routes(routes!(decide))
        .routes(routes!(withdraw))
}

/// What is registered.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RegisterBody {
    /// The customer's name. Names written alike are the same customer.
    customer: String,
    /// Its number in a public register, such as the unified social credit code.
    #[serde(default)]
    registered_number: String,
    /// Where it is.
    #[serde(default)]
    customer_region: String,
    /// A category of the catalogue.
    category: String,
    /// Products, by their codes.
    #[serde(default)]
    skus: Vec<String>,
    /// What the opportunity may be worth, in minor units of the company's currency.
    amount_minor: i64,
    /// When the customer may decide.
    expected_close: NaiveDate,
    /// What happened since you registered this customer before.
    #[serde(default)]
    progress: String,
    /// What else there is to say.
    #[serde(default)]
    note: String,
}

impl From<RegisterBody> for DealDraft {
    fn from(body: RegisterBody) -> Self {
        Self {
            customer: body.customer,
            registered_number: body.registered_number,
            customer_region: body.customer_region,
            category: body.category,
            skus: body.skus,
            amount_minor: body.amount_minor,
            expected_close: body.expected_close,
            progress: body.progress,
            note: body.note,
        }
    }
}

/// A registration.
#[derive(Debug, Serialize, ToSchema)]
struct DealBody {
    /// Its id.
    id: Uuid,
    /// The customer's name as it was written.
    customer: String,
    /// Its number as it was written.
    registered_number: String,
    /// Where it is.
    customer_region: String,
    /// The dealer's code; none for direct sales.
    dealer: Option<String>,
    /// Who registered it.
    registered_by: String,
    /// What is to be sold.
    category: String,
    /// Which products.
    skus: Vec<String>,
    /// What it may be worth, in minor units.
    amount_minor: i64,
    /// Of these.
    currency: String,
    /// When the customer may decide.
    expected_close: NaiveDate,
    /// What happened since the claimant registered the customer before.
    progress: String,
    /// What else was said.
    note: String,
    /// The day in the company's zone.
    registered_on: NaiveDate,
    /// When.
    registered_at: DateTime<Utc>,
    /// `accept`, `ask`, `protect`, `split` or `refuse`.
    outcome: &'static str,
    /// `accepted`, `asked`, `refused`, `withdrawn` or `replaced`.
    state: &'static str,
    /// Whether it still concerns anybody today.
    open: bool,
    /// Until when nobody else may win the customer; while it is asked, what it would be.
    protected_until: Option<NaiveDate>,
    /// The lowest price as a share of the list price, a decimal.
    floor_share: Option<String>,
    /// The lowest price of the whole, in minor units.
    floor_minor: Option<i64>,
    /// The claimant's share of a split, in hundredths of a per cent.
    share_basis_points: Option<i64>,
    /// Who decided what was asked.
    decided_by: Option<String>,
    /// What they said.
    decided_note: String,
    /// The evaluation that ruled on it.
    decision: Uuid,
}

impl DealBody {
    fn of(deal: &Deal, today: NaiveDate) -> Self {
        Self {
            id: deal.id.0,
            customer: deal.customer_name.clone(),
            registered_number: deal.registered_number.clone(),
            customer_region: deal.customer_region.clone(),
            dealer: deal.dealer.clone(),
            registered_by: deal.user_name.clone(),
            category: deal.category.clone(),
            skus: deal.skus.0.clone(),
            amount_minor: deal.amount_minor,
            currency: deal.currency.clone(),
            expected_close: deal.expected_close,
            progress: deal.progress.clone(),
            note: deal.note.clone(),
            registered_on: deal.registered_on,
            registered_at: deal.registered_at.utc(),
            outcome: deal.outcome.as_str(),
            state: deal.state.as_str(),
            open: is_open(deal, today),
            protected_until: deal.protected_until,
            floor_share: deal.floor_share.map(|share| share.0.to_string()),
            floor_minor: deal.floor_minor,
            share_basis_points: deal.share_bp,
            decided_by: deal.decided_by_name.clone(),
            decided_note: deal.decided_note.clone(),
            decision: deal.decision_id.0,
        }
    }
}

/// Registrations, the latest first.
#[derive(Debug, Serialize, ToSchema)]
struct DealsBody {
    /// Those of this page.
    deals: Vec<DealBody>,
    /// Give it as `before` for the next page; none on the last.
    next: Option<Uuid>,
}

/// What the claimant was told at some time.
#[derive(Debug, Serialize, ToSchema)]
struct ToldBody {
    /// When.
    at: DateTime<Utc>,
    /// Why, in the plugin's words.
    reasons: Vec<Said>,
}

/// A registration, explained.
#[derive(Debug, Serialize, ToSchema)]
struct DealDetailsBody {
    /// The registration.
    deal: DealBody,
    /// What its claimant was told, the latest first. Nobody is told who else registered.
    told: Vec<ToldBody>,
    /// The open registrations of the same customer; for the company's people alone.
    others: Vec<DealBody>,
}

impl DealDetailsBody {
    fn of(page: &DealPage, today: NaiveDate, language: Language) -> Self {
        let told = page.told.iter().map(|told| ToldBody {
            at: told.at.utc(),
            reasons: told.reasons.iter().map(|note| said(note, &page.messages, language)).collect(),
        });
        Self {
            deal: DealBody::of(&page.deal, today),
            told: told.collect(),
            others: page.others.iter().map(|deal| DealBody::of(deal, today)).collect(),
        }
    }
}

fn today(app: &App, caller: &Context) -> NaiveDate {
    caller.day(app.clock().now())
}

/// Registers a deal: for the caller's own dealer, or as the company's direct sales. The deal plugin rules at once; a
/// registration that it refuses is kept too.
#[utoipa::path(post, path = "/api/v1/deals", tag = "deals", request_body = RegisterBody, responses(
    (status = 201, description = "The registration with its ruling", body = DealDetailsBody),
    (status = 409, description = "No deal plugin is active, it failed, or too many register this customer at once"),
    (status = 422, description = "Wrong by field, or no registration at all by the rule"),
))]
async fn register(
    page: Page,
    caller: SignedIn,
    State(app): State<App>,
    Api(body): Api<RegisterBody>,
) -> Result<Response, PageError> {
    let made = app.register_deal(&caller, &body.into()).await?;
    let body = DealDetailsBody::of(&made, today(&app, &caller), page.language);
    Ok((StatusCode::CREATED, Api(body)).into_response())
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct DealsQuery {
    /// `accepted`, `asked`, `refused`, `withdrawn` or `replaced`.
    state: Option<String>,
    /// Words in the customer's name.
    #[serde(default)]
    q: String,
    /// Only those older than this one.
    before: Option<Uuid>,
    /// How many; 1 to 200, 50 where it is left out.
    limit: Option<i64>,
}

/// Lists registrations, the latest first. A dealer's people see those of their dealer.
#[utoipa::path(get, path = "/api/v1/deals", tag = "deals", params(DealsQuery), responses(
    (status = 200, description = "A page of registrations", body = DealsBody),
))]
async fn list(
    caller: SignedIn,
    State(app): State<App>,
    ApiQuery(query): ApiQuery<DealsQuery>,
) -> Result<Api<DealsBody>, PageError> {
    let state = query.state.filter(|word| !word.is_empty()).map(|word| word.parse::<DealState>());
    let state = state.transpose().map_err(|error| {
        PageError::Invalid(vec![FieldError::new("/state", "choice").saying(error.to_string())])
    })?;
    // The app gives at most 200; one more than is shown says whether there is another page.
    let limit = query.limit.unwrap_or(50).clamp(1, 199);
    let filter = DealFilter { state, search: query.q, before: query.before.map(DealId), limit: limit + 1 };
    let mut found = app.deals(&caller, &filter).await?;
    let shown = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = found.len() > shown;
    found.truncate(shown);
    let day = today(&app, &caller);
    let next = found.last().filter(|_| more).map(|deal| deal.id.0);
    Ok(Api(DealsBody { deals: found.iter().map(|deal| DealBody::of(deal, day)).collect(), next }))
}

/// Shows a registration with what its claimant was told.
#[utoipa::path(get, path = "/api/v1/deals/{id}", tag = "deals", params(("id" = Uuid, Path)), responses(
    (status = 200, description = "The registration", body = DealDetailsBody),
    (status = 404, description = "No such registration within your reach"),
))]
async fn show(
    page: Page,
    caller: SignedIn,
    State(app): State<App>,
    Path(id): Path<DealId>,
) -> Result<Api<DealDetailsBody>, PageError> {
    let found = app.deal(&caller, id).await?;
    Ok(Api(DealDetailsBody::of(&found, today(&app, &caller), page.language)))
}

/// What somebody decides.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct DecideBody {
    /// Whether the registration is accepted.
    #[serde(default)]
    accept: bool,
    /// Why; needed where it is refused. The claimant reads it.
    #[serde(default)]
    note: String,
}

/// Decides a registration that the rule leaves to somebody. Accepted, it ends those that its ruling names.
#[utoipa::path(post, path = "/api/v1/deals/{id}/decision", tag = "deals", params(("id" = Uuid, Path)),
    request_body = DecideBody, responses(
    (status = 200, description = "The registration", body = DealDetailsBody),
    (status = 404, description = "No such registration within your reach"),
    (status = 409, description = "Nothing is asked any more, or the caller is one of the claimants"),
    (status = 422, description = "Refused without a reason"),
))]
async fn decide(
    page: Page,
    caller: SignedIn,
    State(app): State<App>,
    Path(id): Path<DealId>,
    Api(body): Api<DecideBody>,
) -> Result<Api<DealDetailsBody>, PageError> {
    let decided = app.decide_deal(&caller, id, body.accept, &body.note).await?;
    Ok(Api(DealDetailsBody::of(&decided, today(&app, &caller), page.language)))
}

/// Takes a registration back.
#[utoipa::path(post, path = "/api/v1/deals/{id}/withdrawal", tag = "deals", params(("id" = Uuid, Path)), responses(
    (status = 200, description = "The registration", body = DealDetailsBody),
    (status = 404, description = "No such registration within your reach"),
    (status = 409, description = "It is not open any more"),
))]
async fn withdraw(
    page: Page,
    caller: SignedIn,
    State(app): State<App>,
    Path(id): Path<DealId>,
) -> Result<Api<DealDetailsBody>, PageError> {
    let withdrawn = app.withdraw_deal(&caller, id).await?;
    Ok(Api(DealDetailsBody::of(&withdrawn, today(&app, &caller), page.language)))
}
