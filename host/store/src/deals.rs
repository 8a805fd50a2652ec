//! Registered deals: the customers they are about, the registrations, and what each claimant was told.

use crate::{Result, Tx};
use chrono::NaiveDate;
use qudao_domain::contract::Note;
use qudao_domain::deal::{DealState, Outcome};
use qudao_domain::decimal::Exact;
use qudao_domain::ids::{CompanyId, DealId, DealerId, DecisionId, UserId};
use qudao_domain::time::Instant;
use sqlx::types::Json;

/// Selects registrations with what their readers want to know of customer, dealer and people, by a condition.
macro_rules! select_deals {
    ($condition:literal) => {
        concat!(
            "SELECT r.id, r.customer_key, r.customer_name, r.registered_number, r.customer_region, r.dealer_id,
             d.code AS dealer, d.name AS dealer_name, d.tier, d.region, d.attributes, r.user_id, u.name AS user_name,
             r.category, r.skus, r.amount_minor, r.currency, r.expected_close, r.progress, r.note, r.registered_on,
             COALESCE(r.first_registered_on, r.registered_on) AS first_registered_on, r.registered_at, r.decision_id, r.outcome, r.state, r.protected_until, r.floor_share, r.floor_minor,
             r.share_bp, w.name AS decided_by_name, r.decided_at, r.decided_note
         FROM deal_registrations r
         JOIN users u ON u.company_id = r.company_id AND u.id = r.user_id
         LEFT JOIN dealers d ON d.company_id = r.company_id AND d.id = r.dealer_id
         LEFT JOIN users w ON w.company_id = r.company_id AND w.id = r.decided_by ",
            $condition
        )
    };
}

/// A customer that somebody registered.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Customer {
    /// What tells it apart.
    pub key: String,
    /// Number in a public register; empty while nobody gave one.
    pub registered_number: String,
    /// As it was written first.
    pub name: String,
    /// Counts up with every change to its registrations.
    pub revision: i64,
}

/// A registration.
#[derive(Debug, Clone, PartialEq, sqlx::FromRow)]
pub struct Deal {
    /// Its id.
    pub id: DealId,
    /// The customer's key.
    pub customer_key: String,
    /// The customer's name as the claimant wrote it.
    pub customer_name: String,
    /// The customer's number as the claimant wrote it.
    pub registered_number: String,
    /// The customer's region.
    pub customer_region: String,
    /// The dealer; none where the company's own sales registered it.
    pub dealer_id: Option<DealerId>,
    /// The dealer's code.
    pub dealer: Option<String>,
    /// The dealer's name.
    pub dealer_name: Option<String>,
    /// The dealer's tier.
    pub tier: Option<String>,
    /// The dealer's region.
    pub region: Option<String>,
    /// The dealer's company-defined data.
    pub attributes: Option<Json<serde_json::Value>>,
    /// Who registered it.
    pub user_id: UserId,
    /// What they are called.
    pub user_name: String,
    /// What is to be sold.
    pub category: String,
    /// Which products.
    pub skus: Json<Vec<String>>,
    /// What it may be worth, in minor units.
    pub amount_minor: i64,
    /// Of these.
    pub currency: String,
    /// When the customer may decide.
    pub expected_close: NaiveDate,
    /// What happened since the claimant registered the customer before.
    pub progress: String,
    /// What else was said.
    pub note: String,
    /// The day in the company's zone.
    pub registered_on: NaiveDate,
    /// The day of the registration that it extends, and of the first one that that extended.
    pub first_registered_on: NaiveDate,
    /// When.
    pub registered_at: Instant,
    /// The evaluation that ruled on it.
    pub decision_id: DecisionId,
    /// What it ruled.
    pub outcome: Outcome,
    /// Where it stands.
    pub state: DealState,
    /// Until when nobody else may win the customer.
    pub protected_until: Option<NaiveDate>,
    /// The lowest price as a share of the list price.
    pub floor_share: Option<Exact>,
    /// The lowest price of the whole, in minor units.
    pub floor_minor: Option<i64>,
    /// The claimant's share of a split, in hundredths of a per cent.
    pub share_bp: Option<i64>,
    /// Who decided what was asked.
    pub decided_by_name: Option<String>,
    /// When.
    pub decided_at: Option<Instant>,
    /// What they said.
    pub decided_note: String,
}

