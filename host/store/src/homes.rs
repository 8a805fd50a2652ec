//! Figures of the home pages, each in one query. Ids begin with the moment at which they were made, so a range of
//! time is found along the primary key.

use crate::plugins::first_id;
use crate::{Result, Tx};
use chrono::NaiveDate;
use qudao_domain::decimal::Exact;
use qudao_domain::ids::{CompanyId, DealerId, OrderId, StatementId};
use qudao_domain::ledger::AccountCode;
use qudao_domain::orders::OrderStatus;
use qudao_domain::time::Instant;

/// What a company has already, to say what to do first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::FromRow)]
pub struct Begun {
    /// Any product.
    pub products: bool,
    /// Any dealer.
    pub dealers: bool,
    /// Any plugin.
    pub plugins: bool,
    /// Any settings but those that a plugin brought along.
    pub settings: bool,
    /// Any incentive program.
    pub programs: bool,
    /// Any settled period.
    pub settled: bool,
    /// Any target.
    pub targets: bool,
}

/// What a company has already.
///
/// # Errors
/// As any query.
pub async fn begun(tx: &mut Tx, company: CompanyId) -> Result<Begun> {
    one!(
        tx,
        Begun,
        "SELECT EXISTS (SELECT 1 FROM products WHERE company_id = $1) AS products,
             EXISTS (SELECT 1 FROM dealers WHERE company_id = $1) AS dealers,
             EXISTS (SELECT 1 FROM plugins WHERE company_id = $1) AS plugins,
             EXISTS (SELECT 1 FROM settings_revisions WHERE company_id = $1 AND number > 1) AS settings,
             EXISTS (SELECT 1 FROM programs WHERE company_id = $1) AS programs,
             EXISTS (SELECT 1 FROM settlement_runs WHERE company_id = $1) AS settled,
             EXISTS (SELECT 1 FROM targets WHERE company_id = $1) AS targets",
        company
    )
}

/// How many orders of a branch are neither shipped wholly nor called off, and their totals in minor units.
///
/// # Errors
/// As any query.
pub async fn open_orders(
    tx: &mut Tx,
    company: CompanyId,
    ancestor: Option<DealerId>,
    depth: i64,
) -> Result<(i64, i64)> {
    one!(
        tx,
        (i64, i64),
        "SELECT COUNT(*), CAST(COALESCE(SUM(o.total_minor), 0) AS BIGINT) FROM orders o
         WHERE o.company_id = $1 AND o.status IN ('placed', 'confirmed', 'partly-shipped')
           AND ($2 IS NULL OR EXISTS (SELECT 1 FROM dealer_branches b WHERE b.company_id = o.company_id
                AND b.ancestor_id = $2 AND b.dealer_id = o.dealer_id AND b.depth <= $3))",
        company,
        ancestor,
        depth
    )
}

/// A step that the company took with an order.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Moved {
    /// The order.
    pub order_id: OrderId,
    /// Its number.
    pub number: String,
    /// Where it stood after the step.
    pub status: OrderStatus,
    /// When.
    pub at: Instant,
}

/// What the company's people did since a moment with a branch's orders, the latest first.
///
/// # Errors
/// As any query.
pub async fn moved(
    tx: &mut Tx,
    company: CompanyId,
    ancestor: Option<DealerId>,
    depth: i64,
    since: Instant,
    limit: i64,
) -> Result<Vec<Moved>> {
    all!(
        tx,
        Moved,
        "SELECT o.id AS order_id, o.number, e.status, e.at FROM order_events e
         JOIN orders o ON o.company_id = e.company_id AND o.id = e.order_id
         JOIN users u ON u.company_id = e.company_id AND u.id = e.user_id
         WHERE e.company_id = $1 AND e.at >= $4 AND e.status <> 'placed' AND u.dealer_id IS NULL
           AND ($2 IS NULL OR EXISTS (SELECT 1 FROM dealer_branches b WHERE b.company_id = o.company_id
                AND b.ancestor_id = $2 AND b.dealer_id = o.dealer_id AND b.depth <= $3))
         ORDER BY e.at DESC, o.id DESC LIMIT $5",
        company,
        ancestor,
        depth,
        since,
        limit
    )
}

/// A product that a dealer buys.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Bought {
    /// Its code.
    pub sku: String,
    /// Its name.
    pub name: String,
    /// Pieces in the last order.
    pub last_quantity: i64,
    /// When that was placed.
    pub last_at: Instant,
}

