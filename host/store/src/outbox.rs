//! Events for others, written in the transaction that made them true.

use crate::{Result, Tx};
use qudao_domain::ids::{CompanyId, EventId};
use qudao_domain::time::Instant;
use sqlx::types::Json;
use uuid::Uuid;

/// Something that happened to an aggregate (an order, a plugin, a settlement).
#[derive(Debug, Clone, PartialEq)]
pub struct Event<'a> {
    /// Its kind: `order`, `binding`, `settlement`.
    pub aggregate: &'a str,
    /// Its id.
    pub aggregate_id: Uuid,
    /// Counts the aggregate's events from 1, without gaps.
    pub aggregate_seq: i64,
    /// What happened, such as `order.placed`.
    pub event: &'a str,
    /// Version of the body's shape.
    pub version: i64,
    /// What to tell.
    pub body: serde_json::Value,
}

/// The number of an aggregate's next event. Take it where the aggregate's events are written one after the other.
///
/// # Errors
/// As any query.
pub async fn next(tx: &mut Tx, company: CompanyId, aggregate: Uuid) -> Result<i64> {
    let (next,) = one!(
        tx,
        (i64,),
        "SELECT COALESCE(MAX(aggregate_seq), 0) + 1 FROM outbox WHERE company_id = $1 AND aggregate_id = $2",
        company,
        aggregate
    )?;
    Ok(next)
}

/// Puts an event in the outbox.
///
/// # Errors
/// [`crate::StoreError::Conflict`] when the aggregate already has an event of this number.
pub async fn insert(tx: &mut Tx, company: CompanyId, now: Instant, event: &Event<'_>) -> Result<()> {
    execute!(
        tx,
        "INSERT INTO outbox (company_id, id, aggregate, aggregate_id, aggregate_seq, event, version, body,
                             recorded_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        company,
        EventId::at(now),
        event.aggregate,
        event.aggregate_id,
        event.aggregate_seq,
        event.event,
        event.version,
        Json(&event.body),
        now
    )?;
    Ok(())
}