/// A registration to be kept.
#[derive(Debug, Clone)]
pub struct NewDeal<'a> {
    /// Its id.
    pub id: DealId,
    /// The customer's key.
    pub customer_key: &'a str,
    /// The customer's name as the claimant wrote it.
    pub customer_name: &'a str,
    /// The customer's number as the claimant wrote it.
    pub registered_number: &'a str,
    /// The customer's region.
    pub customer_region: &'a str,
    /// The dealer; none for the company's own sales.
    pub dealer: Option<DealerId>,
    /// Who registers it.
    pub user: UserId,
    /// What is to be sold.
    pub category: &'a str,
    /// Which products.
    pub skus: &'a [String],
    /// What it may be worth, in minor units.
    pub amount_minor: i64,
    /// Of these.
    pub currency: &'a str,
    /// When the customer may decide.
    pub expected_close: NaiveDate,
    /// What happened since the claimant registered the customer before.
    pub progress: &'a str,
    /// What else there is to say.
    pub note: &'a str,
    /// The day in the company's zone.
    pub registered_on: NaiveDate,
    /// The first day of what it extends; none where it extends nothing.
    pub first_registered_on: Option<NaiveDate>,
    /// When.
    pub registered_at: Instant,
    /// The evaluation that ruled on it.
    pub decision: DecisionId,
    /// What it ruled.
    pub outcome: Outcome,
    /// Until when nobody else may win the customer.
    pub protected_until: Option<NaiveDate>,
    /// The lowest price as a share of the list price.
    pub floor_share: Option<Exact>,
    /// The lowest price of the whole, in minor units.
    pub floor_minor: Option<i64>,
    /// The claimant's share of a split, in hundredths of a per cent.
    pub share_bp: Option<i64>,
}

/// The customer with a registered number, else with a key.
///
/// # Errors
/// As any query.
pub async fn customer(tx: &mut Tx, company: CompanyId, key: &str, number: &str) -> Result<Option<Customer>> {
    optional!(
        tx,
        Customer,
        "SELECT key, registered_number, name, revision FROM deal_customers
         WHERE company_id = $1 AND (key = $2 OR (registered_number = $3 AND $3 <> ''))
         ORDER BY CASE WHEN registered_number = $3 THEN 0 ELSE 1 END LIMIT 1",
        company,
        key,
        number
    )
}

/// Counts a customer up if its revision is still the one that was seen (0: it was not there), and completes its number;
/// false when somebody was faster. Others who want the same customer wait until the transaction ends.
///
/// # Errors
/// As any query.
pub async fn advance(tx: &mut Tx, company: CompanyId, seen: &Customer) -> Result<bool> {
    let changed = if seen.revision == 0 {
        execute!(
            tx,
            "INSERT INTO deal_customers (company_id, key, registered_number, name, revision)
             VALUES ($1, $2, $3, $4, 1) ON CONFLICT DO NOTHING",
            company,
            &seen.key,
            &seen.registered_number,
            &seen.name
        )?
    } else {
        execute!(
            tx,
            "UPDATE deal_customers SET revision = revision + 1, registered_number = $4
             WHERE company_id = $1 AND key = $2 AND revision = $3",
            company,
            &seen.key,
            seen.revision,
            &seen.registered_number
        )?
    };
    Ok(changed == 1)
}

/// Keeps a registration; its state follows from the outcome.
///
/// # Errors
/// As any query.
pub async fn insert(tx: &mut Tx, company: CompanyId, new: &NewDeal<'_>) -> Result<()> {
    execute!(
        tx,
        "INSERT INTO deal_registrations (company_id, id, customer_key, customer_name, registered_number,
             customer_region, dealer_id, user_id, category, skus, amount_minor, currency, expected_close, progress,
             note, registered_on, registered_at, decision_id, outcome, state, protected_until, floor_share,
             floor_minor, share_bp, first_registered_on, decided_note)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22,
             $23, $24, $25, '')",
        company,
        new.id,
        new.customer_key,
        new.customer_name,
        new.registered_number,
        new.customer_region,
        new.dealer,
        new.user,
        new.category,
        Json(new.skus),
        new.amount_minor,
        new.currency,
        new.expected_close,
        new.progress,
        new.note,
        new.registered_on,
        new.registered_at,
        new.decision,
        new.outcome,
        DealState::of(new.outcome),
        new.protected_until,
        new.floor_share,
        new.floor_minor,
        new.share_bp,
        new.first_registered_on
    )?;
    Ok(())
}