/// What a dealer ordered most often since a moment and may still order, with its last order of each.
///
/// # Errors
/// As any query.
pub async fn bought(
    tx: &mut Tx,
    company: CompanyId,
    dealer: DealerId,
    since: Instant,
    limit: i64,
) -> Result<Vec<Bought>> {
    all!(
        tx,
        Bought,
        "SELECT sku, name, last_quantity, last_at FROM (
             SELECT p.sku, p.name, l.quantity AS last_quantity, o.placed_at AS last_at,
                 ROW_NUMBER() OVER (PARTITION BY l.product_id ORDER BY o.id DESC, l.number) AS place,
                 COUNT(*) OVER (PARTITION BY l.product_id) AS times
             FROM orders o
             JOIN order_lines l ON l.company_id = o.company_id AND l.order_id = o.id
             JOIN products p ON p.company_id = l.company_id AND p.id = l.product_id
             WHERE o.company_id = $1 AND o.dealer_id = $2 AND o.id >= $3 AND o.status <> 'cancelled' AND p.active
         ) bought WHERE place = 1 ORDER BY times DESC, last_at DESC, sku LIMIT $4",
        company,
        dealer,
        first_id(since),
        limit
    )
}

/// The order desk.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Desk {
    /// Orders of the day that were not called off.
    pub today: i64,
    /// Their totals, in minor units.
    pub today_minor: i64,
    /// Orders that wait to be confirmed.
    pub placed: i64,
    /// Since when the oldest of them waits.
    pub oldest: Option<Instant>,
    /// Confirmed orders of which nothing was shipped yet.
    pub confirmed: i64,
    /// Their lines.
    pub confirmed_lines: i64,
    /// Orders of which a part was shipped.
    pub partly_shipped: i64,
}

/// The order desk on a day; `from` is a moment before the day's first order.
///
/// # Errors
/// As any query.
pub async fn desk(tx: &mut Tx, company: CompanyId, day: NaiveDate, from: Instant) -> Result<Desk> {
    one!(
        tx,
        Desk,
        "SELECT
             (SELECT COUNT(*) FROM orders WHERE company_id = $1 AND id >= $3 AND ordered_on = $2
              AND status <> 'cancelled') AS today,
             (SELECT CAST(COALESCE(SUM(total_minor), 0) AS BIGINT) FROM orders WHERE company_id = $1 AND id >= $3
              AND ordered_on = $2 AND status <> 'cancelled') AS today_minor,
             (SELECT COUNT(*) FROM orders WHERE company_id = $1 AND status = 'placed') AS placed,
             (SELECT MIN(placed_at) FROM orders WHERE company_id = $1 AND status = 'placed') AS oldest,
             (SELECT COUNT(*) FROM orders WHERE company_id = $1 AND status = 'confirmed') AS confirmed,
             (SELECT CAST(COALESCE(SUM(lines), 0) AS BIGINT) FROM orders WHERE company_id = $1
              AND status = 'confirmed') AS confirmed_lines,
             (SELECT COUNT(*) FROM orders WHERE company_id = $1 AND status = 'partly-shipped') AS partly_shipped",
        company,
        day,
        first_id(from)
    )
}

/// How many accepted plugins never held anywhere, nor will.
///
/// # Errors
/// As any query.
pub async fn idle_plugins(tx: &mut Tx, company: CompanyId) -> Result<i64> {
    let (count,) = one!(
        tx,
        (i64,),
        "SELECT COUNT(*) FROM plugins p WHERE p.company_id = $1 AND p.state <> 'retired' AND NOT EXISTS (
             SELECT 1 FROM bindings b WHERE b.company_id = p.company_id AND b.plugin_digest = p.digest)",
        company
    )?;
    Ok(count)
}

/// How many bindings begin after a moment.
///
/// # Errors
/// As any query.
pub async fn scheduled(tx: &mut Tx, company: CompanyId, at: Instant) -> Result<i64> {
    let (count,) = one!(
        tx,
        (i64,),
        "SELECT COUNT(*) FROM bindings WHERE company_id = $1 AND effective_from > $2",
        company,
        at
    )?;
    Ok(count)
}

/// What was ordered on some days: how many orders and their totals in minor units, those called off left out. `from`
/// is a moment before the first day's first order.
///
/// # Errors
/// As any query.
pub async fn ordered(
    tx: &mut Tx,
    company: CompanyId,
    days: (NaiveDate, NaiveDate),
    from: Instant,
) -> Result<(i64, i64)> {
    one!(
        tx,
        (i64, i64),
        "SELECT COUNT(*), CAST(COALESCE(SUM(total_minor), 0) AS BIGINT) FROM orders
         WHERE company_id = $1 AND id >= $4 AND ordered_on BETWEEN $2 AND $3 AND status <> 'cancelled'",
        company,
        days.0,
        days.1,
        first_id(from)
    )
}

