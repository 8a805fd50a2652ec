//! Products and their categories, with the price of a day and the pieces at hand.

use crate::bulk::{Bulk, Column};
use crate::orders::contains;
use crate::{Result, Tx};
use chrono::NaiveDate;
use qudao_domain::decimal::Exact;
use qudao_domain::ids::{CompanyId, ProductId};
use qudao_domain::time::Instant;
use sqlx::AssertSqlSafe;
use sqlx::types::Json;

/// Something that is sold.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Product {
    /// Its id.
    pub id: ProductId,
    /// Its code; unique within the company.
    pub sku: String,
    /// Its name.
    pub name: String,
    /// Its category.
    pub category: String,
    /// Company-defined data.
    pub attributes: Json<serde_json::Value>,
    /// Whether it may be ordered.
    pub active: bool,
    /// When it was added.
    pub created_at: Instant,
}

/// A product in a list.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Listed {
    /// The product.
    #[sqlx(flatten)]
    pub product: Product,
    /// Base price of one piece on the day asked for; none where the price list has none yet.
    pub price: Option<Exact>,
    /// Pieces on hand that are not reserved, all warehouses together.
    pub available: i64,
}

/// In which order products are listed; where two are equal, by code.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Sort {
    /// By code.
    #[default]
    Sku,
    /// By name.
    Name,
    /// By name, the last first.
    NameDown,
    /// By base price.
    Price,
    /// By base price, the dearest first.
    PriceDown,
}

impl Sort {
    /// What it sorts by, and how a later one compares.
    const fn parts(self) -> (&'static str, &'static str, &'static str) {
        const PRICE: &str = "COALESCE((SELECT CAST(x.price AS DOUBLE PRECISION) FROM prices x
            WHERE x.company_id = p.company_id AND x.product_id = p.id AND x.valid_from <= $2
            ORDER BY x.valid_from DESC LIMIT 1), -1)";
        match self {
            Self::Sku => ("p.sku", ">", "ASC"),
            Self::Name => ("p.name", ">", "ASC"),
            Self::NameDown => ("p.name", "<", "DESC"),
            Self::Price => (PRICE, ">", "ASC"),
            Self::PriceDown => (PRICE, "<", "DESC"),
        }
    }
}

/// Which products to list. Empty filters let everything through.
#[derive(Debug, Clone, Copy)]
pub struct List<'a> {
    /// Only codes and names that contain this.
    pub search: &'a str,
    /// Only of this category.
    pub category: &'a str,
    /// Only those that may be ordered.
    pub active_only: bool,
    /// Only those of which pieces are available.
    pub in_stock: bool,
    /// The day whose price is shown.
    pub day: NaiveDate,
    /// In which order.
    pub sort: Sort,
    /// Only those after the one with this code (keyset paging).
    pub after: &'a str,
    /// At most so many.
    pub limit: i64,
}

/// A text as searches see it: lower case, full-width letters and digits as the plain ones.
#[must_use]
pub fn folded(text: &str) -> String {
    let narrow = |c: char| match c {
        '\u{3000}' => ' ',
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        _ => c,
    };
    text.chars().map(narrow).flat_map(char::to_lowercase).collect()
}

fn pattern(search: &str) -> Option<String> {
    (!search.trim().is_empty()).then(|| contains(&folded(search)))
}

/// Products in the order asked for.
///
/// # Errors
/// As any query.
pub async fn list(tx: &mut Tx, company: CompanyId, list: &List<'_>) -> Result<Vec<Listed>> {
    let pattern = pattern(list.search);
    // The key and the direction are ours, from `Sort`: nothing that was typed gets into the text.
    let (key, later, direction) = list.sort.parts();
    let sql = format!(
        "SELECT p.id, p.sku, p.name, p.category, p.attributes, p.active, p.created_at,
             (SELECT x.price FROM prices x WHERE x.company_id = p.company_id AND x.product_id = p.id
              AND x.valid_from <= $2 ORDER BY x.valid_from DESC LIMIT 1) AS price,
             (SELECT CAST(COALESCE(SUM(s.on_hand - s.reserved), 0) AS BIGINT) FROM stock s
              WHERE s.company_id = p.company_id AND s.product_id = p.id) AS available
         FROM products p
         WHERE p.company_id = $1
           AND ($3 = '' OR {key} {later} (SELECT {key} FROM products p WHERE p.company_id = $1 AND p.sku = $3)
                OR ({key} = (SELECT {key} FROM products p WHERE p.company_id = $1 AND p.sku = $3) AND p.sku > $3))
           AND ($4 = '' OR p.category = $4) AND (p.active OR NOT $5)
           AND (p.search LIKE $6 ESCAPE '!' OR $6 IS NULL)
           AND (NOT $7 OR EXISTS (SELECT 1 FROM stock s WHERE s.company_id = p.company_id AND s.product_id = p.id
                AND s.on_hand > s.reserved))
         ORDER BY {key} {direction}, p.sku LIMIT $8"
    );
    all!(
        tx,
        Listed,
        AssertSqlSafe(sql),
        company,
        list.day,
        list.after,
        list.category,
        list.active_only,
        pattern.as_deref(),
        list.in_stock,
        list.limit
    )
}

