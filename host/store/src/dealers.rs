//! Dealers and the tree that they form.

use crate::bulk::{Bulk, Column};
use crate::orders::contains;
use crate::products::folded;
use crate::{Result, Tx};
use qudao_domain::ids::{CompanyId, DealerId};
use qudao_domain::time::Instant;
use sqlx::types::Json;

/// A company that buys from the vendor.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Dealer {
    /// Its id.
    pub id: DealerId,
    /// Short name; unique within the company.
    pub code: String,
    /// Its name.
    pub name: String,
    /// The dealer above it.
    pub parent_id: Option<DealerId>,
    /// Its tier.
    pub tier: String,
    /// Its region.
    pub region: String,
    /// How much it may owe, in minor units; none for no limit.
    pub credit_limit_minor: Option<i64>,
    /// Days until an invoice is due.
    pub terms_days: i64,
    /// Company-defined data.
    pub attributes: Json<serde_json::Value>,
    /// When it was added.
    pub created_at: Instant,
}

/// Which dealers to list. Empty filters let everything through.
#[derive(Debug, Clone, Copy, Default)]
pub struct List<'a> {
    /// Only this one's branch …
    pub ancestor: Option<DealerId>,
    /// … down to this depth.
    pub depth: i64,
    /// Only of this tier.
    pub tier: &'a str,
    /// Only of this region.
    pub region: &'a str,
    /// Only codes and names that contain this.
    pub search: &'a str,
    /// Only codes after this one (keyset paging).
    pub after: &'a str,
    /// At most so many.
    pub limit: i64,
}

/// A dealer in a list.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Listed {
    /// The dealer.
    #[sqlx(flatten)]
    pub dealer: Dealer,
    /// Code of the dealer above it.
    pub parent_code: Option<String>,
    /// Name of the dealer above it.
    pub parent_name: Option<String>,
    /// How many dealers stand below it, at any depth.
    pub below: i64,
}

/// Dealers by code.
///
/// # Errors
/// As any query.
pub async fn list(tx: &mut Tx, company: CompanyId, list: &List<'_>) -> Result<Vec<Listed>> {
    let pattern = pattern(list.search);
    all!(
        tx,
        Listed,
        "SELECT d.id, d.code, d.name, d.parent_id, d.tier, d.region, d.credit_limit_minor, d.terms_days,
             d.attributes, d.created_at, p.code AS parent_code, p.name AS parent_name,
             (SELECT COUNT(*) FROM dealer_branches x WHERE x.company_id = d.company_id
              AND x.ancestor_id = d.id AND x.depth > 0) AS below
         FROM dealers d LEFT JOIN dealers p ON p.company_id = d.company_id AND p.id = d.parent_id
         WHERE d.company_id = $1 AND d.code > $2
           AND ($3 = '' OR d.tier = $3) AND ($4 = '' OR d.region = $4)
           AND ($5 IS NULL OR d.search LIKE $5 ESCAPE '!')
           AND ($6 IS NULL OR EXISTS (SELECT 1 FROM dealer_branches b WHERE b.company_id = d.company_id
                AND b.ancestor_id = $6 AND b.dealer_id = d.id AND b.depth <= $7))
         ORDER BY d.code LIMIT $8",
        company,
        list.after,
        list.tier,
        list.region,
        pattern.as_deref(),
        list.ancestor,
        list.depth,
        list.limit
    )
}

/// How many dealers the same filters let through, paging aside.
///
/// # Errors
/// As any query.
pub async fn count(tx: &mut Tx, company: CompanyId, list: &List<'_>) -> Result<i64> {
    let pattern = pattern(list.search);
    let (count,) = one!(
        tx,
        (i64,),
        "SELECT COUNT(*) FROM dealers d
         WHERE d.company_id = $1
           AND ($2 = '' OR d.tier = $2) AND ($3 = '' OR d.region = $3)
           AND ($4 IS NULL OR d.search LIKE $4 ESCAPE '!')
           AND ($5 IS NULL OR EXISTS (SELECT 1 FROM dealer_branches b WHERE b.company_id = d.company_id
                AND b.ancestor_id = $5 AND b.dealer_id = d.id AND b.depth <= $6))",
        company,
        list.tier,
        list.region,
        pattern.as_deref(),
        list.ancestor,
        list.depth
    )?;
    Ok(count)
}

