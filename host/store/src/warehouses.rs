//! Where stock is kept, and how much of it was counted there.

use crate::bulk::{Bulk, Column};
use crate::{Result, Tx};
use qudao_domain::ids::{CompanyId, ProductId, WarehouseId};

/// A place where stock is kept.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Warehouse {
    /// Its id.
    pub id: WarehouseId,
    /// Short name; unique within the company.
    pub code: String,
    /// Its name.
    pub name: String,
}

/// Adds a warehouse.
///
/// # Errors
/// [`crate::StoreError::Conflict`] when the code is taken.
pub async fn insert(tx: &mut Tx, company: CompanyId, warehouse: &Warehouse) -> Result<()> {
    execute!(
        tx,
        "INSERT INTO warehouses (company_id, id, code, name) VALUES ($1, $2, $3, $4)",
        company,
        warehouse.id,
        &warehouse.code,
        &warehouse.name
    )?;
    Ok(())
}

/// Every warehouse by code; orders are shipped from the first.
///
/// # Errors
/// As any query.
pub async fn all(tx: &mut Tx, company: CompanyId) -> Result<Vec<Warehouse>> {
    all!(tx, Warehouse, "SELECT id, code, name FROM warehouses WHERE company_id = $1 ORDER BY code", company)
}

/// What is kept of a product in one warehouse.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Kept {
    /// The warehouse's code.
    pub code: String,
    /// The warehouse's name.
    pub name: String,
    /// Pieces there.
    pub on_hand: i64,
    /// Pieces that orders have reserved.
    pub reserved: i64,
}

/// What is kept of a product, by warehouse.
///
/// # Errors
/// As any query.
pub async fn kept(tx: &mut Tx, company: CompanyId, product: ProductId) -> Result<Vec<Kept>> {
    all!(
        tx,
        Kept,
        "SELECT w.code, w.name, s.on_hand, s.reserved FROM stock s
         JOIN warehouses w ON w.company_id = s.company_id AND w.id = s.warehouse_id
         WHERE s.company_id = $1 AND s.product_id = $2 ORDER BY w.code",
        company,
        product
    )
}

/// Sets how many pieces were counted; says whether the reserved ones allow it.
///
/// # Errors
/// As any query.
pub async fn count(
    tx: &mut Tx,
    company: CompanyId,
    warehouse: WarehouseId,
    product: ProductId,
    on_hand: i64,
) -> Result<bool> {
    let done = execute!(
        tx,
        "INSERT INTO stock (company_id, warehouse_id, product_id, on_hand, reserved) VALUES ($1, $2, $3, $4, 0)
         ON CONFLICT (company_id, warehouse_id, product_id) DO UPDATE SET on_hand = excluded.on_hand
         WHERE stock.reserved <= excluded.on_hand",
        company,
        warehouse,
        product,
        on_hand
    )?;
    Ok(done > 0)
}

/// Sets counts of many products in one warehouse; gives how many the reserved pieces allowed.
///
/// # Errors
/// As any query.
pub async fn count_many(
    tx: &mut Tx,
    company: CompanyId,
    warehouse: WarehouseId,
    counts: &[(ProductId, i64)],
) -> Result<u64> {
    Bulk::into("stock")
        .column("warehouse_id", Column::ids(counts.iter().map(|_| warehouse.0)))
        .column("product_id", Column::ids(counts.iter().map(|(product, _)| product.0)))
        .column("on_hand", Column::numbers(counts.iter().map(|(_, on_hand)| *on_hand)))
        .column("reserved", Column::numbers(counts.iter().map(|_| 0)))
        .then(
            "ON CONFLICT (company_id, warehouse_id, product_id) DO UPDATE SET on_hand = excluded.on_hand
             WHERE stock.reserved <= excluded.on_hand",
        )
        .insert(tx, company)
        .await
}
