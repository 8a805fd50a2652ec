//! Orders: placed from the cart, listed, shown with the explanation of their prices, and moved on.

use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::NaiveDate;
use qudao_app::{App, AppError, OrderQuery, Shipping, ShippingLine, Typed};
use qudao_domain::ids::OrderId;
use qudao_domain::orders::OrderStatus;
use qudao_domain::permissions::{Action, reach};
use qudao_store::orders::Listed;
use serde::{Deserialize, Serialize};

use super::app_errors::to_page_error;
use super::cart;
use super::errors::{FieldError, PageError, PageResult};
use super::forms::Form;
use super::page::Page;
use super::preferences::tell_at;
use super::views::Views;
use crate::routes::Routes;
use crate::sessions::SignedIn;
use crate::state::AppState;

mod show;

/// Orders on one page of the list.
const PAGE: i64 = 50;
/// Orders in one export.
const EXPORT: i64 = 10_000;

/// Orders.
pub fn routes() -> Routes {
    Routes::default()
        .get("/orders", index)
        .get("/orders.csv", export)
        .post("/orders", place)
        .post("/orders/confirm", confirm_many)
        .get("/orders/{id}", show)
        .post("/orders/{id}/confirm", confirm)
        .post("/orders/{id}/cancel", cancel)
        .post("/orders/{id}/ship", ship)
        .post("/orders/{id}/reorder", reorder)
}

/// The list's filters, as they stand in the address.
#[derive(Debug, Default, Deserialize)]
struct Filters {
    #[serde(default)]
    q: String,
    #[serde(default)]
    status: String,
    #[serde(default)]
    from: String,
    #[serde(default)]
    to: String,
    #[serde(default)]
    after: String,
}

impl Filters {
    /// Filters that cannot be read are left out: the list says what it shows.
    fn query(&self, limit: i64) -> OrderQuery {
        OrderQuery {
            status: self.status.parse().ok(),
            dealer: None,
            search: self.q.trim().to_owned(),
            from: self.from.parse().ok(),
            to: self.to.parse().ok(),
            before: self.after.parse().ok(),
            limit,
        }
    }
}

#[derive(Serialize)]
struct Index {
    q: String,
    status_filter: String,
    from: String,
    to: String,
    tabs: Vec<Tab>,
    count: i64,
    currency: &'static str,
    rows: Vec<Row>,
    previous: Option<String>,
    next: Option<String>,
    is_company: bool,
    can_order: bool,
    can_confirm: bool,
}

#[derive(Serialize)]
struct Tab {
    status: &'static str,
    count: i64,
}

#[derive(Serialize)]
struct Row {
    id: OrderId,
    number: String,
    status: &'static str,
    placed_at: String,
    total_minor: i64,
    lines: i64,
    pieces: i64,
    needs_approval: bool,
    reference: Option<String>,
    dealer: DealerView,
}

/// A dealer by name.
#[derive(Serialize)]
struct DealerView {
    code: String,
    name: String,
}

async fn index(
    page: Page,
    ctx: SignedIn,
    State(app): State<App>,
    State(views): State<Views>,
    Query(filters): Query<Filters>,
) -> PageResult {
    let query = filters.query(PAGE + 1);
    let mut found = app.orders(&ctx, &query).await?;
    let counts = app.order_counts(&ctx, &query).await?;
    let more = found.len() > PAGE as usize;
    found.truncate(PAGE as usize);
    let next = found.last().filter(|_| more).map(|listed| listed.order.id.to_string());
    let pieces = app.order_pieces(&ctx, &found).await?;
    let may = |action| ctx.reach(action).is_ok();
    let context = Index {
        count: tabs(&counts).iter().find(|tab| tab.status == filters.status).map_or(0, |tab| tab.count),
        tabs: tabs(&counts),
        currency: ctx.currency.code(),
        rows: found.iter().zip(pieces).map(|(listed, pieces)| row(listed, pieces)).collect(),
        previous: None,
        next,
        is_company: !ctx.role.is_dealer(),
        can_order: may(Action::OrdersPlace) && ctx.role.is_dealer(),
        can_confirm: may(Action::OrdersFulfil),
        q: filters.q,
        status_filter: filters.status,
        from: filters.from,
        to: filters.to,
    };
    views.page(&page, "orders/index.html", &context)
}

fn tabs(counts: &[(OrderStatus, i64)]) -> Vec<Tab> {
    let count = |status: OrderStatus| {
        counts.iter().find(|(known, _)| *known == status).map_or(0, |(_, count)| *count)
    };
    let all = Tab { status: "", count: counts.iter().map(|(_, count)| count).sum() };
    let each = OrderStatus::ALL.iter().map(|status| Tab { status: status.as_str(), count: count(*status) });
    std::iter::once(all).chain(each).collect()
}