fn pattern(search: &str) -> Option<String> {
    (!search.trim().is_empty()).then(|| contains(&folded(search)))
}

/// The dealer with an id, whatever its branch.
///
/// # Errors
/// As any query.
pub async fn by_id(tx: &mut Tx, company: CompanyId, id: DealerId) -> Result<Option<Dealer>> {
    optional!(
        tx,
        Dealer,
        "SELECT id, code, name, parent_id, tier, region, credit_limit_minor, terms_days, attributes, created_at
         FROM dealers WHERE company_id = $1 AND id = $2",
        company,
        id
    )
}

/// The dealer with a code, if it is within the branch (see [`List`]).
///
/// # Errors
/// As any query.
pub async fn by_code(
    tx: &mut Tx,
    company: CompanyId,
    code: &str,
    ancestor: Option<DealerId>,
    depth: i64,
) -> Result<Option<Dealer>> {
    optional!(
        tx,
        Dealer,
        "SELECT id, code, name, parent_id, tier, region, credit_limit_minor, terms_days, attributes, created_at
         FROM dealers d WHERE company_id = $1 AND code = $2
           AND ($3 IS NULL OR EXISTS (SELECT 1 FROM dealer_branches b WHERE b.company_id = d.company_id
                AND b.ancestor_id = $3 AND b.dealer_id = d.id AND b.depth <= $4))",
        company,
        code,
        ancestor,
        depth
    )
}

/// Every dealer by code; for imports and programs, which look at all of them.
///
/// # Errors
/// As any query.
pub async fn all(tx: &mut Tx, company: CompanyId) -> Result<Vec<Dealer>> {
    all!(
        tx,
        Dealer,
        "SELECT id, code, name, parent_id, tier, region, credit_limit_minor, terms_days, attributes, created_at
         FROM dealers WHERE company_id = $1 ORDER BY code",
        company
    )
}

/// Those above a dealer, the nearest first.
///
/// # Errors
/// As any query.
pub async fn above(tx: &mut Tx, company: CompanyId, id: DealerId) -> Result<Vec<Dealer>> {
    all!(
        tx,
        Dealer,
        "SELECT d.id, d.code, d.name, d.parent_id, d.tier, d.region, d.credit_limit_minor, d.terms_days,
             d.attributes, d.created_at
         FROM dealer_branches b JOIN dealers d ON d.company_id = b.company_id AND d.id = b.ancestor_id
         WHERE b.company_id = $1 AND b.dealer_id = $2 AND b.depth > 0 ORDER BY b.depth",
        company,
        id
    )
}

/// Those right below a dealer, by code.
///
/// # Errors
/// As any query.
pub async fn children(tx: &mut Tx, company: CompanyId, id: DealerId) -> Result<Vec<Dealer>> {
    all!(
        tx,
        Dealer,
        "SELECT id, code, name, parent_id, tier, region, credit_limit_minor, terms_days, attributes, created_at
         FROM dealers WHERE company_id = $1 AND parent_id = $2 ORDER BY code",
        company,
        id
    )
}

/// Whether a dealer stands somewhere in a branch, its top included.
///
/// # Errors
/// As any query.
pub async fn in_branch(tx: &mut Tx, company: CompanyId, top: DealerId, dealer: DealerId) -> Result<bool> {
    let found = optional!(
        tx,
        (i64,),
        "SELECT depth FROM dealer_branches WHERE company_id = $1 AND ancestor_id = $2 AND dealer_id = $3",
        company,
        top,
        dealer
    )?;
    Ok(found.is_some())
}

