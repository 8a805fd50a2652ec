//! Which keys signed which plugins.

use crate::{Result, Tx};
use qudao_domain::ids::{CompanyId, UserId};
use qudao_domain::time::Instant;

/// A key's signature of a plugin, with where the key stands now.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Signature {
    /// The key: SHA-256 of its 32 bytes, in hex.
    pub fingerprint: String,
    /// The key's name.
    pub key_name: String,
    /// The 32 bytes of the Ed25519 public key.
    pub public_key: Vec<u8>,
    /// When the key was revoked.
    pub revoked_at: Option<Instant>,
    /// The 64 bytes of the signature.
    pub signature: Vec<u8>,
    /// The name of who brought the signature.
    pub recorded_by_name: String,
    /// When.
    pub recorded_at: Instant,
}

/// A signature to be kept.
#[derive(Debug, Clone, Copy)]
pub struct NewSignature<'a> {
    /// The key: SHA-256 of its 32 bytes, in hex.
    pub fingerprint: &'a str,
    /// The 64 bytes of the signature.
    pub signature: &'a [u8],
    /// Who brings it.
    pub by: UserId,
    /// When.
    pub at: Instant,
}

/// Keeps a signature; false when the key signed this plugin before.
///
/// # Errors
/// As any query.
pub async fn insert(tx: &mut Tx, company: CompanyId, digest: &str, new: &NewSignature<'_>) -> Result<bool> {
    let inserted = execute!(
        tx,
        "INSERT INTO plugin_signatures (company_id, plugin_digest, fingerprint, signature, recorded_by, recorded_at)
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (company_id, plugin_digest, fingerprint) DO NOTHING",
        company,
        digest,
        new.fingerprint,
        new.signature,
        new.by,
        new.at
    )?;
    Ok(inserted == 1)
}

/// Every signature of a plugin, the latest first.
///
/// # Errors
/// As any query.
pub async fn of_plugin(tx: &mut Tx, company: CompanyId, digest: &str) -> Result<Vec<Signature>> {
    all!(
        tx,
        Signature,
        "SELECT s.fingerprint, k.name AS key_name, k.public_key, k.revoked_at, s.signature,
             u.name AS recorded_by_name, s.recorded_at
         FROM plugin_signatures s
         JOIN signing_keys k ON k.company_id = s.company_id AND k.fingerprint = s.fingerprint
         JOIN users u ON u.company_id = s.company_id AND u.id = s.recorded_by
         WHERE s.company_id = $1 AND s.plugin_digest = $2 ORDER BY s.recorded_at DESC, s.fingerprint",
        company,
        digest
    )
}
