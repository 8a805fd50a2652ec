//! Orders of the past, written many at a time: each arrives whole, as placed and shipped.

use crate::bulk::{Bulk, Column};
use crate::facts::{self, NewFact};
use crate::ledger::{self, Entry};
use crate::orders::{NewLine, Order};
use crate::{Result, Tx};
use chrono::NaiveDate;
use qudao_domain::ids::{CompanyId, ShipmentId};
use qudao_domain::incentive::FactKind;
use qudao_domain::ledger::{AccountCode, EntryKind, Posting, transfer};
use qudao_domain::money::Currency;
use qudao_domain::orders::OrderStatus;
use qudao_domain::time::Instant;

/// An order of the past: all of it was shipped on one day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastOrder {
    /// The order; its status must be shipped, its revision [`REVISION`].
    pub order: Order,
    /// Its lines.
    pub lines: Vec<NewLine>,
    /// The day on which it left the warehouse.
    pub shipped_on: NaiveDate,
    /// That day as a moment.
    pub shipped_at: Instant,
    /// When it was paid, if it was.
    pub paid_on: Option<NaiveDate>,
}

/// The revision of an order that was placed and shipped: it took two steps.
pub const REVISION: i64 = 2;

/// Which of these order numbers are taken.
///
/// # Errors
/// As any query.
pub async fn taken(tx: &mut Tx, company: CompanyId, numbers: &[&str]) -> Result<Vec<String>> {
    let numbers = serde_json::Value::from(numbers).to_string();
    let found: Vec<(String,)> = all!(
        tx,
        (String,),
        { sqlite: "SELECT number FROM orders WHERE company_id = $1 AND number IN (SELECT value FROM json_each($2))",
          postgres: "SELECT number FROM orders WHERE company_id = $1
              AND number = ANY (ARRAY(SELECT jsonb_array_elements_text(CAST($2 AS jsonb))))" },
        company,
        &numbers
    )?;
    Ok(found.into_iter().map(|(number,)| number).collect())
}

/// Writes orders of the past with their lines, steps, shipments, facts and ledger entries. Stock is left alone.
///
/// # Errors
/// [`crate::StoreError::Conflict`] when a number is taken.
pub async fn insert(
    tx: &mut Tx,
    company: CompanyId,
    now: Instant,
    currency: Currency,
    orders: &[PastOrder],
) -> Result<()> {
    insert_heads(tx, company, orders).await?;
    insert_lines(tx, company, orders).await?;
    insert_steps(tx, company, orders).await?;
    let new: Vec<NewFact> = orders.iter().flat_map(facts_of).collect();
    let first_fact = facts::append(tx, company, now, &new).await?;
    let shipments: Vec<ShipmentId> = orders.iter().map(|order| ShipmentId::at(order.shipped_at)).collect();
    insert_shipments(tx, company, orders, &shipments, now).await?;
    insert_shipment_lines(tx, company, orders, &shipments, first_fact).await?;
    post(tx, company, now, currency, orders, &shipments, first_fact).await
}

async fn insert_heads(tx: &mut Tx, company: CompanyId, orders: &[PastOrder]) -> Result<()> {
    let all = || orders.iter().map(|past| &past.order);
    Bulk::into("orders")
        .column("id", Column::ids(all().map(|order| order.id.0)))
        .column("number", Column::texts(all().map(|order| &order.number)))
        .column("dealer_id", Column::ids(all().map(|order| order.dealer_id.0)))
        .column("placed_by", Column::ids(all().map(|order| order.placed_by.0)))
        .column("status", Column::texts(all().map(|order| order.status)))
        .column("revision", Column::numbers(all().map(|order| order.revision)))
        .column("currency", Column::texts(all().map(|order| &order.currency)))
        .column("subtotal_minor", Column::numbers(all().map(|order| order.subtotal_minor)))
        .column("adjustments_minor", Column::numbers(all().map(|order| order.adjustments_minor)))
        .column("total_minor", Column::numbers(all().map(|order| order.total_minor)))
        .column("lines", Column::numbers(all().map(|order| order.lines)))
        .column("reference", Column::texts(all().map(|order| &order.reference)))
        .column("customer", Column::texts(all().map(|order| &order.customer)))
        .column("ordered_on", Column::days(all().map(|order| order.ordered_on)))
        .column("placed_at", Column::Moments(all().map(|order| order.placed_at).collect()))
        .insert(tx, company)
        .await?;
    Ok(())
}

fn lines(orders: &[PastOrder]) -> impl Iterator<Item = (&PastOrder, &NewLine)> + Clone {
    orders.iter().flat_map(|past| past.lines.iter().map(move |line| (past, line)))
}

async fn insert_lines(tx: &mut Tx, company: CompanyId, orders: &[PastOrder]) -> Result<()> {
    let all = || lines(orders);
    Bulk::into("order_lines")
        .column("order_id", Column::ids(all().map(|(past, _)| past.order.id.0)))
        .column("number", Column::numbers(all().map(|(_, line)| line.number)))
        .column("product_id", Column::ids(all().map(|(_, line)| line.product_id.0)))
        .column("warehouse_id", Column::ids(all().map(|(_, line)| line.warehouse_id.0)))
        .column("quantity", Column::numbers(all().map(|(_, line)| line.quantity)))
        .column("shipped", Column::numbers(all().map(|(_, line)| line.quantity)))
        .column("base_price", Column::texts(all().map(|(_, line)| line.base_price.0)))
        .column("unit_price", Column::texts(all().map(|(_, line)| line.unit_price.0)))
        .column("amount_minor", Column::numbers(all().map(|(_, line)| line.amount_minor)))
        .insert(tx, company)
        .await?;
    Ok(())
}

async fn insert_steps(tx: &mut Tx, company: CompanyId, orders: &[PastOrder]) -> Result<()> {
    let of = |past: &'_ PastOrder| {
        let (order, by) = (past.order.id.0, past.order.placed_by.0);
        [
            (order, 1, OrderStatus::Placed, past.order.placed_at, by),
            (order, REVISION, OrderStatus::Shipped, past.shipped_at, by),
        ]
    };
    let all = || orders.iter().flat_map(of);
    Bulk::into("order_events")
        .column("order_id", Column::ids(all().map(|step| step.0)))
        .column("revision", Column::numbers(all().map(|step| step.1)))
        .column("status", Column::texts(all().map(|step| step.2)))
        .column("at", Column::Moments(all().map(|step| step.3).collect()))
        .column("user_id", Column::ids(all().map(|step| step.4)))
        .column("note", Column::texts(all().map(|_| "")))
        .insert(tx, company)
        .await?;
    Ok(())
}

