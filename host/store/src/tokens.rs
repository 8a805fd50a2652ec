//! Bearer tokens for the API, kept by their hash.

use crate::companies::Company;
use crate::{Result, Tx};
use qudao_domain::ids::{CompanyId, TokenId, UserId};
use qudao_domain::time::Instant;

/// A bearer token; the secret itself is not kept.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Token {
    /// Its id.
    pub id: TokenId,
    /// On whose behalf it acts.
    pub user_id: UserId,
    /// What it is for.
    pub name: String,
    /// Permitted actions, separated by blanks; `*` for all that the user may do.
    pub scopes: String,
    /// When it was made.
    pub created_at: Instant,
    /// Until when it holds.
    pub expires_at: Option<Instant>,
    /// Since when it no longer holds.
    pub revoked_at: Option<Instant>,
}

/// Adds a token; in an infrastructure transaction.
///
/// # Errors
/// As any query.
pub async fn insert(tx: &mut Tx, company: CompanyId, token_hash: &[u8], token: &Token) -> Result<()> {
    execute!(
        tx,
        "INSERT INTO api_tokens (token_hash, company_id, id, user_id, name, scopes, created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        token_hash,
        company,
        token.id,
        token.user_id,
        &token.name,
        &token.scopes,
        token.created_at,
        token.expires_at
    )?;
    Ok(())
}

#[derive(sqlx::FromRow)]
struct Found {
    user_id: UserId,
    scopes: String,
    #[sqlx(flatten)]
    company: Company,
}

/// Whose token a hash is, with its scopes; none when it has expired or was revoked.
///
/// # Errors
/// As any query.
pub async fn find(tx: &mut Tx, token_hash: &[u8], now: Instant) -> Result<Option<(Company, UserId, String)>> {
    let found = optional!(
        tx,
        Found,
        "SELECT t.user_id, t.scopes, c.id, c.code, c.name, c.currency, c.zone, c.created_at
         FROM api_tokens t JOIN companies c ON c.id = t.company_id
         WHERE t.token_hash = $1 AND t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > $2)",
        token_hash,
        now
    )?;
    Ok(found.map(|found| (found.company, found.user_id, found.scopes)))
}

/// A company's tokens, newest first.
///
/// # Errors
/// As any query.
pub async fn all(tx: &mut Tx, company: CompanyId) -> Result<Vec<Token>> {
    all!(
        tx,
        Token,
        "SELECT id, user_id, name, scopes, created_at, expires_at, revoked_at
         FROM api_tokens WHERE company_id = $1 ORDER BY id DESC",
        company
    )
}

/// Ends a token; says whether there was one to end.
///
/// # Errors
/// As any query.
pub async fn revoke(tx: &mut Tx, company: CompanyId, id: TokenId, now: Instant) -> Result<bool> {
    let done = execute!(
        tx,
        "UPDATE api_tokens SET revoked_at = $3 WHERE company_id = $1 AND id = $2 AND revoked_at IS NULL",
        company,
        id,
        now
    )?;
    Ok(done > 0)
}
