//! Products, their dated base prices and counted stock.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use chrono::NaiveDate;
use qudao_app::{App, ProductDetails, ProductFilter, ProductInput, ProductSort};
use qudao_domain::decimal::{Decimal, Exact};
use qudao_store::products::{Listed, Product};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::json::{Api, ApiQuery};
use crate::sessions::SignedIn;
use crate::state::AppState;
use crate::web::{FieldError, PageError};

/// Products.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(show, save))
        .routes(routes!(set_price))
        .routes(routes!(set_cost))
        .routes(routes!(count))
}

/// A product.
#[derive(Debug, Serialize, ToSchema)]
struct ProductBody {
    /// Its code.
    sku: String,
    /// Its name.
    name: String,
    /// Its category.
    category: String,
    /// Whether it may be ordered.
    active: bool,
    /// Company-defined data.
    #[schema(value_type = Object)]
    attributes: Json,
    /// Today's base price of one piece; none where the price list has none yet.
    base_price: Option<String>,
    /// Pieces that could leave now.
    available: i64,
}

impl ProductBody {
    fn of(product: Product, price: Option<Exact>, available: i64) -> Self {
        Self {
            sku: product.sku,
            name: product.name,
            category: product.category,
            active: product.active,
            attributes: product.attributes.0,
            base_price: price.map(|price| price.0.to_string()),
            available,
        }
    }
}

/// A list of products.
#[derive(Debug, Serialize, ToSchema)]
struct ProductsBody {
    /// By code.
    products: Vec<ProductBody>,
    /// How many there are on all pages.
    total: i64,
    /// ISO 4217, of the prices.
    currency: String,
    /// Send it as `after` for the next page; none on the last.
    next: Option<String>,
}

/// A dated base price.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PriceBody {
    /// The first day on which it holds.
    valid_from: NaiveDate,
    /// Of one piece, as a decimal.
    price: String,
}

/// A dated cost.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CostBody {
    /// The first day on which it holds.
    valid_from: NaiveDate,
    /// What one piece costs the company, as a decimal.
    cost: String,
}

/// Pieces in a warehouse.
#[derive(Debug, Serialize, ToSchema)]
struct StockBody {
    /// The warehouse's code.
    warehouse: String,
    /// Pieces there.
    on_hand: i64,
    /// Pieces that orders have reserved.
    reserved: i64,
}

/// A product with its prices and stock.
#[derive(Debug, Serialize, ToSchema)]
struct ProductDetailsBody {
    /// The product.
    product: ProductBody,
    /// ISO 4217, of the prices.
    currency: String,
    /// Dated base prices, the latest first; a dealer's people see today's.
    prices: Vec<PriceBody>,
    /// Dated costs of one piece, the latest first; left out for whoever may not see costs.
    #[serde(skip_serializing_if = "Option::is_none")]
    costs: Option<Vec<CostBody>>,
    /// Pieces by warehouse; not for a dealer's people.
    stock: Vec<StockBody>,
}

/// Which products.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ListQuery {
    /// Words in code or name.
    #[serde(default)]
    q: String,
    /// Only of this category.
    #[serde(default)]
    category: String,
    /// Only those of which pieces are available.
    #[serde(default)]
    in_stock: bool,
    /// Only those after the one with this code.
    #[serde(default)]
    after: String,
    /// At most so many; 1 to 200, 50 where it is left out.
    limit: Option<i64>,
}

/// What is said of a product.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SaveBody {
    /// Its name, at most 200 characters.
    name: String,
    /// Its category.
    category: String,
    /// Whether it may be ordered; yes where it is left out.
    #[serde(default = "yes")]
    active: bool,
    /// Company-defined data: texts, whole numbers, flags, or tagged values such as `{"number": "1.5"}`.
    #[serde(default = "nothing")]
    #[schema(value_type = Object)]
    attributes: Json,
}

fn yes() -> bool {
    true
}

fn nothing() -> Json {
    serde_json::json!({})
}

/// How many pieces were counted.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CountBody {
    /// Pieces on hand.
    on_hand: i64,
    /// The warehouse's code; the first where it is left out.
    #[serde(default)]
    warehouse: String,
}

/// Lists products by code.
#[utoipa::path(get, path = "/api/v1/products", tag = "products", params(ListQuery), responses(
    (status = 200, description = "A page of products", body = ProductsBody),
))]
async fn list(
    caller: SignedIn,
    State(app): State<App>,
    ApiQuery(query): ApiQuery<ListQuery>,
) -> Result<Api<ProductsBody>, PageError> {
    let filter = ProductFilter {
        search: query.q,
        category: query.category,
        in_stock: query.in_stock,
        sort: ProductSort::Sku,
        after: query.after,
        limit: query.limit.unwrap_or(50).clamp(1, 200),
    };
    let found = app.products(&caller, &filter).await?;
    let body = |listed: Listed| ProductBody::of(listed.product, listed.price, listed.available);
    Ok(Api(ProductsBody {
        products: found.products.into_iter().map(body).collect(),
        total: found.total,
        currency: caller.currency.to_string(),
        next: found.next,
    }))
}

