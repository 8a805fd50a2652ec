//! Which plugin and settings hold for whom, and since when.

use crate::decisions::kind;
use crate::{Result, Tx};
use chrono::NaiveDate;
use qudao_domain::bindings::{OnFailure, ScopeKind, part_of};
use qudao_domain::contract::Kind;
use qudao_domain::ids::{BindingId, CompanyId, ProgramId, RevisionId, UserId};
use qudao_domain::time::Instant;

/// Selects bindings with the names that people know their parts by, by a condition.
macro_rules! select_bindings {
    ($condition:literal) => {
        concat!(
            "SELECT b.id, b.kind, b.program_id, g.code AS program, b.scope_kind, b.scope_value, b.plugin_digest,
             p.name AS plugin_name, p.version AS plugin_version, b.revision_id, r.number AS revision,
             b.effective_from, b.reason, b.share, b.on_failure, b.automatic, b.created_by,
             u.name AS created_by_name, b.created_at
         FROM bindings b
         JOIN plugins p ON p.company_id = b.company_id AND p.digest = b.plugin_digest
         JOIN settings_revisions r ON r.company_id = b.company_id AND r.id = b.revision_id
         JOIN users u ON u.company_id = b.company_id AND u.id = b.created_by
         LEFT JOIN programs g ON g.company_id = b.company_id AND g.id = b.program_id ",
            $condition
        )
    };
}

/// What holds for somebody at a moment.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Live {
    /// The binding.
    pub binding_id: BindingId,
    /// The plugin, by its component's SHA-256.
    pub plugin_digest: String,
    /// The settings' revision.
    pub revision_id: RevisionId,
    /// Counts the plugin's revisions from 1.
    pub revision: i64,
    /// Their bytes.
    pub settings: String,
    /// What happens when the plugin fails.
    pub on_failure: OnFailure,
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
        "SELECT b.id AS binding_id, b.plugin_digest, b.revision_id, r.number AS revision, r.settings, b.on_failure
         FROM bindings b JOIN settings_revisions r ON r.company_id = b.company_id AND r.id = b.revision_id
         WHERE b.company_id = $1 AND b.kind = $2 AND b.effective_from <= $3 AND b.share > $8
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
        whom.dealer,
        part_of(whom.dealer)
    )
}

/// A binding with its settings, whether or not it holds.
///
/// # Errors
/// As any query.
pub async fn whole(tx: &mut Tx, company: CompanyId, id: BindingId) -> Result<Option<Live>> {
    optional!(
        tx,
        Live,
        "SELECT b.id AS binding_id, b.plugin_digest, b.revision_id, r.number AS revision, r.settings, b.on_failure
         FROM bindings b JOIN settings_revisions r ON r.company_id = b.company_id AND r.id = b.revision_id
         WHERE b.company_id = $1 AND b.id = $2",
        company,
        id
    )
}

/// Where a binding stands: two of one slot never hold at the same moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slot {
    /// What is decided.
    pub kind: Kind,
    /// The program, for incentives.
    pub program_id: Option<ProgramId>,
    /// What is covered.
    pub scope_kind: ScopeKind,
    /// A region, a tier or a dealer's code; empty for the company.
    pub scope_value: String,
}

/// A binding to be made.
#[derive(Debug, Clone)]
pub struct NewBinding<'a> {
    /// Its id.
    pub id: BindingId,
    /// Where it stands.
    pub slot: &'a Slot,
    /// The plugin.
    pub plugin_digest: &'a str,
    /// The settings that it reads.
    pub revision_id: RevisionId,
    /// Since when it holds.
    pub effective_from: Instant,
    /// Why.
    pub reason: &'a str,
    /// For how many of a hundred dealers it holds.
    pub share: i64,
    /// What happens when the plugin fails.
    pub on_failure: OnFailure,
    /// Whether the breaker makes it.
    pub automatic: bool,
    /// Who makes it.
    pub created_by: UserId,
    /// When it is made.
    pub created_at: Instant,
}

/// Makes a binding.
///
/// # Errors
/// [`crate::StoreError::Conflict`] when the slot has one from the same moment on.
pub async fn insert(tx: &mut Tx, company: CompanyId, binding: &NewBinding<'_>) -> Result<()> {
    execute!(
        tx,
        "INSERT INTO bindings (company_id, id, kind, program_id, scope_kind, scope_value, plugin_digest, revision_id,
             effective_from, reason, share, on_failure, automatic, created_by, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
        company,
        binding.id,
        binding.slot.kind.as_str(),
        binding.slot.program_id,
        binding.slot.scope_kind,
        &binding.slot.scope_value,
        binding.plugin_digest,
        binding.revision_id,
        binding.effective_from,
        binding.reason,
        binding.share,
        binding.on_failure,
        binding.automatic,
        binding.created_by,
        binding.created_at
    )?;
    Ok(())
}

