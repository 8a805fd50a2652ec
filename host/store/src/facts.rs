//! What happened, append-only, in the order in which it was recorded.

use crate::bulk::{Bulk, Column};
use crate::companies::take;
use crate::{Result, Tx};
use chrono::NaiveDate;
use qudao_domain::ids::{CompanyId, DealerId, OrderId, ProductId};
use qudao_domain::incentive::FactKind;
use qudao_domain::time::Instant;

/// The counter that numbers facts.
pub const COUNTER: &str = "facts";

/// A fact to be recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewFact {
    /// What happened.
    pub kind: FactKind,
    /// Whose order it was.
    pub dealer: DealerId,
    /// What was moved.
    pub product: ProductId,
    /// The day on which it happened.
    pub effective_on: NaiveDate,
    /// The day on which it was paid, if it was.
    pub paid_on: Option<NaiveDate>,
    /// Pieces; negative for a return.
    pub quantity: i64,
    /// Net, in minor units; negative for a return.
    pub amount_minor: i64,
    /// ISO 4217.
    pub currency: String,
    /// The end customer, if one is named; else empty.
    pub customer: String,
    /// The order.
    pub order: OrderId,
    /// Its line.
    pub line: i64,
    /// The fact that a return takes back.
    pub reverses: Option<i64>,
}

/// The word of a fact's kind in its column.
#[must_use]
pub fn kind_word(kind: FactKind) -> &'static str {
    match kind {
        FactKind::Shipped => "shipped",
        FactKind::Returned => "returned",
    }
}

/// Records facts and gives the sequence of the first; the others follow without gaps. The counter's row is locked
/// until the transaction ends, so that a fact is seen only after every earlier one: call this late.
///
/// # Errors
/// As any query.
pub async fn append(tx: &mut Tx, company: CompanyId, now: Instant, facts: &[NewFact]) -> Result<i64> {
    let count = i64::try_from(facts.len()).unwrap_or(i64::MAX);
    let first = take(tx, company, COUNTER, count).await?;
    let all = || facts.iter();
    Bulk::into("facts")
        .column("seq", Column::numbers((first..).take(facts.len())))
        .column("kind", Column::texts(all().map(|fact| kind_word(fact.kind))))
        .column("dealer_id", Column::ids(all().map(|fact| fact.dealer.0)))
        .column("product_id", Column::ids(all().map(|fact| fact.product.0)))
        .column("effective_on", Column::days(all().map(|fact| fact.effective_on)))
        .column("paid_on", Column::days(all().map(|fact| fact.paid_on)))
        .column("quantity", Column::numbers(all().map(|fact| fact.quantity)))
        .column("amount_minor", Column::numbers(all().map(|fact| fact.amount_minor)))
        .column("currency", Column::texts(all().map(|fact| &fact.currency)))
        .column("customer", Column::texts(all().map(|fact| &fact.customer)))
        .column("order_id", Column::ids(all().map(|fact| fact.order.0)))
        .column("line_number", Column::numbers(all().map(|fact| fact.line)))
        .column("reverses_seq", Column::numbers(all().map(|fact| fact.reverses)))
        .column("recorded_at", Column::Moments(all().map(|_| now).collect()))
        .insert(tx, company)
        .await?;
    Ok(first)
}

/// The facts of a run: those of a period and of the same days a year before, up to a watermark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// The period's first and last day.
    pub days: (NaiveDate, NaiveDate),
    /// The same a year before.
    pub year_before: (NaiveDate, NaiveDate),
    /// The last fact that counts.
    pub watermark: i64,
}

/// How many facts a window holds, and the first and last of them; the sequences are 0 where it holds none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::FromRow)]
pub struct Extent {
    /// How many.
    pub count: i64,
    /// The least sequence.
    pub first: i64,
    /// The greatest sequence.
    pub last: i64,
}

