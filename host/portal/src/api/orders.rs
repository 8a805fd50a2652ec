//! Quotes and orders.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, NaiveDate, Utc};
use qudao_app::{App, Draft, OrderDetails, OrderQuery, Quoted, Shipping, ShippingLine, Wish};
use qudao_domain::contract::{Message, Note};
use qudao_domain::ids::OrderId;
use qudao_domain::orders::OrderStatus;
use qudao_store::orders::{Listed, Order};
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

/// Quotes and orders.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(quote))
        .routes(routes!(place, list))
        .routes(routes!(show))
        .routes(routes!(confirm))
        .routes(routes!(cancel))
        .routes(routes!(ship))
}

/// One line that somebody wants to buy.
#[derive(Debug, Deserialize, ToSchema)]
struct WishBody {
    /// The product's code.
    sku: String,
    /// Pieces, 1 to 1,000,000.
    quantity: i64,
}

/// What somebody wants to buy.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct DraftBody {
    /// The dealer's code. Left out by a dealer's own people.
    dealer: Option<String>,
    /// The dealer's own reference, at most 100 characters.
    #[serde(default)]
    reference: String,
    /// The end customer, at most 100 characters.
    #[serde(default)]
    customer: String,
    /// 1 to 2,000 lines.
    lines: Vec<WishBody>,
}

impl From<DraftBody> for Draft {
    fn from(body: DraftBody) -> Self {
        let lines = body.lines.into_iter().map(|line| Wish { sku: line.sku, quantity: line.quantity });
        Self {
            dealer: body.dealer,
            reference: body.reference,
            customer: body.customer,
            lines: lines.collect(),
        }
    }
}

/// A step from the base price to the dealer's own.
#[derive(Debug, Serialize, ToSchema)]
struct StepBody {
    /// Added to the unit price, as a decimal; negative for a discount.
    amount: String,
    /// Which rule, and by what.
    reason: Said,
}

/// A priced line.
#[derive(Debug, Serialize, ToSchema)]
struct LineBody {
    /// From 1.
    number: i64,
    /// The product's code.
    sku: String,
    /// The product's name.
    name: String,
    /// Pieces.
    quantity: i64,
    /// Pieces that left (orders).
    #[serde(skip_serializing_if = "Option::is_none")]
    shipped: Option<i64>,
    /// Pieces that could leave now (quotes).
    #[serde(skip_serializing_if = "Option::is_none")]
    available: Option<i64>,
    /// List price of one piece.
    base_price: String,
    /// The dealer's price of one piece.
    unit_price: String,
    /// Rounded amount of the line.
    amount_minor: i64,
    /// The steps from the base price.
    adjustments: Vec<StepBody>,
    /// Rules that did not apply, and why.
    skipped: Vec<Said>,
}

/// A change to the total after the lines.
#[derive(Debug, Serialize, ToSchema)]
struct AdjustmentBody {
    /// Negative for a discount.
    amount_minor: i64,
    /// Which rule, and by what.
    reason: Said,
}

/// What a draft would cost.
#[derive(Debug, Serialize, ToSchema)]
struct QuoteBody {
    /// The dealer's code.
    dealer: String,
    /// The moment for which the prices hold.
    made_for: DateTime<Utc>,
    /// ISO 4217.
    currency: String,
    /// The lines in the order of the draft.
    lines: Vec<LineBody>,
    /// Sum of the lines.
    subtotal_minor: i64,
    /// Changes to the total.
    adjustments: Vec<AdjustmentBody>,
    /// What the dealer would owe.
    total_minor: i64,
    /// Why somebody at the vendor must agree first.
    approvals: Vec<Said>,
}

