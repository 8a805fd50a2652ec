//! Bindings that failed again and again, and what was done about them.

use crate::{Result, Tx};
use qudao_domain::ids::{BindingId, CompanyId, IncidentId, UserId};
use qudao_domain::time::Instant;

/// A binding that failed again and again.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Incident {
    /// Its id.
    pub id: IncidentId,
    /// When it was noticed.
    pub opened_at: Instant,
    /// The binding that failed.
    pub binding_id: BindingId,
    /// Its plugin.
    pub plugin_digest: String,
    /// Its plugin's name.
    pub plugin_name: String,
    /// Its plugin's version.
    pub plugin_version: String,
    /// The plugin that was put back in its place; none where nothing held before.
    pub restored_digest: Option<String>,
    /// Its version.
    pub restored_version: Option<String>,
    /// How often it had failed by then.
    pub failures: i64,
    /// How it failed last.
    pub error: String,
    /// Who looked into it.
    pub closed_by_name: Option<String>,
    /// When.
    pub closed_at: Option<Instant>,
    /// What they found.
    pub note: String,
}

/// An incident to be kept.
#[derive(Debug, Clone, Copy)]
pub struct NewIncident<'a> {
    /// Its id.
    pub id: IncidentId,
    /// When it was noticed.
    pub opened_at: Instant,
    /// The binding that failed.
    pub binding: BindingId,
    /// What took its place.
    pub restored: Option<BindingId>,
    /// How often it had failed.
    pub failures: i64,
    /// How it failed last.
    pub error: &'a str,
}

/// Opens an incident.
///
/// # Errors
/// [`crate::StoreError::Conflict`] when the binding has one that is open.
pub async fn open(tx: &mut Tx, company: CompanyId, incident: &NewIncident<'_>) -> Result<()> {
    execute!(
        tx,
        "INSERT INTO incidents (company_id, id, opened_at, binding_id, restored_id, failures, error, note)
         VALUES ($1, $2, $3, $4, $5, $6, $7, '')",
        company,
        incident.id,
        incident.opened_at,
        incident.binding,
        incident.restored,
        incident.failures,
        incident.error
    )?;
    Ok(())
}

/// Whether a binding has an incident that nobody closed.
///
/// # Errors
/// As any query.
pub async fn is_open(tx: &mut Tx, company: CompanyId, binding: BindingId) -> Result<bool> {
    let (count,) = one!(
        tx,
        (i64,),
        "SELECT COUNT(*) FROM incidents WHERE company_id = $1 AND binding_id = $2 AND closed_at IS NULL",
        company,
        binding
    )?;
    Ok(count > 0)
}

/// Incidents, the latest first, at most `limit`; the open ones alone, or all; of one plugin where one is named.
///
/// # Errors
/// As any query.
pub async fn list(
    tx: &mut Tx,
    company: CompanyId,
    open_alone: bool,
    plugin: &str,
    limit: i64,
) -> Result<Vec<Incident>> {
    all!(
        tx,
        Incident,
        "SELECT i.id, i.opened_at, i.binding_id, b.plugin_digest, p.name AS plugin_name,
             p.version AS plugin_version, rb.plugin_digest AS restored_digest, rp.version AS restored_version,
             i.failures, i.error, u.name AS closed_by_name, i.closed_at, i.note
         FROM incidents i
         JOIN bindings b ON b.company_id = i.company_id AND b.id = i.binding_id
         JOIN plugins p ON p.company_id = b.company_id AND p.digest = b.plugin_digest
         LEFT JOIN bindings rb ON rb.company_id = i.company_id AND rb.id = i.restored_id
         LEFT JOIN plugins rp ON rp.company_id = rb.company_id AND rp.digest = rb.plugin_digest
         LEFT JOIN users u ON u.company_id = i.company_id AND u.id = i.closed_by
         WHERE i.company_id = $1 AND ($2 = false OR i.closed_at IS NULL) AND ($3 = '' OR b.plugin_digest = $3)
         ORDER BY i.id DESC LIMIT $4",
        company,
        open_alone,
        plugin,
        limit
    )
}

/// Closes an incident; false when there is no open one of this id.
///
/// # Errors
/// As any query.
pub async fn close(
    tx: &mut Tx,
    company: CompanyId,
    id: IncidentId,
    by: UserId,
    at: Instant,
    note: &str,
) -> Result<bool> {
    let closed = execute!(
        tx,
        "UPDATE incidents SET closed_by = $3, closed_at = $4, note = $5
         WHERE company_id = $1 AND id = $2 AND closed_at IS NULL",
        company,
        id,
        by,
        at,
        note
    )?;
    Ok(closed == 1)
}
