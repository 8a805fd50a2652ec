//! Which plugin and settings hold for whom, and since when.

use crate::{Result, Tx};
use qudao_domain::contract::Kind;
use qudao_domain::ids::{BindingId, CompanyId, ProgramId, RevisionId};
use qudao_domain::time::Instant;

/// What holds for somebody at a moment.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Live {
    /// The binding.
    pub binding_id: BindingId,
    /// The plugin, by its component's SHA-256.
    pub plugin_digest: String,
    /// The settings' revision.
    pub revision_id: RevisionId,
    /// Their bytes.
    pub settings: String,
}

/// For whom a binding is sought: a dealer with its tier and region, or (all empty) the company as a whole.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct For<'a> {
    /// The dealer's code.
    pub dealer: &'a str,
    /// Its tier.
    pub tier: &'a str,
    /// Its region.
    pub region: &'a str,
}

/// The binding that holds at `at`: dealer beats tier beats region beats company; within a scope the latest that
/// has come. For incentives name the program.
///
/// # Errors
/// As any query.
pub async fn live(
    tx: &mut Tx,
    company: CompanyId,
    kind: Kind,
    program: Option<ProgramId>,
    whom: For<'_>,
    at: Instant,
) -> Result<Option<Live>> {
    optional!(
        tx,
        Live,
        "SELECT b.id AS binding_id, b.plugin_digest, b.revision_id, r.settings
         FROM bindings b JOIN settings_revisions r ON r.company_id = b.company_id AND r.id = b.revision_id
         WHERE b.company_id = $1 AND b.kind = $2 AND b.effective_from <= $3
           AND (b.program_id = $4 OR (b.program_id IS NULL AND $4 IS NULL))
           AND (b.scope_kind = 'company' OR (b.scope_kind = 'region' AND b.scope_value = $5)
                OR (b.scope_kind = 'tier' AND b.scope_value = $6)
                OR (b.scope_kind = 'dealer' AND b.scope_value = $7))
         ORDER BY CASE b.scope_kind WHEN 'dealer' THEN 3 WHEN 'tier' THEN 2 WHEN 'region' THEN 1 ELSE 0 END DESC,
             b.effective_from DESC
         LIMIT 1",
        company,
        kind.as_str(),
        at,
        program,
        whom.region,
        whom.tier,
        whom.dealer
    )
}