/// An order's head.
#[derive(Debug, Serialize, ToSchema)]
pub struct OrderBody {
    /// Its id.
    id: Uuid,
    /// What people call it.
    number: String,
    /// `placed`, `confirmed`, `partly-shipped`, `shipped` or `cancelled`.
    status: String,
    /// Counts its steps; send it with a step to be sure that nobody took another meanwhile.
    revision: i64,
    /// ISO 4217.
    currency: String,
    /// Sum of the lines.
    subtotal_minor: i64,
    /// Changes to the total.
    adjustments_minor: i64,
    /// What the dealer owes.
    total_minor: i64,
    /// How many lines.
    lines: i64,
    /// The dealer's own reference.
    reference: String,
    /// The end customer.
    customer: String,
    /// The day, in the company's zone.
    ordered_on: NaiveDate,
    /// The moment.
    placed_at: DateTime<Utc>,
    /// How its prices came about; none for imported history.
    decision: Option<Uuid>,
    /// The dealer's code (lists and details).
    #[serde(skip_serializing_if = "Option::is_none")]
    dealer: Option<String>,
}

impl From<&Order> for OrderBody {
    fn from(order: &Order) -> Self {
        Self {
            id: order.id.0,
            number: order.number.clone(),
            status: order.status.to_string(),
            revision: order.revision,
            currency: order.currency.clone(),
            subtotal_minor: order.subtotal_minor,
            adjustments_minor: order.adjustments_minor,
            total_minor: order.total_minor,
            lines: order.lines,
            reference: order.reference.clone(),
            customer: order.customer.clone(),
            ordered_on: order.ordered_on,
            placed_at: order.placed_at.utc(),
            decision: order.decision_id.map(|id| id.0),
            dealer: None,
        }
    }
}

/// A step that an order took.
#[derive(Debug, Serialize, ToSchema)]
struct HistoryBody {
    /// Where it stood after it.
    status: String,
    /// When.
    at: DateTime<Utc>,
    /// By whom.
    by: String,
    /// Why, or empty.
    note: String,
}

/// Goods that left together.
#[derive(Debug, Serialize, ToSchema)]
struct ShipmentBody {
    /// Its id.
    id: Uuid,
    /// The day.
    shipped_on: NaiveDate,
    /// The carrier's number.
    tracking: String,
    /// Its lines.
    lines: Vec<ShipmentLineBody>,
}

/// What left of one line.
#[derive(Debug, Serialize, ToSchema)]
struct ShipmentLineBody {
    /// The order's line.
    number: i64,
    /// Pieces.
    quantity: i64,
    /// Their part of the order's total.
    amount_minor: i64,
}

/// Everything about an order.
#[derive(Debug, Serialize, ToSchema)]
struct OrderDetailsBody {
    /// The head.
    order: OrderBody,
    /// The lines with their explanation.
    lines: Vec<LineBody>,
    /// Changes to the total.
    adjustments: Vec<AdjustmentBody>,
    /// Why somebody at the vendor must agree.
    approvals: Vec<Said>,
    /// The plugin that formed the prices: name, version and digest.
    plugin: Option<PluginBody>,
    /// Its steps, oldest first.
    history: Vec<HistoryBody>,
    /// What left, oldest first.
    shipments: Vec<ShipmentBody>,
}

/// A plugin by name and digest.
#[derive(Debug, Serialize, ToSchema)]
struct PluginBody {
    /// Name and version.
    name: String,
    /// SHA-256 of the component.
    digest: String,
}

/// A list of orders.
#[derive(Debug, Serialize, ToSchema)]
struct OrdersBody {
    /// Newest first.
    orders: Vec<OrderBody>,
    /// Send it as `before` for the next page; none on the last.
    next: Option<Uuid>,
}

/// Which orders.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ListQuery {
    /// Only in this state.
    status: Option<String>,
    /// Words in number, reference, customer or dealer's name.
    #[serde(default)]
    q: String,
    /// From this day on.
    from: Option<NaiveDate>,
    /// Up to this day.
    to: Option<NaiveDate>,
    /// Only those older than this one.
    before: Option<Uuid>,
    /// At most so many; 1 to 200, 50 where it is left out.
    limit: Option<i64>,
}

