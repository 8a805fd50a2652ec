//! The life of plugins: where they stand, what was done to them, how careful the company is.

use crate::{Result, StoreError, Tx};
use qudao_domain::ids::{CompanyId, UserId};
use qudao_domain::lifecycle::{PluginState, PluginStep, Policy};
use qudao_domain::permissions::Role;
use qudao_domain::time::Instant;

/// Something that was done to a plugin.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Step {
    /// Counts the plugin's steps from 1.
    pub number: i64,
    /// What.
    pub step: PluginStep,
    /// Why; may be empty.
    pub reason: String,
    /// Who.
    pub taken_by: UserId,
    /// Their name.
    pub taken_by_name: String,
    /// When.
    pub taken_at: Instant,
}

/// A step to be recorded.
#[derive(Debug, Clone, Copy)]
pub struct NewStep<'a> {
    /// What.
    pub step: PluginStep,
    /// Why.
    pub reason: &'a str,
    /// Who.
    pub by: UserId,
    /// When.
    pub at: Instant,
}

/// Records a step of a plugin.
///
/// # Errors
/// As any query.
pub async fn record(tx: &mut Tx, company: CompanyId, digest: &str, step: &NewStep<'_>) -> Result<()> {
    execute!(
        tx,
        "INSERT INTO plugin_steps (company_id, plugin_digest, number, step, reason, taken_by, taken_at)
         VALUES ($1, $2, (SELECT COALESCE(MAX(number), 0) + 1 FROM plugin_steps
             WHERE company_id = $1 AND plugin_digest = $2), $3, $4, $5, $6)",
        company,
        digest,
        step.step,
        step.reason,
        step.by,
        step.at
    )?;
    Ok(())
}

/// Puts a plugin from one state into another; false when it stands elsewhere by now.
///
/// # Errors
/// As any query.
pub async fn set_state(
    tx: &mut Tx,
    company: CompanyId,
    digest: &str,
    from: PluginState,
    to: PluginState,
) -> Result<bool> {
    let changed = execute!(
        tx,
        "UPDATE plugins SET state = $4 WHERE company_id = $1 AND digest = $2 AND state = $3",
        company,
        digest,
        from,
        to
    )?;
    Ok(changed == 1)
}

/// What was done to a plugin, the latest first.
///
/// # Errors
/// As any query.
pub async fn steps(tx: &mut Tx, company: CompanyId, digest: &str) -> Result<Vec<Step>> {
    all!(
        tx,
        Step,
        "SELECT s.number, s.step, s.reason, s.taken_by, u.name AS taken_by_name, s.taken_at
         FROM plugin_steps s JOIN users u ON u.company_id = s.company_id AND u.id = s.taken_by
         WHERE s.company_id = $1 AND s.plugin_digest = $2 ORDER BY s.number DESC",
        company,
        digest
    )
}

#[derive(sqlx::FromRow)]
struct PolicyRow {
    second_person: bool,
    approvers: String,
    needs_simulation: bool,
    needs_signature: bool,
    breaker_failures: i64,
    breaker_minutes: i64,
}

/// How careful the company is; what Qudao begins with where it never said.
///
/// # Errors
/// [`StoreError::Corrupt`] when a role is unknown.
pub async fn policy(tx: &mut Tx, company: CompanyId) -> Result<Policy> {
    let row = optional!(
        tx,
        PolicyRow,
        "SELECT second_person, approvers, needs_simulation, needs_signature, breaker_failures, breaker_minutes
         FROM plugin_policies WHERE company_id = $1",
        company
    )?;
    let Some(row) = row else { return Ok(Policy::default()) };
    let role = |word: &str| word.parse::<Role>().map_err(|error| StoreError::Corrupt(error.to_string()));
    Ok(Policy {
        second_person: row.second_person,
        approvers: row.approvers.split_whitespace().map(role).collect::<Result<_>>()?,
        needs_simulation: row.needs_simulation,
        needs_signature: row.needs_signature,
        breaker_failures: row.breaker_failures,
        breaker_minutes: row.breaker_minutes,
    })
}

/// Keeps how careful the company is.
///
/// # Errors
/// As any query.
pub async fn save_policy(
    tx: &mut Tx,
    company: CompanyId,
    policy: &Policy,
    by: UserId,
    at: Instant,
) -> Result<()> {
    let approvers: Vec<&str> = policy.approvers.iter().map(|role| role.as_str()).collect();
    execute!(
        tx,
        "INSERT INTO plugin_policies (company_id, second_person, approvers, breaker_failures, breaker_minutes,
             changed_by, changed_at, needs_simulation, needs_signature)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         ON CONFLICT (company_id) DO UPDATE SET second_person = $2, approvers = $3, breaker_failures = $4,
             breaker_minutes = $5, changed_by = $6, changed_at = $7, needs_simulation = $8, needs_signature = $9",
        company,
        policy.second_person,
        approvers.join(" "),
        policy.breaker_failures,
        policy.breaker_minutes,
        by,
        at,
        policy.needs_simulation,
        policy.needs_signature
    )?;
    Ok(())
}
