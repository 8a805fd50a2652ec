//! What a plugin went through elsewhere before it was brought in with a file.

use crate::{Result, Tx};
use qudao_domain::ids::{CompanyId, UserId};
use qudao_domain::time::Instant;

/// A history from elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Imported {
    /// Counts the plugin's imported histories from 1.
    pub number: i64,
    /// Code of the company that it comes from.
    pub source_code: String,
    /// Its name.
    pub source_name: String,
    /// When that company gave it away.
    pub exported_at: Instant,
    /// The history, as JSON.
    pub history: String,
    /// The name of who brought it in.
    pub imported_by_name: String,
    /// When.
    pub imported_at: Instant,
}

/// A history to be kept.
#[derive(Debug, Clone, Copy)]
pub struct NewImported<'a> {
    /// Code of the company that it comes from.
    pub source_code: &'a str,
    /// Its name.
    pub source_name: &'a str,
    /// When that company gave it away.
    pub exported_at: Instant,
    /// The history, as JSON.
    pub history: &'a str,
    /// SHA-256 of source and history, in hex.
    pub sha256: &'a str,
    /// Who brings it in.
    pub by: UserId,
    /// When.
    pub at: Instant,
}

/// Keeps a history; false when the plugin has the same already. The plugin must be held.
///
/// # Errors
/// As any query.
pub async fn insert(tx: &mut Tx, company: CompanyId, digest: &str, new: &NewImported<'_>) -> Result<bool> {
    let inserted = execute!(
        tx,
        "INSERT INTO plugin_imports (company_id, plugin_digest, number, source_code, source_name, exported_at,
             history, sha256, imported_by, imported_at)
         VALUES ($1, $2, (SELECT COALESCE(MAX(number), 0) + 1 FROM plugin_imports
             WHERE company_id = $1 AND plugin_digest = $2), $3, $4, $5, $6, $7, $8, $9)
         ON CONFLICT (company_id, plugin_digest, sha256) DO NOTHING",
        company,
        digest,
        new.source_code,
        new.source_name,
        new.exported_at,
        new.history,
        new.sha256,
        new.by,
        new.at
    )?;
    Ok(inserted == 1)
}

/// Every history of a plugin from elsewhere, in the order in which they came.
///
/// # Errors
/// As any query.
pub async fn of_plugin(tx: &mut Tx, company: CompanyId, digest: &str) -> Result<Vec<Imported>> {
    all!(
        tx,
        Imported,
        "SELECT i.number, i.source_code, i.source_name, i.exported_at, i.history, u.name AS imported_by_name,
             i.imported_at
         FROM plugin_imports i JOIN users u ON u.company_id = i.company_id AND u.id = i.imported_by
         WHERE i.company_id = $1 AND i.plugin_digest = $2 ORDER BY i.number",
        company,
        digest
    )
}
