//! Rules tried over the past: how far each trial is, what came out, and the orders that those of pricing read.

use crate::decisions::kind;
use crate::{Result, Tx};
use chrono::NaiveDate;
use qudao_domain::contract::Kind;
use qudao_domain::decimal::Exact;
use qudao_domain::ids::{
    CompanyId, DealerId, OrderId, ProductId, ProgramId, RevisionId, SimulationId, UserId,
};
use qudao_domain::lifecycle::SimulationState;
use qudao_domain::time::Instant;
use sqlx::types::Json;

/// A trial of a plugin with settings over a range of days.
#[derive(Debug, Clone, PartialEq)]
pub struct Simulation {
    /// Its id.
    pub id: SimulationId,
    /// What the plugin decides.
    pub kind: Kind,
    /// The plugin.
    pub plugin_digest: String,
    /// Its name.
    pub plugin_name: String,
    /// Its version.
    pub plugin_version: String,
    /// Number of the settings.
    pub revision: i64,
    /// The program's code, for incentives.
    pub program: Option<String>,
    /// First day of the orders, or of the first period.
    pub first_day: NaiveDate,
    /// Last day of the orders, or of the last period.
    pub last_day: NaiveDate,
    /// Guard: the most that any dealer may pay more, or be paid less, in minor units.
    pub most_loss_minor: Option<i64>,
    /// Guard: the most that the company may get less, or pay more, in minor units.
    pub most_cost_minor: Option<i64>,
    /// The least margin that may be left, in percent of the amount.
    pub least_margin: Option<Exact>,
    /// Where it stands.
    pub state: SimulationState,
    /// How many orders there are; how many periods, for other kinds than pricing.
    pub orders: i64,
    /// How many of them are done.
    pub done: i64,
    /// Whether somebody asked for it to stop.
    pub cancelled: bool,
    /// Why it failed.
    pub error: String,
    /// What came out.
    pub outcome: Option<Json<serde_json::Value>>,
    /// Who began it.
    pub created_by_name: String,
    /// When.
    pub created_at: Instant,
    /// When it last said how far it is.
    pub beat_at: Instant,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: SimulationId,
    kind: String,
    plugin_digest: String,
    plugin_name: String,
    plugin_version: String,
    revision: i64,
    program: Option<String>,
    first_day: NaiveDate,
    last_day: NaiveDate,
    most_loss_minor: Option<i64>,
    most_cost_minor: Option<i64>,
    least_margin: Option<Exact>,
    state: SimulationState,
    orders: i64,
    done: i64,
    cancelled: bool,
    error: String,
    outcome: Option<Json<serde_json::Value>>,
    created_by_name: String,
    created_at: Instant,
    beat_at: Instant,
}

impl Row {
    fn simulation(self) -> Result<Simulation> {
        Ok(Simulation {
            id: self.id,
            kind: kind(&self.kind)?,
            plugin_digest: self.plugin_digest,
            plugin_name: self.plugin_name,
            plugin_version: self.plugin_version,
            revision: self.revision,
            program: self.program,
            first_day: self.first_day,
            last_day: self.last_day,
            most_loss_minor: self.most_loss_minor,
            most_cost_minor: self.most_cost_minor,
            least_margin: self.least_margin,
            state: self.state,
            orders: self.orders,
            done: self.done,
            cancelled: self.cancelled,
            error: self.error,
            outcome: self.outcome,
            created_by_name: self.created_by_name,
            created_at: self.created_at,
            beat_at: self.beat_at,
        })
    }
}

/// A trial to be kept.
#[derive(Debug, Clone)]
pub struct NewSimulation<'a> {
    /// Its id.
    pub id: SimulationId,
    /// The plugin.
    pub plugin_digest: &'a str,
    /// The settings.
    pub revision: RevisionId,
    /// The program, for incentives.
    pub program: Option<ProgramId>,
    /// First and last day.
    pub days: (NaiveDate, NaiveDate),
    /// Guard: the most that any dealer may pay more, or be paid less, in minor units.
    pub most_loss_minor: Option<i64>,
    /// Guard: the most that the company may get less, or pay more, in minor units.
    pub most_cost_minor: Option<i64>,
    /// The least margin that may be left, in percent of the amount.
    pub least_margin: Option<Exact>,
    /// How many orders, or periods, there are.
    pub orders: i64,
    /// Who begins it.
    pub by: UserId,
    /// When.
    pub at: Instant,
}

