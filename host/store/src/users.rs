//! People who log in, and how often they failed to.

use crate::{Result, Tx};
use qudao_domain::ids::{CompanyId, DealerId, UserId};
use qudao_domain::permissions::Role;
use qudao_domain::time::Instant;

/// Somebody who logs in.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct User {
    /// Their id.
    pub id: UserId,
    /// Unique within the company, lower case.
    pub email: String,
    /// Their name.
    pub name: String,
    /// What they are in the company.
    pub role: Role,
    /// The dealer they belong to, for a dealer's people.
    pub dealer_id: Option<DealerId>,
    /// argon2id, in the PHC string form.
    pub password_hash: String,
    /// The language they chose.
    pub language: Option<String>,
    /// When they were added.
    pub created_at: Instant,
    /// Since when they may no longer log in.
    pub disabled_at: Option<Instant>,
}

/// Adds somebody.
///
/// # Errors
/// [`crate::StoreError::Conflict`] when the e-mail is taken.
pub async fn insert(tx: &mut Tx, company: CompanyId, user: &User) -> Result<()> {
    execute!(
        tx,
        "INSERT INTO users (company_id, id, email, name, role, dealer_id, password_hash, language, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        company,
        user.id,
        &user.email,
        &user.name,
        user.role,
        user.dealer_id,
        &user.password_hash,
        user.language.as_deref(),
        user.created_at
    )?;
    Ok(())
}

/// The one with an e-mail.
///
/// # Errors
/// As any query.
pub async fn by_email(tx: &mut Tx, company: CompanyId, email: &str) -> Result<Option<User>> {
    optional!(
        tx,
        User,
        "SELECT id, email, name, role, dealer_id, password_hash, language, created_at, disabled_at
         FROM users WHERE company_id = $1 AND email = $2",
        company,
        email
    )
}

/// The one with an id.
///
/// # Errors
/// As any query.
pub async fn by_id(tx: &mut Tx, company: CompanyId, id: UserId) -> Result<Option<User>> {
    optional!(
        tx,
        User,
        "SELECT id, email, name, role, dealer_id, password_hash, language, created_at, disabled_at
         FROM users WHERE company_id = $1 AND id = $2",
        company,
        id
    )
}

/// Everybody, by e-mail.
///
/// # Errors
/// As any query.
pub async fn all(tx: &mut Tx, company: CompanyId) -> Result<Vec<User>> {
    all!(
        tx,
        User,
        "SELECT id, email, name, role, dealer_id, password_hash, language, created_at, disabled_at
         FROM users WHERE company_id = $1 ORDER BY email",
        company
    )
}

/// Keeps the language that somebody chose.
///
/// # Errors
/// As any query.
pub async fn set_language(tx: &mut Tx, company: CompanyId, id: UserId, language: &str) -> Result<()> {
    execute!(tx, "UPDATE users SET language = $3 WHERE company_id = $1 AND id = $2", company, id, language)?;
    Ok(())
}

/// Failed log-ins in a row, and when the last was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::FromRow)]
pub struct Attempts {
    /// Since the last success.
    pub failures: i64,
    /// When the last was.
    pub last_at: Instant,
}

/// How often somebody failed to log in; in an infrastructure transaction.
///
/// # Errors
/// As any query.
pub async fn attempts(tx: &mut Tx, company_code: &str, email: &str) -> Result<Option<Attempts>> {
    optional!(
        tx,
        Attempts,
        "SELECT failures, last_at FROM login_attempts WHERE company_code = $1 AND email = $2",
        company_code,
        email
    )
}

/// Counts a failed log-in, or forgets them all after a success.
///
/// # Errors
/// As any query.
pub async fn attempted(
    tx: &mut Tx,
    company_code: &str,
    email: &str,
    now: Instant,
    failed: bool,
) -> Result<()> {
    if failed {
        execute!(
            tx,
            "INSERT INTO login_attempts (company_code, email, failures, last_at) VALUES ($1, $2, 1, $3)
             ON CONFLICT (company_code, email)
             DO UPDATE SET failures = login_attempts.failures + 1, last_at = excluded.last_at",
            company_code,
            email,
            now
        )?;
    } else {
        execute!(
            tx,
            "DELETE FROM login_attempts WHERE company_code = $1 AND email = $2",
            company_code,
            email
        )?;
    }
    Ok(())
}