/// A fact as it is read for a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Read {
    /// Its place in the company's record.
    pub seq: i64,
    /// What happened.
    pub kind: FactKind,
    /// Whose order it was.
    pub dealer: DealerId,
    /// What was moved.
    pub product: ProductId,
    /// The day.
    pub on: NaiveDate,
    /// When it was paid.
    pub paid_on: Option<NaiveDate>,
    /// Pieces; negative for a return.
    pub quantity: i64,
    /// Net, in minor units; negative for a return.
    pub amount_minor: i64,
    /// The fact that a return takes back.
    pub reverses: Option<i64>,
}

#[derive(sqlx::FromRow)]
struct ReadRow {
    seq: i64,
    kind: String,
    dealer_id: DealerId,
    product_id: ProductId,
    effective_on: NaiveDate,
    paid_on: Option<NaiveDate>,
    quantity: i64,
    amount_minor: i64,
    reverses_seq: Option<i64>,
}

impl ReadRow {
    fn read(self) -> Result<Read> {
        Ok(Read {
            seq: self.seq,
            kind: kind_of(&self.kind)?,
            dealer: self.dealer_id,
            product: self.product_id,
            on: self.effective_on,
            paid_on: self.paid_on,
            quantity: self.quantity,
            amount_minor: self.amount_minor,
            reverses: self.reverses_seq,
        })
    }
}

/// A kind from its column.
fn kind_of(word: &str) -> Result<FactKind> {
    match word {
        "shipped" => Ok(FactKind::Shipped),
        "returned" => Ok(FactKind::Returned),
        other => Err(crate::StoreError::Corrupt(format!("`{other}` is no kind of fact"))),
    }
}

/// What a window holds.
///
/// # Errors
/// As any query.
pub async fn extent(tx: &mut Tx, company: CompanyId, window: &Window) -> Result<Extent> {
    one!(
        tx,
        Extent,
        "SELECT COUNT(*) AS count, COALESCE(MIN(seq), 0) AS first, COALESCE(MAX(seq), 0) AS last FROM facts
         WHERE company_id = $1 AND seq <= $2
           AND (effective_on BETWEEN $3 AND $4 OR effective_on BETWEEN $5 AND $6)",
        company,
        window.watermark,
        window.days.0,
        window.days.1,
        window.year_before.0,
        window.year_before.1
    )
}

/// The facts of a window whose sequence is above `after` and at most `through`, in the order in which they were
/// recorded. Sequences have no gaps, so a run that reads so many numbers at a time reads each fact once, needs no
/// more memory than that, and walks the primary key whatever the planner thinks of the days.
///
/// # Errors
/// [`crate::StoreError::Corrupt`] when a kind is unknown.
pub async fn between(
    tx: &mut Tx,
    company: CompanyId,
    window: &Window,
    after: i64,
    through: i64,
) -> Result<Vec<Read>> {
    let rows = all!(
        tx,
        ReadRow,
        {
            // The plus keeps SQLite from walking the index of days and sorting.
            sqlite: "SELECT seq, kind, dealer_id, product_id, effective_on, paid_on, quantity, amount_minor, reverses_seq
                     FROM facts
                     WHERE company_id = $1 AND seq > $2 AND seq <= $3
                       AND (+effective_on BETWEEN $4 AND $5 OR +effective_on BETWEEN $6 AND $7)
                     ORDER BY seq",
            postgres: "SELECT seq, kind, dealer_id, product_id, effective_on, paid_on, quantity, amount_minor, reverses_seq
                     FROM facts
                     WHERE company_id = $1 AND seq > $2 AND seq <= $3
                       AND (effective_on BETWEEN $4 AND $5 OR effective_on BETWEEN $6 AND $7)
                     ORDER BY seq"
        },
        company,
        after,
        through.min(window.watermark),
        window.days.0,
        window.days.1,
        window.year_before.0,
        window.year_before.1
    )?;
    rows.into_iter().map(ReadRow::read).collect()
}

