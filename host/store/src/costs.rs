//! What products cost the company, from a day on. Nothing that a dealer may see reads these.

use crate::bulk::{Bulk, Column};
use crate::{Result, Tx};
use chrono::NaiveDate;
use qudao_domain::decimal::Exact;
use qudao_domain::ids::{CompanyId, ProductId};

/// A dated cost price of a product.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::FromRow)]
pub struct Cost {
    /// The product.
    pub product_id: ProductId,
    /// The first day on which it holds.
    pub valid_from: NaiveDate,
    /// Of one piece, in the company's currency.
    pub cost: Exact,
}

/// A product's cost prices, the latest first.
///
/// # Errors
/// As any query.
pub async fn history(tx: &mut Tx, company: CompanyId, product: ProductId) -> Result<Vec<Cost>> {
    all!(
        tx,
        Cost,
        "SELECT product_id, valid_from, cost FROM cost_prices WHERE company_id = $1 AND product_id = $2
         ORDER BY valid_from DESC",
        company,
        product
    )
}

/// Every dated cost price of the company, by product, the latest first.
///
/// # Errors
/// As any query.
pub async fn all(tx: &mut Tx, company: CompanyId) -> Result<Vec<Cost>> {
    all!(
        tx,
        Cost,
        "SELECT product_id, valid_from, cost FROM cost_prices WHERE company_id = $1
         ORDER BY product_id, valid_from DESC",
        company
    )
}

/// Sets dated cost prices; one of the same product and day is replaced.
///
/// # Errors
/// As any query.
pub async fn save(tx: &mut Tx, company: CompanyId, costs: &[Cost]) -> Result<()> {
    Bulk::into("cost_prices")
        .column("product_id", Column::ids(costs.iter().map(|cost| cost.product_id.0)))
        .column("valid_from", Column::days(costs.iter().map(|cost| cost.valid_from)))
        .column("cost", Column::texts(costs.iter().map(|cost| cost.cost.0)))
        .then("ON CONFLICT (company_id, product_id, valid_from) DO UPDATE SET cost = excluded.cost")
        .insert(tx, company)
        .await?;
    Ok(())
}
