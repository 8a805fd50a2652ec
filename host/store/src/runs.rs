//! Evaluations that decided nothing: every one that failed, and a sample of those that answered.

use crate::decisions::{INLINE_BYTES, Wanted, kind};
use crate::{Result, Tx};
use qudao_domain::bindings::OnFailure;
use qudao_domain::contract::Kind;
use qudao_domain::ids::{BindingId, CompanyId, RevisionId, RuleRunId, UserId};
use qudao_domain::lifecycle::RunPolicy;
use qudao_domain::time::Instant;

/// An evaluation that decided nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// What was to be decided.
    pub kind: Kind,
    /// What it was about.
    pub subject: String,
    /// Code of the dealer for whom; empty where it was for several.
    pub dealer: String,
    /// The plugin.
    pub plugin_digest: String,
    /// The settings it read.
    pub revision_id: RevisionId,
    /// The binding that named them.
    pub binding_id: BindingId,
    /// When.
    pub at: Instant,
    /// `answered` or `refused`; of a failure `trap`, `out-of-fuel`, `deadline`, `memory` or `bad-answer`.
    pub outcome: String,
    /// What and where.
    pub detail: String,
    /// The guest's stack.
    pub backtrace: Option<String>,
    /// The input as JSON.
    pub input: Vec<u8>,
    /// SHA-256 of the input.
    pub input_hash: String,
    /// The output as JSON; none of a failure.
    pub output: Option<Vec<u8>>,
    /// Fuel burnt.
    pub fuel: i64,
    /// Microseconds it took.
    pub elapsed_us: i64,
}

/// Records a run; an input above [`INLINE_BYTES`] is kept by its hash alone.
///
/// # Errors
/// As any query.
pub async fn record(tx: &mut Tx, company: CompanyId, run: &Run) -> Result<()> {
    let input = Some(run.input.as_slice()).filter(|input| input.len() <= INLINE_BYTES);
    execute!(
        tx,
        "INSERT INTO runs (company_id, id, kind, subject, plugin_digest, revision_id, binding_id, at, outcome,
             detail, backtrace, input_hash, input, fuel, elapsed_us, dealer, output)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)",
        company,
        run.at.uuid(),
        run.kind.as_str(),
        &run.subject,
        &run.plugin_digest,
        run.revision_id,
        run.binding_id,
        run.at,
        &run.outcome,
        &run.detail,
        run.backtrace.as_deref(),
        &run.input_hash,
        input,
        run.fuel,
        run.elapsed_us,
        &run.dealer,
        run.output.as_deref()
    )?;
    Ok(())
}

/// A recorded run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// Its id.
    pub id: RuleRunId,
    /// What was run; the input is empty where only its hash was kept.
    pub run: Run,
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
struct RunRow {
    id: RuleRunId,
    kind: String,
    subject: String,
    dealer: String,
    plugin_digest: String,
    plugin_name: String,
    plugin_version: String,
    revision_id: RevisionId,
    revision: i64,
    binding_id: BindingId,
    at: Instant,
    outcome: String,
    detail: String,
    backtrace: Option<String>,
    input: Option<Vec<u8>>,
    input_hash: String,
    output: Option<Vec<u8>>,
    fuel: i64,
    elapsed_us: i64,
    on_failure: OnFailure,
}

