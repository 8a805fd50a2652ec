//! What each company may use at most.

use crate::{Result, Tx};
use qudao_domain::ids::CompanyId;
use qudao_domain::quotas::Quotas;

#[derive(sqlx::FromRow)]
struct Row {
    plugins: i64,
    component_bytes: i64,
    simulations: i64,
    calls_per_second: i64,
    calls_at_once: Option<i64>,
    processor_percent: i64,
}

/// Those of a company; the usual ones where the operator set none.
///
/// # Errors
/// As any query.
pub async fn of(tx: &mut Tx, company: CompanyId) -> Result<Quotas> {
    let row = optional!(
        tx,
        Row,
        "SELECT plugins, component_bytes, simulations, calls_per_second, calls_at_once, processor_percent
         FROM quotas WHERE company_id = $1",
        company
    )?;
    Ok(row.map_or_else(Quotas::default, |row| Quotas {
        plugins: row.plugins,
        component_bytes: row.component_bytes,
        simulations: row.simulations,
        calls_per_second: row.calls_per_second,
        calls_at_once: row.calls_at_once,
        processor_percent: row.processor_percent,
    }))
}

/// Sets those of a company.
///
/// # Errors
/// As any query.
pub async fn save(tx: &mut Tx, company: CompanyId, quotas: &Quotas) -> Result<()> {
    execute!(
        tx,
        "INSERT INTO quotas (company_id, plugins, component_bytes, simulations, calls_per_second, calls_at_once,
             processor_percent)
         VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (company_id) DO UPDATE SET plugins = excluded.plugins,
             component_bytes = excluded.component_bytes, simulations = excluded.simulations,
             calls_per_second = excluded.calls_per_second, calls_at_once = excluded.calls_at_once,
             processor_percent = excluded.processor_percent",
        company,
        quotas.plugins,
        quotas.component_bytes,
        quotas.simulations,
        quotas.calls_per_second,
        quotas.calls_at_once,
        quotas.processor_percent
    )?;
    Ok(())
}
