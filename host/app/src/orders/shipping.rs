//! Goods leave: stock goes down, facts are recorded, and what was on order becomes what is owed.

use super::{currency_of, move_stock, post, reachable, step, tell};
use crate::errors::{AppError, Issue, Result};
use crate::{App, Context};
use chrono::NaiveDate;
use qudao_domain::ids::{OrderId, ShipmentId, WarehouseId};
use qudao_domain::incentive::FactKind;
use qudao_domain::ledger::{AccountCode, EntryKind, Posting, transfer};
use qudao_domain::money::allocate;
use qudao_domain::orders::{OrderStep, part_of_line};
use qudao_domain::permissions::Action;
use qudao_domain::time::Instant;
use qudao_store::facts::{self, NewFact};
use qudao_store::orders::{self, Line, Order, Shipment, ShipmentLine};
use qudao_store::stock::Change;
use qudao_store::{Tx, companies};
use std::collections::BTreeMap;

/// Pieces of one line that leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShippingLine {
    /// The order's line.
    pub number: i64,
    /// Pieces, at least 1.
    pub quantity: i64,
}

/// What leaves together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shipping {
    /// Lines with their pieces; empty for everything that remains.
    pub lines: Vec<ShippingLine>,
    /// The carrier's number, or empty.
    pub tracking: String,
    /// The day on which it left; today where it is none. Not in the future.
    pub on: Option<NaiveDate>,
    /// The order's revision that the reader saw.
    pub revision: Option<i64>,
}

/// A line with what of it leaves now: pieces and their part of its net amount, in minor units.
struct Part<'a> {
    line: &'a Line,
    quantity: i64,
    net_minor: i64,
}

impl App {
    /// Ships an order, wholly or in parts. Each warehouse's pieces become a shipment of their own.
    ///
    /// # Errors
    /// [`AppError::NotFound`]; [`AppError::Invalid`] for lines or pieces that are not there to be shipped;
    /// [`AppError::Conflict`] `changed-meanwhile` or `order-step`.
    pub async fn ship_order(&self, ctx: &Context, id: OrderId, shipping: &Shipping) -> Result<Order> {
        let now = self.clock().now();
        let day = shipping.on.unwrap_or_else(|| ctx.day(now));
        check(ctx, shipping, day, now)?;
        let mut tx = self.db().write(ctx.company).await?;
        let order = reachable(&mut tx, ctx, id, Action::OrdersFulfil).await?;
        let lines = orders::lines(&mut tx, ctx.company, id).await?;
        let parts = parts(&order, &lines, &shipping.lines)?;
        let leaving: i64 = parts.iter().map(|part| part.quantity).sum();
        let remaining: i64 = lines.iter().map(|line| line.quantity - line.shipped).sum();
        let all = leaving == remaining;
        let order =
            step(&mut tx, ctx, now, order, OrderStep::Ship { all }, shipping.revision, &shipping.tracking)
                .await?;
        let leave = |part: &Part<'_>| Change { on_hand: -part.quantity, reserved: -part.quantity };
        let moves = parts.iter().map(|part| (part.line.warehouse_id, part.line.product_id, leave(part)));
        move_stock(&mut tx, ctx, moves).await?;
        let first_seq = facts::append(&mut tx, ctx.company, now, &facts_of(&order, &parts, day)).await?;
        record_shipments(&mut tx, ctx, now, &order, &parts, first_seq, day, &shipping.tracking).await?;
        let postings = postings(&order, &parts, first_seq)?;
        post(&mut tx, ctx, now, EntryKind::Shipment, id.0, day, &postings).await?;
        tell(&mut tx, ctx, now, &order, "order.shipped").await?;
        tx.commit().await?;
        Ok(order)
    }

    /// Sequence of the last fact of the reader's company.
    ///
    /// # Errors
    /// As any query.
    pub async fn watermark(&self, ctx: &Context) -> Result<i64> {
        let mut tx = self.db().read(ctx.company).await?;
        Ok(companies::counted(&mut tx, ctx.company, facts::COUNTER).await?)
    }
}

fn check(ctx: &Context, shipping: &Shipping, day: NaiveDate, now: Instant) -> Result<()> {
    if day > ctx.day(now) {
        return Err(AppError::invalid(Issue::new("/on", "future", "a shipment cannot leave in the future")));
    }
    if shipping.tracking.chars().count() > 100 {
        let issue = Issue::new("/tracking", "max-length", "use at most 100 characters").with("limit", 100);
        return Err(AppError::invalid(issue));
    }
    Ok(())
}

