//! What somebody has put together and not yet ordered, as typed.

use crate::{Result, Tx};
use qudao_domain::ids::{CompanyId, UserId};
use qudao_domain::time::Instant;
use serde::{Deserialize, Serialize};
use sqlx::types::Json;

/// A row as it was typed; it may be wrong.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Typed {
    /// A product's code, hopefully.
    pub sku: String,
    /// Pieces, hopefully.
    pub quantity: String,
}

/// Somebody's cart; empty where there is none.
///
/// # Errors
/// As any query.
pub async fn find(tx: &mut Tx, company: CompanyId, user: UserId) -> Result<Vec<Typed>> {
    let found: Option<(Json<Vec<Typed>>,)> = optional!(
        tx,
        (Json<Vec<Typed>>,),
        "SELECT lines FROM carts WHERE company_id = $1 AND user_id = $2",
        company,
        user
    )?;
    Ok(found.map(|(Json(lines),)| lines).unwrap_or_default())
}

/// Keeps somebody's cart.
///
/// # Errors
/// As any query.
pub async fn save(
    tx: &mut Tx,
    company: CompanyId,
    user: UserId,
    lines: &[Typed],
    now: Instant,
) -> Result<()> {
    execute!(
        tx,
        "INSERT INTO carts (company_id, user_id, lines, saved_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (company_id, user_id) DO UPDATE SET lines = excluded.lines, saved_at = excluded.saved_at",
        company,
        user,
        Json(lines),
        now
    )?;
    Ok(())
}

/// Codes and names of products whose code begins alike, to find the one that was meant.
///
/// # Errors
/// As any query.
pub async fn alike(
    tx: &mut Tx,
    company: CompanyId,
    prefix: &str,
    limit: i64,
) -> Result<Vec<(String, String)>> {
    let pattern = crate::orders::contains(prefix);
    let pattern = pattern.strip_prefix('%').unwrap_or(&pattern);
    all!(
        tx,
        (String, String),
        "SELECT sku, name FROM products WHERE company_id = $1 AND active AND lower(sku) LIKE $2 ESCAPE '!'
         ORDER BY sku LIMIT $3",
        company,
        pattern,
        limit
    )
}
