//! Orders, their lines, steps and shipments.

use crate::bulk::{Bulk, Column};
use crate::{Result, Tx};
use chrono::NaiveDate;
use qudao_domain::decimal::Exact;
use qudao_domain::ids::{
    CompanyId, DealerId, DecisionId, OrderId, ProductId, ShipmentId, UserId, WarehouseId,
};
use qudao_domain::orders::OrderStatus;
use qudao_domain::time::Instant;
use uuid::Uuid;

/// An order's head.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Order {
    /// Its id.
    pub id: OrderId,
    /// What people call it; unique within the company.
    pub number: String,
    /// Who buys.
    pub dealer_id: DealerId,
    /// Who placed it.
    pub placed_by: UserId,
    /// Where it stands.
    pub status: OrderStatus,
    /// Counts its steps from 1; a step names the revision that it was decided on.
    pub revision: i64,
    /// ISO 4217.
    pub currency: String,
    /// Sum of the lines, in minor units.
    pub subtotal_minor: i64,
    /// Sum of the changes to the order.
    pub adjustments_minor: i64,
    /// What the dealer owes.
    pub total_minor: i64,
    /// How many lines it has.
    pub lines: i64,
    /// The dealer's own reference, or empty.
    pub reference: String,
    /// The end customer, or empty.
    pub customer: String,
    /// The day, in the company's zone.
    pub ordered_on: NaiveDate,
    /// The moment.
    pub placed_at: Instant,
    /// How its prices came about; none for imported history.
    pub decision_id: Option<DecisionId>,
}

/// A line to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewLine {
    /// Its number, from 1.
    pub number: i64,
    /// What is bought.
    pub product_id: ProductId,
    /// From where.
    pub warehouse_id: WarehouseId,
    /// Pieces.
    pub quantity: i64,
    /// List price of one piece.
    pub base_price: Exact,
    /// The dealer's price of one piece.
    pub unit_price: Exact,
    /// Rounded amount of the line, in minor units.
    pub amount_minor: i64,
}

/// A line with its product.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Line {
    /// Its number, from 1.
    pub number: i64,
    /// What is bought.
    pub product_id: ProductId,
    /// The product's code.
    pub sku: String,
    /// The product's name.
    pub name: String,
    /// From where.
    pub warehouse_id: WarehouseId,
    /// Pieces.
    pub quantity: i64,
    /// Pieces that left.
    pub shipped: i64,
    /// List price of one piece.
    pub base_price: Exact,
    /// The dealer's price of one piece.
    pub unit_price: Exact,
    /// Rounded amount of the line, in minor units.
    pub amount_minor: i64,
}

/// Stores an order with its lines and first step.
///
/// # Errors
/// [`crate::StoreError::Conflict`] when the number is taken.
pub async fn insert(tx: &mut Tx, company: CompanyId, order: &Order, lines: &[NewLine]) -> Result<()> {
    execute!(
        tx,
        "INSERT INTO orders (company_id, id, number, dealer_id, placed_by, status, revision, currency,
             subtotal_minor, adjustments_minor, total_minor, lines, reference, customer, ordered_on, placed_at,
             decision_id)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)",
        company,
        order.id,
        &order.number,
        order.dealer_id,
        order.placed_by,
        order.status,
        order.revision,
        &order.currency,
        order.subtotal_minor,
        order.adjustments_minor,
        order.total_minor,
        order.lines,
        &order.reference,
        &order.customer,
        order.ordered_on,
        order.placed_at,
        order.decision_id
    )?;
    insert_lines(tx, company, order.id, lines).await?;
    let (status, at, by) = (order.status, order.placed_at, order.placed_by);
    record_step(
        tx,
        company,
        order.id,
        &Step { revision: order.revision, status, at, user_id: by, note: String::new() },
    )
    .await
}

async fn insert_lines(tx: &mut Tx, company: CompanyId, order: OrderId, lines: &[NewLine]) -> Result<()> {
    Bulk::into("order_lines")
        .column("order_id", Column::ids(lines.iter().map(|_| order.0)))
        .column("number", Column::numbers(lines.iter().map(|line| line.number)))
        .column("product_id", Column::ids(lines.iter().map(|line| line.product_id.0)))
        .column("warehouse_id", Column::ids(lines.iter().map(|line| line.warehouse_id.0)))
        .column("quantity", Column::numbers(lines.iter().map(|line| line.quantity)))
        .column("shipped", Column::numbers(lines.iter().map(|_| 0)))
        .column("base_price", Column::texts(lines.iter().map(|line| line.base_price.0)))
        .column("unit_price", Column::texts(lines.iter().map(|line| line.unit_price.0)))
        .column("amount_minor", Column::numbers(lines.iter().map(|line| line.amount_minor)))
        .insert(tx, company)
        .await?;
    Ok(())
}