fn row(listed: &Listed, (pieces, needs_approval): (i64, bool)) -> Row {
    let order = &listed.order;
    Row {
        id: order.id,
        number: order.number.clone(),
        status: order.status.as_str(),
        placed_at: order.placed_at.to_string(),
        total_minor: order.total_minor,
        lines: order.lines,
        pieces,
        needs_approval: needs_approval && order.status == OrderStatus::Placed,
        reference: Some(order.reference.clone()).filter(|reference| !reference.is_empty()),
        dealer: DealerView { code: listed.dealer_code.clone(), name: listed.dealer_name.clone() },
    }
}

async fn export(ctx: SignedIn, State(app): State<App>, Query(filters): Query<Filters>) -> PageResult {
    let mut query = filters.query(200);
    let mut csv = String::from(
        "\u{feff}number,dealer,dealer_name,status,ordered_on,currency,total,lines,reference\r\n",
    );
    let mut left = EXPORT;
    loop {
        let found = app.orders(&ctx, &query).await?;
        found.iter().for_each(|listed| csv.push_str(&csv_row(listed)));
        left -= i64::try_from(found.len()).unwrap_or(i64::MAX);
        query.before = found.last().map(|listed| listed.order.id);
        if found.len() < 200 || left <= 0 {
            break;
        }
    }
    let kind = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"orders.csv\""),
        (header::CACHE_CONTROL, "no-store"),
    ];
    Ok((kind, csv).into_response())
}

fn csv_row(listed: &Listed) -> String {
    let order = &listed.order;
    let exponent =
        order.currency.parse::<qudao_domain::money::Currency>().map_or(0, |currency| currency.exponent());
    let total = qudao_domain::decimal::Decimal::new(order.total_minor, exponent).to_string();
    let (day, lines) = (order.ordered_on.to_string(), order.lines.to_string());
    let cells = [
        order.number.as_str(),
        &listed.dealer_code,
        &listed.dealer_name,
        order.status.as_str(),
        &day,
        &order.currency,
        &total,
        &lines,
        &order.reference,
    ];
    let cells: Vec<String> = cells.into_iter().map(csv_cell).collect();
    cells.join(",") + "\r\n"
}

