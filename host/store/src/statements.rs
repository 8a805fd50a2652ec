//! What dealers see of settlements.

use crate::bulk::{Bulk, Column};
use crate::{Result, Tx};
use qudao_domain::contract::Note;
use qudao_domain::ids::{CompanyId, DealerId, DecisionId, ProgramId, RunId, StatementId};
use qudao_domain::incentive::Basis;
use qudao_domain::time::Instant;
use sqlx::types::Json;

/// A statement to be kept.
#[derive(Debug, Clone, PartialEq)]
pub struct New {
    /// Its id.
    pub id: StatementId,
    /// Whose.
    pub dealer: DealerId,
    /// What the period earns the dealer in all, in minor units.
    pub total_minor: i64,
    /// What this run posted for the dealer.
    pub posted_minor: i64,
    /// Why schemes did not pay.
    pub unpaid: Vec<Note>,
    /// SHA-256 of the total, lines and reasons, so that a run sees whether anything changed.
    pub content_hash: String,
    /// The payouts.
    pub lines: Vec<Line>,
}

/// One payout of a statement.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// What it is for.
    pub reason: Note,
    /// Minor units.
    pub amount_minor: i64,
    /// What it rests on.
    pub basis: Basis,
    /// The steps of the calculation.
    pub steps: Vec<Note>,
}

#[derive(sqlx::FromRow)]
struct LineRow {
    reason: Json<Note>,
    amount_minor: i64,
    basis: Json<Basis>,
    steps: Json<Vec<Note>>,
}

/// A statement with what it is of.
#[derive(Debug, Clone, PartialEq, sqlx::FromRow)]
pub struct Statement {
    /// Its id.
    pub id: StatementId,
    /// The run that wrote it.
    pub run_id: RunId,
    /// The run's number.
    pub number: i64,
    /// The last fact that the run saw.
    pub watermark: i64,
    /// The run's evaluation.
    pub decision_id: DecisionId,
    /// The program.
    pub program_id: ProgramId,
    /// Its code.
    pub program: String,
    /// Its name in Chinese.
    pub program_zh: String,
    /// Its name in English.
    pub program_en: String,
    /// The period, as `2026-Q4`.
    pub period: String,
    /// Whose.
    pub dealer_id: DealerId,
    /// The dealer's code.
    pub dealer: String,
    /// The dealer's name.
    pub dealer_name: String,
    /// What the period earns in all, in minor units.
    pub total_minor: i64,
    /// What the run posted of it; the rest was posted before.
    pub posted_minor: i64,
    /// ISO 4217.
    pub currency: String,
    /// Why schemes did not pay.
    pub unpaid: Json<Vec<Note>>,
    /// When it was written.
    pub created_at: Instant,
    /// Whether no later run wrote one for the same dealer, program and period.
    pub latest: bool,
}

/// Which statements to list.
#[derive(Debug, Clone, Copy, Default)]
pub struct List<'a> {
    /// Only this dealer's branch …
    pub ancestor: Option<DealerId>,
    /// … down to this depth.
    pub depth: i64,
    /// Only of this program's code; empty for all.
    pub program: &'a str,
    /// Only of this period; empty for all.
    pub period: &'a str,
    /// Only those that part of the dealer's code or name matches; empty for all.
    pub dealer: &'a str,
    /// Also those that a later run replaced.
    pub replaced: bool,
    /// Only of this run.
    pub run: Option<RunId>,
    /// Only older than this one (keyset paging).
    pub before: Option<StatementId>,
    /// At most so many.
    pub limit: i64,
}

/// Keeps the statements of a run.
///
/// # Errors
/// [`crate::StoreError::Conflict`] when the run has one for a dealer already.
pub async fn insert(
    tx: &mut Tx,
    company: CompanyId,
    run: &crate::settlements::Run,
    statements: &[New],
) -> Result<()> {
    let all = || statements.iter();
    Bulk::into("statements")
        .column("id", Column::ids(all().map(|new| new.id.0)))
        .column("run_id", Column::ids(all().map(|_| run.id.0)))
        .column("program_id", Column::ids(all().map(|_| run.program_id.0)))
        .column("period", Column::texts(all().map(|_| &run.period)))
        .column("dealer_id", Column::ids(all().map(|new| new.dealer.0)))
        .column("total_minor", Column::numbers(all().map(|new| new.total_minor)))
        .column("posted_minor", Column::numbers(all().map(|new| new.posted_minor)))
        .column("currency", Column::texts(all().map(|_| &run.currency)))
        .column("unpaid", Column::Documents(all().map(|new| serde_json::json!(new.unpaid)).collect()))
        .column("content_hash", Column::texts(all().map(|new| &new.content_hash)))
        .column("created_at", Column::Moments(all().map(|_| run.run_at).collect()))
        .insert(tx, company)
        .await?;
    let lines =
        || all().flat_map(|new| (1_i64..).zip(&new.lines).map(move |(number, line)| (new.id, number, line)));
    Bulk::into("statement_lines")
        .column("statement_id", Column::ids(lines().map(|(id, _, _)| id.0)))
        .column("line", Column::numbers(lines().map(|(_, number, _)| number)))
        .column(
            "reason",
            Column::Documents(lines().map(|(_, _, line)| serde_json::json!(line.reason)).collect()),
        )
        .column("amount_minor", Column::numbers(lines().map(|(_, _, line)| line.amount_minor)))
        .column(
            "basis",
            Column::Documents(lines().map(|(_, _, line)| serde_json::json!(line.basis)).collect()),
        )
        .column(
            "steps",
            Column::Documents(lines().map(|(_, _, line)| serde_json::json!(line.steps)).collect()),
        )
        .insert(tx, company)
        .await?;
    Ok(())
}