/// A step that an order took.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Step {
    /// The order's revision after it.
    pub revision: i64,
    /// Where the order stood after it.
    pub status: OrderStatus,
    /// When.
    pub at: Instant,
    /// By whom.
    pub user_id: UserId,
    /// Why, or empty.
    pub note: String,
}

async fn record_step(tx: &mut Tx, company: CompanyId, order: OrderId, step: &Step) -> Result<()> {
    execute!(
        tx,
        "INSERT INTO order_events (company_id, order_id, revision, status, at, user_id, note)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        company,
        order,
        step.revision,
        step.status,
        step.at,
        step.user_id,
        &step.note
    )?;
    Ok(())
}

/// Takes a step from the revision before it; says whether the order still stood there.
///
/// # Errors
/// As any query.
pub async fn take_step(tx: &mut Tx, company: CompanyId, order: OrderId, step: &Step) -> Result<bool> {
    let done = execute!(
        tx,
        "UPDATE orders SET status = $4, revision = $3 WHERE company_id = $1 AND id = $2 AND revision = $3 - 1",
        company,
        order,
        step.revision,
        step.status
    )?;
    if done == 1 {
        record_step(tx, company, order, step).await?;
    }
    Ok(done == 1)
}

/// An order's steps, oldest first.
///
/// # Errors
/// As any query.
pub async fn steps(tx: &mut Tx, company: CompanyId, order: OrderId) -> Result<Vec<(Step, String)>> {
    #[derive(sqlx::FromRow)]
    struct Row {
        #[sqlx(flatten)]
        step: Step,
        name: String,
    }
    let rows = all!(
        tx,
        Row,
        "SELECT e.revision, e.status, e.at, e.user_id, e.note, u.name FROM order_events e
         JOIN users u ON u.company_id = e.company_id AND u.id = e.user_id
         WHERE e.company_id = $1 AND e.order_id = $2 ORDER BY e.revision",
        company,
        order
    )?;
    Ok(rows.into_iter().map(|row| (row.step, row.name)).collect())
}

/// The order with an id, if its dealer is within the branch (see [`List`]).
///
/// # Errors
/// As any query.
pub async fn find(
    tx: &mut Tx,
    company: CompanyId,
    id: OrderId,
    ancestor: Option<DealerId>,
    depth: i64,
) -> Result<Option<Order>> {
    optional!(
        tx,
        Order,
        "SELECT id, number, dealer_id, placed_by, status, revision, currency, subtotal_minor, adjustments_minor,
             total_minor, lines, reference, customer, ordered_on, placed_at, decision_id
         FROM orders o WHERE company_id = $1 AND id = $2
           AND ($3 IS NULL OR EXISTS (SELECT 1 FROM dealer_branches b WHERE b.company_id = o.company_id
                AND b.ancestor_id = $3 AND b.dealer_id = o.dealer_id AND b.depth <= $4))",
        company,
        id,
        ancestor,
        depth
    )
}

/// An order's lines by number.
///
/// # Errors
/// As any query.
pub async fn lines(tx: &mut Tx, company: CompanyId, order: OrderId) -> Result<Vec<Line>> {
    all!(
        tx,
        Line,
        "SELECT l.number, l.product_id, p.sku, p.name, l.warehouse_id, l.quantity, l.shipped, l.base_price,
             l.unit_price, l.amount_minor
         FROM order_lines l JOIN products p ON p.company_id = l.company_id AND p.id = l.product_id
         WHERE l.company_id = $1 AND l.order_id = $2 ORDER BY l.number",
        company,
        order
    )
}

/// Pieces on all of an order's lines.
///
/// # Errors
/// As any query.
pub async fn pieces(tx: &mut Tx, company: CompanyId, order: OrderId) -> Result<i64> {
    let (sum,) = one!(
        tx,
        (i64,),
        "SELECT CAST(COALESCE(SUM(quantity), 0) AS BIGINT) FROM order_lines WHERE company_id = $1 AND order_id = $2",
        company,
        order
    )?;
    Ok(sum)
}

