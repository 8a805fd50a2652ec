//! The uploaded bytes of a plugin and what it says of itself: all that is needed to run it and to read its answers.

use crate::{Result, Tx};
use qudao_domain::contract::Descriptor;
use qudao_domain::ids::CompanyId;
use sqlx::types::Json;

/// The component with a digest, as it was uploaded.
///
/// # Errors
/// As any query.
pub async fn bytes(tx: &mut Tx, company: CompanyId, digest: &str) -> Result<Option<Vec<u8>>> {
    let found: Option<(Vec<u8>,)> = optional!(
        tx,
        (Vec<u8>,),
        "SELECT component FROM plugins WHERE company_id = $1 AND digest = $2",
        company,
        digest
    )?;
    Ok(found.map(|(bytes,)| bytes))
}

/// What the plugin with a digest says of itself.
///
/// # Errors
/// As any query.
pub async fn descriptor(tx: &mut Tx, company: CompanyId, digest: &str) -> Result<Option<Descriptor>> {
    let found: Option<(Json<Descriptor>,)> = optional!(
        tx,
        (Json<Descriptor>,),
        "SELECT descriptor FROM plugins WHERE company_id = $1 AND digest = $2",
        company,
        digest
    )?;
    Ok(found.map(|(Json(descriptor),)| descriptor))
}
