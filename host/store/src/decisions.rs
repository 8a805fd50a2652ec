//! Evaluations of plugins: those that decided something, and those that failed.

use crate::{Result, Tx};
use qudao_domain::contract::Kind;
use qudao_domain::ids::{BindingId, CompanyId, DecisionId, OrderId, RevisionId};
use qudao_domain::time::Instant;

/// Inputs and outputs above this many bytes are kept by their hash in `blobs`.
pub const INLINE_BYTES: usize = 64 * 1024;

/// One recorded, immutable evaluation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// Its id.
    pub id: DecisionId,
    /// What was decided.
    pub kind: Kind,
    /// `answered` or `refused`: both are answers of the rule.
    pub outcome: String,
    /// What it was about: `order 0198…`, `settlement …`, `scorecard …`.
    pub subject: String,
    /// The plugin, by its component's SHA-256.
    pub plugin_digest: String,
    /// The contract's version, such as `qudao:pricing@0.2.0`.
    pub contract: String,
    /// The settings it read.
    pub revision_id: RevisionId,
    /// Why it was this plugin and these settings.
    pub binding_id: BindingId,
    /// Engine and version, such as `wasmtime 48.0.8`: the same version burns the same fuel.
    pub engine: String,
    /// The moment for which it was decided.
    pub made_for: Instant,
    /// The moment at which it was recorded.
    pub made_at: Instant,
    /// The input as JSON, and its SHA-256.
    pub input: Vec<u8>,
    /// SHA-256 of the input.
    pub input_hash: String,
    /// The output as JSON.
    pub output: Vec<u8>,
    /// SHA-256 of the output.
    pub output_hash: String,
    /// Fuel burnt.
    pub fuel: i64,
    /// Microseconds it took.
    pub elapsed_us: i64,
    /// The decision that this one follows from.
    pub parent_id: Option<DecisionId>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: DecisionId,
    kind: String,
    outcome: String,
    subject: String,
    plugin_digest: String,
    contract: String,
    revision_id: RevisionId,
    binding_id: BindingId,
    engine: String,
    made_for: Instant,
    made_at: Instant,
    input: Option<Vec<u8>>,
    input_hash: String,
    output: Option<Vec<u8>>,
    output_hash: String,
    fuel: i64,
    elapsed_us: i64,
    parent_id: Option<DecisionId>,
}

/// Records a decision.
///
/// # Errors
/// As any query.
pub async fn insert(tx: &mut Tx, company: CompanyId, decision: &Decision) -> Result<()> {
    let input = inline_or_blob(tx, company, &decision.input, &decision.input_hash).await?;
    let output = inline_or_blob(tx, company, &decision.output, &decision.output_hash).await?;
    execute!(
        tx,
        "INSERT INTO decisions (company_id, id, kind, outcome, subject, plugin_digest, contract, revision_id,
             binding_id, engine, made_for, made_at, input, input_hash, output, output_hash, fuel, elapsed_us,
             parent_id)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)",
        company,
        decision.id,
        decision.kind.as_str(),
        &decision.outcome,
        &decision.subject,
        &decision.plugin_digest,
        &decision.contract,
        decision.revision_id,
        decision.binding_id,
        &decision.engine,
        decision.made_for,
        decision.made_at,
        input,
        &decision.input_hash,
        output,
        &decision.output_hash,
        decision.fuel,
        decision.elapsed_us,
        decision.parent_id
    )?;
    Ok(())
}

async fn inline_or_blob<'a>(
    tx: &mut Tx,
    company: CompanyId,
    bytes: &'a [u8],
    hash: &str,
) -> Result<Option<&'a [u8]>> {
    if bytes.len() <= INLINE_BYTES {
        return Ok(Some(bytes));
    }
    execute!(
        tx,
        "INSERT INTO blobs (company_id, hash, bytes) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        company,
        hash,
        bytes
    )?;
    Ok(None)
}