/// The same orders' pieces by their list price, so that what they would cost without any rule is added up exactly.
///
/// # Errors
/// As any query.
pub async fn list_prices(
    tx: &mut Tx,
    company: CompanyId,
    days: (NaiveDate, NaiveDate),
    from: Instant,
) -> Result<Vec<(Exact, i64)>> {
    all!(
        tx,
        (Exact, i64),
        "SELECT l.base_price, CAST(SUM(l.quantity) AS BIGINT) FROM orders o
         JOIN order_lines l ON l.company_id = o.company_id AND l.order_id = o.id
         WHERE o.company_id = $1 AND o.id >= $4 AND o.ordered_on BETWEEN $2 AND $3 AND o.status <> 'cancelled'
         GROUP BY l.base_price",
        company,
        days.0,
        days.1,
        first_id(from)
    )
}

/// How many products are sold and have no base price on a day.
///
/// # Errors
/// As any query.
pub async fn unpriced(tx: &mut Tx, company: CompanyId, day: NaiveDate) -> Result<i64> {
    let (count,) = one!(
        tx,
        (i64,),
        "SELECT COUNT(*) FROM products p WHERE p.company_id = $1 AND p.active AND NOT EXISTS (
             SELECT 1 FROM prices x WHERE x.company_id = p.company_id AND x.product_id = p.id AND x.valid_from <= $2)",
        company,
        day
    )?;
    Ok(count)
}

/// Settings that somebody saved.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Change {
    /// The plugin.
    pub plugin_digest: String,
    /// Their number.
    pub number: i64,
    /// Why, or empty.
    pub note: String,
    /// Who.
    pub saved_by: String,
    /// When.
    pub saved_at: Instant,
}

/// The settings that were saved last, the latest first; those that a plugin brought along are left out.
///
/// # Errors
/// As any query.
pub async fn changes(tx: &mut Tx, company: CompanyId, limit: i64) -> Result<Vec<Change>> {
    all!(
        tx,
        Change,
        "SELECT r.plugin_digest, r.number, r.note, u.name AS saved_by, r.created_at AS saved_at FROM settings_revisions r
         JOIN users u ON u.company_id = r.company_id AND u.id = r.created_by
         WHERE r.company_id = $1 AND r.number > 1 ORDER BY r.id DESC LIMIT $2",
        company,
        limit
    )
}

/// Net amount of what was shipped and returned on some days, in minor units of `currency`.
///
/// # Errors
/// As any query.
pub async fn turnover(
    tx: &mut Tx,
    company: CompanyId,
    currency: &str,
    days: (NaiveDate, NaiveDate),
) -> Result<i64> {
    let (sum,) = one!(
        tx,
        (i64,),
        "SELECT CAST(COALESCE(SUM(amount_minor), 0) AS BIGINT) FROM facts
         WHERE company_id = $1 AND currency = $2 AND effective_on BETWEEN $3 AND $4",
        company,
        currency,
        days.0,
        days.1
    )?;
    Ok(sum)
}

/// What dealers owe for what was shipped, in minor units of `currency`, and how many of them owe something.
///
/// # Errors
/// As any query.
pub async fn receivable(tx: &mut Tx, company: CompanyId, currency: &str) -> Result<(i64, i64)> {
    one!(
        tx,
        (i64, i64),
        "SELECT CAST(COALESCE(SUM(amount_minor), 0) AS BIGINT), COUNT(*) FROM balances
         WHERE company_id = $1 AND account = $2 AND currency = $3 AND amount_minor > 0",
        company,
        AccountCode::Unbilled,
        currency
    )
}

/// A statement with what finance wants to know of it.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Large {
    /// Its id.
    pub id: StatementId,
    /// The program's name in Chinese.
    pub program_zh: String,
    /// The program's name in English.
    pub program_en: String,
    /// The period, as `2026-Q4`.
    pub period: String,
    /// The dealer's code.
    pub dealer: String,
    /// The dealer's name.
    pub dealer_name: String,
    /// What the period earns in all, in minor units.
    pub total_minor: i64,
}

