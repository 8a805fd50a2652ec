//! Uploaded plugins: immutable components, what they say of themselves, and how they are doing.

use crate::decisions::kind;
use crate::{Result, Tx};
use qudao_domain::contract::{Descriptor, Kind};
use qudao_domain::ids::{CompanyId, UserId};
use qudao_domain::lifecycle::PluginState;
use qudao_domain::time::Instant;
use sqlx::types::Json;
use uuid::Uuid;

/// A plugin without its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plugin {
    /// SHA-256 of its component, in hex.
    pub digest: String,
    /// What it decides.
    pub kind: Kind,
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The contract that it fulfils, such as `qudao:pricing@0.2.0`.
    pub contract: String,
    /// What it says of itself.
    pub descriptor: Descriptor,
    /// What the checks at upload measured.
    pub report: serde_json::Value,
    /// Whether it may be bound.
    pub state: PluginState,
    /// Size of the component, in bytes.
    pub size: i64,
    /// Who uploaded it.
    pub uploaded_by: UserId,
    /// Their name.
    pub uploaded_by_name: String,
    /// When.
    pub uploaded_at: Instant,
}

#[derive(sqlx::FromRow)]
struct Row {
    digest: String,
    kind: String,
    name: String,
    version: String,
    contract: String,
    descriptor: Json<Descriptor>,
    report: Json<serde_json::Value>,
    state: PluginState,
    size: i64,
    uploaded_by: UserId,
    uploaded_by_name: String,
    uploaded_at: Instant,
}

impl Row {
    fn plugin(self) -> Result<Plugin> {
        Ok(Plugin {
            digest: self.digest,
            kind: kind(&self.kind)?,
            name: self.name,
            version: self.version,
            contract: self.contract,
            descriptor: self.descriptor.0,
            report: self.report.0,
            state: self.state,
            size: self.size,
            uploaded_by: self.uploaded_by,
            uploaded_by_name: self.uploaded_by_name,
            uploaded_at: self.uploaded_at,
        })
    }
}

/// A plugin to be kept.
#[derive(Debug, Clone)]
pub struct NewPlugin<'a> {
    /// SHA-256 of its component, in hex.
    pub digest: &'a str,
    /// The contract that it fulfils.
    pub contract: &'a str,
    /// What it says of itself; kind, name and version are taken from it.
    pub descriptor: &'a Descriptor,
    /// What the checks measured.
    pub report: &'a serde_json::Value,
    /// Its bytes.
    pub component: &'a [u8],
    /// Who uploads it.
    pub uploaded_by: UserId,
    /// When.
    pub uploaded_at: Instant,
}

/// Keeps a plugin as `verified`; false when the company has it already.
///
/// # Errors
/// As any query.
pub async fn insert(tx: &mut Tx, company: CompanyId, plugin: &NewPlugin<'_>) -> Result<bool> {
    let inserted = execute!(
        tx,
        "INSERT INTO plugins (company_id, digest, kind, name, version, contract, descriptor, report, component, state,
             uploaded_by, uploaded_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT (company_id, digest) DO NOTHING",
        company,
        plugin.digest,
        plugin.descriptor.kind.as_str(),
        &plugin.descriptor.name,
        &plugin.descriptor.version,
        plugin.contract,
        Json(plugin.descriptor),
        Json(plugin.report),
        plugin.component,
        PluginState::Verified,
        plugin.uploaded_by,
        plugin.uploaded_at
    )?;
    Ok(inserted == 1)
}

/// The plugin with a digest.
///
/// # Errors
/// As any query.
pub async fn find(tx: &mut Tx, company: CompanyId, digest: &str) -> Result<Option<Plugin>> {
    let row = optional!(
        tx,
        Row,
        "SELECT p.digest, p.kind, p.name, p.version, p.contract, p.descriptor, p.report, p.state,
             CAST(LENGTH(p.component) AS BIGINT) AS size, p.uploaded_by, u.name AS uploaded_by_name, p.uploaded_at
         FROM plugins p JOIN users u ON u.company_id = p.company_id AND u.id = p.uploaded_by
         WHERE p.company_id = $1 AND p.digest = $2",
        company,
        digest
    )?;
    row.map(Row::plugin).transpose()
}

/// Lets nobody else change a plugin, or number its events, before the transaction ends. Decisions that name it are not
/// held up.
///
/// # Errors
/// As any query.
pub async fn hold(tx: &mut Tx, company: CompanyId, digest: &str) -> Result<()> {
    let _: (String,) = one!(
        tx,
        (String,),
        { sqlite: "SELECT digest FROM plugins WHERE company_id = $1 AND digest = $2",
          postgres: "SELECT digest FROM plugins WHERE company_id = $1 AND digest = $2 FOR NO KEY UPDATE" },
        company,
        digest
    )?;
    Ok(())
}