/// The decision with an id, with its input and output.
///
/// # Errors
/// [`crate::StoreError::Corrupt`] when a blob is missing or the kind is unknown.
pub async fn find(tx: &mut Tx, company: CompanyId, id: DecisionId) -> Result<Option<Decision>> {
    let row = optional!(
        tx,
        Row,
        "SELECT id, kind, outcome, subject, plugin_digest, contract, revision_id, binding_id, engine, made_for,
             made_at, input, input_hash, output, output_hash, fuel, elapsed_us, parent_id
         FROM decisions WHERE company_id = $1 AND id = $2",
        company,
        id
    )?;
    let Some(row) = row else { return Ok(None) };
    let input = whole(tx, company, row.input, &row.input_hash).await?;
    let output = whole(tx, company, row.output, &row.output_hash).await?;
    Ok(Some(Decision {
        id: row.id,
        kind: kind(&row.kind)?,
        outcome: row.outcome,
        subject: row.subject,
        plugin_digest: row.plugin_digest,
        contract: row.contract,
        revision_id: row.revision_id,
        binding_id: row.binding_id,
        engine: row.engine,
        made_for: row.made_for,
        made_at: row.made_at,
        input,
        input_hash: row.input_hash,
        output,
        output_hash: row.output_hash,
        fuel: row.fuel,
        elapsed_us: row.elapsed_us,
        parent_id: row.parent_id,
    }))
}

/// A kind from its column.
///
/// # Errors
/// [`crate::StoreError::Corrupt`] when it is none.
pub fn kind(word: &str) -> Result<Kind> {
    word.parse()
        .map_err(|error: qudao_domain::contract::UnknownKind| crate::StoreError::Corrupt(error.to_string()))
}

async fn whole(tx: &mut Tx, company: CompanyId, inline: Option<Vec<u8>>, hash: &str) -> Result<Vec<u8>> {
    if let Some(bytes) = inline {
        return Ok(bytes);
    }
    let (bytes,) =
        one!(tx, (Vec<u8>,), "SELECT bytes FROM blobs WHERE company_id = $1 AND hash = $2", company, hash)?;
    Ok(bytes)
}

/// Which decisions, or which failures, are wanted. What is empty does not narrow.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// What was decided.
    pub kind: Option<Kind>,
    /// By which plugin.
    pub plugin: Option<String>,
    /// With which outcome (of runs that failed: by which error).
    pub outcome: Option<String>,
    /// About what.
    pub subject: Option<String>,
    /// Not before this moment.
    pub since: Option<Instant>,
    /// Before this moment.
    pub until: Option<Instant>,
    /// For the dealer with this code; of runs alone.
    pub dealer: Option<String>,
    /// Those that failed alone; of runs alone.
    pub failed: bool,
    /// With this id; of decisions alone.
    pub id: Option<DecisionId>,
}

/// A decision in a list: without its input and output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its id.
    pub id: DecisionId,
    /// What was decided.
    pub kind: Kind,
    /// `answered` or `refused`.
    pub outcome: String,
    /// What it was about.
    pub subject: String,
    /// The plugin.
    pub plugin_digest: String,
    /// Its name.
    pub plugin_name: String,
    /// Its version.
    pub plugin_version: String,
    /// Number of the settings that it read.
    pub revision: i64,
    /// The moment for which it was decided.
    pub made_for: Instant,
    /// The moment at which it was recorded.
    pub made_at: Instant,
    /// Fuel burnt.
    pub fuel: i64,
    /// Microseconds it took.
    pub elapsed_us: i64,
}

#[derive(sqlx::FromRow)]
struct ListedRow {
    id: DecisionId,
    kind: String,
    outcome: String,
    subject: String,
    plugin_digest: String,
    plugin_name: String,
    plugin_version: String,
    revision: i64,
    made_for: Instant,
    made_at: Instant,
    fuel: i64,
    elapsed_us: i64,
}