/// The revision that the reader saw.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct StepRequest {
    /// The order's revision; left out, the step is taken wherever the order stands.
    revision: Option<i64>,
    /// Why, at most 500 characters.
    #[serde(default)]
    note: String,
}

/// Pieces of one line.
#[derive(Debug, Deserialize, ToSchema)]
struct ShipLineRequest {
    /// The order's line.
    number: i64,
    /// Pieces, at least 1.
    quantity: i64,
}

/// What leaves together.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ShipRequest {
    /// Lines with their pieces; empty for everything that remains.
    #[serde(default)]
    lines: Vec<ShipLineRequest>,
    /// The carrier's number.
    #[serde(default)]
    tracking: String,
    /// The day on which it left; today where it is left out.
    on: Option<NaiveDate>,
    /// The order's revision that the reader saw.
    revision: Option<i64>,
}

/// Prices a draft for its dealer, now. Nothing is stored.
#[utoipa::path(post, path = "/api/v1/quotes", tag = "orders", request_body = DraftBody, responses(
    (status = 200, description = "The prices and how they came about", body = QuoteBody),
    (status = 409, description = "No pricing plugin is active, or it failed"),
    (status = 422, description = "Wrong by line, or refused by the rule"),
))]
async fn quote(
    page: Page,
    caller: SignedIn,
    State(app): State<App>,
    Api(body): Api<DraftBody>,
) -> Result<Api<QuoteBody>, PageError> {
    let quoted = app.quote(&caller, &body.into()).await?;
    Ok(Api(quote_body(&quoted, caller.currency.code(), page.language)))
}

/// Places an order at the price that holds now.
///
/// Send an `Idempotency-Key` of your own (at most 200 characters): the same body under the same key gives the same
/// order again (200 instead of 201); another body under it is refused.
#[utoipa::path(post, path = "/api/v1/orders", tag = "orders", request_body = DraftBody,
    params(("Idempotency-Key" = Option<String>, Header, description = "Of your own, unique for each order")),
    responses(
    (status = 201, description = "The order", body = OrderBody),
    (status = 200, description = "The order that was placed under this key before", body = OrderBody),
    (status = 409, description = "Credit, a reused key, or prices that keep changing"),
    (status = 422, description = "Wrong by line, too little stock, or refused by the rule"),
))]
async fn place(
    caller: SignedIn,
    State(app): State<App>,
    headers: HeaderMap,
    Api(body): Api<DraftBody>,
) -> Result<Response, PageError> {
    let key = headers.get("idempotency-key").map(|key| key.to_str().map(str::trim));
    let key =
        key.transpose().map_err(|_| PageError::Malformed("Idempotency-Key must be ASCII".to_owned()))?;
    let placed = app.place_order(&caller, &body.into(), key.filter(|key| !key.is_empty())).await?;
    let status = if placed.again { StatusCode::OK } else { StatusCode::CREATED };
    Ok((status, Api(OrderBody::from(&placed.order))).into_response())
}

/// Lists orders, newest first.
#[utoipa::path(get, path = "/api/v1/orders", tag = "orders", params(ListQuery), responses(
    (status = 200, description = "A page of orders", body = OrdersBody),
))]
async fn list(
    caller: SignedIn,
    State(app): State<App>,
    ApiQuery(query): ApiQuery<ListQuery>,
) -> Result<Api<OrdersBody>, PageError> {
    let limit = query.limit.unwrap_or(50).clamp(1, 200);
    let found = app.orders(&caller, &order_query(query, limit + 1)?).await?;
    let next = found.get(usize::try_from(limit).unwrap_or(usize::MAX)).is_some();
    let shown: Vec<&Listed> = found.iter().take(usize::try_from(limit).unwrap_or(usize::MAX)).collect();
    let next = shown.last().filter(|_| next).map(|listed| listed.order.id.0);
    let orders = shown.into_iter().map(|listed| OrderBody {
        dealer: Some(listed.dealer_code.clone()),
        ..OrderBody::from(&listed.order)
    });
    Ok(Api(OrdersBody { orders: orders.collect(), next }))
}

