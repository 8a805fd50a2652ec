//! Evaluations that failed: nothing was decided by them.

use crate::decisions::{INLINE_BYTES, Wanted, kind};
use crate::{Result, Tx};
use qudao_domain::bindings::OnFailure;
use qudao_domain::contract::Kind;
use qudao_domain::ids::{BindingId, CompanyId, FailureId, RevisionId};
use qudao_domain::time::Instant;

/// An evaluation that failed: nothing was decided by it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What was to be decided.
    pub kind: Kind,
    /// What it was about.
    pub subject: String,
    /// The plugin.
    pub plugin_digest: String,
    /// The settings it read.
    pub revision_id: RevisionId,
    /// The binding that named them.
    pub binding_id: BindingId,
    /// When.
    pub at: Instant,
    /// `trap`, `out-of-fuel`, `deadline`, `memory` or `bad-answer`.
    pub error: String,
    /// What and where.
    pub detail: String,
    /// The guest's stack.
    pub backtrace: Option<String>,
    /// The input as JSON.
    pub input: Vec<u8>,
    /// SHA-256 of the input.
    pub input_hash: String,
    /// Fuel burnt.
    pub fuel: i64,
    /// Microseconds it took.
    pub elapsed_us: i64,
}

/// Records a failure; an input above [`INLINE_BYTES`] is kept by its hash alone.
///
/// # Errors
/// As any query.
pub async fn record(tx: &mut Tx, company: CompanyId, failure: &Failure) -> Result<()> {
    let input = Some(failure.input.as_slice()).filter(|input| input.len() <= INLINE_BYTES);
    execute!(
        tx,
        "INSERT INTO rule_failures (company_id, id, kind, subject, plugin_digest, revision_id, binding_id, at, error,
             detail, backtrace, input_hash, input, fuel, elapsed_us)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
        company,
        failure.at.uuid(),
        failure.kind.as_str(),
        &failure.subject,
        &failure.plugin_digest,
        failure.revision_id,
        failure.binding_id,
        failure.at,
        &failure.error,
        &failure.detail,
        failure.backtrace.as_deref(),
        &failure.input_hash,
        input,
        failure.fuel,
        failure.elapsed_us
    )?;
    Ok(())
}

/// A recorded failure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// Its id.
    pub id: FailureId,
    /// What failed; the input is empty where only its hash was kept.
    pub failure: Failure,
    /// The plugin's name.
    pub plugin_name: String,
    /// Its version.
    pub plugin_version: String,
    /// Number of the settings that it read.
    pub revision: i64,
    /// What the binding said was to happen.
    pub on_failure: OnFailure,
}

#[derive(sqlx::FromRow)]
struct FailureRow {
    id: FailureId,
    kind: String,
    subject: String,
    plugin_digest: String,
    plugin_name: String,
    plugin_version: String,
    revision_id: RevisionId,
    revision: i64,
    binding_id: BindingId,
    at: Instant,
    error: String,
    detail: String,
    backtrace: Option<String>,
    input: Option<Vec<u8>>,
    input_hash: String,
    fuel: i64,
    elapsed_us: i64,
    on_failure: OnFailure,
}

impl FailureRow {
    fn recorded(self) -> Result<Recorded> {
        Ok(Recorded {
            id: self.id,
            failure: Failure {
                kind: kind(&self.kind)?,
                subject: self.subject,
                plugin_digest: self.plugin_digest,
                revision_id: self.revision_id,
                binding_id: self.binding_id,
                at: self.at,
                error: self.error,
                detail: self.detail,
                backtrace: self.backtrace,
                input: self.input.unwrap_or_default(),
                input_hash: self.input_hash,
                fuel: self.fuel,
                elapsed_us: self.elapsed_us,
            },
            plugin_name: self.plugin_name,
            plugin_version: self.plugin_version,
            revision: self.revision,
            on_failure: self.on_failure,
        })
    }
}

/// Failures, the latest first, those before `before` (an id), at most `limit`, without their inputs.
///
/// # Errors
/// As any query.
pub async fn list(
    tx: &mut Tx,
    company: CompanyId,
    wanted: &Wanted,
    before: Option<FailureId>,
    limit: i64,
) -> Result<Vec<Recorded>> {
    let rows = all!(
        tx,
        FailureRow,
        "SELECT f.id, f.kind, f.subject, f.plugin_digest, p.name AS plugin_name, p.version AS plugin_version,
             f.revision_id, r.number AS revision, f.binding_id, f.at, f.error, f.detail, f.backtrace, NULL AS input,
             f.input_hash, f.fuel, f.elapsed_us, b.on_failure
         FROM rule_failures f
         JOIN bindings b ON b.company_id = f.company_id AND b.id = f.binding_id
         JOIN plugins p ON p.company_id = f.company_id AND p.digest = f.plugin_digest
         JOIN settings_revisions r ON r.company_id = f.company_id AND r.id = f.revision_id
         WHERE f.company_id = $1 AND ($2 IS NULL OR f.kind = $2) AND ($3 IS NULL OR f.plugin_digest = $3)
           AND ($4 IS NULL OR f.error = $4) AND ($5 IS NULL OR f.subject = $5)
           AND ($6 IS NULL OR f.at >= $6) AND ($7 IS NULL OR f.at < $7)
           AND ($8 IS NULL OR f.id < $8)
         ORDER BY f.id DESC LIMIT $9",
        company,
        wanted.kind.map(Kind::as_str),
        wanted.plugin.as_deref(),
        wanted.outcome.as_deref(),
        wanted.subject.as_deref(),
        wanted.since,
        wanted.until,
        before,
        limit
    )?;
    rows.into_iter().map(FailureRow::recorded).collect()
}

/// The failure with an id, with its input where it was kept.
///
/// # Errors
/// As any query.
pub async fn find(tx: &mut Tx, company: CompanyId, id: FailureId) -> Result<Option<Recorded>> {
    let row = optional!(
        tx,
        FailureRow,
        "SELECT f.id, f.kind, f.subject, f.plugin_digest, p.name AS plugin_name, p.version AS plugin_version,
             f.revision_id, r.number AS revision, f.binding_id, f.at, f.error, f.detail, f.backtrace, f.input,
             f.input_hash, f.fuel, f.elapsed_us, b.on_failure
         FROM rule_failures f
         JOIN bindings b ON b.company_id = f.company_id AND b.id = f.binding_id
         JOIN plugins p ON p.company_id = f.company_id AND p.digest = f.plugin_digest
         JOIN settings_revisions r ON r.company_id = f.company_id AND r.id = f.revision_id
         WHERE f.company_id = $1 AND f.id = $2",
        company,
        id
    )?;
    row.map(FailureRow::recorded).transpose()
}

/// How often a binding failed since a moment.
///
/// # Errors
/// As any query.
pub async fn since(tx: &mut Tx, company: CompanyId, binding: BindingId, since: Instant) -> Result<i64> {
    let (count,) = one!(
        tx,
        (i64,),
        "SELECT COUNT(*) FROM rule_failures WHERE company_id = $1 AND binding_id = $2 AND at >= $3",
        company,
        binding,
        since
    )?;
    Ok(count)
}
