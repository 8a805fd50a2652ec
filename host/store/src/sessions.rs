//! Log-ins of the portal, kept by the hash of their cookie.

use crate::companies::Company;
use crate::{Result, Tx};
use qudao_domain::ids::{CompanyId, UserId};
use qudao_domain::time::Instant;

/// A log-in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// SHA-256 of the cookie.
    pub token_hash: Vec<u8>,
    /// Where.
    pub company_id: CompanyId,
    /// Who.
    pub user_id: UserId,
    /// The secret that forms carry.
    pub csrf: String,
    /// Since when.
    pub created_at: Instant,
    /// Until when.
    pub expires_at: Instant,
}

/// Begins a session; in an infrastructure transaction.
///
/// # Errors
/// As any query.
pub async fn insert(tx: &mut Tx, session: &Session) -> Result<()> {
    execute!(
        tx,
        "INSERT INTO sessions (token_hash, company_id, user_id, csrf, created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6)",
        &session.token_hash,
        session.company_id,
        session.user_id,
        &session.csrf,
        session.created_at,
        session.expires_at
    )?;
    Ok(())
}

#[derive(sqlx::FromRow)]
struct Found {
    user_id: UserId,
    csrf: String,
    #[sqlx(flatten)]
    company: Company,
}

/// Whose session a cookie's hash is, with the form secret; none once it has expired.
///
/// # Errors
/// As any query.
pub async fn find(tx: &mut Tx, token_hash: &[u8], now: Instant) -> Result<Option<(Company, UserId, String)>> {
    let found = optional!(
        tx,
        Found,
        "SELECT s.user_id, s.csrf, c.id, c.code, c.name, c.currency, c.zone, c.created_at
         FROM sessions s JOIN companies c ON c.id = s.company_id
         WHERE s.token_hash = $1 AND s.expires_at > $2",
        token_hash,
        now
    )?;
    Ok(found.map(|found| (found.company, found.user_id, found.csrf)))
}

/// Ends a session, and those that have expired.
///
/// # Errors
/// As any query.
pub async fn delete(tx: &mut Tx, token_hash: &[u8], now: Instant) -> Result<()> {
    execute!(tx, "DELETE FROM sessions WHERE token_hash = $1 OR expires_at <= $2", token_hash, now)?;
    Ok(())
}
