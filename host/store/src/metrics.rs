//! Figures of dealers over days, each in one query. What they mean is in `docs/metrics.md`.

use crate::{Result, Tx};
use chrono::NaiveDate;
use qudao_domain::ids::{CompanyId, DealerId};

/// First and last day of a period, of the same days a year before, and of those two years before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spans {
    /// The period.
    pub now: (NaiveDate, NaiveDate),
    /// A year before.
    pub before: (NaiveDate, NaiveDate),
    /// Two years before.
    pub long_before: (NaiveDate, NaiveDate),
}

/// A dealer's figure in each of the spans.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::FromRow)]
pub struct Figures {
    /// Whose.
    pub dealer_id: DealerId,
    /// In the period.
    pub now: i64,
    /// A year before.
    pub before: i64,
    /// Two years before.
    pub long_before: i64,
}

/// Net amounts of what was shipped and returned, in minor units of `currency`. Dealers without facts are left out.
///
/// # Errors
/// As any query.
pub async fn turnover(
    tx: &mut Tx,
    company: CompanyId,
    currency: &str,
    spans: &Spans,
) -> Result<Vec<Figures>> {
    all!(
        tx,
        Figures,
        "SELECT dealer_id,
             CAST(SUM(CASE WHEN effective_on BETWEEN $3 AND $4 THEN amount_minor ELSE 0 END) AS BIGINT) AS now,
             CAST(SUM(CASE WHEN effective_on BETWEEN $5 AND $6 THEN amount_minor ELSE 0 END) AS BIGINT) AS before,
             CAST(SUM(CASE WHEN effective_on BETWEEN $7 AND $8 THEN amount_minor ELSE 0 END) AS BIGINT) AS long_before
         FROM facts WHERE company_id = $1 AND currency = $2
           AND (effective_on BETWEEN $3 AND $4 OR effective_on BETWEEN $5 AND $6 OR effective_on BETWEEN $7 AND $8)
         GROUP BY dealer_id",
        company,
        currency,
        spans.now.0,
        spans.now.1,
        spans.before.0,
        spans.before.1,
        spans.long_before.0,
        spans.long_before.1
    )
}

/// How many orders were placed that were not called off. Dealers without any are left out.
///
/// # Errors
/// As any query.
pub async fn orders(tx: &mut Tx, company: CompanyId, spans: &Spans) -> Result<Vec<Figures>> {
    all!(
        tx,
        Figures,
        "SELECT dealer_id,
             CAST(SUM(CASE WHEN ordered_on BETWEEN $2 AND $3 THEN 1 ELSE 0 END) AS BIGINT) AS now,
             CAST(SUM(CASE WHEN ordered_on BETWEEN $4 AND $5 THEN 1 ELSE 0 END) AS BIGINT) AS before,
             CAST(SUM(CASE WHEN ordered_on BETWEEN $6 AND $7 THEN 1 ELSE 0 END) AS BIGINT) AS long_before
         FROM orders WHERE company_id = $1 AND status <> 'cancelled'
           AND (ordered_on BETWEEN $2 AND $3 OR ordered_on BETWEEN $4 AND $5 OR ordered_on BETWEEN $6 AND $7)
         GROUP BY dealer_id",
        company,
        spans.now.0,
        spans.now.1,
        spans.before.0,
        spans.before.1,
        spans.long_before.0,
        spans.long_before.1
    )
}

/// How many customers were shipped to for the first time. A dealer is left out unless it shipped to a named customer
/// in the period or a year before.
///
/// # Errors
/// As any query.
pub async fn new_customers(tx: &mut Tx, company: CompanyId, spans: &Spans) -> Result<Vec<Named>> {
    all!(
        tx,
        Named,
        "SELECT dealer_id,
             CAST(SUM(CASE WHEN effective_on BETWEEN $2 AND $3 THEN 1 ELSE 0 END) AS BIGINT) AS named_now,
             CAST(SUM(CASE WHEN effective_on BETWEEN $4 AND $5 THEN 1 ELSE 0 END) AS BIGINT) AS named_before,
             CAST(SUM(CASE WHEN place = 1 AND effective_on BETWEEN $2 AND $3 THEN 1 ELSE 0 END) AS BIGINT) AS now,
             CAST(SUM(CASE WHEN place = 1 AND effective_on BETWEEN $4 AND $5 THEN 1 ELSE 0 END) AS BIGINT) AS before
         FROM (
             SELECT dealer_id, effective_on,
                 ROW_NUMBER() OVER (PARTITION BY customer ORDER BY effective_on, seq) AS place
             FROM facts WHERE company_id = $1 AND customer <> '' AND kind = 'shipped' AND effective_on <= $3
         ) firsts
         WHERE effective_on BETWEEN $2 AND $3 OR effective_on BETWEEN $4 AND $5
         GROUP BY dealer_id",
        company,
        spans.now.0,
        spans.now.1,
        spans.before.0,
        spans.before.1
    )
}

