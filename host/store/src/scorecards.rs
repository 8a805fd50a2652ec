//! Scorecards of dealers by period.

use crate::bulk::{Bulk, Column};
use crate::{Result, Tx};
use qudao_domain::decimal::Exact;
use qudao_domain::ids::{CompanyId, DealerId, DecisionId, ScorecardId};
use qudao_domain::time::Instant;

/// A scorecard to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct New {
    /// Its id.
    pub id: ScorecardId,
    /// Whose.
    pub dealer: DealerId,
    /// Points in all.
    pub total: Exact,
    /// One of the plugin's codes.
    pub grade: String,
    /// The evaluation that it rests on.
    pub decision: DecisionId,
}

/// A scorecard with its dealer.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Scorecard {
    /// Its id.
    pub id: ScorecardId,
    /// Whose.
    pub dealer_id: DealerId,
    /// The dealer's code.
    pub dealer: String,
    /// The dealer's name.
    pub dealer_name: String,
    /// The dealer's region.
    pub region: String,
    /// The dealer's tier.
    pub tier: String,
    /// The period, as `2026-Q4`.
    pub period: String,
    /// Counts how often the period was scored, from 1.
    pub number: i64,
    /// Points in all.
    pub total: Exact,
    /// One of the plugin's codes.
    pub grade: String,
    /// The evaluation that it rests on.
    pub decision_id: DecisionId,
    /// The plugin that made it.
    pub plugin_digest: String,
    /// When.
    pub scored_at: Instant,
    /// Whether it is within the branch that was asked for.
    pub within: bool,
}

/// The counter that counts how often a period was scored.
#[must_use]
pub fn counter(period: &str) -> String {
    format!("scores:{period}")
}

/// Keeps the scorecards of one scoring.
///
/// # Errors
/// [`crate::StoreError::Conflict`] when the number is taken.
pub async fn insert(
    tx: &mut Tx,
    company: CompanyId,
    period: &str,
    number: i64,
    at: Instant,
    cards: &[New],
) -> Result<()> {
    let all = || cards.iter();
    Bulk::into("scorecards")
        .column("id", Column::ids(all().map(|card| card.id.0)))
        .column("dealer_id", Column::ids(all().map(|card| card.dealer.0)))
        .column("period", Column::texts(all().map(|_| period)))
        .column("number", Column::numbers(all().map(|_| number)))
        .column("total", Column::texts(all().map(|card| card.total.0)))
        .column("grade", Column::texts(all().map(|card| &card.grade)))
        .column("decision_id", Column::ids(all().map(|card| card.decision.0)))
        .column("scored_at", Column::Moments(all().map(|_| at).collect()))
        .insert(tx, company)
        .await?;
    Ok(())
}

/// The cards of one scoring of a period, by dealer's code. `ancestor` and `depth` only mark those of a branch.
///
/// # Errors
/// As any query.
pub async fn of_scoring(
    tx: &mut Tx,
    company: CompanyId,
    period: &str,
    number: i64,
    ancestor: Option<DealerId>,
    depth: i64,
) -> Result<Vec<Scorecard>> {
    all!(
        tx,
        Scorecard,
        "SELECT s.id, s.dealer_id, d.code AS dealer, d.name AS dealer_name, d.region, d.tier, s.period, s.number,
             s.total, s.grade, s.decision_id, e.plugin_digest, s.scored_at,
             ($4 IS NULL OR EXISTS (SELECT 1 FROM dealer_branches b WHERE b.company_id = s.company_id
                 AND b.ancestor_id = $4 AND b.dealer_id = s.dealer_id AND b.depth <= $5)) AS within
         FROM scorecards s
         JOIN dealers d ON d.company_id = s.company_id AND d.id = s.dealer_id
         JOIN decisions e ON e.company_id = s.company_id AND e.id = s.decision_id
         WHERE s.company_id = $1 AND s.period = $2 AND s.number = $3 ORDER BY d.code",
        company,
        period,
        number,
        ancestor,
        depth
    )
}

/// A scorecard, if it is of a dealer of the branch: its period and number.
///
/// # Errors
/// As any query.
pub async fn find(
    tx: &mut Tx,
    company: CompanyId,
    id: ScorecardId,
    ancestor: Option<DealerId>,
    depth: i64,
) -> Result<Option<(String, i64)>> {
    optional!(
        tx,
        (String, i64),
        "SELECT s.period, s.number FROM scorecards s WHERE s.company_id = $1 AND s.id = $2
           AND ($3 IS NULL OR EXISTS (SELECT 1 FROM dealer_branches b WHERE b.company_id = s.company_id
                AND b.ancestor_id = $3 AND b.dealer_id = s.dealer_id AND b.depth <= $4))",
        company,
        id,
        ancestor,
        depth
    )
}

/// The periods that were scored, the latest first, each with its last scoring's number.
///
/// # Errors
/// As any query.
pub async fn periods(tx: &mut Tx, company: CompanyId) -> Result<Vec<(String, i64)>> {
    all!(
        tx,
        (String, i64),
        "SELECT period, MAX(number) FROM scorecards WHERE company_id = $1 GROUP BY period ORDER BY period DESC",
        company
    )
}