/// Shows a product with its prices and stock.
#[utoipa::path(get, path = "/api/v1/products/{sku}", tag = "products", params(("sku" = String, Path)), responses(
    (status = 200, description = "The product", body = ProductDetailsBody),
    (status = 404, description = "No such product"),
))]
async fn show(
    caller: SignedIn,
    State(app): State<App>,
    Path(sku): Path<String>,
) -> Result<Api<ProductDetailsBody>, PageError> {
    let found = app.product(&caller, &sku).await?;
    Ok(Api(details(found, caller.currency.code())))
}

fn details(found: ProductDetails, currency: &str) -> ProductDetailsBody {
    let price = |price: &qudao_store::prices::Price| PriceBody {
        valid_from: price.valid_from,
        price: price.price.0.to_string(),
    };
    let cost = |cost: &qudao_store::costs::Cost| CostBody {
        valid_from: cost.valid_from,
        cost: cost.cost.0.to_string(),
    };
    let stock = |kept: qudao_store::warehouses::Kept| StockBody {
        warehouse: kept.code,
        on_hand: kept.on_hand,
        reserved: kept.reserved,
    };
    ProductDetailsBody {
        product: ProductBody::of(found.product, found.price, found.available),
        currency: currency.to_owned(),
        prices: found.prices.iter().map(price).collect(),
        costs: found.costs.map(|costs| costs.iter().map(cost).collect()),
        stock: found.kept.into_iter().map(stock).collect(),
    }
}

/// Adds a product, or changes the one with this code to what is given.
#[utoipa::path(put, path = "/api/v1/products/{sku}", tag = "products", params(("sku" = String, Path)),
    request_body = SaveBody, responses(
    (status = 200, description = "The product as it is now", body = ProductDetailsBody),
    (status = 403, description = "Not for your role or token"),
    (status = 422, description = "Wrong by field"),
))]
async fn save(
    caller: SignedIn,
    State(app): State<App>,
    Path(sku): Path<String>,
    Api(body): Api<SaveBody>,
) -> Result<Api<ProductDetailsBody>, PageError> {
    let SaveBody { name, category, active, attributes } = body;
    let input = ProductInput { sku, name, category, active, attributes };
    app.save_product(&caller, &input).await?;
    let found = app.product(&caller, &input.sku).await?;
    Ok(Api(details(found, caller.currency.code())))
}

/// Sets a product's base price from a day on.
#[utoipa::path(put, path = "/api/v1/products/{sku}/prices", tag = "products", params(("sku" = String, Path)),
    request_body = PriceBody, responses(
    (status = 204, description = "It holds from that day on"),
    (status = 404, description = "No such product"),
    (status = 422, description = "A price that cannot be"),
))]
async fn set_price(
    caller: SignedIn,
    State(app): State<App>,
    Path(sku): Path<String>,
    Api(body): Api<PriceBody>,
) -> Result<StatusCode, PageError> {
    app.set_price(&caller, &sku, body.valid_from, decimal("/price", &body.price)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn decimal(pointer: &str, typed: &str) -> Result<Decimal, PageError> {
    typed.parse().map_err(|_| {
        let error = FieldError::new(pointer, "price");
        PageError::Invalid(vec![error.saying("write digits with a point, such as \"12.50\"")])
    })
}

/// Sets what one piece of a product costs the company from a day on.
#[utoipa::path(put, path = "/api/v1/products/{sku}/costs", tag = "products", params(("sku" = String, Path)),
    request_body = CostBody, responses(
    (status = 204, description = "It holds from that day on"),
    (status = 403, description = "Costs are not for your role or token"),
    (status = 404, description = "No such product"),
    (status = 422, description = "A cost that cannot be"),
))]
async fn set_cost(
    caller: SignedIn,
    State(app): State<App>,
    Path(sku): Path<String>,
    Api(body): Api<CostBody>,
) -> Result<StatusCode, PageError> {
    app.set_cost(&caller, &sku, body.valid_from, decimal("/cost", &body.cost)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Sets how many pieces of a product were counted.
#[utoipa::path(put, path = "/api/v1/products/{sku}/stock", tag = "products", params(("sku" = String, Path)),
    request_body = CountBody, responses(
    (status = 204, description = "Counted"),
    (status = 404, description = "No such product"),
    (status = 409, description = "Orders have reserved more"),
    (status = 422, description = "A count that cannot be, or an unknown warehouse"),
))]
async fn count(
    caller: SignedIn,
    State(app): State<App>,
    Path(sku): Path<String>,
    Api(body): Api<CountBody>,
) -> Result<StatusCode, PageError> {
    app.count_stock(&caller, &sku, &body.warehouse, body.on_hand).await?;
    Ok(StatusCode::NO_CONTENT)
}