/// The content of each dealer's latest statement of a program and period, as its hash.
///
/// # Errors
/// As any query.
pub async fn latest_hashes(
    tx: &mut Tx,
    company: CompanyId,
    program: ProgramId,
    period: &str,
) -> Result<Vec<(DealerId, String)>> {
    all!(
        tx,
        (DealerId, String),
        "SELECT s.dealer_id, s.content_hash FROM statements s
         JOIN settlement_runs r ON r.company_id = s.company_id AND r.id = s.run_id
         WHERE s.company_id = $1 AND s.program_id = $2 AND s.period = $3
           AND NOT EXISTS (
               SELECT 1 FROM statements o
               JOIN settlement_runs n ON n.company_id = o.company_id AND n.id = o.run_id
               WHERE o.company_id = s.company_id AND o.program_id = s.program_id AND o.period = s.period
                 AND o.dealer_id = s.dealer_id AND n.number > r.number)",
        company,
        program,
        period
    )
}

/// Statements, the latest first.
///
/// # Errors
/// As any query.
pub async fn list(tx: &mut Tx, company: CompanyId, list: &List<'_>) -> Result<Vec<Statement>> {
    let like = (!list.dealer.trim().is_empty())
        .then(|| crate::orders::contains(&crate::products::folded(list.dealer)));
    all!(
        tx,
        Statement,
        "WITH found AS (
             SELECT s.id, s.run_id, r.number, r.watermark, r.decision_id, s.program_id, p.code AS program,
                 p.name_zh AS program_zh, p.name_en AS program_en, s.period, s.dealer_id, d.code AS dealer,
                 d.name AS dealer_name, s.total_minor, s.posted_minor, s.currency, s.unpaid, s.created_at,
                 NOT EXISTS (
                     SELECT 1 FROM statements o
                     JOIN settlement_runs n ON n.company_id = o.company_id AND n.id = o.run_id
                     WHERE o.company_id = s.company_id AND o.program_id = s.program_id AND o.period = s.period
                       AND o.dealer_id = s.dealer_id AND n.number > r.number) AS latest
             FROM statements s
             JOIN settlement_runs r ON r.company_id = s.company_id AND r.id = s.run_id
             JOIN programs p ON p.company_id = s.company_id AND p.id = s.program_id
             JOIN dealers d ON d.company_id = s.company_id AND d.id = s.dealer_id
             WHERE s.company_id = $1
               AND ($2 IS NULL OR EXISTS (SELECT 1 FROM dealer_branches b WHERE b.company_id = s.company_id
                    AND b.ancestor_id = $2 AND b.dealer_id = s.dealer_id AND b.depth <= $3))
               AND ($4 = '' OR p.code = $4) AND ($5 = '' OR s.period = $5)
               AND ($6 IS NULL OR d.search LIKE $6 ESCAPE '!')
               AND ($7 IS NULL OR s.run_id = $7) AND ($8 IS NULL OR s.id < $8)
         )
         SELECT * FROM found WHERE latest OR $9 ORDER BY id DESC LIMIT $10",
        company,
        list.ancestor,
        list.depth,
        list.program,
        list.period,
        like.as_deref(),
        list.run,
        list.before,
        list.replaced,
        list.limit
    )
}