fn facts_of(past: &PastOrder) -> impl Iterator<Item = NewFact> + '_ {
    past.lines.iter().map(|line| NewFact {
        kind: FactKind::Shipped,
        dealer: past.order.dealer_id,
        product: line.product_id,
        effective_on: past.shipped_on,
        paid_on: past.paid_on,
        quantity: line.quantity,
        amount_minor: line.amount_minor,
        currency: past.order.currency.clone(),
        customer: past.order.customer.clone(),
        order: past.order.id,
        line: line.number,
        reverses: None,
    })
}

async fn insert_shipments(
    tx: &mut Tx,
    company: CompanyId,
    orders: &[PastOrder],
    shipments: &[ShipmentId],
    now: Instant,
) -> Result<()> {
    let all = || orders.iter().filter_map(|past| Some((past, past.lines.first()?)));
    Bulk::into("shipments")
        .column("id", Column::ids(shipments.iter().map(|id| id.0)))
        .column("order_id", Column::ids(all().map(|(past, _)| past.order.id.0)))
        .column("warehouse_id", Column::ids(all().map(|(_, line)| line.warehouse_id.0)))
        .column("shipped_on", Column::days(all().map(|(past, _)| past.shipped_on)))
        .column("tracking", Column::texts(all().map(|_| "")))
        .column("recorded_at", Column::Moments(all().map(|_| now).collect()))
        .column("recorded_by", Column::ids(all().map(|(past, _)| past.order.placed_by.0)))
        .insert(tx, company)
        .await?;
    Ok(())
}

async fn insert_shipment_lines(
    tx: &mut Tx,
    company: CompanyId,
    orders: &[PastOrder],
    shipments: &[ShipmentId],
    first_fact: i64,
) -> Result<()> {
    let all = || {
        orders
            .iter()
            .zip(shipments)
            .flat_map(|(past, id)| past.lines.iter().map(move |line| (past, id, line)))
    };
    Bulk::into("shipment_lines")
        .column("shipment_id", Column::ids(all().map(|(_, id, _)| id.0)))
        .column("order_id", Column::ids(all().map(|(past, _, _)| past.order.id.0)))
        .column("line_number", Column::numbers(all().map(|(_, _, line)| line.number)))
        .column("quantity", Column::numbers(all().map(|(_, _, line)| line.quantity)))
        .column("amount_minor", Column::numbers(all().map(|(_, _, line)| line.amount_minor)))
        .column("fact_seq", Column::numbers((first_fact..).zip(all()).map(|(seq, _)| seq)))
        .insert(tx, company)
        .await?;
    Ok(())
}

/// The entries that placing, shipping and paying would have posted: ordered and backlog, then that back again and
/// unbilled against revenue by line, then what was paid.
async fn post(
    tx: &mut Tx,
    company: CompanyId,
    now: Instant,
    currency: Currency,
    orders: &[PastOrder],
    shipments: &[ShipmentId],
    first_fact: i64,
) -> Result<()> {
    use AccountCode::{OpenOrders, OrderBacklog, Received, Revenue, Unbilled};
    let mut sides: Vec<[Vec<Posting>; 3]> = Vec::with_capacity(orders.len());
    let mut seq = first_fact;
    for past in orders {
        let (dealer, total) = (past.order.dealer_id, past.order.total_minor);
        let move_all = |debit, credit| transfer(dealer, debit, credit, total, currency, None).to_vec();
        let mut shipped = move_all(OrderBacklog, OpenOrders);
        for line in &past.lines {
            shipped.extend(transfer(dealer, Unbilled, Revenue, line.amount_minor, currency, Some(seq)));
            seq += 1;
        }
        sides.push([move_all(OpenOrders, OrderBacklog), shipped, move_all(Received, Unbilled)]);
    }
    let mut entries = Vec::with_capacity(orders.len() * 3);
    for ((past, id), [placed, shipped, paid]) in orders.iter().zip(shipments).zip(&sides) {
        let entry = |kind, document, effective_on, postings| Entry {
            kind,
            document,
            effective_on,
            postings,
            codes: &[],
            source: None,
        };
        entries.push(entry(
            EntryKind::OrderPlaced,
            past.order.id.0,
            past.order.ordered_on,
            placed.as_slice(),
        ));
        entries.push(entry(EntryKind::Shipment, id.0, past.shipped_on, shipped.as_slice()));
        if let Some(day) = past.paid_on {
            entries.push(entry(EntryKind::Payment, past.order.id.0, day, paid.as_slice()));
        }
    }
    ledger::post_many(tx, company, now, &entries).await
}