/// Quoted where it must be; a cell that a spreadsheet would run as a formula is disarmed.
pub(super) fn csv_cell(text: &str) -> String {
    let armed =
        text.starts_with(['=', '+', '@', '\t']) || (text.starts_with('-') && text.parse::<f64>().is_err());
    let text = if armed { format!("'{text}") } else { text.to_owned() };
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

async fn place(page: Page, ctx: SignedIn, State(state): State<AppState>, form: Form) -> PageResult {
    let app = &state.app;
    let typed = cart::typed_of(&form);
    app.save_cart(&ctx, &typed).await?;
    let checked = app.price_cart(&ctx, &typed).await?;
    if checked.wrong() > 0 || checked.quoted.is_none() {
        return cart::refused_page(&page, &ctx, &state, checked, page.t("cart-mend-first")).await;
    }
    // The button named a total; another one is shown before it is owed.
    let expected: Option<i64> = form.find("expected_total_minor").and_then(|minor| minor.parse().ok());
    let total = checked.quoted.as_ref().map(|quoted| quoted.totals.total_minor);
    if expected.is_some() && expected != total {
        return cart::refused_page(&page, &ctx, &state, checked, page.t("conflict-prices-changed")).await;
    }
    let key = Some(form.get("idempotency_key")).filter(|key| !key.is_empty());
    match app.place_order(&ctx, &checked.draft(), key).await {
        Ok(placed) => {
            app.save_cart(&ctx, &[]).await?;
            Ok(tell_at(&format!("/orders/{}", placed.order.id), "good", "order-placed"))
        }
        Err(error @ (AppError::Invalid(_) | AppError::Conflict { .. } | AppError::Refused { .. })) => {
            cart::refused_page(&page, &ctx, &state, checked, cart::said(&page, error)).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn confirm_many(ctx: SignedIn, State(app): State<App>, form: Form) -> PageResult {
    let ids: Vec<OrderId> = form.all("id").filter_map(|id| id.parse().ok()).collect();
    if ids.is_empty() {
        return Ok(tell_at("/orders?status=placed", "warn", "nothing-selected"));
    }
    let mut missed = false;
    for id in ids {
        match app.confirm_order(&ctx, id, None).await {
            Ok(_) => {}
            Err(AppError::Conflict { .. }) => missed = true,
            Err(error) => return Err(error.into()),
        }
    }
    let (tone, id) = if missed { ("warn", "some-not-confirmed") } else { ("good", "orders-confirmed") };
    Ok(tell_at("/orders?status=confirmed", tone, id))
}

async fn show(
    page: Page,
    ctx: SignedIn,
    State(app): State<App>,
    State(views): State<Views>,
    Path(id): Path<OrderId>,
) -> PageResult {
    let details = app.order(&ctx, id).await?;
    let context = show::Show::of(&ctx, &app, &details).await?;
    views.page(&page, "orders/show.html", &context)
}

fn revision(form: &Form) -> Option<i64> {
    form.find("revision").and_then(|revision| revision.parse().ok())
}

async fn confirm(ctx: SignedIn, State(app): State<App>, Path(id): Path<OrderId>, form: Form) -> PageResult {
    app.confirm_order(&ctx, id, revision(&form)).await?;
    Ok(tell_at(&format!("/orders/{id}"), "good", "order-confirmed"))
}

async fn cancel(ctx: SignedIn, State(app): State<App>, Path(id): Path<OrderId>, form: Form) -> PageResult {
    app.cancel_order(&ctx, id, revision(&form), form.get("reason")).await?;
    Ok(tell_at(&format!("/orders/{id}"), "info", "order-cancelled"))
}

async fn ship(
    page: Page,
    ctx: SignedIn,
    State(app): State<App>,
    State(views): State<Views>,
    Path(id): Path<OrderId>,
    form: Form,
) -> PageResult {
    let (lines, mut errors) = shipping_lines(&form);
    if lines.is_empty() && errors.is_empty() {
        errors.push(FieldError::new("tracking", "nothing-to-ship"));
    }
    if errors.is_empty() {
        let numbers: Vec<i64> = lines.iter().map(|line| line.number).collect();
        let tracking = form.get("tracking").to_owned();
        let shipping = Shipping { lines, tracking, on: None::<NaiveDate>, revision: revision(&form) };
        match app.ship_order(&ctx, id, &shipping).await {
            Ok(_) => return Ok(tell_at(&format!("/orders/{id}"), "good", "order-shipped")),
            Err(AppError::Invalid(issues)) => errors = at_fields(AppError::Invalid(issues), &numbers),
            Err(error) => return Err(error.into()),
        }
    }
    let details = app.order(&ctx, id).await?;
    let mut context = show::Show::of(&ctx, &app, &details).await?;
    context.ship_form = form.shown(&errors, page.language);
    views.page_with(StatusCode::UNPROCESSABLE_ENTITY, &page, "orders/show.html", &context)
}

/// The quantities of the fields `ship-<line>`; an empty one or 0 ships nothing of its line.
fn shipping_lines(form: &Form) -> (Vec<ShippingLine>, Vec<FieldError>) {
    let mut check = form.check();
    let mut lines = Vec::new();
    for (name, value) in form.pairs() {
        let Some(number) = name.strip_prefix("ship-").and_then(|number| number.parse().ok()) else {
            continue;
        };
        if value.trim().is_empty() {
            continue;
        }
        if let Some(quantity) = check.integer(name, 0..=1_000_000).filter(|quantity| *quantity > 0) {
            lines.push(ShippingLine { number, quantity });
        }
    }
    (lines, check.finish().err().unwrap_or_default())
}

/// `/lines/0/quantity` is the field of the first line that was sent.
fn at_fields(error: AppError, numbers: &[i64]) -> Vec<FieldError> {
    let PageError::Invalid(mut errors) = to_page_error(error) else { return Vec::new() };
    for error in &mut errors {
        let at = error.pointer.split('/').nth(2).and_then(|at| at.parse::<usize>().ok());
        if let Some(number) = at.and_then(|at| numbers.get(at)) {
            error.pointer = format!("ship-{number}");
        }
    }
    errors
}

async fn reorder(ctx: SignedIn, State(app): State<App>, Path(id): Path<OrderId>, _form: Form) -> PageResult {
    let details = app.order(&ctx, id).await?;
    let mut typed = app.typed_cart(&ctx).await?;
    typed.extend(
        details.lines.iter().map(|line| Typed { sku: line.sku.clone(), quantity: line.quantity.to_string() }),
    );
    app.save_cart(&ctx, &cart::merged(typed)).await?;
    let response: Response = tell_at("/cart", "good", "added-to-cart");
    Ok(response)
}

/// Whether the reader may open plugin decisions.
pub(super) fn may_open_decisions(ctx: &SignedIn) -> bool {
    reach(ctx.role, Action::PluginsRead).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_and_disarmed() {
        for (text, cell) in
            [("a", "a"), ("a,\"b\"", "\"a,\"\"b\"\"\""), ("=1+1", "'=1+1"), ("-5.00", "-5.00"), ("-x", "'-x")]
        {
            assert_eq!(csv_cell(text), cell);
        }
    }

    #[test]
    fn a_shipping_form_is_read_line_by_line() {
        let form =
            Form::of([("ship-1", "２"), ("ship-2", ""), ("ship-3", "0"), ("ship-4", "x"), ("other", "1")]);
        let (lines, errors) = shipping_lines(&form);
        assert_eq!(lines, [ShippingLine { number: 1, quantity: 2 }]);
        assert_eq!(errors.iter().map(|error| error.pointer.as_str()).collect::<Vec<_>>(), ["ship-4"]);
    }
}
