//! Dealers and their tree.

use axum::extract::{Path, State};
use qudao_app::{App, DealerDetails, DealerFilter, DealerInput, DealerSort};
use qudao_domain::decimal::Decimal;
use qudao_domain::money::{Currency, Money};
use qudao_store::dealers::{Dealer, Listed};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::json::{Api, ApiQuery};
use crate::sessions::SignedIn;
use crate::state::AppState;
use crate::web::{FieldError, PageError};

/// Dealers.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(show, save))
}

/// A dealer.
#[derive(Debug, Serialize, ToSchema)]
struct DealerBody {
    /// Its code.
    code: String,
    /// Its name.
    name: String,
    /// Code of the dealer above it, if the reader may see that one.
    parent: Option<String>,
    /// Its tier.
    tier: String,
    /// Its region.
    region: String,
    /// How much it may owe, as a decimal of the company's currency; none for no limit.
    credit_limit: Option<String>,
    /// Days until an invoice is due.
    terms_days: i64,
    /// Company-defined data.
    #[schema(value_type = Object)]
    attributes: Json,
}

impl DealerBody {
    fn of(dealer: Dealer, parent: Option<String>, currency: Currency) -> Self {
        let limit =
            dealer.credit_limit_minor.map(|minor| Money::new(minor, currency).to_decimal().to_string());
        Self {
            code: dealer.code,
            name: dealer.name,
            parent,
            tier: dealer.tier,
            region: dealer.region,
            credit_limit: limit,
            terms_days: dealer.terms_days,
            attributes: dealer.attributes.0,
        }
    }
}

/// A list of dealers.
#[derive(Debug, Serialize, ToSchema)]
struct DealersBody {
    /// By code.
    dealers: Vec<DealerBody>,
    /// How many there are on all pages.
    total: i64,
    /// ISO 4217, of the limits.
    currency: String,
    /// Send it as `after` for the next page; none on the last.
    next: Option<String>,
}

/// A dealer with those right below it.
#[derive(Debug, Serialize, ToSchema)]
struct DealerDetailsBody {
    /// The dealer.
    dealer: DealerBody,
    /// ISO 4217, of the limit.
    currency: String,
    /// Codes of those right below it.
    children: Vec<String>,
}

/// Which dealers.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ListQuery {
    /// Words in code or name.
    #[serde(default)]
    q: String,
    /// Only of this tier.
    #[serde(default)]
    tier: String,
    /// Only of this region.
    #[serde(default)]
    region: String,
    /// Only the branch of the dealer with this code.
    #[serde(default)]
    under: String,
    /// Only those after the one with this code.
    #[serde(default)]
    after: String,
    /// At most so many; 1 to 200, 50 where it is left out.
    limit: Option<i64>,
}

/// What is said of a dealer.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SaveBody {
    /// Its name, at most 200 characters.
    name: String,
    /// Code of the dealer above it.
    parent: Option<String>,
    /// Its tier.
    tier: String,
    /// Its region.
    region: String,
    /// How much it may owe, as a decimal; none for no limit.
    credit_limit: Option<String>,
    /// Days until an invoice is due.
    #[serde(default)]
    terms_days: i64,
    /// Company-defined data: texts, whole numbers, flags, or tagged values such as `{"percent": "0.05"}`.
    #[serde(default = "nothing")]
    #[schema(value_type = Object)]
    attributes: Json,
}

fn nothing() -> Json {
    serde_json::json!({})
}

/// Lists the dealers within your reach, by code.
#[utoipa::path(get, path = "/api/v1/dealers", tag = "dealers", params(ListQuery), responses(
    (status = 200, description = "A page of dealers", body = DealersBody),
    (status = 404, description = "No such dealer to look under"),
))]
async fn list(
    caller: SignedIn,
    State(app): State<App>,
    ApiQuery(query): ApiQuery<ListQuery>,
) -> Result<Api<DealersBody>, PageError> {
    let filter = DealerFilter {
        tier: query.tier,
        region: query.region,
        search: query.q,
        under: query.under,
        sort: DealerSort::Code,
        down: false,
        after: query.after,
        limit: query.limit.unwrap_or(50).clamp(1, 200),
    };
    let found = app.dealers(&caller, &filter).await?;
    let currency = caller.currency;
    let body = |listed: Listed| DealerBody::of(listed.dealer, listed.parent_code, currency);
    Ok(Api(DealersBody {
        dealers: found.dealers.into_iter().map(body).collect(),
        total: found.total,
        currency: currency.to_string(),
        next: found.next,
    }))
}

/// Shows a dealer.
#[utoipa::path(get, path = "/api/v1/dealers/{code}", tag = "dealers", params(("code" = String, Path)), responses(
    (status = 200, description = "The dealer", body = DealerDetailsBody),
    (status = 404, description = "No such dealer within your reach"),
))]
async fn show(
    caller: SignedIn,
    State(app): State<App>,
    Path(code): Path<String>,
) -> Result<Api<DealerDetailsBody>, PageError> {
    Ok(Api(details(app.dealer(&caller, &code).await?, caller.currency)))
}

fn details(found: DealerDetails, currency: Currency) -> DealerDetailsBody {
    let parent = found.above.first().map(|above| above.code.clone());
    DealerDetailsBody {
        dealer: DealerBody::of(found.dealer, parent, currency),
        currency: currency.to_string(),
        children: found.children.into_iter().map(|child| child.code).collect(),
    }
}

/// Adds a dealer, or changes the one with this code to what is given.
#[utoipa::path(put, path = "/api/v1/dealers/{code}", tag = "dealers", params(("code" = String, Path)),
    request_body = SaveBody, responses(
    (status = 200, description = "The dealer as it is now", body = DealerDetailsBody),
    (status = 403, description = "Not for your role or token"),
    (status = 422, description = "Wrong by field, an unknown dealer above, or a ring"),
))]
async fn save(
    caller: SignedIn,
    State(app): State<App>,
    Path(code): Path<String>,
    Api(body): Api<SaveBody>,
) -> Result<Api<DealerDetailsBody>, PageError> {
    let credit_limit = body.credit_limit.map(|limit| limit.parse::<Decimal>()).transpose().map_err(|_| {
        let error = FieldError::new("/credit_limit", "decimal");
        PageError::Invalid(vec![error.saying("write digits with a point, such as \"50000.00\"")])
    })?;
    let input = DealerInput {
        code,
        name: body.name,
        parent: body.parent,
        tier: body.tier,
        region: body.region,
        credit_limit,
        terms_days: body.terms_days,
        attributes: body.attributes,
    };
    app.save_dealer(&caller, &input).await?;
    Ok(Api(details(app.dealer(&caller, &input.code).await?, caller.currency)))
}
