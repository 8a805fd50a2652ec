//! Pieces on hand and reserved. Never oversold: every movement is checked in the statement that makes it.

use crate::{Result, Tx};
use qudao_domain::ids::{CompanyId, ProductId, WarehouseId};
use std::collections::BTreeMap;
use uuid::Uuid;

/// How one product's stock changes in a warehouse.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Change {
    /// Pieces more on hand.
    pub on_hand: i64,
    /// Pieces more reserved.
    pub reserved: i64,
}

/// Makes the changes that the stock allows, in the order of the products' ids so that two orders never wait for
/// each other. Gives the products whose stock did not allow it; the caller then drops the transaction.
///
/// # Errors
/// As any query.
pub async fn change(
    tx: &mut Tx,
    company: CompanyId,
    warehouse: WarehouseId,
    changes: &BTreeMap<ProductId, Change>,
) -> Result<Vec<ProductId>> {
    if tx.is_postgres() {
        return change_postgres(tx, company, warehouse, changes).await;
    }
    let mut refused = Vec::new();
    for (product, change) in changes {
        let done = execute!(
            tx,
            "UPDATE stock SET on_hand = on_hand + $4, reserved = reserved + $5
             WHERE company_id = $1 AND warehouse_id = $2 AND product_id = $3
               AND reserved + $5 >= 0 AND on_hand + $4 >= reserved + $5",
            company,
            warehouse,
            *product,
            change.on_hand,
            change.reserved
        )?;
        if done == 0 {
            refused.push(*product);
        }
    }
    Ok(refused)
}

async fn change_postgres(
    tx: &mut Tx,
    company: CompanyId,
    warehouse: WarehouseId,
    changes: &BTreeMap<ProductId, Change>,
) -> Result<Vec<ProductId>> {
    let Tx::Postgres(connection) = tx else { return Ok(Vec::new()) };
    let done: Vec<(Uuid,)> = sqlx::query_as(
        "WITH change AS (
             SELECT * FROM unnest($3::uuid[], $4::bigint[], $5::bigint[]) AS c (product_id, on_hand, reserved)
         ), locked AS (
             SELECT s.product_id FROM stock s JOIN change c ON c.product_id = s.product_id
             WHERE s.company_id = $1 AND s.warehouse_id = $2 ORDER BY s.product_id FOR UPDATE OF s
         )
         UPDATE stock s SET on_hand = s.on_hand + c.on_hand, reserved = s.reserved + c.reserved
         FROM change c
         WHERE s.company_id = $1 AND s.warehouse_id = $2 AND s.product_id = c.product_id
           AND s.product_id IN (SELECT product_id FROM locked)
           AND s.reserved + c.reserved >= 0 AND s.on_hand + c.on_hand >= s.reserved + c.reserved
         RETURNING s.product_id",
    )
    .bind(company)
    .bind(warehouse)
    .bind(changes.keys().map(|product| product.0).collect::<Vec<_>>())
    .bind(changes.values().map(|change| change.on_hand).collect::<Vec<_>>())
    .bind(changes.values().map(|change| change.reserved).collect::<Vec<_>>())
    .fetch_all(&mut **connection)
    .await?;
    Ok(changes.keys().filter(|product| !done.contains(&(product.0,))).copied().collect())
}

/// A company's warehouses by code: id, code and name.
///
/// # Errors
/// As any query.
pub async fn warehouses(tx: &mut Tx, company: CompanyId) -> Result<Vec<(WarehouseId, String, String)>> {
    all!(
        tx,
        (WarehouseId, String, String),
        "SELECT id, code, name FROM warehouses WHERE company_id = $1 ORDER BY code",
        company
    )
}