/// The open registrations of a customer on a day, the oldest first, at most `limit`: those accepted or asked whose
/// protection, or without one the expected close, has not passed.
///
/// # Errors
/// As any query.
pub async fn open(
    tx: &mut Tx,
    company: CompanyId,
    key: &str,
    on: NaiveDate,
    limit: i64,
) -> Result<Vec<Deal>> {
    all!(
        tx,
        Deal,
        select_deals!(
            "WHERE r.company_id = $1 AND r.customer_key = $2 AND r.state IN ('accepted', 'asked')
           AND COALESCE(r.protected_until, r.expected_close) >= $3
         ORDER BY r.id LIMIT $4"
        ),
        company,
        key,
        on,
        limit
    )
}

/// Which registrations to list.
#[derive(Debug, Clone, Copy)]
pub struct List<'a> {
    /// Only those of a branch below this dealer.
    pub ancestor: Option<DealerId>,
    /// How far below it.
    pub depth: i64,
    /// Only in this state; empty: in any.
    pub state: &'a str,
    /// Only those whose customer's name or key contains this.
    pub search: &'a str,
    /// Only those older than this one.
    pub before: Option<DealId>,
    /// At most so many.
    pub limit: i64,
}

/// Registrations, the latest first.
///
/// # Errors
/// As any query.
pub async fn list(tx: &mut Tx, company: CompanyId, list: &List<'_>) -> Result<Vec<Deal>> {
    let words = format!("%{}%", list.search.to_lowercase());
    all!(
        tx,
        Deal,
        select_deals!(
            "WHERE r.company_id = $1
           AND ($2 IS NULL OR EXISTS (SELECT 1 FROM dealer_branches b WHERE b.company_id = r.company_id
                AND b.ancestor_id = $2 AND b.dealer_id = r.dealer_id AND b.depth <= $3))
           AND ($4 = '' OR r.state = $4) AND (LOWER(r.customer_name) LIKE $5 OR r.customer_key LIKE $5)
           AND ($6 IS NULL OR r.id < $6)
         ORDER BY r.id DESC LIMIT $7"
        ),
        company,
        list.ancestor,
        list.depth,
        list.state,
        &words,
        list.before,
        list.limit
    )
}

/// How many registrations there are in each state.
///
/// # Errors
/// As any query.
pub async fn counts(
    tx: &mut Tx,
    company: CompanyId,
    ancestor: Option<DealerId>,
    depth: i64,
) -> Result<Vec<(DealState, i64)>> {
    all!(
        tx,
        (DealState, i64),
        "SELECT r.state, COUNT(*) FROM deal_registrations r
         WHERE r.company_id = $1
           AND ($2 IS NULL OR EXISTS (SELECT 1 FROM dealer_branches b WHERE b.company_id = r.company_id
                AND b.ancestor_id = $2 AND b.dealer_id = r.dealer_id AND b.depth <= $3))
         GROUP BY r.state",
        company,
        ancestor,
        depth
    )
}

/// A registration, if it is of a dealer of the branch.
///
/// # Errors
/// As any query.
pub async fn find(
    tx: &mut Tx,
    company: CompanyId,
    id: DealId,
    ancestor: Option<DealerId>,
    depth: i64,
) -> Result<Option<Deal>> {
    optional!(
        tx,
        Deal,
        select_deals!(
            "WHERE r.company_id = $1 AND r.id = $2
           AND ($3 IS NULL OR EXISTS (SELECT 1 FROM dealer_branches b WHERE b.company_id = r.company_id
                AND b.ancestor_id = $3 AND b.dealer_id = r.dealer_id AND b.depth <= $4))"
        ),
        company,
        id,
        ancestor,
        depth
    )
}

