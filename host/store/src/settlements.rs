//! Runs of settlements, and what the ledger holds of them.

use crate::{Result, Tx};
use qudao_domain::ids::{CompanyId, DealerId, DecisionId, ProgramId, RunId, UserId};
use qudao_domain::ledger::AccountCode;
use qudao_domain::time::Instant;

/// One settlement of a program and period.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Run {
    /// Its id.
    pub id: RunId,
    /// The program.
    pub program_id: ProgramId,
    /// The period, as `2026-Q4`.
    pub period: String,
    /// Counts the runs of program and period from 1, without gaps.
    pub number: i64,
    /// The last fact that it saw.
    pub watermark: i64,
    /// How many facts the plugin was given.
    pub facts: i64,
    /// What the period earns in all, in minor units.
    pub total_minor: i64,
    /// What this run posted: the total less what was posted before.
    pub posted_minor: i64,
    /// How many amounts it posted, each with both its sides.
    pub postings: i64,
    /// How many statements it wrote.
    pub statements: i64,
    /// ISO 4217.
    pub currency: String,
    /// The evaluation that it rests on.
    pub decision_id: DecisionId,
    /// Who ran it.
    pub run_by: UserId,
    /// When.
    pub run_at: Instant,
}

/// A run in a list.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Listed {
    /// The run.
    #[sqlx(flatten)]
    pub run: Run,
    /// The program's code.
    pub program: String,
    /// Its name in Chinese.
    pub name_zh: String,
    /// Its name in English.
    pub name_en: String,
    /// The name of who ran it.
    pub run_by_name: String,
}

/// The counter that puts the runs of a program in order.
#[must_use]
pub fn program_lock(program: ProgramId) -> String {
    format!("settlement:{program}")
}

/// The counter that numbers the runs of a program and period.
#[must_use]
pub fn run_counter(program: ProgramId, period: &str) -> String {
    format!("settlement:{program}:{period}")
}

/// Records a run.
///
/// # Errors
/// [`crate::StoreError::Conflict`] when the number is taken.
pub async fn insert(tx: &mut Tx, company: CompanyId, run: &Run) -> Result<()> {
    execute!(
        tx,
        "INSERT INTO settlement_runs (company_id, id, program_id, period, number, watermark, facts, total_minor,
             posted_minor, postings, statements, currency, decision_id, run_by, run_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
        company,
        run.id,
        run.program_id,
        &run.period,
        run.number,
        run.watermark,
        run.facts,
        run.total_minor,
        run.posted_minor,
        run.postings,
        run.statements,
        &run.currency,
        run.decision_id,
        run.run_by,
        run.run_at
    )?;
    Ok(())
}

/// Runs, the latest first, at most `limit` that are older than `before`.
///
/// # Errors
/// As any query.
pub async fn list(tx: &mut Tx, company: CompanyId, before: Option<RunId>, limit: i64) -> Result<Vec<Listed>> {
    all!(
        tx,
        Listed,
        "SELECT r.id, r.program_id, r.period, r.number, r.watermark, r.facts, r.total_minor, r.posted_minor,
             r.postings, r.statements, r.currency, r.decision_id, r.run_by, r.run_at,
             p.code AS program, p.name_zh, p.name_en, u.name AS run_by_name
         FROM settlement_runs r
         JOIN programs p ON p.company_id = r.company_id AND p.id = r.program_id
         JOIN users u ON u.company_id = r.company_id AND u.id = r.run_by
         WHERE r.company_id = $1 AND ($2 IS NULL OR r.id < $2) ORDER BY r.id DESC LIMIT $3",
        company,
        before,
        limit
    )
}

/// A run by its id.
///
/// # Errors
/// As any query.
pub async fn find(tx: &mut Tx, company: CompanyId, id: RunId) -> Result<Option<Listed>> {
    optional!(
        tx,
        Listed,
        "SELECT r.id, r.program_id, r.period, r.number, r.watermark, r.facts, r.total_minor, r.posted_minor,
             r.postings, r.statements, r.currency, r.decision_id, r.run_by, r.run_at,
             p.code AS program, p.name_zh, p.name_en, u.name AS run_by_name
         FROM settlement_runs r
         JOIN programs p ON p.company_id = r.company_id AND p.id = r.program_id
         JOIN users u ON u.company_id = r.company_id AND u.id = r.run_by
         WHERE r.company_id = $1 AND r.id = $2",
        company,
        id
    )
}

