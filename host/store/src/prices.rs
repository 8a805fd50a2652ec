//! What the pricing of an order needs to know of products: base price of the day and stock.

use crate::bulk::{Bulk, Column};
use crate::{Result, Tx};
use chrono::NaiveDate;
use qudao_domain::decimal::Exact;
use qudao_domain::ids::{CompanyId, DealerId, ProductId, WarehouseId};
use sqlx::types::Json;

/// A product as it stands on a day.
#[derive(Debug, Clone, PartialEq, sqlx::FromRow)]
pub struct Offer {
    /// The product.
    pub id: ProductId,
    /// Its code.
    pub sku: String,
    /// Its name.
    pub name: String,
    /// Its category.
    pub category: String,
    /// Company-defined data.
    pub attributes: Json<serde_json::Value>,
    /// Whether it may be ordered.
    pub active: bool,
    /// Base price of one piece on the day; none where the price list has none yet.
    pub price: Option<Exact>,
    /// The first day of that price.
    pub price_since: Option<NaiveDate>,
    /// The base price before it; none where it is the first.
    pub former_price: Option<Exact>,
    /// The warehouse that it is shipped from.
    pub warehouse_id: Option<WarehouseId>,
    /// Pieces on hand that are not reserved.
    pub available: i64,
}

/// The products of these codes, in no particular order; unknown codes are left out.
///
/// # Errors
/// As any query.
pub async fn offers(tx: &mut Tx, company: CompanyId, skus: &[&str], day: NaiveDate) -> Result<Vec<Offer>> {
    let skus = serde_json::Value::from(skus).to_string();
    all!(
        tx,
        Offer,
        { sqlite: "SELECT p.id, p.sku, p.name, p.category, p.attributes, p.active, w.id AS warehouse_id,
              (SELECT x.price FROM prices x WHERE x.company_id = p.company_id AND x.product_id = p.id
               AND x.valid_from <= $3 ORDER BY x.valid_from DESC LIMIT 1) AS price,
              (SELECT MAX(x.valid_from) FROM prices x WHERE x.company_id = p.company_id AND x.product_id = p.id
               AND x.valid_from <= $3) AS price_since,
              (SELECT x.price FROM prices x WHERE x.company_id = p.company_id AND x.product_id = p.id
               AND x.valid_from <= $3 ORDER BY x.valid_from DESC LIMIT 1 OFFSET 1) AS former_price,
              COALESCE(s.on_hand - s.reserved, 0) AS available
          FROM products p
          LEFT JOIN warehouses w ON w.company_id = p.company_id
              AND w.id = (SELECT v.id FROM warehouses v WHERE v.company_id = $1 ORDER BY v.code LIMIT 1)
          LEFT JOIN stock s ON s.company_id = p.company_id AND s.warehouse_id = w.id AND s.product_id = p.id
          WHERE p.company_id = $1 AND p.sku IN (SELECT value FROM json_each($2))",
          postgres: "SELECT p.id, p.sku, p.name, p.category, p.attributes, p.active, w.id AS warehouse_id,
              (SELECT x.price FROM prices x WHERE x.company_id = p.company_id AND x.product_id = p.id
               AND x.valid_from <= $3 ORDER BY x.valid_from DESC LIMIT 1) AS price,
              (SELECT MAX(x.valid_from) FROM prices x WHERE x.company_id = p.company_id AND x.product_id = p.id
               AND x.valid_from <= $3) AS price_since,
              (SELECT x.price FROM prices x WHERE x.company_id = p.company_id AND x.product_id = p.id
               AND x.valid_from <= $3 ORDER BY x.valid_from DESC LIMIT 1 OFFSET 1) AS former_price,
              COALESCE(s.on_hand - s.reserved, 0) AS available
          FROM products p
          LEFT JOIN warehouses w ON w.company_id = p.company_id
              AND w.id = (SELECT v.id FROM warehouses v WHERE v.company_id = $1 ORDER BY v.code LIMIT 1)
          LEFT JOIN stock s ON s.company_id = p.company_id AND s.warehouse_id = w.id AND s.product_id = p.id
          WHERE p.company_id = $1 AND p.sku = ANY (ARRAY(SELECT jsonb_array_elements_text(CAST($2 AS jsonb))))" },
        company,
        &skus,
        day
    )
}

/// A dealer as far as a price depends on it.
#[derive(Debug, Clone, PartialEq, sqlx::FromRow)]
pub struct Buyer {
    /// The dealer.
    pub id: DealerId,
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Its tier.
    pub tier: String,
    /// Its region.
    pub region: String,
    /// Company-defined data.
    pub attributes: Json<serde_json::Value>,
    /// How much it may owe, in minor units; none for no limit.
    pub credit_limit_minor: Option<i64>,
}

/// The dealer with this id or this code (give one of them).
///
/// # Errors
/// As any query.
pub async fn buyer(
    tx: &mut Tx,
    company: CompanyId,
    id: Option<DealerId>,
    code: Option<&str>,
) -> Result<Option<Buyer>> {
    optional!(
        tx,
        Buyer,
        "SELECT id, code, name, tier, region, attributes, credit_limit_minor FROM dealers
         WHERE company_id = $1 AND (id = $2 OR code = $3)",
        company,
        id,
        code
    )
}

/// A dated base price of a product.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::FromRow)]
pub struct Price {
    /// The product.
    pub product_id: ProductId,
    /// The first day on which it holds.
    pub valid_from: NaiveDate,
    /// Of one piece, in the company's currency.
    pub price: Exact,
}

/// A product's base prices, the latest first.
///
/// # Errors
/// As any query.
pub async fn history(tx: &mut Tx, company: CompanyId, product: ProductId) -> Result<Vec<Price>> {
    all!(
        tx,
        Price,
        "SELECT product_id, valid_from, price FROM prices WHERE company_id = $1 AND product_id = $2
         ORDER BY valid_from DESC",
        company,
        product
    )
}

/// Every dated price of the company, by product and day; for imports.
///
/// # Errors
/// As any query.
pub async fn all(tx: &mut Tx, company: CompanyId) -> Result<Vec<Price>> {
    all!(
        tx,
        Price,
        "SELECT product_id, valid_from, price FROM prices WHERE company_id = $1 ORDER BY product_id, valid_from",
        company
    )
}

/// Sets dated prices; one of the same product and day is replaced.
///
/// # Errors
/// As any query.
pub async fn save(tx: &mut Tx, company: CompanyId, prices: &[Price]) -> Result<()> {
    Bulk::into("prices")
        .column("product_id", Column::ids(prices.iter().map(|price| price.product_id.0)))
        .column("valid_from", Column::days(prices.iter().map(|price| price.valid_from)))
        .column("price", Column::texts(prices.iter().map(|price| price.price.0)))
        .then("ON CONFLICT (company_id, product_id, valid_from) DO UPDATE SET price = excluded.price")
        .insert(tx, company)
        .await?;
    Ok(())
}