/// The tiers and regions in use, each with how many dealers have it.
///
/// # Errors
/// As any query.
pub async fn tiers(tx: &mut Tx, company: CompanyId) -> Result<Vec<(String, i64)>> {
    all!(
        tx,
        (String, i64),
        "SELECT tier, COUNT(*) FROM dealers WHERE company_id = $1 GROUP BY tier ORDER BY tier",
        company
    )
}

/// The regions in use, each with how many dealers are in it.
///
/// # Errors
/// As any query.
pub async fn regions(tx: &mut Tx, company: CompanyId) -> Result<Vec<(String, i64)>> {
    all!(
        tx,
        (String, i64),
        "SELECT region, COUNT(*) FROM dealers WHERE company_id = $1 GROUP BY region ORDER BY region",
        company
    )
}

/// Stores dealers as they are given, new or known by their code; `created_at` and `id` of a known one stay.
/// Their order does not matter, parents included. Call [`rebuild_branches`] afterwards.
///
/// # Errors
/// [`crate::StoreError::Conflict`] when a parent does not exist (on SQLite when the transaction commits).
pub async fn save(tx: &mut Tx, company: CompanyId, dealers: &[Dealer]) -> Result<()> {
    // Postgres checks foreign keys when the statement ends; SQLite waits for the commit when told to.
    execute!(tx, { sqlite: "PRAGMA defer_foreign_keys = ON", postgres: "SELECT 1" })?;
    let all = || dealers.iter();
    Bulk::into("dealers")
        .column("id", Column::ids(all().map(|dealer| dealer.id.0)))
        .column("code", Column::texts(all().map(|dealer| &dealer.code)))
        .column("name", Column::texts(all().map(|dealer| &dealer.name)))
        .column(
            "search",
            Column::texts(all().map(|dealer| folded(&format!("{} {}", dealer.code, dealer.name)))),
        )
        .column("parent_id", Column::ids(all().map(|dealer| dealer.parent_id.map(|id| id.0))))
        .column("tier", Column::texts(all().map(|dealer| &dealer.tier)))
        .column("region", Column::texts(all().map(|dealer| &dealer.region)))
        .column("credit_limit_minor", Column::numbers(all().map(|dealer| dealer.credit_limit_minor)))
        .column("terms_days", Column::numbers(all().map(|dealer| dealer.terms_days)))
        .column("attributes", Column::Documents(all().map(|dealer| dealer.attributes.0.clone()).collect()))
        .column("created_at", Column::Moments(all().map(|dealer| dealer.created_at).collect()))
        .then(
            "ON CONFLICT (company_id, code) DO UPDATE SET name = excluded.name, search = excluded.search,
             parent_id = excluded.parent_id, tier = excluded.tier, region = excluded.region,
             credit_limit_minor = excluded.credit_limit_minor, terms_days = excluded.terms_days,
             attributes = excluded.attributes",
        )
        .insert(tx, company)
        .await?;
    Ok(())
}

/// Computes every branch anew from the dealers' parents, which must not form a ring.
///
/// # Errors
/// As any query.
pub async fn rebuild_branches(tx: &mut Tx, company: CompanyId) -> Result<()> {
    execute!(tx, "DELETE FROM dealer_branches WHERE company_id = $1", company)?;
    execute!(
        tx,
        "INSERT INTO dealer_branches (company_id, ancestor_id, dealer_id, depth)
         WITH RECURSIVE up (ancestor_id, dealer_id, depth) AS (
             SELECT id, id, CAST(0 AS BIGINT) FROM dealers WHERE company_id = $1
             UNION ALL
             SELECT d.parent_id, up.dealer_id, up.depth + 1 FROM up
             JOIN dealers d ON d.company_id = $1 AND d.id = up.ancestor_id WHERE d.parent_id IS NOT NULL
         )
         SELECT $1, ancestor_id, dealer_id, depth FROM up",
        company
    )?;
    Ok(())
}