/// What a dealer was posted for a program and period: payout code, fact, and the sum in minor units (positive is
/// owed to the dealer). Sums of nothing are left out.
///
/// # Errors
/// As any query.
pub async fn posted(
    tx: &mut Tx,
    company: CompanyId,
    program: ProgramId,
    period: &str,
    dealer: DealerId,
) -> Result<Vec<(String, Option<i64>, i64)>> {
    all!(
        tx,
        (String, Option<i64>, i64),
        "SELECT COALESCE(code, ''), fact_seq, CAST(SUM(amount_minor) AS BIGINT) FROM postings
         WHERE company_id = $1 AND program_id = $2 AND period = $3 AND dealer_id = $4 AND account = $5
         GROUP BY code, fact_seq HAVING SUM(amount_minor) <> 0 ORDER BY code, fact_seq",
        company,
        program,
        period,
        dealer,
        AccountCode::IncentiveExpense
    )
}

/// Which dealers have postings of a program and period, with their sums in minor units.
///
/// # Errors
/// As any query.
pub async fn posted_by_dealer(
    tx: &mut Tx,
    company: CompanyId,
    program: ProgramId,
    period: &str,
) -> Result<Vec<(DealerId, i64)>> {
    all!(
        tx,
        (DealerId, i64),
        "SELECT dealer_id, CAST(SUM(amount_minor) AS BIGINT) FROM postings
         WHERE company_id = $1 AND program_id = $2 AND period = $3 AND account = $4
         GROUP BY dealer_id ORDER BY dealer_id",
        company,
        program,
        period,
        AccountCode::IncentiveExpense
    )
}

/// What a program has posted in periods other than this one, in minor units.
///
/// # Errors
/// As any query.
pub async fn posted_elsewhere(
    tx: &mut Tx,
    company: CompanyId,
    program: ProgramId,
    period: &str,
) -> Result<i64> {
    let (sum,) = one!(
        tx,
        (i64,),
        "SELECT CAST(COALESCE(SUM(amount_minor), 0) AS BIGINT) FROM postings
         WHERE company_id = $1 AND program_id = $2 AND period <> $3 AND account = $4",
        company,
        program,
        period,
        AccountCode::IncentiveExpense
    )?;
    Ok(sum)
}

/// The last run of each program and period: program, period, run, what it earns in all, the run's watermark.
///
/// # Errors
/// As any query.
pub async fn latest(tx: &mut Tx, company: CompanyId) -> Result<Vec<Latest>> {
    all!(
        tx,
        Latest,
        "SELECT r.id, r.program_id, r.period, r.total_minor, r.watermark FROM settlement_runs r
         WHERE r.company_id = $1 AND NOT EXISTS (
             SELECT 1 FROM settlement_runs n WHERE n.company_id = r.company_id AND n.program_id = r.program_id
                AND n.period = r.period AND n.number > r.number)
         ORDER BY r.period, r.program_id",
        company
    )
}

/// The last run of a program and period.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Latest {
    /// The run.
    pub id: RunId,
    /// The program.
    pub program_id: ProgramId,
    /// The period, as `2026-Q4`.
    pub period: String,
    /// What the period earns in all, in minor units.
    pub total_minor: i64,
    /// The last fact that it saw.
    pub watermark: i64,
}

/// What each program has posted over all its periods, in minor units.
///
/// # Errors
/// As any query.
pub async fn posted_by_program(tx: &mut Tx, company: CompanyId) -> Result<Vec<(ProgramId, i64)>> {
    all!(
        tx,
        (ProgramId, i64),
        "SELECT program_id, CAST(SUM(amount_minor) AS BIGINT) FROM postings
         WHERE company_id = $1 AND program_id IS NOT NULL AND account = $2 GROUP BY program_id",
        company,
        AccountCode::IncentiveExpense
    )
}

/// What a program has posted, by period, in minor units.
///
/// # Errors
/// As any query.
pub async fn posted_by_period(
    tx: &mut Tx,
    company: CompanyId,
    program: ProgramId,
) -> Result<Vec<(String, i64)>> {
    all!(
        tx,
        (String, i64),
        "SELECT period, CAST(SUM(amount_minor) AS BIGINT) FROM postings
         WHERE company_id = $1 AND program_id = $2 AND period IS NOT NULL AND account = $3
         GROUP BY period ORDER BY period",
        company,
        program,
        AccountCode::IncentiveExpense
    )
}
