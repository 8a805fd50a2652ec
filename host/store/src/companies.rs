//! Companies, the numbers that count up with each change, and gapless counters.

use crate::{Db, Result, Tx};
use qudao_domain::ids::CompanyId;
use qudao_domain::time::Instant;

/// A vendor.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Company {
    /// Its id.
    pub id: CompanyId,
    /// Short name typed at log-in.
    pub code: String,
    /// Its name.
    pub name: String,
    /// ISO 4217.
    pub currency: String,
    /// IANA time zone.
    pub zone: String,
    /// When it was added.
    pub created_at: Instant,
}

/// Counted up whenever something changes that a price depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::FromRow)]
pub struct Revisions {
    /// Products and prices.
    pub prices: i64,
    /// Which plugin and settings hold.
    pub bindings: i64,
    /// Dealers.
    pub dealers: i64,
}

/// Which of the [`Revisions`] goes up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Changed {
    /// Products or prices.
    Prices,
    /// Bindings.
    Bindings,
    /// Dealers.
    Dealers,
}

/// Adds a company. The transaction must have been begun for it.
///
/// # Errors
/// [`crate::StoreError::Conflict`] when the code is taken.
pub async fn insert(tx: &mut Tx, company: &Company) -> Result<()> {
    execute!(
        tx,
        "INSERT INTO companies (id, code, name, currency, zone, created_at) VALUES ($1, $2, $3, $4, $5, $6)",
        company.id,
        &company.code,
        &company.name,
        &company.currency,
        &company.zone,
        company.created_at
    )?;
    execute!(
        tx,
        "INSERT INTO revisions (company_id, prices, bindings, dealers) VALUES ($1, 1, 1, 1)",
        company.id
    )?;
    Ok(())
}

/// The company with a code, in an infrastructure transaction.
///
/// # Errors
/// As any query.
pub async fn by_code(tx: &mut Tx, code: &str) -> Result<Option<Company>> {
    optional!(
        tx,
        Company,
        "SELECT id, code, name, currency, zone, created_at FROM companies WHERE code = $1",
        code
    )
}

/// Every company, by code.
///
/// # Errors
/// As any query.
pub async fn all(tx: &mut Tx) -> Result<Vec<Company>> {
    all!(tx, Company, "SELECT id, code, name, currency, zone, created_at FROM companies ORDER BY code")
}

/// The numbers that hold now.
///
/// # Errors
/// As any query.
pub async fn revisions(tx: &mut Tx, company: CompanyId) -> Result<Revisions> {
    one!(tx, Revisions, "SELECT prices, bindings, dealers FROM revisions WHERE company_id = $1", company)
}

/// Begins a transaction that rests on the revisions: none of them goes up before it ends. A change under way is waited
/// for and seen.
///
/// # Errors
/// As any query.
pub async fn begin_resting(db: &Db, company: CompanyId) -> Result<(Tx, Revisions)> {
    let mut tx = db.write_beside(company).await?;
    let revisions = revisions(&mut tx, company).await?;
    Ok((tx, revisions))
}

/// Begins a transaction that changes what others rest on, and counts its revision up. Those that rest on it wait until
/// it ends.
///
/// # Errors
/// As any query.
pub async fn begin_change(db: &Db, company: CompanyId, what: Changed) -> Result<Tx> {
    let mut tx = db.write_alone(company).await?;
    let (prices, bindings, dealers) = match what {
        Changed::Prices => (1_i64, 0_i64, 0_i64),
        Changed::Bindings => (0, 1, 0),
        Changed::Dealers => (0, 0, 1),
    };
    execute!(
        &mut tx,
        "UPDATE revisions SET prices = prices + $2, bindings = bindings + $3, dealers = dealers + $4
         WHERE company_id = $1",
        company,
        prices,
        bindings,
        dealers
    )?;
    Ok(tx)
}

/// Takes `count` numbers from a gapless counter and gives the first of them. Others wait until this
/// transaction ends, so take them late.
///
/// # Errors
/// As any query.
pub async fn take(tx: &mut Tx, company: CompanyId, counter: &str, count: i64) -> Result<i64> {
    let (last,): (i64,) = one!(
        tx,
        (i64,),
        "INSERT INTO counters (company_id, name, value) VALUES ($1, $2, $3)
         ON CONFLICT (company_id, name) DO UPDATE SET value = counters.value + excluded.value
         RETURNING value",
        company,
        counter,
        count
    )?;
    Ok(last - count + 1)
}

/// The last number that was taken from a counter; 0 where none was.
///
/// # Errors
/// As any query.
pub async fn counted(tx: &mut Tx, company: CompanyId, counter: &str) -> Result<i64> {
    let value: Option<(i64,)> = optional!(
        tx,
        (i64,),
        "SELECT value FROM counters WHERE company_id = $1 AND name = $2",
        company,
        counter
    )?;
    Ok(value.map_or(0, |(value,)| value))
}
