//! Incentive programs.

use crate::{Result, Tx};
use qudao_domain::ids::{CompanyId, ProgramId};
use qudao_domain::settlement::Calendar;
use qudao_domain::time::Instant;

/// One incentive scheme.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Program {
    /// Its id.
    pub id: ProgramId,
    /// Short name; unique within the company.
    pub code: String,
    /// Its name in Chinese.
    pub name_zh: String,
    /// Its name in English.
    pub name_en: String,
    /// Into which periods its time is cut.
    pub calendar: Calendar,
    /// The most that it may pay over all its periods, in minor units; none without a limit.
    pub budget_minor: Option<i64>,
    /// When it was added.
    pub created_at: Instant,
}

/// Adds a program.
///
/// # Errors
/// [`crate::StoreError::Conflict`] when the code is taken.
pub async fn insert(tx: &mut Tx, company: CompanyId, program: &Program) -> Result<()> {
    execute!(
        tx,
        "INSERT INTO programs (company_id, id, code, name_zh, name_en, calendar, budget_minor, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        company,
        program.id,
        &program.code,
        &program.name_zh,
        &program.name_en,
        program.calendar,
        program.budget_minor,
        program.created_at
    )?;
    Ok(())
}

/// The program with a code.
///
/// # Errors
/// As any query.
pub async fn by_code(tx: &mut Tx, company: CompanyId, code: &str) -> Result<Option<Program>> {
    optional!(
        tx,
        Program,
        "SELECT id, code, name_zh, name_en, calendar, budget_minor, created_at FROM programs
         WHERE company_id = $1 AND code = $2",
        company,
        code
    )
}

/// Every program, by code.
///
/// # Errors
/// As any query.
pub async fn all(tx: &mut Tx, company: CompanyId) -> Result<Vec<Program>> {
    all!(
        tx,
        Program,
        "SELECT id, code, name_zh, name_en, calendar, budget_minor, created_at FROM programs
         WHERE company_id = $1 ORDER BY code",
        company
    )
}