/// Decisions, the latest first, those before `before` (an id), at most `limit`.
///
/// # Errors
/// As any query.
pub async fn list(
    tx: &mut Tx,
    company: CompanyId,
    wanted: &Wanted,
    before: Option<DecisionId>,
    limit: i64,
) -> Result<Vec<Listed>> {
    let rows = all!(
        tx,
        ListedRow,
        "SELECT d.id, d.kind, d.outcome, d.subject, d.plugin_digest, p.name AS plugin_name,
             p.version AS plugin_version, r.number AS revision, d.made_for, d.made_at, d.fuel, d.elapsed_us
         FROM decisions d
         JOIN plugins p ON p.company_id = d.company_id AND p.digest = d.plugin_digest
         JOIN settings_revisions r ON r.company_id = d.company_id AND r.id = d.revision_id
         WHERE d.company_id = $1 AND ($2 IS NULL OR d.kind = $2) AND ($3 IS NULL OR d.plugin_digest = $3)
           AND ($4 IS NULL OR d.outcome = $4) AND ($5 IS NULL OR d.subject = $5)
           AND ($6 IS NULL OR d.made_at >= $6) AND ($7 IS NULL OR d.made_at < $7)
           AND ($8 IS NULL OR d.id < $8) AND ($9 IS NULL OR d.id = $9)
         ORDER BY d.id DESC LIMIT $10",
        company,
        wanted.kind.map(Kind::as_str),
        wanted.plugin.as_deref(),
        wanted.outcome.as_deref(),
        wanted.subject.as_deref(),
        wanted.since,
        wanted.until,
        before,
        wanted.id,
        limit
    )?;
    let listed = |row: ListedRow| {
        Ok(Listed {
            id: row.id,
            kind: kind(&row.kind)?,
            outcome: row.outcome,
            subject: row.subject,
            plugin_digest: row.plugin_digest,
            plugin_name: row.plugin_name,
            plugin_version: row.plugin_version,
            revision: row.revision,
            made_for: row.made_for,
            made_at: row.made_at,
            fuel: row.fuel,
            elapsed_us: row.elapsed_us,
        })
    };
    rows.into_iter().map(listed).collect()
}

/// How many decisions are wanted.
///
/// # Errors
/// As any query.
pub async fn count(tx: &mut Tx, company: CompanyId, wanted: &Wanted) -> Result<i64> {
    let (count,) = one!(
        tx,
        (i64,),
        "SELECT COUNT(*) FROM decisions d
         WHERE d.company_id = $1 AND ($2 IS NULL OR d.kind = $2) AND ($3 IS NULL OR d.plugin_digest = $3)
           AND ($4 IS NULL OR d.outcome = $4) AND ($5 IS NULL OR d.subject = $5)
           AND ($6 IS NULL OR d.made_at >= $6) AND ($7 IS NULL OR d.made_at < $7)
           AND ($8 IS NULL OR d.id = $8)",
        company,
        wanted.kind.map(Kind::as_str),
        wanted.plugin.as_deref(),
        wanted.outcome.as_deref(),
        wanted.subject.as_deref(),
        wanted.since,
        wanted.until,
        wanted.id
    )?;
    Ok(count)
}

/// How many decisions each plugin made, by its digest; read from the index alone.
///
/// # Errors
/// As any query.
pub async fn counts(tx: &mut Tx, company: CompanyId) -> Result<Vec<(String, i64)>> {
    all!(
        tx,
        (String, i64),
        "SELECT plugin_digest, COUNT(*) FROM decisions WHERE company_id = $1 GROUP BY plugin_digest",
        company
    )
}

/// The number of an order that a decision is about.
///
/// # Errors
/// As any query.
pub async fn order_number(tx: &mut Tx, company: CompanyId, order: OrderId) -> Result<Option<String>> {
    let found: Option<(String,)> = optional!(
        tx,
        (String,),
        "SELECT number FROM orders WHERE company_id = $1 AND id = $2",
        company,
        order
    )?;
    Ok(found.map(|(number,)| number))
}

/// The order of a number, to find its decision by.
///
/// # Errors
/// As any query.
pub async fn order_of_number(tx: &mut Tx, company: CompanyId, number: &str) -> Result<Option<OrderId>> {
    let found: Option<(OrderId,)> = optional!(
        tx,
        (OrderId,),
        "SELECT id FROM orders WHERE company_id = $1 AND number = $2",
        company,
        number
    )?;
    Ok(found.map(|(id,)| id))
}