/// The largest statements of a period, those that a later run replaced left out.
///
/// # Errors
/// As any query.
pub async fn largest_statements(
    tx: &mut Tx,
    company: CompanyId,
    period: &str,
    limit: i64,
) -> Result<Vec<Large>> {
    all!(
        tx,
        Large,
        "SELECT s.id, g.name_zh AS program_zh, g.name_en AS program_en, s.period, d.code AS dealer,
             d.name AS dealer_name, s.total_minor
         FROM statements s
         JOIN programs g ON g.company_id = s.company_id AND g.id = s.program_id
         JOIN dealers d ON d.company_id = s.company_id AND d.id = s.dealer_id
         WHERE s.company_id = $1 AND s.period = $2 AND NOT EXISTS (
             SELECT 1 FROM statements n WHERE n.company_id = s.company_id AND n.program_id = s.program_id
                AND n.period = s.period AND n.dealer_id = s.dealer_id AND n.id > s.id)
         ORDER BY s.total_minor DESC, s.id LIMIT $3",
        company,
        period,
        limit
    )
}

/// How many dealers there are, ordered lately, or fell silent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::FromRow)]
pub struct Liveliness {
    /// In all.
    pub dealers: i64,
    /// Their last order is of `active_from` or later.
    pub active: i64,
    /// They ordered once, and never from `quiet_before` on.
    pub quiet: i64,
}

/// How lively a company's dealers are. Orders that were called off do not count.
///
/// # Errors
/// As any query.
pub async fn liveliness(
    tx: &mut Tx,
    company: CompanyId,
    active_from: NaiveDate,
    quiet_before: NaiveDate,
) -> Result<Liveliness> {
    one!(
        tx,
        Liveliness,
        "SELECT COUNT(*) AS dealers,
             CAST(COALESCE(SUM(CASE WHEN last_order >= $2 THEN 1 ELSE 0 END), 0) AS BIGINT) AS active,
             CAST(COALESCE(SUM(CASE WHEN last_order < $3 THEN 1 ELSE 0 END), 0) AS BIGINT) AS quiet
         FROM (
             SELECT (SELECT o.ordered_on FROM orders o WHERE o.company_id = d.company_id AND o.dealer_id = d.id
                     AND o.status <> 'cancelled' ORDER BY o.id DESC LIMIT 1) AS last_order
             FROM dealers d WHERE d.company_id = $1
         ) seen",
        company,
        active_from,
        quiet_before
    )
}

/// A dealer that fell silent.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Quiet {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Its region.
    pub region: String,
    /// The day of its last order.
    pub last_order: NaiveDate,
    /// Shipped less returned from `since` on, in minor units.
    pub turnover_minor: i64,
    /// The same from `before` to `since`.
    pub turnover_before_minor: i64,
}

/// Which dealers to look for.
#[derive(Debug, Clone, Copy)]
pub struct Silence<'a> {
    /// Without an order from this day on.
    pub quiet_before: NaiveDate,
    /// Their turnover counts from this day on …
    pub since: NaiveDate,
    /// … and, to compare with, from this one.
    pub before: NaiveDate,
    /// In this currency.
    pub currency: &'a str,
}

/// The dealers that fell silent, those that bought most first.
///
/// # Errors
/// As any query.
pub async fn quiet(tx: &mut Tx, company: CompanyId, silence: Silence<'_>, limit: i64) -> Result<Vec<Quiet>> {
    all!(
        tx,
        Quiet,
        "SELECT code, name, region, last_order, turnover_minor, turnover_before_minor FROM (
             SELECT d.code, d.name, d.region,
                 (SELECT o.ordered_on FROM orders o WHERE o.company_id = d.company_id AND o.dealer_id = d.id
                  AND o.status <> 'cancelled' ORDER BY o.id DESC LIMIT 1) AS last_order,
                 (SELECT CAST(COALESCE(SUM(f.amount_minor), 0) AS BIGINT) FROM facts f
                  WHERE f.company_id = d.company_id AND f.dealer_id = d.id AND f.currency = $3
                  AND f.effective_on >= $4) AS turnover_minor,
                 (SELECT CAST(COALESCE(SUM(f.amount_minor), 0) AS BIGINT) FROM facts f
                  WHERE f.company_id = d.company_id AND f.dealer_id = d.id AND f.currency = $3
                  AND f.effective_on >= $5 AND f.effective_on < $4) AS turnover_before_minor
             FROM dealers d WHERE d.company_id = $1
         ) seen WHERE last_order < $2
         ORDER BY turnover_minor + turnover_before_minor DESC, code LIMIT $6",
        company,
        silence.quiet_before,
        silence.currency,
        silence.since,
        silence.before,
        limit
    )
}