/// A binding with the names that people know its parts by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    /// Its id.
    pub id: BindingId,
    /// Where it stands.
    pub slot: Slot,
    /// The program's code, for incentives.
    pub program: Option<String>,
    /// The plugin, by its component's SHA-256.
    pub plugin_digest: String,
    /// Its name.
    pub plugin_name: String,
    /// Its version.
    pub plugin_version: String,
    /// The settings that it reads.
    pub revision_id: RevisionId,
    /// Their number.
    pub revision: i64,
    /// Since when it holds.
    pub effective_from: Instant,
    /// Why it was made.
    pub reason: String,
    /// For how many of a hundred dealers it holds.
    pub share: i64,
    /// What happens when the plugin fails.
    pub on_failure: OnFailure,
    /// Whether the breaker made it.
    pub automatic: bool,
    /// Who made it; of an automatic one, who made the binding that it puts back.
    pub created_by: UserId,
    /// Their name.
    pub created_by_name: String,
    /// When it was made.
    pub created_at: Instant,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: BindingId,
    kind: String,
    program_id: Option<ProgramId>,
    program: Option<String>,
    scope_kind: ScopeKind,
    scope_value: String,
    plugin_digest: String,
    plugin_name: String,
    plugin_version: String,
    revision_id: RevisionId,
    revision: i64,
    effective_from: Instant,
    reason: String,
    share: i64,
    on_failure: OnFailure,
    automatic: bool,
    created_by: UserId,
    created_by_name: String,
    created_at: Instant,
}

impl Row {
    fn binding(self) -> Result<Binding> {
        Ok(Binding {
            id: self.id,
            slot: Slot {
                kind: kind(&self.kind)?,
                program_id: self.program_id,
                scope_kind: self.scope_kind,
                scope_value: self.scope_value,
            },
            program: self.program,
            plugin_digest: self.plugin_digest,
            plugin_name: self.plugin_name,
            plugin_version: self.plugin_version,
            revision_id: self.revision_id,
            revision: self.revision,
            effective_from: self.effective_from,
            reason: self.reason,
            share: self.share,
            on_failure: self.on_failure,
            automatic: self.automatic,
            created_by: self.created_by,
            created_by_name: self.created_by_name,
            created_at: self.created_at,
        })
    }
}

/// The binding with an id.
///
/// # Errors
/// As any query.
pub async fn find(tx: &mut Tx, company: CompanyId, id: BindingId) -> Result<Option<Binding>> {
    let row = optional!(tx, Row, select_bindings!("WHERE b.company_id = $1 AND b.id = $2"), company, id)?;
    row.map(Row::binding).transpose()
}

/// The bindings that each slot has at `at`: the latest that has come, and where it holds for a share of the dealers only,
/// what it leaves to those before.
///
/// # Errors
/// As any query.
pub async fn held(tx: &mut Tx, company: CompanyId, at: Instant) -> Result<Vec<Binding>> {
    let rows = all!(
        tx,
        Row,
        select_bindings!(
            "WHERE b.company_id = $1 AND b.effective_from <= $2 AND NOT EXISTS (
             SELECT 1 FROM bindings l
             WHERE l.company_id = b.company_id AND l.kind = b.kind AND l.scope_kind = b.scope_kind
               AND l.scope_value = b.scope_value
               AND (l.program_id = b.program_id OR (l.program_id IS NULL AND b.program_id IS NULL))
               AND l.effective_from > b.effective_from AND l.effective_from <= $2 AND l.share >= b.share)
         ORDER BY b.kind, b.effective_from DESC"
        ),
        company,
        at
    )?;
    rows.into_iter().map(Row::binding).collect()
}

/// The bindings of a kind that begin before `before`, the latest first, at most `limit`: past, live and scheduled.
///
/// # Errors
/// As any query.
pub async fn time_line(
    tx: &mut Tx,
    company: CompanyId,
    of: Kind,
    before: Option<Instant>,
    limit: i64,
) -> Result<Vec<Binding>> {
    let rows = all!(
        tx,
        Row,
        select_bindings!(
            "WHERE b.company_id = $1 AND b.kind = $2 AND ($3 IS NULL OR b.effective_from < $3)
         ORDER BY b.effective_from DESC, b.id DESC LIMIT $4"
        ),
        company,
        of.as_str(),
        before,
        limit
    )?;
    rows.into_iter().map(Row::binding).collect()
}

/// Every binding of one plugin, in the order in which they were made.
///
/// # Errors
/// As any query.
pub async fn of_plugin(tx: &mut Tx, company: CompanyId, digest: &str) -> Result<Vec<Binding>> {
    let rows = all!(
        tx,
        Row,
        select_bindings!("WHERE b.company_id = $1 AND b.plugin_digest = $2 ORDER BY b.created_at, b.id"),
        company,
        digest
    )?;
    rows.into_iter().map(Row::binding).collect()
}