/// The first `most` of a dealer's own facts in a window, in the order in which they were recorded.
///
/// # Errors
/// [`crate::StoreError::Corrupt`] when a kind is unknown.
pub async fn own(
    tx: &mut Tx,
    company: CompanyId,
    dealer: DealerId,
    window: &Window,
    most: i64,
) -> Result<Vec<Read>> {
    let rows = all!(
        tx,
        ReadRow,
        "SELECT seq, kind, dealer_id, product_id, effective_on, paid_on, quantity, amount_minor, reverses_seq
         FROM facts
         WHERE company_id = $1 AND dealer_id = $2 AND seq <= $3
           AND (effective_on BETWEEN $4 AND $5 OR effective_on BETWEEN $6 AND $7)
         ORDER BY seq LIMIT $8",
        company,
        dealer,
        window.watermark,
        window.days.0,
        window.days.1,
        window.year_before.0,
        window.year_before.1,
        most
    )?;
    rows.into_iter().map(ReadRow::read).collect()
}

/// A product that occurs in a run.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Occurring {
    /// Its id.
    pub id: ProductId,
    /// Its code.
    pub sku: String,
    /// Its category.
    pub category: String,
    /// Company-defined data.
    pub attributes: sqlx::types::Json<serde_json::Value>,
}

/// The products that occur in a window, by code.
///
/// # Errors
/// As any query.
pub async fn products(tx: &mut Tx, company: CompanyId, window: &Window) -> Result<Vec<Occurring>> {
    all!(
        tx,
        Occurring,
        "SELECT p.id, p.sku, p.category, p.attributes FROM products p
         WHERE p.company_id = $1 AND p.id IN (
             SELECT f.product_id FROM facts f
             WHERE f.company_id = $1 AND f.seq <= $2
               AND (f.effective_on BETWEEN $3 AND $4 OR f.effective_on BETWEEN $5 AND $6))
         ORDER BY p.sku",
        company,
        window.watermark,
        window.days.0,
        window.days.1,
        window.year_before.0,
        window.year_before.1
    )
}

/// The products that occur in a dealer's own facts of a window, by code.
///
/// # Errors
/// As any query.
pub async fn own_products(
    tx: &mut Tx,
    company: CompanyId,
    dealer: DealerId,
    window: &Window,
) -> Result<Vec<Occurring>> {
    all!(
        tx,
        Occurring,
        "SELECT p.id, p.sku, p.category, p.attributes FROM products p
         WHERE p.company_id = $1 AND p.id IN (
             SELECT f.product_id FROM facts f
             WHERE f.company_id = $1 AND f.dealer_id = $2 AND f.seq <= $3
               AND (f.effective_on BETWEEN $4 AND $5 OR f.effective_on BETWEEN $6 AND $7))
         ORDER BY p.sku",
        company,
        dealer,
        window.watermark,
        window.days.0,
        window.days.1,
        window.year_before.0,
        window.year_before.1
    )
}

/// A fact that a payout may rest on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::FromRow)]
pub struct Resting {
    /// Its place in the company's record.
    pub seq: i64,
    /// What was moved.
    pub product_id: ProductId,
    /// Net, in minor units; negative for a return.
    pub amount_minor: i64,
    /// The fact that a return takes back.
    pub reverses_seq: Option<i64>,
}

/// A dealer's own facts of a period up to a watermark, in the order in which they were recorded.
///
/// # Errors
/// As any query.
pub async fn of_dealer(
    tx: &mut Tx,
    company: CompanyId,
    dealer: DealerId,
    window: &Window,
) -> Result<Vec<Resting>> {
    all!(
        tx,
        Resting,
        "SELECT seq, product_id, amount_minor, reverses_seq FROM facts
         WHERE company_id = $1 AND dealer_id = $2 AND effective_on BETWEEN $3 AND $4 AND seq <= $5 ORDER BY seq",
        company,
        dealer,
        window.days.0,
        window.days.1,
        window.watermark
    )
}