/// Moves a registration from one state to another; false when it was in none of that.
///
/// # Errors
/// As any query.
pub async fn step(
    tx: &mut Tx,
    company: CompanyId,
    id: DealId,
    from: DealState,
    to: DealState,
) -> Result<bool> {
    let changed = execute!(
        tx,
        "UPDATE deal_registrations SET state = $4 WHERE company_id = $1 AND id = $2 AND state = $3",
        company,
        id,
        from,
        to
    )?;
    Ok(changed == 1)
}

/// Keeps who decided what was asked, when, and what they said.
///
/// # Errors
/// As any query.
pub async fn decided(
    tx: &mut Tx,
    company: CompanyId,
    id: DealId,
    by: UserId,
    at: Instant,
    note: &str,
) -> Result<()> {
    execute!(
        tx,
        "UPDATE deal_registrations SET decided_by = $3, decided_at = $4, decided_note = $5
         WHERE company_id = $1 AND id = $2",
        company,
        id,
        by,
        at,
        note
    )?;
    Ok(())
}

/// What a later ruling changes on an open registration. What is none stays as it is.
///
/// # Errors
/// As any query.
pub async fn affect(
    tx: &mut Tx,
    company: CompanyId,
    id: DealId,
    floor: (Option<Exact>, Option<i64>),
    share_bp: Option<i64>,
) -> Result<()> {
    execute!(
        tx,
        "UPDATE deal_registrations
         SET floor_share = CASE WHEN $3 IS NULL AND $4 IS NULL THEN floor_share ELSE $3 END,
             floor_minor = CASE WHEN $3 IS NULL AND $4 IS NULL THEN floor_minor ELSE $4 END,
             share_bp = COALESCE($5, share_bp)
         WHERE company_id = $1 AND id = $2",
        company,
        id,
        floor.0,
        floor.1,
        share_bp
    )?;
    Ok(())
}

/// What a claimant was told.
#[derive(Debug, Clone, PartialEq, sqlx::FromRow)]
pub struct Notice {
    /// Whose registration.
    pub registration_id: DealId,
    /// The evaluation that says so.
    pub decision_id: DecisionId,
    /// The plugin that made it, by its digest.
    pub plugin_digest: String,
    /// When.
    pub at: Instant,
    /// Whether the registration ends by it.
    pub ends: bool,
    /// Why.
    pub reasons: Json<Vec<Note>>,
}

/// Keeps what a claimant is told.
///
/// # Errors
/// As any query.
pub async fn tell(
    tx: &mut Tx,
    company: CompanyId,
    id: DealId,
    decision: DecisionId,
    at: Instant,
    (ends, reasons): (bool, &[Note]),
) -> Result<()> {
    execute!(
        tx,
        "INSERT INTO deal_notices (company_id, id, registration_id, decision_id, at, ends, reasons)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        company,
        at.uuid(),
        id,
        decision,
        at,
        ends,
        Json(reasons)
    )?;
    Ok(())
}

/// What a claimant was told about its registration, the latest first.
///
/// # Errors
/// As any query.
pub async fn told(tx: &mut Tx, company: CompanyId, id: DealId) -> Result<Vec<Notice>> {
    all!(
        tx,
        Notice,
        "SELECT n.registration_id, n.decision_id, e.plugin_digest, n.at, n.ends, n.reasons
         FROM deal_notices n JOIN decisions e ON e.company_id = n.company_id AND e.id = n.decision_id
         WHERE n.company_id = $1 AND n.registration_id = $2 ORDER BY n.id DESC",
        company,
        id
    )
}

/// Whom an evaluation told something.
///
/// # Errors
/// As any query.
pub async fn told_by(tx: &mut Tx, company: CompanyId, decision: DecisionId) -> Result<Vec<Notice>> {
    all!(
        tx,
        Notice,
        "SELECT n.registration_id, n.decision_id, e.plugin_digest, n.at, n.ends, n.reasons
         FROM deal_notices n JOIN decisions e ON e.company_id = n.company_id AND e.id = n.decision_id
         WHERE n.company_id = $1 AND n.decision_id = $2 ORDER BY n.id",
        company,
        decision
    )
}
