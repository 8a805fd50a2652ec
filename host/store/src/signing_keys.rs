//! The public keys that a company trusts.

use crate::{Result, Tx};
use qudao_domain::ids::{CompanyId, UserId};
use qudao_domain::time::Instant;

/// A public key.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct SigningKey {
    /// SHA-256 of its 32 bytes, in hex.
    pub fingerprint: String,
    /// Whose or what it is, in the company's words.
    pub name: String,
    /// The 32 bytes of the Ed25519 public key.
    pub public_key: Vec<u8>,
    /// The name of who added it.
    pub added_by_name: String,
    /// When.
    pub added_at: Instant,
    /// The name of who revoked it.
    pub revoked_by_name: Option<String>,
    /// When.
    pub revoked_at: Option<Instant>,
    /// Why; empty while it is not revoked.
    pub revoked_reason: String,
    /// How many versions it signed.
    pub versions: i64,
}

/// A public key to be kept.
#[derive(Debug, Clone, Copy)]
pub struct NewSigningKey<'a> {
    /// SHA-256 of its 32 bytes, in hex.
    pub fingerprint: &'a str,
    /// Whose or what it is.
    pub name: &'a str,
    /// The 32 bytes of the Ed25519 public key.
    pub public_key: &'a [u8],
    /// Who adds it.
    pub by: UserId,
    /// When.
    pub at: Instant,
}

/// Keeps a key; false when the company has it already, revoked or not.
///
/// # Errors
/// As any query.
pub async fn insert(tx: &mut Tx, company: CompanyId, key: &NewSigningKey<'_>) -> Result<bool> {
    let inserted = execute!(
        tx,
        "INSERT INTO signing_keys (company_id, fingerprint, name, public_key, added_by, added_at, revoked_reason)
         VALUES ($1, $2, $3, $4, $5, $6, '') ON CONFLICT (company_id, fingerprint) DO NOTHING",
        company,
        key.fingerprint,
        key.name,
        key.public_key,
        key.by,
        key.at
    )?;
    Ok(inserted == 1)
}

/// The key with a fingerprint.
///
/// # Errors
/// As any query.
pub async fn find(tx: &mut Tx, company: CompanyId, fingerprint: &str) -> Result<Option<SigningKey>> {
    optional!(
        tx,
        SigningKey,
        "SELECT k.fingerprint, k.name, k.public_key, a.name AS added_by_name, k.added_at, r.name AS revoked_by_name,
             k.revoked_at, k.revoked_reason, (SELECT COUNT(*) FROM plugin_signatures s
                 WHERE s.company_id = k.company_id AND s.fingerprint = k.fingerprint) AS versions
         FROM signing_keys k
         JOIN users a ON a.company_id = k.company_id AND a.id = k.added_by
         LEFT JOIN users r ON r.company_id = k.company_id AND r.id = k.revoked_by
         WHERE k.company_id = $1 AND k.fingerprint = $2",
        company,
        fingerprint
    )
}

/// Every key of a company: those that hold before those that are revoked, the latest first.
///
/// # Errors
/// As any query.
pub async fn all(tx: &mut Tx, company: CompanyId) -> Result<Vec<SigningKey>> {
    all!(
        tx,
        SigningKey,
        "SELECT k.fingerprint, k.name, k.public_key, a.name AS added_by_name, k.added_at, r.name AS revoked_by_name,
             k.revoked_at, k.revoked_reason, (SELECT COUNT(*) FROM plugin_signatures s
                 WHERE s.company_id = k.company_id AND s.fingerprint = k.fingerprint) AS versions
         FROM signing_keys k
         JOIN users a ON a.company_id = k.company_id AND a.id = k.added_by
         LEFT JOIN users r ON r.company_id = k.company_id AND r.id = k.revoked_by
         WHERE k.company_id = $1
         ORDER BY CASE WHEN k.revoked_at IS NULL THEN 0 ELSE 1 END, k.added_at DESC, k.fingerprint",
        company
    )
}

/// Revokes a key for ever; false when there is none of this fingerprint that holds.
///
/// # Errors
/// As any query.
pub async fn revoke(
    tx: &mut Tx,
    company: CompanyId,
    fingerprint: &str,
    by: UserId,
    at: Instant,
    reason: &str,
) -> Result<bool> {
    let revoked = execute!(
        tx,
        "UPDATE signing_keys SET revoked_by = $3, revoked_at = $4, revoked_reason = $5
         WHERE company_id = $1 AND fingerprint = $2 AND revoked_at IS NULL",
        company,
        fingerprint,
        by,
        at,
        reason
    )?;
    Ok(revoked == 1)
}