/// A dealer's new customers, with how many facts name a customer at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::FromRow)]
pub struct Named {
    /// Whose.
    pub dealer_id: DealerId,
    /// Facts of the period that name a customer.
    pub named_now: i64,
    /// The same a year before.
    pub named_before: i64,
    /// Customers whose first fact falls in the period.
    pub now: i64,
    /// The same a year before.
    pub before: i64,
}

/// A dealer's shipped amounts, and what of them was paid within its terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::FromRow)]
pub struct Collected {
    /// Whose.
    pub dealer_id: DealerId,
    /// Shipped in the period, in minor units.
    pub shipped_now: i64,
    /// Of that, paid within terms.
    pub paid_now: i64,
    /// Shipped a year before.
    pub shipped_before: i64,
    /// Of that, paid within terms.
    pub paid_before: i64,
}

/// What was shipped, and what of it was paid at most so many days later as the dealer's terms say. Dealers to whom
/// nothing was shipped are left out.
///
/// # Errors
/// As any query.
pub async fn collection(
    tx: &mut Tx,
    company: CompanyId,
    currency: &str,
    spans: &Spans,
) -> Result<Vec<Collected>> {
    all!(
        tx,
        Collected,
        {
            // Days are added in each database's own way.
            sqlite: "SELECT dealer_id,
                 CAST(SUM(CASE WHEN now THEN amount_minor ELSE 0 END) AS BIGINT) AS shipped_now,
                 CAST(SUM(CASE WHEN now AND paid THEN amount_minor ELSE 0 END) AS BIGINT) AS paid_now,
                 CAST(SUM(CASE WHEN now THEN 0 ELSE amount_minor END) AS BIGINT) AS shipped_before,
                 CAST(SUM(CASE WHEN now OR NOT paid THEN 0 ELSE amount_minor END) AS BIGINT) AS paid_before
             FROM (
                 SELECT f.dealer_id, f.amount_minor, f.effective_on BETWEEN $3 AND $4 AS now,
                     COALESCE(f.paid_on <= date(f.effective_on, '+' || d.terms_days || ' days'), false) AS paid
                 FROM facts f JOIN dealers d ON d.company_id = f.company_id AND d.id = f.dealer_id
                 WHERE f.company_id = $1 AND f.currency = $2 AND f.kind = 'shipped'
                   AND (f.effective_on BETWEEN $3 AND $4 OR f.effective_on BETWEEN $5 AND $6)
             ) shipped GROUP BY dealer_id",
            postgres: "SELECT dealer_id,
                 CAST(SUM(CASE WHEN now THEN amount_minor ELSE 0 END) AS BIGINT) AS shipped_now,
                 CAST(SUM(CASE WHEN now AND paid THEN amount_minor ELSE 0 END) AS BIGINT) AS paid_now,
                 CAST(SUM(CASE WHEN now THEN 0 ELSE amount_minor END) AS BIGINT) AS shipped_before,
                 CAST(SUM(CASE WHEN now OR NOT paid THEN 0 ELSE amount_minor END) AS BIGINT) AS paid_before
             FROM (
                 SELECT f.dealer_id, f.amount_minor, f.effective_on BETWEEN $3 AND $4 AS now,
                     COALESCE(f.paid_on <= f.effective_on + CAST(d.terms_days AS integer), false) AS paid
                 FROM facts f JOIN dealers d ON d.company_id = f.company_id AND d.id = f.dealer_id
                 WHERE f.company_id = $1 AND f.currency = $2 AND f.kind = 'shipped'
                   AND (f.effective_on BETWEEN $3 AND $4 OR f.effective_on BETWEEN $5 AND $6)
             ) shipped GROUP BY dealer_id"
        },
        company,
        currency,
        spans.now.0,
        spans.now.1,
        spans.before.0,
        spans.before.1
    )
}

/// The dealers with facts in the period.
///
/// # Errors
/// As any query.
pub async fn active(tx: &mut Tx, company: CompanyId, spans: &Spans) -> Result<Vec<DealerId>> {
    let rows: Vec<(DealerId,)> = all!(
        tx,
        (DealerId,),
        "SELECT DISTINCT dealer_id FROM facts WHERE company_id = $1 AND effective_on BETWEEN $2 AND $3",
        company,
        spans.now.0,
        spans.now.1
    )?;
    Ok(rows.into_iter().map(|(dealer,)| dealer).collect())
}
