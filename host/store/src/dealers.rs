//! Dealers and the tree that they form.

use crate::bulk::{Bulk, Column};
use crate::orders::contains;
use crate::products::folded;
use crate::{Result, Tx};
use chrono::NaiveDate;
use qudao_domain::ids::{CompanyId, DealerId};
use qudao_domain::time::Instant;
use sqlx::AssertSqlSafe;
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

/// In which order dealers are listed; where two are equal, by code.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum SortBy {
    /// By code.
    #[default]
    Code,
    /// By name.
    Name,
    /// By region.
    Region,
    /// By tier.
    Tier,
    /// By how many orders they placed.
    Orders,
    /// By turnover.
    Turnover,
}

/// Which dealers to list. Empty filters let everything through.
#[derive(Debug, Clone, Copy)]
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
    /// The day from which on orders and turnover count.
    pub since: NaiveDate,
    /// In which order.
    pub sort: SortBy,
    /// Whether the last comes first.
    pub down: bool,
    /// Only those after the one with this code (keyset paging).
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
    /// How many dealers stand above it.
    pub level: i64,
    /// How many dealers stand below it, at any depth.
    pub below: i64,
    /// Orders placed and not called off.
    pub orders: i64,
    /// Net amounts shipped less returned, in minor units of the company's currency.
    pub turnover_minor: i64,
}

/// Dealers in the order asked for.
///
/// # Errors
/// As any query.
pub async fn list(tx: &mut Tx, company: CompanyId, list: &List<'_>) -> Result<Vec<Listed>> {
    let pattern = pattern(list.search);
    // Column and direction are ours: nothing that was typed gets into the text.
    let key = match list.sort {
        SortBy::Code => "code",
        SortBy::Name => "name",
        SortBy::Region => "region",
        SortBy::Tier => "tier",
        SortBy::Orders => "orders",
        SortBy::Turnover => "turnover_minor",
    };
    let (later, direction) = if list.down { ("<", "DESC") } else { (">", "ASC") };
    let sql = format!(
        "WITH l AS (
             SELECT d.id, d.code, d.name, d.search, d.parent_id, d.tier, d.region, d.credit_limit_minor, d.terms_days,
                 d.attributes, d.created_at, COALESCE(o.orders, 0) AS orders, COALESCE(f.turnover, 0) AS turnover_minor
             FROM dealers d
             LEFT JOIN (SELECT dealer_id, COUNT(*) AS orders FROM orders
                        WHERE company_id = $1 AND ordered_on >= $2 AND status <> 'cancelled' GROUP BY dealer_id) o
                 ON o.dealer_id = d.id
             LEFT JOIN (SELECT dealer_id, CAST(SUM(amount_minor) AS BIGINT) AS turnover FROM facts
                        WHERE company_id = $1 AND effective_on >= $2 GROUP BY dealer_id) f
                 ON f.dealer_id = d.id
             WHERE d.company_id = $1
         )
         SELECT l.id, l.code, l.name, l.parent_id, l.tier, l.region, l.credit_limit_minor, l.terms_days, l.attributes,
             l.created_at, l.orders, l.turnover_minor, p.code AS parent_code, p.name AS parent_name,
             (SELECT COUNT(*) FROM dealer_branches x WHERE x.company_id = $1 AND x.dealer_id = l.id
              AND x.depth > 0) AS level,
             (SELECT COUNT(*) FROM dealer_branches x WHERE x.company_id = $1 AND x.ancestor_id = l.id
              AND x.depth > 0) AS below
         FROM l LEFT JOIN dealers p ON p.company_id = $1 AND p.id = l.parent_id
         WHERE ($3 = '' OR l.{key} {later} (SELECT a.{key} FROM l a WHERE a.code = $3)
                OR (l.{key} = (SELECT a.{key} FROM l a WHERE a.code = $3) AND l.code > $3))
           AND ($4 = '' OR l.tier = $4) AND ($5 = '' OR l.region = $5)
           AND (l.search LIKE $6 ESCAPE '!' OR $6 IS NULL)
           AND (EXISTS (SELECT 1 FROM dealer_branches b WHERE b.company_id = $1
                AND b.ancestor_id = $7 AND b.dealer_id = l.id AND b.depth <= $8) OR $7 IS NULL)
         ORDER BY l.{key} {direction}, l.code LIMIT $9"
    );
    all!(
        tx,
        Listed,
        AssertSqlSafe(sql),
        company,
        list.since,
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
           AND (d.search LIKE $4 ESCAPE '!' OR $4 IS NULL)
           AND (EXISTS (SELECT 1 FROM dealer_branches b WHERE b.company_id = d.company_id
                AND b.ancestor_id = $5 AND b.dealer_id = d.id AND b.depth <= $6) OR $5 IS NULL)",
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
           AND (EXISTS (SELECT 1 FROM dealer_branches b WHERE b.company_id = d.company_id
                AND b.ancestor_id = $3 AND b.dealer_id = d.id AND b.depth <= $4) OR $3 IS NULL)",
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

/// What a dealer did; amounts in minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::FromRow)]
pub struct Past {
    /// Shipped less returned from `since` on.
    pub turnover_minor: i64,
    /// Shipped less returned from `before` to `since`.
    pub turnover_before_minor: i64,
    /// Orders that are neither shipped wholly nor called off.
    pub open_orders: i64,
    /// Incentives posted from `since` on.
    pub incentives_minor: i64,
}

/// What a dealer did since a day and since a day before that.
///
/// # Errors
/// As any query.
pub async fn past(
    tx: &mut Tx,
    company: CompanyId,
    dealer: DealerId,
    currency: &str,
    since: NaiveDate,
    before: NaiveDate,
) -> Result<Past> {
    one!(
        tx,
        Past,
        "SELECT
             (SELECT CAST(COALESCE(SUM(amount_minor), 0) AS BIGINT) FROM facts WHERE company_id = $1 AND dealer_id = $2
              AND currency = $3 AND effective_on >= $4) AS turnover_minor,
             (SELECT CAST(COALESCE(SUM(amount_minor), 0) AS BIGINT) FROM facts WHERE company_id = $1 AND dealer_id = $2
              AND currency = $3 AND effective_on >= $5 AND effective_on < $4) AS turnover_before_minor,
             (SELECT COUNT(*) FROM orders WHERE company_id = $1 AND dealer_id = $2
              AND status IN ('placed', 'confirmed', 'partly-shipped')) AS open_orders,
             (SELECT CAST(COALESCE(-SUM(p.amount_minor), 0) AS BIGINT) FROM postings p
              JOIN entries e ON e.company_id = p.company_id AND e.id = p.entry_id
              WHERE p.company_id = $1 AND p.dealer_id = $2 AND p.currency = $3 AND p.account = 'incentive-payable'
              AND e.effective_on >= $4) AS incentives_minor",
        company,
        dealer,
        currency,
        since,
        before
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
