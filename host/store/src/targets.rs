//! What dealers are to reach.

use crate::bulk::{Bulk, Column};
use crate::{Result, Tx};
use qudao_domain::decimal::Exact;
use qudao_domain::ids::{CompanyId, DealerId};

/// A dealer's target of a period.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Target {
    /// Whose.
    pub dealer_id: DealerId,
    /// Of which metric.
    pub metric: String,
    /// How much.
    pub value: Exact,
}

/// Sets targets of a period; those that are there already are replaced.
///
/// # Errors
/// [`crate::StoreError::Conflict`] when there is no such dealer.
pub async fn set(tx: &mut Tx, company: CompanyId, period: &str, targets: &[Target]) -> Result<()> {
    Bulk::into("targets")
        .column("dealer_id", Column::ids(targets.iter().map(|target| target.dealer_id.0)))
        .column("period", Column::texts(targets.iter().map(|_| period)))
        .column("metric", Column::texts(targets.iter().map(|target| &target.metric)))
        .column("value", Column::texts(targets.iter().map(|target| target.value.0)))
        .then("ON CONFLICT (company_id, dealer_id, period, metric) DO UPDATE SET value = excluded.value")
        .insert(tx, company)
        .await?;
    Ok(())
}

/// Every target of a period, by dealer and metric.
///
/// # Errors
/// As any query.
pub async fn of_period(tx: &mut Tx, company: CompanyId, period: &str) -> Result<Vec<Target>> {
    all!(
        tx,
        Target,
        "SELECT dealer_id, metric, value FROM targets WHERE company_id = $1 AND period = $2
         ORDER BY dealer_id, metric",
        company,
        period
    )
}

/// A dealer's targets of a period, by metric.
///
/// # Errors
/// As any query.
pub async fn of_dealer(
    tx: &mut Tx,
    company: CompanyId,
    period: &str,
    dealer: DealerId,
) -> Result<Vec<Target>> {
    all!(
        tx,
        Target,
        "SELECT dealer_id, metric, value FROM targets WHERE company_id = $1 AND period = $2 AND dealer_id = $3
         ORDER BY metric",
        company,
        period,
        dealer
    )
}