/// Those of the facts with these sequences that lie in the window, in the order in which they were recorded.
///
/// # Errors
/// As any query.
pub async fn by_seqs(tx: &mut Tx, company: CompanyId, seqs: &[i64], window: &Window) -> Result<Vec<Resting>> {
    all!(
        tx,
        Resting,
        {
            sqlite: "SELECT seq, product_id, amount_minor, reverses_seq FROM facts
                     WHERE company_id = $1 AND seq IN (SELECT value FROM json_each($2)) AND seq <= $3
                       AND (+effective_on BETWEEN $4 AND $5 OR +effective_on BETWEEN $6 AND $7)
                     ORDER BY seq",
            postgres: "SELECT seq, product_id, amount_minor, reverses_seq FROM facts
                     WHERE company_id = $1
                       AND seq IN (SELECT CAST(value AS bigint) FROM json_array_elements_text(CAST($2 AS json)))
                       AND seq <= $3 AND (effective_on BETWEEN $4 AND $5 OR effective_on BETWEEN $6 AND $7)
                     ORDER BY seq"
        },
        company,
        serde_json::json!(seqs).to_string(),
        window.watermark,
        window.days.0,
        window.days.1,
        window.year_before.0,
        window.year_before.1
    )
}

/// A fact as a person sees it.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Shown {
    /// Its place in the company's record.
    pub seq: i64,
    /// `shipped` or `returned`.
    pub kind: String,
    /// The order.
    pub order_id: OrderId,
    /// Its number.
    pub order_number: String,
    /// The day.
    pub effective_on: NaiveDate,
    /// The product's code.
    pub sku: String,
    /// The product's name.
    pub product: String,
    /// Pieces; negative for a return.
    pub quantity: i64,
    /// Net, in minor units; negative for a return.
    pub amount_minor: i64,
    /// ISO 4217.
    pub currency: String,
}

/// The facts with these sequences, with their orders and products, in the order in which they were recorded.
///
/// # Errors
/// As any query.
pub async fn shown(tx: &mut Tx, company: CompanyId, seqs: &[i64]) -> Result<Vec<Shown>> {
    all!(
        tx,
        Shown,
        {
            sqlite: "SELECT f.seq, f.kind, f.order_id, o.number AS order_number, f.effective_on, p.sku,
                         p.name AS product, f.quantity, f.amount_minor, f.currency
                     FROM facts f
                     JOIN orders o ON o.company_id = f.company_id AND o.id = f.order_id
                     JOIN products p ON p.company_id = f.company_id AND p.id = f.product_id
                     WHERE f.company_id = $1 AND f.seq IN (SELECT value FROM json_each($2)) ORDER BY f.seq",
            postgres: "SELECT f.seq, f.kind, f.order_id, o.number AS order_number, f.effective_on, p.sku,
                         p.name AS product, f.quantity, f.amount_minor, f.currency
                     FROM facts f
                     JOIN orders o ON o.company_id = f.company_id AND o.id = f.order_id
                     JOIN products p ON p.company_id = f.company_id AND p.id = f.product_id
                     WHERE f.company_id = $1
                       AND f.seq IN (SELECT CAST(value AS bigint) FROM json_array_elements_text(CAST($2 AS json)))
                     ORDER BY f.seq"
        },
        company,
        serde_json::json!(seqs).to_string()
    )
}

/// How many facts of a period were recorded after a sequence.
///
/// # Errors
/// As any query.
pub async fn later(tx: &mut Tx, company: CompanyId, days: (NaiveDate, NaiveDate), after: i64) -> Result<i64> {
    let (count,) = one!(
        tx,
        (i64,),
        "SELECT COUNT(*) FROM facts WHERE company_id = $1 AND effective_on BETWEEN $2 AND $3 AND seq > $4",
        company,
        days.0,
        days.1,
        after
    )?;
    Ok(count)
}

/// Sum of the net amounts of a period's facts up to a watermark, in minor units.
///
/// # Errors
/// As any query.
pub async fn turnover(
    tx: &mut Tx,
    company: CompanyId,
    days: (NaiveDate, NaiveDate),
    watermark: i64,
) -> Result<i64> {
    let (sum,) = one!(
        tx,
        (i64,),
        "SELECT CAST(COALESCE(SUM(amount_minor), 0) AS BIGINT) FROM facts
         WHERE company_id = $1 AND effective_on BETWEEN $2 AND $3 AND seq <= $4",
        company,
        days.0,
        days.1,
        watermark
    )?;
    Ok(sum)
}