/// Which orders to list. Empty filters let everything through.
#[derive(Debug, Clone, Copy, Default)]
pub struct List<'a> {
    /// Only dealers of this one's branch …
    pub ancestor: Option<DealerId>,
    /// … down to this depth.
    pub depth: i64,
    /// Only in this state.
    pub status: Option<OrderStatus>,
    /// Only of this dealer.
    pub dealer: Option<DealerId>,
    /// Only numbers, references, customers and dealers' names that contain this.
    pub search: &'a str,
    /// Only placed from this day on.
    pub from: Option<NaiveDate>,
    /// Only placed up to this day.
    pub to: Option<NaiveDate>,
    /// Only those older than this one (keyset paging, newest first).
    pub before: Option<OrderId>,
    /// At most so many.
    pub limit: i64,
}

/// An order in a list.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Listed {
    /// The order.
    #[sqlx(flatten)]
    pub order: Order,
    /// Its dealer's name.
    pub dealer_name: String,
    /// Its dealer's code.
    pub dealer_code: String,
}

/// Orders, newest first.
///
/// # Errors
/// As any query.
pub async fn list(tx: &mut Tx, company: CompanyId, list: &List<'_>) -> Result<Vec<Listed>> {
    let pattern = if list.search.is_empty() { None } else { Some(contains(list.search)) };
    all!(
        tx,
        Listed,
        "SELECT o.id, o.number, o.dealer_id, o.placed_by, o.status, o.revision, o.currency, o.subtotal_minor,
             o.adjustments_minor, o.total_minor, o.lines, o.reference, o.customer, o.ordered_on, o.placed_at,
             o.decision_id, d.name AS dealer_name, d.code AS dealer_code
         FROM orders o JOIN dealers d ON d.company_id = o.company_id AND d.id = o.dealer_id
         WHERE o.company_id = $1
           AND ($2 IS NULL OR EXISTS (SELECT 1 FROM dealer_branches b WHERE b.company_id = o.company_id
                AND b.ancestor_id = $2 AND b.dealer_id = o.dealer_id AND b.depth <= $3))
           AND ($4 IS NULL OR o.status = $4)
           AND ($5 IS NULL OR o.dealer_id = $5)
           AND ($6 IS NULL OR lower(o.number) LIKE $6 ESCAPE '!' OR lower(o.reference) LIKE $6 ESCAPE '!'
                OR lower(o.customer) LIKE $6 ESCAPE '!' OR lower(d.name) LIKE $6 ESCAPE '!')
           AND ($7 IS NULL OR o.ordered_on >= $7) AND ($8 IS NULL OR o.ordered_on <= $8)
           AND ($9 IS NULL OR o.id < $9)
         ORDER BY o.id DESC LIMIT $10",
        company,
        list.ancestor,
        list.depth,
        list.status,
        list.dealer,
        pattern.as_deref(),
        list.from,
        list.to,
        list.before,
        list.limit
    )
}

/// How many orders stand in each state, by the same filters but the state's.
///
/// # Errors
/// As any query.
pub async fn count_by_status(
    tx: &mut Tx,
    company: CompanyId,
    list: &List<'_>,
) -> Result<Vec<(OrderStatus, i64)>> {
    let pattern = if list.search.is_empty() { None } else { Some(contains(list.search)) };
    all!(
        tx,
        (OrderStatus, i64),
        "SELECT o.status, COUNT(*) FROM orders o
         JOIN dealers d ON d.company_id = o.company_id AND d.id = o.dealer_id
         WHERE o.company_id = $1
           AND ($2 IS NULL OR EXISTS (SELECT 1 FROM dealer_branches b WHERE b.company_id = o.company_id
                AND b.ancestor_id = $2 AND b.dealer_id = o.dealer_id AND b.depth <= $3))
           AND ($4 IS NULL OR o.dealer_id = $4)
           AND ($5 IS NULL OR lower(o.number) LIKE $5 ESCAPE '!' OR lower(o.reference) LIKE $5 ESCAPE '!'
                OR lower(o.customer) LIKE $5 ESCAPE '!' OR lower(d.name) LIKE $5 ESCAPE '!')
           AND ($6 IS NULL OR o.ordered_on >= $6) AND ($7 IS NULL OR o.ordered_on <= $7)
         GROUP BY o.status",
        company,
        list.ancestor,
        list.depth,
        list.dealer,
        pattern.as_deref(),
        list.from,
        list.to
    )
}