fn order_query(query: ListQuery, limit: i64) -> Result<OrderQuery, PageError> {
    let status = query.status.filter(|word| !word.is_empty()).map(|word| word.parse::<OrderStatus>());
    let status = status.transpose().map_err(|error| {
        PageError::Invalid(vec![FieldError::new("/status", "status").saying(error.to_string())])
    })?;
    let before = query.before.map(OrderId);
    Ok(OrderQuery { status, dealer: None, search: query.q, from: query.from, to: query.to, before, limit })
}

/// Shows an order with the explanation of its prices.
#[utoipa::path(get, path = "/api/v1/orders/{id}", tag = "orders", params(("id" = Uuid, Path)), responses(
    (status = 200, description = "The order", body = OrderDetailsBody),
    (status = 404, description = "No such order within your reach"),
))]
async fn show(
    page: Page,
    caller: SignedIn,
    State(app): State<App>,
    Path(id): Path<OrderId>,
) -> Result<Api<OrderDetailsBody>, PageError> {
    let details = app.order(&caller, id).await?;
    Ok(Api(details_body(&details, page.language)))
}

/// Accepts a placed order.
#[utoipa::path(post, path = "/api/v1/orders/{id}/confirm", tag = "orders", params(("id" = Uuid, Path)),
    request_body = StepRequest, responses(
    (status = 200, description = "The order", body = OrderBody),
    (status = 409, description = "The order has moved on"),
))]
async fn confirm(
    caller: SignedIn,
    State(app): State<App>,
    Path(id): Path<OrderId>,
    Api(body): Api<StepRequest>,
) -> Result<Api<OrderBody>, PageError> {
    let order = app.confirm_order(&caller, id, body.revision).await?;
    Ok(Api(OrderBody::from(&order)))
}

/// Calls an order off before anything was shipped.
#[utoipa::path(post, path = "/api/v1/orders/{id}/cancel", tag = "orders", params(("id" = Uuid, Path)),
    request_body = StepRequest, responses(
    (status = 200, description = "The order", body = OrderBody),
    (status = 409, description = "The order has moved on"),
))]
async fn cancel(
    caller: SignedIn,
    State(app): State<App>,
    Path(id): Path<OrderId>,
    Api(body): Api<StepRequest>,
) -> Result<Api<OrderBody>, PageError> {
    let order = app.cancel_order(&caller, id, body.revision, &body.note).await?;
    Ok(Api(OrderBody::from(&order)))
}

/// Ships an order, wholly or in parts.
#[utoipa::path(post, path = "/api/v1/orders/{id}/ship", tag = "orders", params(("id" = Uuid, Path)),
    request_body = ShipRequest, responses(
    (status = 200, description = "The order", body = OrderBody),
    (status = 409, description = "The order has moved on"),
    (status = 422, description = "More than remains, or no such line"),
))]
async fn ship(
    caller: SignedIn,
    State(app): State<App>,
    Path(id): Path<OrderId>,
    Api(body): Api<ShipRequest>,
) -> Result<Api<OrderBody>, PageError> {
    let lines =
        body.lines.into_iter().map(|line| ShippingLine { number: line.number, quantity: line.quantity });
    let shipping =
        Shipping { lines: lines.collect(), tracking: body.tracking, on: body.on, revision: body.revision };
    let order = app.ship_order(&caller, id, &shipping).await?;
    Ok(Api(OrderBody::from(&order)))
}

