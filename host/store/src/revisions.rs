//! Settings of plugins: immutable, numbered by plugin.

use crate::{Result, Tx};
use qudao_domain::ids::{CompanyId, RevisionId, UserId};
use qudao_domain::time::Instant;

/// One set of settings.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Revision {
    /// Its id.
    pub id: RevisionId,
    /// The plugin that reads them.
    pub plugin_digest: String,
    /// Counts the plugin's revisions from 1.
    pub number: i64,
    /// Their bytes, as the plugin reads them.
    pub settings: String,
    /// Why they were changed.
    pub note: String,
    /// Who saved them.
    pub created_by: UserId,
    /// Their name.
    pub created_by_name: String,
    /// When.
    pub created_at: Instant,
}

/// Settings to be kept.
#[derive(Debug, Clone)]
pub struct NewRevision<'a> {
    /// Their id.
    pub id: RevisionId,
    /// The plugin that reads them.
    pub plugin_digest: &'a str,
    /// The plugin's next number.
    pub number: i64,
    /// Their bytes.
    pub settings: &'a str,
    /// Why they were changed.
    pub note: &'a str,
    /// Who saves them.
    pub created_by: UserId,
    /// When.
    pub created_at: Instant,
}

/// Keeps settings.
///
/// # Errors
/// [`crate::StoreError::Conflict`] when the plugin has this number already.
pub async fn insert(tx: &mut Tx, company: CompanyId, revision: &NewRevision<'_>) -> Result<()> {
    execute!(
        tx,
        "INSERT INTO settings_revisions (company_id, id, plugin_digest, number, settings, note, created_by, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        company,
        revision.id,
        revision.plugin_digest,
        revision.number,
        revision.settings,
        revision.note,
        revision.created_by,
        revision.created_at
    )?;
    Ok(())
}

/// Settings by their id.
///
/// # Errors
/// As any query.
pub async fn find(tx: &mut Tx, company: CompanyId, id: RevisionId) -> Result<Option<Revision>> {
    optional!(
        tx,
        Revision,
        "SELECT r.id, r.plugin_digest, r.number, r.settings, r.note, r.created_by, u.name AS created_by_name, r.created_at
         FROM settings_revisions r JOIN users u ON u.company_id = r.company_id AND u.id = r.created_by
         WHERE r.company_id = $1 AND r.id = $2",
        company,
        id
    )
}

/// A plugin's settings by number.
///
/// # Errors
/// As any query.
pub async fn by_number(
    tx: &mut Tx,
    company: CompanyId,
    digest: &str,
    number: i64,
) -> Result<Option<Revision>> {
    optional!(
        tx,
        Revision,
        "SELECT r.id, r.plugin_digest, r.number, r.settings, r.note, r.created_by, u.name AS created_by_name, r.created_at
         FROM settings_revisions r JOIN users u ON u.company_id = r.company_id AND u.id = r.created_by
         WHERE r.company_id = $1 AND r.plugin_digest = $2 AND r.number = $3",
        company,
        digest,
        number
    )
}

/// A plugin's latest settings.
///
/// # Errors
/// As any query.
pub async fn latest(tx: &mut Tx, company: CompanyId, digest: &str) -> Result<Option<Revision>> {
    optional!(
        tx,
        Revision,
        "SELECT r.id, r.plugin_digest, r.number, r.settings, r.note, r.created_by, u.name AS created_by_name, r.created_at
         FROM settings_revisions r JOIN users u ON u.company_id = r.company_id AND u.id = r.created_by
         WHERE r.company_id = $1 AND r.plugin_digest = $2
         ORDER BY r.number DESC LIMIT 1",
        company,
        digest
    )
}

/// A plugin's settings, the latest first, at most `limit`.
///
/// # Errors
/// As any query.
pub async fn all(tx: &mut Tx, company: CompanyId, digest: &str, limit: i64) -> Result<Vec<Revision>> {
    all!(
        tx,
        Revision,
        "SELECT r.id, r.plugin_digest, r.number, r.settings, r.note, r.created_by, u.name AS created_by_name, r.created_at
         FROM settings_revisions r JOIN users u ON u.company_id = r.company_id AND u.id = r.created_by
         WHERE r.company_id = $1 AND r.plugin_digest = $2
         ORDER BY r.number DESC LIMIT $3",
        company,
        digest,
        limit
    )
}