/// A LIKE pattern (with `!` as its escape) for texts that contain `words`, in lower case.
#[must_use]
pub fn contains(words: &str) -> String {
    let mut pattern = String::from("%");
    for c in words.trim().to_lowercase().chars() {
        if matches!(c, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

/// A shipment's head.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Shipment {
    /// Its id.
    pub id: ShipmentId,
    /// The order.
    pub order_id: OrderId,
    /// From where.
    pub warehouse_id: WarehouseId,
    /// The day, in the company's zone.
    pub shipped_on: NaiveDate,
    /// The carrier's number, or empty.
    pub tracking: String,
    /// The moment it was recorded.
    pub recorded_at: Instant,
    /// By whom.
    pub recorded_by: UserId,
}

/// What a shipment holds of one line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::FromRow)]
pub struct ShipmentLine {
    /// The order's line.
    pub line_number: i64,
    /// Pieces.
    pub quantity: i64,
    /// What part of the line's amount they are, in minor units.
    pub amount_minor: i64,
    /// The fact that they became.
    pub fact_seq: i64,
}

/// Stores a shipment and counts its pieces to the order's lines. A line that holds fewer pieces than are shipped
/// breaks a check.
///
/// # Errors
/// [`crate::StoreError::Conflict`] when more is shipped than was ordered.
pub async fn insert_shipment(
    tx: &mut Tx,
    company: CompanyId,
    shipment: &Shipment,
    lines: &[ShipmentLine],
) -> Result<()> {
    execute!(
        tx,
        "INSERT INTO shipments (company_id, id, order_id, warehouse_id, shipped_on, tracking, recorded_at, recorded_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        company,
        shipment.id,
        shipment.order_id,
        shipment.warehouse_id,
        shipment.shipped_on,
        &shipment.tracking,
        shipment.recorded_at,
        shipment.recorded_by
    )?;
    for line in lines {
        execute!(
            tx,
            "INSERT INTO shipment_lines (company_id, shipment_id, order_id, line_number, quantity, amount_minor,
                                         fact_seq)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
            company,
            shipment.id,
            shipment.order_id,
            line.line_number,
            line.quantity,
            line.amount_minor,
            line.fact_seq
        )?;
        execute!(
            tx,
            "UPDATE order_lines SET shipped = shipped + $4 WHERE company_id = $1 AND order_id = $2 AND number = $3",
            company,
            shipment.order_id,
            line.line_number,
            line.quantity
        )?;
    }
    Ok(())
}

/// An order's shipments, oldest first, with their lines.
///
/// # Errors
/// As any query.
pub async fn shipments(
    tx: &mut Tx,
    company: CompanyId,
    order: OrderId,
) -> Result<Vec<(Shipment, Vec<ShipmentLine>)>> {
    let heads = all!(
        tx,
        Shipment,
        "SELECT id, order_id, warehouse_id, shipped_on, tracking, recorded_at, recorded_by
         FROM shipments WHERE company_id = $1 AND order_id = $2 ORDER BY id",
        company,
        order
    )?;
    let mut found = Vec::with_capacity(heads.len());
    for head in heads {
        let lines = all!(
            tx,
            ShipmentLine,
            "SELECT line_number, quantity, amount_minor, fact_seq
             FROM shipment_lines WHERE company_id = $1 AND shipment_id = $2 ORDER BY line_number",
            company,
            head.id
        )?;
        found.push((head, lines));
    }
    Ok(found)
}

/// What an idempotency key was used for before: the request's hash and the order that came of it.
///
/// # Errors
/// As any query.
pub async fn by_key(
    tx: &mut Tx,
    company: CompanyId,
    user: UserId,
    key: &str,
) -> Result<Option<(String, Uuid)>> {
    optional!(
        tx,
        (String, Uuid),
        "SELECT request_hash, subject_id FROM idempotency_keys WHERE company_id = $1 AND user_id = $2 AND key = $3",
        company,
        user,
        key
    )
}

/// Keeps what an idempotency key was used for.
///
/// # Errors
/// [`crate::StoreError::Conflict`] when the key was used meanwhile.
pub async fn keep_key(
    tx: &mut Tx,
    company: CompanyId,
    user: UserId,
    key: &str,
    request_hash: &str,
    subject: Uuid,
    now: Instant,
) -> Result<()> {
    execute!(
        tx,
        "INSERT INTO idempotency_keys (company_id, user_id, key, request_hash, subject_id, created_at)
         VALUES ($1, $2, $3, $4, $5, $6)",
        company,
        user,
        key,
        request_hash,
        subject,
        now
    )?;
    Ok(())
}