/// Keeps a trial that begins.
///
/// # Errors
/// As any query.
pub async fn insert(tx: &mut Tx, company: CompanyId, new: &NewSimulation<'_>) -> Result<()> {
    execute!(
        tx,
        "INSERT INTO simulations (company_id, id, plugin_digest, revision_id, first_day, last_day, most_loss_minor,
             most_cost_minor, least_margin, state, orders, done, cancelled, error, created_by, created_at, beat_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0, $12, '', $13, $14, $14)",
        company,
        new.id,
        new.plugin_digest,
        new.revision,
        new.days.0,
        new.days.1,
        new.most_loss_minor,
        new.most_cost_minor,
        new.least_margin,
        SimulationState::Running,
        new.orders,
        false,
        new.by,
        new.at
    )?;
    if let Some(program) = new.program {
        execute!(
            tx,
            "INSERT INTO simulation_programs (company_id, simulation_id, program_id) VALUES ($1, $2, $3)",
            company,
            new.id,
            program
        )?;
    }
    Ok(())
}

/// A trial.
///
/// # Errors
/// As any query.
pub async fn find(tx: &mut Tx, company: CompanyId, id: SimulationId) -> Result<Option<Simulation>> {
    let row = optional!(
        tx,
        Row,
        "SELECT s.id, p.kind, s.plugin_digest, p.name AS plugin_name, p.version AS plugin_version,
             r.number AS revision, g.code AS program, s.first_day, s.last_day, s.most_loss_minor, s.most_cost_minor,
             s.least_margin, s.state, s.orders, s.done, s.cancelled, s.error, s.outcome AS outcome,
             u.name AS created_by_name, s.created_at, s.beat_at
         FROM simulations s
         JOIN plugins p ON p.company_id = s.company_id AND p.digest = s.plugin_digest
         JOIN settings_revisions r ON r.company_id = s.company_id AND r.id = s.revision_id
         JOIN users u ON u.company_id = s.company_id AND u.id = s.created_by
         LEFT JOIN simulation_programs o ON o.company_id = s.company_id AND o.simulation_id = s.id
         LEFT JOIN programs g ON g.company_id = s.company_id AND g.id = o.program_id
         WHERE s.company_id = $1 AND s.id = $2",
        company,
        id
    )?;
    row.map(Row::simulation).transpose()
}

/// Trials, the latest first, at most `limit`; of one plugin where one is named. Without what came out.
///
/// # Errors
/// As any query.
pub async fn list(tx: &mut Tx, company: CompanyId, plugin: &str, limit: i64) -> Result<Vec<Simulation>> {
    let rows = all!(
        tx,
        Row,
        "SELECT s.id, p.kind, s.plugin_digest, p.name AS plugin_name, p.version AS plugin_version,
             r.number AS revision, g.code AS program, s.first_day, s.last_day, s.most_loss_minor, s.most_cost_minor,
             s.least_margin, s.state, s.orders, s.done, s.cancelled, s.error, NULL AS outcome,
             u.name AS created_by_name, s.created_at, s.beat_at
         FROM simulations s
         JOIN plugins p ON p.company_id = s.company_id AND p.digest = s.plugin_digest
         JOIN settings_revisions r ON r.company_id = s.company_id AND r.id = s.revision_id
         JOIN users u ON u.company_id = s.company_id AND u.id = s.created_by
         LEFT JOIN simulation_programs o ON o.company_id = s.company_id AND o.simulation_id = s.id
         LEFT JOIN programs g ON g.company_id = s.company_id AND g.id = o.program_id
         WHERE s.company_id = $1 AND ($2 = '' OR s.plugin_digest = $2)
         ORDER BY s.id DESC LIMIT $3",
        company,
        plugin,
        limit
    )?;
    rows.into_iter().map(Row::simulation).collect()
}

/// The last trial of a plugin that came to its end, with what came out.
///
/// # Errors
/// As any query.
pub async fn last_done(tx: &mut Tx, company: CompanyId, plugin: &str) -> Result<Option<Simulation>> {
    let found: Option<(SimulationId,)> = optional!(
        tx,
        (SimulationId,),
        "SELECT id FROM simulations WHERE company_id = $1 AND plugin_digest = $2 AND state = 'done'
         ORDER BY id DESC LIMIT 1",
        company,
        plugin
    )?;
    match found {
        Some((id,)) => find(tx, company, id).await,
        None => Ok(None),
    }
}

