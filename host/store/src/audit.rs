//! Who did what, when: append-only.

use crate::{Result, Tx};
use qudao_domain::ids::{CompanyId, UserId};
use qudao_domain::time::Instant;
use sqlx::types::Json;

/// Records that somebody did something.
///
/// # Errors
/// As any query.
pub async fn record(
    tx: &mut Tx,
    company: CompanyId,
    at: Instant,
    user: UserId,
    action: &str,
    subject: &str,
    detail: &serde_json::Value,
) -> Result<()> {
    execute!(
        tx,
        "INSERT INTO audit (company_id, id, at, user_id, action, subject, detail)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        company,
        at.uuid(),
        at,
        user,
        action,
        subject,
        Json(detail)
    )?;
    Ok(())
}