/// How many products the same filters let through, paging aside.
///
/// # Errors
/// As any query.
pub async fn count(tx: &mut Tx, company: CompanyId, list: &List<'_>) -> Result<i64> {
    let pattern = pattern(list.search);
    let (count,) = one!(
        tx,
        (i64,),
        "SELECT COUNT(*) FROM products p
         WHERE p.company_id = $1 AND ($2 = '' OR p.category = $2) AND (p.active OR NOT $3)
           AND (p.search LIKE $4 ESCAPE '!' OR $4 IS NULL)
           AND (NOT $5 OR EXISTS (SELECT 1 FROM stock s WHERE s.company_id = p.company_id AND s.product_id = p.id
                AND s.on_hand > s.reserved))",
        company,
        list.category,
        list.active_only,
        pattern.as_deref(),
        list.in_stock
    )?;
    Ok(count)
}

/// The categories in use, each with how many products that may be ordered.
///
/// # Errors
/// As any query.
pub async fn categories(tx: &mut Tx, company: CompanyId) -> Result<Vec<(String, i64)>> {
    all!(
        tx,
        (String, i64),
        "SELECT category, COUNT(*) FROM products WHERE company_id = $1 AND active
         GROUP BY category ORDER BY category",
        company
    )
}

/// The product with a code.
///
/// # Errors
/// As any query.
pub async fn by_sku(tx: &mut Tx, company: CompanyId, sku: &str) -> Result<Option<Product>> {
    optional!(
        tx,
        Product,
        "SELECT id, sku, name, category, attributes, active, created_at
         FROM products WHERE company_id = $1 AND sku = $2",
        company,
        sku
    )
}

/// Every product by code; for imports, which look at all of them.
///
/// # Errors
/// As any query.
pub async fn all(tx: &mut Tx, company: CompanyId) -> Result<Vec<Product>> {
    all!(
        tx,
        Product,
        "SELECT id, sku, name, category, attributes, active, created_at
         FROM products WHERE company_id = $1 ORDER BY sku",
        company
    )
}

/// Stores products as they are given, new or known by their code; `created_at` and `id` of a known one stay.
///
/// # Errors
/// As any query.
pub async fn save(tx: &mut Tx, company: CompanyId, products: &[Product]) -> Result<()> {
    let all = || products.iter();
    Bulk::into("products")
        .column("id", Column::ids(all().map(|product| product.id.0)))
        .column("sku", Column::texts(all().map(|product| &product.sku)))
        .column("name", Column::texts(all().map(|product| &product.name)))
        .column(
            "search",
            Column::texts(all().map(|product| folded(&format!("{} {}", product.sku, product.name)))),
        )
        .column("category", Column::texts(all().map(|product| &product.category)))
        .column("attributes", Column::Documents(all().map(|product| product.attributes.0.clone()).collect()))
        .column("active", Column::Flags(all().map(|product| product.active).collect()))
        .column("created_at", Column::Moments(all().map(|product| product.created_at).collect()))
        .then(
            "ON CONFLICT (company_id, sku) DO UPDATE SET name = excluded.name, search = excluded.search,
             category = excluded.category, attributes = excluded.attributes, active = excluded.active",
        )
        .insert(tx, company)
        .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::folded;

    #[test]
    fn searches_see_full_width_and_capitals_alike() {
        assert_eq!(folded("ＡＢ－１００　Switch 交换机 É"), "ab-100 switch 交换机 é");
    }
}