/// A statement, if it is of a dealer of the branch.
///
/// # Errors
/// As any query.
pub async fn find(
    tx: &mut Tx,
    company: CompanyId,
    id: StatementId,
    ancestor: Option<DealerId>,
    depth: i64,
) -> Result<Option<Statement>> {
    optional!(
        tx,
        Statement,
        "SELECT s.id, s.run_id, r.number, r.watermark, r.decision_id, s.program_id, p.code AS program,
             p.name_zh AS program_zh, p.name_en AS program_en, s.period, s.dealer_id, d.code AS dealer,
             d.name AS dealer_name, s.total_minor, s.posted_minor, s.currency, s.unpaid, s.created_at,
             NOT EXISTS (
                 SELECT 1 FROM statements o
                 JOIN settlement_runs n ON n.company_id = o.company_id AND n.id = o.run_id
                 WHERE o.company_id = s.company_id AND o.program_id = s.program_id AND o.period = s.period
                   AND o.dealer_id = s.dealer_id AND n.number > r.number) AS latest
         FROM statements s
         JOIN settlement_runs r ON r.company_id = s.company_id AND r.id = s.run_id
         JOIN programs p ON p.company_id = s.company_id AND p.id = s.program_id
         JOIN dealers d ON d.company_id = s.company_id AND d.id = s.dealer_id
         WHERE s.company_id = $1 AND s.id = $2
           AND ($3 IS NULL OR EXISTS (SELECT 1 FROM dealer_branches b WHERE b.company_id = s.company_id
                AND b.ancestor_id = $3 AND b.dealer_id = s.dealer_id AND b.depth <= $4))",
        company,
        id,
        ancestor,
        depth
    )
}

/// The lines of a statement, in their order.
///
/// # Errors
/// As any query.
pub async fn lines(tx: &mut Tx, company: CompanyId, id: StatementId) -> Result<Vec<Line>> {
    let rows = all!(
        tx,
        LineRow,
        "SELECT reason, amount_minor, basis, steps FROM statement_lines
         WHERE company_id = $1 AND statement_id = $2 ORDER BY line",
        company,
        id
    )?;
    let line = |row: LineRow| Line {
        reason: row.reason.0,
        amount_minor: row.amount_minor,
        basis: row.basis.0,
        steps: row.steps.0,
    };
    Ok(rows.into_iter().map(line).collect())
}

/// How many statements a list holds in all, and the sum of their totals in minor units.
///
/// # Errors
/// As any query.
pub async fn totals(tx: &mut Tx, company: CompanyId, list: &List<'_>) -> Result<(i64, i64)> {
    let like = (!list.dealer.trim().is_empty())
        .then(|| crate::orders::contains(&crate::products::folded(list.dealer)));
    one!(
        tx,
        (i64, i64),
        "SELECT COUNT(*), CAST(COALESCE(SUM(s.total_minor), 0) AS BIGINT)
         FROM statements s
         JOIN settlement_runs r ON r.company_id = s.company_id AND r.id = s.run_id
         JOIN programs p ON p.company_id = s.company_id AND p.id = s.program_id
         JOIN dealers d ON d.company_id = s.company_id AND d.id = s.dealer_id
         WHERE s.company_id = $1
           AND ($2 IS NULL OR EXISTS (SELECT 1 FROM dealer_branches b WHERE b.company_id = s.company_id
                AND b.ancestor_id = $2 AND b.dealer_id = s.dealer_id AND b.depth <= $3))
           AND ($4 = '' OR p.code = $4) AND ($5 = '' OR s.period = $5)
           AND ($6 IS NULL OR d.search LIKE $6 ESCAPE '!')
           AND ($7 IS NULL OR s.run_id = $7)
           AND ($8 OR NOT EXISTS (
               SELECT 1 FROM statements o
               JOIN settlement_runs n ON n.company_id = o.company_id AND n.id = o.run_id
               WHERE o.company_id = s.company_id AND o.program_id = s.program_id AND o.period = s.period
                 AND o.dealer_id = s.dealer_id AND n.number > r.number))",
        company,
        list.ancestor,
        list.depth,
        list.program,
        list.period,
        like.as_deref(),
        list.run,
        list.replaced
    )
}

/// The periods and programs of a branch's statements, the latest period first: period, program's code and names.
///
/// # Errors
/// As any query.
pub async fn kinds(
    tx: &mut Tx,
    company: CompanyId,
    ancestor: Option<DealerId>,
    depth: i64,
) -> Result<Vec<(String, String, String, String)>> {
    all!(
        tx,
        (String, String, String, String),
        "SELECT DISTINCT s.period, p.code, p.name_zh, p.name_en
         FROM statements s JOIN programs p ON p.company_id = s.company_id AND p.id = s.program_id
         WHERE s.company_id = $1
           AND ($2 IS NULL OR EXISTS (SELECT 1 FROM dealer_branches b WHERE b.company_id = s.company_id
                AND b.ancestor_id = $2 AND b.dealer_id = s.dealer_id AND b.depth <= $3))
         ORDER BY s.period DESC, p.code",
        company,
        ancestor,
        depth
    )
}
