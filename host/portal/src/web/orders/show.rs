//! One order as its page shows it.

use qudao_app::{App, Explained, OrderDetails, Result};
use qudao_domain::contract::{Message, Note};
use qudao_domain::ids::OrderId;
use qudao_domain::orders::{OrderStatus, OrderStep};
use qudao_domain::permissions::Action;
use qudao_store::orders::{Line, Shipment, ShipmentLine};
use serde::Serialize;

use super::{DealerView, may_open_decisions};
use crate::sessions::SignedIn;
use crate::web::cart::AdjustmentView;
use crate::web::forms::FormView;
use crate::web::priced::{PriceView, RuleView};

/// The context of `orders/show.html`.
#[derive(Serialize)]
pub struct Show {
    order: OrderView,
    rule: Option<RuleView>,
    approvals: Vec<Note>,
    history: Vec<HistoryView>,
    shipments: Vec<ShipmentView>,
    can: Can,
    is_company: bool,
    messages: Vec<Message>,
    revision: i64,
    /// What was typed of a shipment and is wrong.
    pub ship_form: FormView,
    cancel_form: FormView,
    cancel: CancelView,
}

#[derive(Serialize)]
struct OrderView {
    id: OrderId,
    number: String,
    status: &'static str,
    currency: String,
    dealer: DealerView,
    placed_at: String,
    placed_by: String,
    reference: Option<String>,
    lines: Vec<LineView>,
    subtotal_minor: i64,
    adjustments: Vec<AdjustmentView>,
    total_minor: i64,
}

#[derive(Serialize)]
struct LineView {
    number: i64,
    sku: String,
    name: String,
    quantity: i64,
    shipped: i64,
    price: PriceView,
    line_minor: i64,
}

#[derive(Serialize)]
struct HistoryView {
    status: &'static str,
    at: String,
    by: String,
    note: Option<String>,
}

#[derive(Serialize)]
struct ShipmentView {
    number: String,
    at: String,
    warehouse: String,
    tracking: String,
    pieces: i64,
    total_minor: i64,
    lines: Vec<ShippedView>,
}

#[derive(Serialize)]
struct ShippedView {
    name: String,
    quantity: i64,
}

#[derive(Serialize)]
struct Can {
    confirm: bool,
    ship: bool,
    cancel: bool,
    reorder: bool,
}

#[derive(Serialize)]
struct CancelView {
    pieces: i64,
    credit_minor: i64,
}

impl Show {
    /// Everything the page needs.
    pub async fn of(ctx: &SignedIn, app: &App, details: &OrderDetails) -> Result<Self> {
        let order = &details.order;
        let explained = details.explained.as_ref();
        let warehouses = app.warehouses(ctx).await?;
        let name_of = |shipment: &Shipment| {
            let found = warehouses.iter().find(|(id, _, _)| *id == shipment.warehouse_id);
            found.map(|(_, _, name)| name.clone()).unwrap_or_default()
        };
        let shipments = details.shipments.iter().zip(1..);
        let decision = |explained: &Explained| Some(explained.decision.to_string());
        Ok(Self {
            order: order_view(details),
            rule: explained.map(|one| RuleView::of(&one.rule, decision(one), may_open_decisions(ctx))),
            approvals: explained.map(|one| one.quote.approvals.clone()).unwrap_or_default(),
            history: history(details),
            shipments: shipments
                .map(|((shipment, lines), count)| {
                    shipment_view(details, shipment, lines, count, name_of(shipment))
                })
                .collect(),
            can: can(ctx, order.status),
            is_company: !ctx.role.is_dealer(),
            messages: explained.map(|one| one.messages.clone()).unwrap_or_default(),
            revision: order.revision,
            ship_form: FormView::default(),
            cancel_form: FormView::default(),
            cancel: CancelView {
                pieces: details.lines.iter().map(|line| line.quantity).sum(),
                credit_minor: order.total_minor,
            },
        })
    }
}

fn order_view(details: &OrderDetails) -> OrderView {
    let order = &details.order;
    let quote = details.explained.as_ref().map(|explained| &explained.quote);
    let line = |(at, line): (usize, &Line)| {
        let priced = quote.and_then(|quote| quote.lines.get(at));
        let price = match priced {
            Some(priced) => PriceView::of(line.base_price.0, priced),
            None => PriceView::plain(line.base_price.0, line.unit_price.0),
        };
        LineView {
            number: line.number,
            sku: line.sku.clone(),
            name: line.name.clone(),
            quantity: line.quantity,
            shipped: line.shipped,
            price,
            line_minor: line.amount_minor,
        }
    };
    let adjustments = quote.map(|quote| quote.adjustments.as_slice()).unwrap_or_default();
    OrderView {
        id: order.id,
        number: order.number.clone(),
        status: order.status.as_str(),
        currency: order.currency.clone(),
        dealer: DealerView { code: details.dealer.code.clone(), name: details.dealer.name.clone() },
        placed_at: order.placed_at.to_string(),
        placed_by: details.steps.first().map(|(_, name)| name.clone()).unwrap_or_default(),
        reference: Some(order.reference.clone()).filter(|reference| !reference.is_empty()),
        lines: details.lines.iter().enumerate().map(line).collect(),
        subtotal_minor: order.subtotal_minor,
        adjustments: adjustments
            .iter()
            .map(|one| AdjustmentView { amount_minor: one.amount.minor, reason: one.reason.clone() })
            .collect(),
        total_minor: order.total_minor,
    }
}

/// Newest first.
fn history(details: &OrderDetails) -> Vec<HistoryView> {
    let steps = details.steps.iter().rev();
    let view = steps.map(|(step, name)| HistoryView {
        status: step.status.as_str(),
        at: step.at.to_string(),
        by: name.clone(),
        note: Some(step.note.clone()).filter(|note| !note.is_empty()),
    });
    view.collect()
}

fn shipment_view(
    details: &OrderDetails,
    shipment: &Shipment,
    lines: &[ShipmentLine],
    count: usize,
    warehouse: String,
) -> ShipmentView {
    let name =
        |number: i64| details.lines.iter().find(|line| line.number == number).map(|line| line.name.clone());
    ShipmentView {
        number: format!("{}/{count}", details.order.number),
        at: shipment.recorded_at.to_string(),
        warehouse,
        tracking: shipment.tracking.clone(),
        pieces: lines.iter().map(|line| line.quantity).sum(),
        total_minor: lines.iter().map(|line| line.amount_minor).sum(),
        lines: lines
            .iter()
            .map(|line| ShippedView {
                name: name(line.line_number).unwrap_or_default(),
                quantity: line.quantity,
            })
            .collect(),
    }
}

fn can(ctx: &SignedIn, status: OrderStatus) -> Can {
    let may = |action, step| ctx.reach(action).is_ok() && status.after(step).is_ok();
    Can {
        confirm: may(Action::OrdersFulfil, OrderStep::Confirm),
        ship: may(Action::OrdersFulfil, OrderStep::Ship { all: true }),
        cancel: may(Action::OrdersCancel, OrderStep::Cancel),
        reorder: ctx.role.is_dealer() && ctx.reach(Action::OrdersPlace).is_ok(),
    }
}