/// What leaves of each line; nothing asked for means all that remains. The order's own adjustments are shared over
/// its lines in proportion to their amounts, so that the parts of all shipments add up to the order's total.
fn parts<'a>(order: &Order, lines: &'a [Line], asked: &[ShippingLine]) -> Result<Vec<Part<'a>>> {
    let weights: Vec<u64> = lines.iter().map(|line| line.amount_minor.unsigned_abs()).collect();
    let shares = allocate(order.adjustments_minor, &weights);
    let mut wanted: BTreeMap<i64, i64> = BTreeMap::new();
    let mut issues = Vec::new();
    for (at, line) in asked.iter().enumerate() {
        let found = lines.iter().find(|known| known.number == line.number);
        let left = found.map_or(0, |found| found.quantity - found.shipped);
        let sum = wanted.entry(line.number).or_default();
        *sum = sum.saturating_add(line.quantity);
        if found.is_none() {
            issues.push(Issue::new(
                format!("/lines/{at}/number"),
                "unknown-line",
                "the order has no such line",
            ));
        } else if line.quantity < 1 || *sum > left {
            let message = format!("{left} pieces of this line remain to be shipped");
            issues
                .push(Issue::new(format!("/lines/{at}/quantity"), "remaining", message).with("limit", left));
        }
    }
    if !issues.is_empty() {
        return Err(AppError::Invalid(issues));
    }
    let leaving = |line: &Line| {
        if asked.is_empty() {
            line.quantity - line.shipped
        } else {
            wanted.get(&line.number).copied().unwrap_or(0)
        }
    };
    let parts = lines.iter().zip(shares).filter(|(line, _)| leaving(line) > 0).map(|(line, share)| {
        let quantity = leaving(line);
        let net_minor = part_of_line(line.amount_minor + share, line.quantity, line.shipped, quantity);
        Part { line, quantity, net_minor }
    });
    Ok(parts.collect())
}

fn facts_of(order: &Order, parts: &[Part<'_>], day: NaiveDate) -> Vec<NewFact> {
    let fact = |part: &Part<'_>| NewFact {
        kind: FactKind::Shipped,
        dealer: order.dealer_id,
        product: part.line.product_id,
        effective_on: day,
        paid_on: None,
        quantity: part.quantity,
        amount_minor: part.net_minor,
        currency: order.currency.clone(),
        customer: order.customer.clone(),
        order: order.id,
        line: part.line.number,
        reverses: None,
    };
    parts.iter().map(fact).collect()
}

#[expect(clippy::too_many_arguments, reason = "one shipment's whole record; a struct would only rename them")]
async fn record_shipments(
    tx: &mut Tx,
    ctx: &Context,
    now: Instant,
    order: &Order,
    parts: &[Part<'_>],
    first_seq: i64,
    day: NaiveDate,
    tracking: &str,
) -> Result<()> {
    let mut by_warehouse: BTreeMap<WarehouseId, Vec<ShipmentLine>> = BTreeMap::new();
    for (part, fact_seq) in parts.iter().zip(first_seq..) {
        by_warehouse.entry(part.line.warehouse_id).or_default().push(ShipmentLine {
            line_number: part.line.number,
            quantity: part.quantity,
            amount_minor: part.net_minor,
            fact_seq,
        });
    }
    for (warehouse_id, lines) in by_warehouse {
        let shipment = Shipment {
            id: ShipmentId::at(now),
            order_id: order.id,
            warehouse_id,
            shipped_on: day,
            tracking: tracking.trim().to_owned(),
            recorded_at: now,
            recorded_by: ctx.user,
        };
        orders::insert_shipment(tx, ctx.company, &shipment, &lines).await?;
    }
    Ok(())
}

/// What was on order is no longer; it is owed, line by line, and earned.
fn postings(order: &Order, parts: &[Part<'_>], first_seq: i64) -> Result<Vec<Posting>> {
    use AccountCode::{OpenOrders, OrderBacklog, Revenue, Unbilled};
    let currency = currency_of(order)?;
    let mut postings = Vec::with_capacity(parts.len() * 4);
    for (part, seq) in parts.iter().zip(first_seq..) {
        let (dealer, amount) = (order.dealer_id, part.net_minor);
        postings.extend(transfer(dealer, OrderBacklog, OpenOrders, amount, currency, Some(seq)));
        postings.extend(transfer(dealer, Unbilled, Revenue, amount, currency, Some(seq)));
    }
    Ok(postings)
}