fn quote_body(quoted: &Quoted, currency: &str, language: Language) -> QuoteBody {
    let messages = &quoted.messages;
    let lines =
        quoted.lines.iter().zip(&quoted.quote.lines).zip(1..).map(|((line, priced), number)| LineBody {
            number,
            sku: line.offer.sku.clone(),
            name: line.offer.name.clone(),
            quantity: line.quantity,
            shipped: None,
            available: Some(line.offer.available),
            base_price: line.base_price.to_string(),
            unit_price: line.unit_price.to_string(),
            amount_minor: line.amount_minor,
            adjustments: steps(&priced.adjustments, messages, language),
            skipped: all_said(&priced.skipped, messages, language),
        });
    QuoteBody {
        dealer: quoted.dealer.code.clone(),
        made_for: quoted.made_for.utc(),
        currency: currency.to_owned(),
        lines: lines.collect(),
        subtotal_minor: quoted.totals.subtotal_minor,
        adjustments: order_adjustments(&quoted.quote, messages, language),
        total_minor: quoted.totals.total_minor,
        approvals: all_said(&quoted.quote.approvals, messages, language),
    }
}

fn details_body(details: &OrderDetails, language: Language) -> OrderDetailsBody {
    let explained = details.explained.as_ref();
    let messages: &[Message] = explained.map_or(&[], |explained| &explained.messages);
    let lines = details.lines.iter().enumerate().map(|(at, line)| {
        let priced = explained.and_then(|explained| explained.quote.lines.get(at));
        LineBody {
            number: line.number,
            sku: line.sku.clone(),
            name: line.name.clone(),
            quantity: line.quantity,
            shipped: Some(line.shipped),
            available: None,
            base_price: line.base_price.0.to_string(),
            unit_price: line.unit_price.0.to_string(),
            amount_minor: line.amount_minor,
            adjustments: priced.map(|line| steps(&line.adjustments, messages, language)).unwrap_or_default(),
            skipped: priced.map(|line| all_said(&line.skipped, messages, language)).unwrap_or_default(),
        }
    });
    let approvals = explained.map(|explained| all_said(&explained.quote.approvals, messages, language));
    let head = OrderBody { dealer: Some(details.dealer.code.clone()), ..OrderBody::from(&details.order) };
    OrderDetailsBody {
        order: head,
        lines: lines.collect(),
        adjustments: explained
            .map(|one| order_adjustments(&one.quote, messages, language))
            .unwrap_or_default(),
        approvals: approvals.unwrap_or_default(),
        plugin: explained.map(|one| PluginBody {
            name: format!("{} {}", one.rule.name.en, one.rule.version),
            digest: one.plugin_digest.clone(),
        }),
        history: history(details),
        shipments: shipments(details),
    }
}

fn history(details: &OrderDetails) -> Vec<HistoryBody> {
    let steps = details.steps.iter().map(|(step, name)| HistoryBody {
        status: step.status.to_string(),
        at: step.at.utc(),
        by: name.clone(),
        note: step.note.clone(),
    });
    steps.collect()
}

fn shipments(details: &OrderDetails) -> Vec<ShipmentBody> {
    let shipments = details.shipments.iter().map(|(shipment, lines)| ShipmentBody {
        id: shipment.id.0,
        shipped_on: shipment.shipped_on,
        tracking: shipment.tracking.clone(),
        lines: lines
            .iter()
            .map(|line| ShipmentLineBody {
                number: line.line_number,
                quantity: line.quantity,
                amount_minor: line.amount_minor,
            })
            .collect(),
    });
    shipments.collect()
}

fn steps(
    adjustments: &[qudao_domain::pricing::Adjustment],
    messages: &[Message],
    language: Language,
) -> Vec<StepBody> {
    let step = |step: &qudao_domain::pricing::Adjustment| StepBody {
        amount: step.amount.to_string(),
        reason: said(&step.reason, messages, language),
    };
    adjustments.iter().map(step).collect()
}

fn order_adjustments(
    quote: &qudao_domain::pricing::Quote,
    messages: &[Message],
    language: Language,
) -> Vec<AdjustmentBody> {
    let body = |adjustment: &qudao_domain::pricing::OrderAdjustment| AdjustmentBody {
        amount_minor: adjustment.amount.minor,
        reason: said(&adjustment.reason, messages, language),
    };
    quote.adjustments.iter().map(body).collect()
}

fn all_said(notes: &[Note], messages: &[Message], language: Language) -> Vec<Said> {
    notes.iter().map(|note| said(note, messages, language)).collect()
}