/// The binding that a slot has at `at`.
///
/// # Errors
/// As any query.
pub async fn held_in(tx: &mut Tx, company: CompanyId, slot: &Slot, at: Instant) -> Result<Option<Binding>> {
    let found: Option<(BindingId,)> = optional!(
        tx,
        (BindingId,),
        "SELECT id FROM bindings
         WHERE company_id = $1 AND kind = $2 AND scope_kind = $3 AND scope_value = $4
           AND (program_id = $5 OR (program_id IS NULL AND $5 IS NULL)) AND effective_from <= $6
         ORDER BY effective_from DESC LIMIT 1",
        company,
        slot.kind.as_str(),
        slot.scope_kind,
        &slot.scope_value,
        slot.program_id,
        at
    )?;
    match found {
        Some((id,)) => find(tx, company, id).await,
        None => Ok(None),
    }
}

/// What the slot of a binding had before it for everybody: the latest earlier binding that names another plugin or
/// other settings.
///
/// # Errors
/// As any query.
pub async fn before(tx: &mut Tx, company: CompanyId, live: &Binding) -> Result<Option<Binding>> {
    let found: Option<(BindingId,)> = optional!(
        tx,
        (BindingId,),
        "SELECT id FROM bindings
         WHERE company_id = $1 AND kind = $2 AND scope_kind = $3 AND scope_value = $4
           AND (program_id = $5 OR (program_id IS NULL AND $5 IS NULL)) AND effective_from < $6
           AND (plugin_digest <> $7 OR revision_id <> $8) AND share = 100
         ORDER BY effective_from DESC LIMIT 1",
        company,
        live.slot.kind.as_str(),
        live.slot.scope_kind,
        &live.slot.scope_value,
        live.slot.program_id,
        live.effective_from,
        &live.plugin_digest,
        live.revision_id
    )?;
    match found {
        Some((id,)) => find(tx, company, id).await,
        None => Ok(None),
    }
}

/// A binding of a plugin that holds at `at` for anybody, or will hold.
///
/// # Errors
/// As any query.
pub async fn used(tx: &mut Tx, company: CompanyId, digest: &str, at: Instant) -> Result<Option<Binding>> {
    let holds = held(tx, company, at).await?.into_iter().find(|binding| binding.plugin_digest == digest);
    if holds.is_some() {
        return Ok(holds);
    }
    let scheduled: Option<(BindingId,)> = optional!(
        tx,
        (BindingId,),
        "SELECT id FROM bindings WHERE company_id = $1 AND plugin_digest = $2 AND effective_from > $3
         ORDER BY effective_from LIMIT 1",
        company,
        digest,
        at
    )?;
    match scheduled {
        Some((id,)) => find(tx, company, id).await,
        None => Ok(None),
    }
}

/// How many dealers a scope covers.
///
/// # Errors
/// As any query.
pub async fn dealers_in(tx: &mut Tx, company: CompanyId, scope: ScopeKind, value: &str) -> Result<i64> {
    let (count,) = one!(
        tx,
        (i64,),
        "SELECT COUNT(*) FROM dealers WHERE company_id = $1
           AND ($2 = 'company' OR ($2 = 'region' AND region = $3) OR ($2 = 'tier' AND tier = $3)
                OR ($2 = 'dealer' AND code = $3))",
        company,
        scope,
        value
    )?;
    Ok(count)
}

/// What decisions of a kind lately were about: orders placed since `since`, facts of the days from `first` on,
/// scorecards, or deals registered since `since`.
///
/// # Errors
/// As any query.
pub async fn cases(
    tx: &mut Tx,
    company: CompanyId,
    of: Kind,
    since: Instant,
    first: NaiveDate,
) -> Result<i64> {
    let (count,) = match of {
        Kind::Pricing => one!(
            tx,
            (i64,),
            "SELECT COUNT(*) FROM orders WHERE company_id = $1 AND placed_at >= $2",
            company,
            since
        )?,
        Kind::Incentive => one!(
            tx,
            (i64,),
            "SELECT COUNT(*) FROM facts WHERE company_id = $1 AND effective_on >= $2",
            company,
            first
        )?,
        Kind::Kpi => one!(tx, (i64,), "SELECT COUNT(*) FROM scorecards WHERE company_id = $1", company)?,
        Kind::Deal => one!(
            tx,
            (i64,),
            "SELECT COUNT(*) FROM deal_registrations WHERE company_id = $1 AND registered_at >= $2",
            company,
            since
        )?,
    };
    Ok(count)
}