impl RunRow {
    fn recorded(self) -> Result<Recorded> {
        Ok(Recorded {
            id: self.id,
            run: Run {
                kind: kind(&self.kind)?,
                subject: self.subject,
                dealer: self.dealer,
                plugin_digest: self.plugin_digest,
                revision_id: self.revision_id,
                binding_id: self.binding_id,
                at: self.at,
                outcome: self.outcome,
                detail: self.detail,
                backtrace: self.backtrace,
                input: self.input.unwrap_or_default(),
                input_hash: self.input_hash,
                output: self.output,
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

/// Runs, the latest first, those before `before` (an id), at most `limit`, without their inputs and outputs.
///
/// # Errors
/// As any query.
pub async fn list(
    tx: &mut Tx,
    company: CompanyId,
    wanted: &Wanted,
    before: Option<RuleRunId>,
    limit: i64,
) -> Result<Vec<Recorded>> {
    let rows = all!(
        tx,
        RunRow,
        "SELECT f.id, f.kind, f.subject, f.dealer, f.plugin_digest, p.name AS plugin_name, p.version AS plugin_version,
             f.revision_id, r.number AS revision, f.binding_id, f.at, f.outcome, f.detail, f.backtrace, NULL AS input,
             f.input_hash, NULL AS output, f.fuel, f.elapsed_us, b.on_failure
         FROM runs f
         JOIN bindings b ON b.company_id = f.company_id AND b.id = f.binding_id
         JOIN plugins p ON p.company_id = f.company_id AND p.digest = f.plugin_digest
         JOIN settings_revisions r ON r.company_id = f.company_id AND r.id = f.revision_id
         WHERE f.company_id = $1 AND ($2 IS NULL OR f.kind = $2) AND ($3 IS NULL OR f.plugin_digest = $3)
           AND ($4 IS NULL OR f.outcome = $4) AND ($5 IS NULL OR f.subject = $5)
           AND ($6 IS NULL OR f.at >= $6) AND ($7 IS NULL OR f.at < $7)
           AND ($8 IS NULL OR f.id < $8) AND ($9 IS NULL OR f.dealer = $9)
           AND ($10 = 0 OR f.outcome NOT IN ('answered', 'refused'))
         ORDER BY f.id DESC LIMIT $11",
        company,
        wanted.kind.map(Kind::as_str),
        wanted.plugin.as_deref(),
        wanted.outcome.as_deref(),
        wanted.subject.as_deref(),
        wanted.since,
        wanted.until,
        before,
        wanted.dealer.as_deref(),
        i64::from(wanted.failed),
        limit
    )?;
    rows.into_iter().map(RunRow::recorded).collect()
}

/// The run with an id, with its input where it was kept.
///
/// # Errors
/// As any query.
pub async fn find(tx: &mut Tx, company: CompanyId, id: RuleRunId) -> Result<Option<Recorded>> {
    let row = optional!(
        tx,
        RunRow,
        "SELECT f.id, f.kind, f.subject, f.dealer, f.plugin_digest, p.name AS plugin_name, p.version AS plugin_version,
             f.revision_id, r.number AS revision, f.binding_id, f.at, f.outcome, f.detail, f.backtrace, f.input,
             f.input_hash, f.output, f.fuel, f.elapsed_us, b.on_failure
         FROM runs f
         JOIN bindings b ON b.company_id = f.company_id AND b.id = f.binding_id
         JOIN plugins p ON p.company_id = f.company_id AND p.digest = f.plugin_digest
         JOIN settings_revisions r ON r.company_id = f.company_id AND r.id = f.revision_id
         WHERE f.company_id = $1 AND f.id = $2",
        company,
        id
    )?;
    row.map(RunRow::recorded).transpose()
}

/// How often a binding failed since a moment.
///
/// # Errors
/// As any query.
pub async fn since(tx: &mut Tx, company: CompanyId, binding: BindingId, since: Instant) -> Result<i64> {
    let (count,) = one!(
        tx,
        (i64,),
        "SELECT COUNT(*) FROM runs WHERE company_id = $1 AND binding_id = $2 AND at >= $3
             AND outcome NOT IN ('answered', 'refused')",
        company,
        binding,
        since
    )?;
    Ok(count)
}

#[derive(sqlx::FromRow)]
struct PolicyRow {
    keep_days: i64,
    sample_per_mille: i64,
}

/// What the company keeps; what Qudao begins with where it never said.
///
/// # Errors
/// As any query.
pub async fn policy(tx: &mut Tx, company: CompanyId) -> Result<RunPolicy> {
    let row = optional!(
        tx,
        PolicyRow,
        "SELECT keep_days, sample_per_mille FROM run_policies WHERE company_id = $1",
        company
    )?;
    Ok(row.map_or_else(RunPolicy::default, |row| RunPolicy {
        keep_days: row.keep_days,
        sample_per_mille: row.sample_per_mille,
    }))
}

/// Keeps what the company keeps.
///
/// # Errors
/// As any query.
pub async fn save_policy(
    tx: &mut Tx,
    company: CompanyId,
    policy: RunPolicy,
    by: UserId,
    at: Instant,
) -> Result<()> {
    execute!(
        tx,
        "INSERT INTO run_policies (company_id, keep_days, sample_per_mille, changed_by, changed_at)
         VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (company_id) DO UPDATE SET keep_days = $2, sample_per_mille = $3, changed_by = $4,
             changed_at = $5",
        company,
        policy.keep_days,
        policy.sample_per_mille,
        by,
        at
    )?;
    Ok(())
}

/// Forgets the runs before a moment, and says how many.
///
/// # Errors
/// As any query.
pub async fn forget(tx: &mut Tx, company: CompanyId, before: Instant) -> Result<u64> {
    execute!(tx, "DELETE FROM runs WHERE company_id = $1 AND at < $2", company, before)
}