/// How many trials run that said so since `since`.
///
/// # Errors
/// As any query.
pub async fn running(tx: &mut Tx, company: CompanyId, since: Instant) -> Result<i64> {
    let (count,) = one!(
        tx,
        (i64,),
        "SELECT COUNT(*) FROM simulations WHERE company_id = $1 AND state = 'running' AND beat_at >= $2",
        company,
        since
    )?;
    Ok(count)
}

/// Says how far a trial is; true when somebody asked for it to stop.
///
/// # Errors
/// As any query.
pub async fn beat(tx: &mut Tx, company: CompanyId, id: SimulationId, done: i64, at: Instant) -> Result<bool> {
    let (cancelled,) = one!(
        tx,
        (bool,),
        "UPDATE simulations SET done = $3, beat_at = $4 WHERE company_id = $1 AND id = $2 RETURNING cancelled",
        company,
        id,
        done,
        at
    )?;
    Ok(cancelled)
}

/// Asks a running trial to stop; false when there is none.
///
/// # Errors
/// As any query.
pub async fn cancel(tx: &mut Tx, company: CompanyId, id: SimulationId) -> Result<bool> {
    let asked = execute!(
        tx,
        "UPDATE simulations SET cancelled = $3 WHERE company_id = $1 AND id = $2 AND state = 'running'",
        company,
        id,
        true
    )?;
    Ok(asked == 1)
}

/// How a trial ended.
#[derive(Debug, Clone)]
pub struct End<'a> {
    /// Where it stands now.
    pub state: SimulationState,
    /// How many orders, or periods, were done.
    pub done: i64,
    /// Why it failed.
    pub error: &'a str,
    /// What came out.
    pub outcome: Option<serde_json::Value>,
    /// When.
    pub at: Instant,
}

/// Ends a running trial.
///
/// # Errors
/// As any query.
pub async fn end(tx: &mut Tx, company: CompanyId, id: SimulationId, end: End<'_>) -> Result<()> {
    execute!(
        tx,
        "UPDATE simulations SET state = $3, done = $4, error = $5, outcome = $6, beat_at = $7
         WHERE company_id = $1 AND id = $2 AND state = 'running'",
        company,
        id,
        end.state,
        end.done,
        end.error,
        end.outcome.map(Json),
        end.at
    )?;
    Ok(())
}

/// A line of an order of the past, as a trial reads it.
#[derive(Debug, Clone, PartialEq, sqlx::FromRow)]
pub struct Line {
    /// The order.
    pub order_id: OrderId,
    /// Its number.
    pub order_number: String,
    /// Its dealer.
    pub dealer_id: DealerId,
    /// Its day.
    pub ordered_on: NaiveDate,
    /// What it cost, in minor units.
    pub total_minor: i64,
    /// The product.
    pub product_id: ProductId,
    /// Pieces.
    pub quantity: i64,
    /// List price of one piece at that time.
    pub base_price: Exact,
    /// What the line cost, in minor units.
    pub amount_minor: i64,
}

/// How many orders of these days were not called off.
///
/// # Errors
/// As any query.
pub async fn count(tx: &mut Tx, company: CompanyId, days: (NaiveDate, NaiveDate)) -> Result<i64> {
    let (count,) = one!(
        tx,
        (i64,),
        "SELECT COUNT(*) FROM orders
         WHERE company_id = $1 AND ordered_on BETWEEN $2 AND $3 AND status <> 'cancelled'",
        company,
        days.0,
        days.1
    )?;
    Ok(count)
}

/// The lines of the next `limit` orders of these days after `after`, by order and line.
///
/// # Errors
/// As any query.
pub async fn lines(
    tx: &mut Tx,
    company: CompanyId,
    days: (NaiveDate, NaiveDate),
    after: Option<OrderId>,
    limit: i64,
) -> Result<Vec<Line>> {
    all!(
        tx,
        Line,
        "SELECT o.id AS order_id, o.number AS order_number, o.dealer_id, o.ordered_on, o.total_minor, l.product_id,
             l.quantity, l.base_price, l.amount_minor
         FROM (SELECT company_id, id, number, dealer_id, ordered_on, total_minor FROM orders
               WHERE company_id = $1 AND ordered_on BETWEEN $2 AND $3 AND status <> 'cancelled'
                 AND ($4 IS NULL OR id > $4)
               ORDER BY id LIMIT $5) o
         JOIN order_lines l ON l.company_id = o.company_id AND l.order_id = o.id
         ORDER BY o.id, l.number",
        company,
        days.0,
        days.1,
        after,
        limit
    )
}