/// Every plugin of a company, by kind and name, the latest upload first.
///
/// # Errors
/// As any query.
pub async fn all(tx: &mut Tx, company: CompanyId) -> Result<Vec<Plugin>> {
    let rows = all!(
        tx,
        Row,
        "SELECT p.digest, p.kind, p.name, p.version, p.contract, p.descriptor, p.report, p.state,
             CAST(LENGTH(p.component) AS BIGINT) AS size, p.uploaded_by, u.name AS uploaded_by_name, p.uploaded_at
         FROM plugins p JOIN users u ON u.company_id = p.company_id AND u.id = p.uploaded_by
         WHERE p.company_id = $1
         ORDER BY p.kind, p.name, p.uploaded_at DESC, p.digest",
        company
    )?;
    rows.into_iter().map(Row::plugin).collect()
}

/// How often a plugin was asked, and how often it failed, since two moments.
#[derive(Debug, Clone, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct Use {
    /// The plugin.
    pub digest: String,
    /// Recorded answers since the later moment.
    pub answers_day: i64,
    /// Failures since the later moment.
    pub failures_day: i64,
    /// Recorded answers since the earlier moment.
    pub answers_week: i64,
    /// Failures since the earlier moment.
    pub failures_week: i64,
}

/// How each plugin is used since `day` and since `week`, both moments. Counted along the indexes by plugin and id,
/// whose ids begin with the moment at which they were made.
///
/// # Errors
/// As any query.
pub async fn usage(tx: &mut Tx, company: CompanyId, day: Instant, week: Instant) -> Result<Vec<Use>> {
    all!(
        tx,
        Use,
        "SELECT p.digest,
            (SELECT COUNT(*) FROM decisions d
             WHERE d.company_id = p.company_id AND d.plugin_digest = p.digest AND d.id >= $2) AS answers_day,
            (SELECT COUNT(*) FROM runs f
             WHERE f.company_id = p.company_id AND f.plugin_digest = p.digest
               AND f.outcome NOT IN ('answered', 'refused') AND f.id >= $2) AS failures_day,
            (SELECT COUNT(*) FROM decisions d
             WHERE d.company_id = p.company_id AND d.plugin_digest = p.digest AND d.id >= $3) AS answers_week,
            (SELECT COUNT(*) FROM runs f
             WHERE f.company_id = p.company_id AND f.plugin_digest = p.digest
               AND f.outcome NOT IN ('answered', 'refused') AND f.id >= $3) AS failures_week
         FROM plugins p WHERE p.company_id = $1",
        company,
        first_id(day),
        first_id(week)
    )
}

/// The time in microseconds within which 99 of 100 recorded answers of a plugin came since a moment, and the most fuel
/// that one of them burnt. None where there were none.
///
/// # Errors
/// As any query.
pub async fn pace(tx: &mut Tx, company: CompanyId, used: &Use, since: Instant) -> Result<Option<(i64, i64)>> {
    let slower = used.answers_day / 100;
    let slowest: Option<(i64,)> = optional!(
        tx,
        (i64,),
        "SELECT elapsed_us FROM decisions WHERE company_id = $1 AND plugin_digest = $2 AND id >= $3
         ORDER BY elapsed_us DESC LIMIT 1 OFFSET $4",
        company,
        &used.digest,
        first_id(since),
        slower
    )?;
    let Some((elapsed_us,)) = slowest else { return Ok(None) };
    let (fuel,) = one!(
        tx,
        (i64,),
        "SELECT COALESCE(MAX(fuel), 0) FROM decisions WHERE company_id = $1 AND plugin_digest = $2 AND id >= $3",
        company,
        &used.digest,
        first_id(since)
    )?;
    Ok(Some((elapsed_us, fuel)))
}

/// The least UUIDv7 that can be made at a moment.
pub(crate) fn first_id(at: Instant) -> Uuid {
    let millis = u64::try_from(at.micros() / 1000).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &[0; 10]).into_uuid()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_id_of_a_moment_is_not_above_any_other() {
        let at = Instant::from_micros(1_700_000_000_123_456);
        assert!((0..100).all(|_| first_id(at) <= at.uuid()));
        assert!(first_id(at.plus_ms(1)) > at.uuid());
    }
}
