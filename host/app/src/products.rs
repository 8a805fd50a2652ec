//! Products, their dated base prices, and counted stock.

use crate::dealers::{attribute_issue, code_issue, text_issue};
use crate::errors::{AppError, Issue, Result};
use crate::{App, Context};
use chrono::NaiveDate;
use qudao_domain::decimal::{Decimal, Exact, to_parts};
use qudao_domain::ids::{CompanyId, ProductId, WarehouseId};
use qudao_domain::permissions::Action;
use qudao_domain::time::Instant;
use qudao_store::companies::{self, Changed};
use qudao_store::costs::{self, Cost};
use qudao_store::prices::{self, Price};
use qudao_store::products::{self, List, Listed, Product, Sort};
use qudao_store::warehouses::{self, Kept, Warehouse};
use qudao_store::{Tx, audit};
use serde_json::{Value as Json, json};

/// The most products on one page.
const MAX_PAGE: i64 = 200;
/// The most pieces that can be counted.
pub(crate) const MAX_ON_HAND: i64 = 1_000_000_000;

/// Which products to show.
#[derive(Debug, Clone, Default)]
pub struct ProductFilter {
    /// Only codes and names that contain this.
    pub search: String,
    /// Only of this category.
    pub category: String,
    /// Only those of which pieces are available.
    pub in_stock: bool,
    /// In which order.
    pub sort: Sort,
    /// Only those after the one with this code: a page's `next`.
    pub after: String,
    /// At most so many; 0 for 50.
    pub limit: i64,
}

/// A page of products.
#[derive(Debug, Clone)]
pub struct ProductPage {
    /// In the order asked for.
    pub products: Vec<Listed>,
    /// How many there are on all pages.
    pub total: i64,
    /// Where the next page begins, if there is one.
    pub next: Option<String>,
}

/// A product with its prices and stock.
#[derive(Debug, Clone)]
pub struct ProductDetails {
    /// The product.
    pub product: Product,
    /// Base price of today; none where the price list has none yet.
    pub price: Option<Exact>,
    /// Dated base prices, the latest first. Dealers see only today's.
    pub prices: Vec<Price>,
    /// Dated costs of one piece, the latest first; none for whoever may not see costs.
    pub costs: Option<Vec<Cost>>,
    /// Pieces by warehouse. Empty for dealers.
    pub kept: Vec<Kept>,
    /// Pieces on hand that are not reserved, all warehouses together.
    pub available: i64,
}

/// All that is said of a product when it is added or changed.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ProductInput {
    /// Its code; unique within the company.
    pub sku: String,
    /// Its name.
    pub name: String,
    /// Its category.
    pub category: String,
    /// Whether it may be ordered.
    #[serde(default = "yes")]
    pub active: bool,
    /// Company-defined data: an object of texts, whole numbers, flags, or tagged values such as
    /// `{"number": "1.5"}`.
    #[serde(default = "no_attributes")]
    pub attributes: Json,
}

fn yes() -> bool {
    true
}

fn no_attributes() -> Json {
    json!({})
}

impl ProductInput {
    /// What is wrong with it by itself.
    pub(crate) fn issues(&self) -> Vec<Issue> {
        let mut issues = Vec::new();
        issues.extend(code_issue("/sku", &self.sku));
        issues.extend(text_issue("/name", &self.name));
        issues.extend(text_issue("/category", &self.category));
        issues.extend(attribute_issue(&self.attributes));
        issues
    }
}

/// A price must be what the contract with plugins can carry, and not negative.
pub(crate) fn price_issue(pointer: &str, price: Decimal) -> Option<Issue> {
    let wrong = |message: String| Some(Issue::new(pointer, "price", message));
    match to_parts(price) {
        Err(error) => wrong(error.to_string()),
        Ok((mantissa, _)) if mantissa < 0 => wrong("a price is not negative".to_owned()),
        Ok(_) => None,
    }
}

impl App {
    /// A page of products with today's base price and available stock. Dealers see those that may be ordered.
    ///
    /// # Errors
    /// [`AppError::Forbidden`].
    pub async fn products(&self, ctx: &Context, filter: &ProductFilter) -> Result<ProductPage> {
        ctx.whole_company(Action::ProductsRead)?;
        let limit = if filter.limit == 0 { 50 } else { filter.limit.clamp(1, MAX_PAGE) };
        let list = List {
            search: &filter.search,
            category: &filter.category,
            active_only: ctx.role.is_dealer(),
            in_stock: filter.in_stock,
            sort: filter.sort,
            day: ctx.day(self.clock().now()),
            after: &filter.after,
            // One more than is shown tells whether there is another page.
            limit: limit + 1,
        };
        let mut tx = self.db().read(ctx.company).await?;
        let mut found = products::list(&mut tx, ctx.company, &list).await?;
        let total = products::count(&mut tx, ctx.company, &list).await?;
        let more = found.len() > usize::try_from(limit).unwrap_or(usize::MAX);
        found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        let next = found.last().filter(|_| more).map(|listed| listed.product.sku.clone());
        Ok(ProductPage { products: found, total, next })
    }

    /// The categories in use, each with how many products that may be ordered.
    ///
    /// # Errors
    /// [`AppError::Forbidden`].
    pub async fn categories(&self, ctx: &Context) -> Result<Vec<(String, i64)>> {
        ctx.whole_company(Action::ProductsRead)?;
        let mut tx = self.db().read(ctx.company).await?;
        Ok(products::categories(&mut tx, ctx.company).await?)
    }

    /// A product with its prices and stock.
    ///
    /// # Errors
    /// [`AppError::NotFound`] when there is none, or for dealers when it may not be ordered.
    pub async fn product(&self, ctx: &Context, sku: &str) -> Result<ProductDetails> {
        ctx.whole_company(Action::ProductsRead)?;
        let today = ctx.day(self.clock().now());
        let dealer = ctx.role.is_dealer();
        let mut tx = self.db().read(ctx.company).await?;
        let found = products::by_sku(&mut tx, ctx.company, sku).await?;
        let product = found.filter(|product| product.active || !dealer).ok_or(AppError::NotFound)?;
        let mut prices = prices::history(&mut tx, ctx.company, product.id).await?;
        let mut kept = warehouses::kept(&mut tx, ctx.company, product.id).await?;
        let now = prices.iter().find(|price| price.valid_from <= today).copied();
        let available = kept.iter().map(|kept| kept.on_hand - kept.reserved).sum();
        let costs = match ctx.whole_company(Action::CostsRead) {
            Ok(()) => Some(costs::history(&mut tx, ctx.company, product.id).await?),
            Err(_) => None,
        };
        if dealer {
            // What will be dearer next month is the vendor's to announce.
            prices = now.into_iter().collect();
            kept.clear();
        }
        let price = now.map(|price| price.price);
        Ok(ProductDetails { product, price, prices, costs, kept, available })
    }

    /// Adds a product, or changes the one with this code to what is given.
    ///
    /// # Errors
    /// [`AppError::Forbidden`]; [`AppError::Invalid`] for values that cannot be.
    pub async fn save_product(&self, ctx: &Context, input: &ProductInput) -> Result<Product> {
        ctx.whole_company(Action::ProductsWrite)?;
        let issues = input.issues();
        if !issues.is_empty() {
            return Err(AppError::Invalid(issues));
        }
        let now = self.clock().now();
        let mut tx = companies::begin_change(self.db(), ctx.company, Changed::Prices).await?;
        let known = products::by_sku(&mut tx, ctx.company, &input.sku).await?;
        let product = merged(known.as_ref(), input, now);
        products::save(&mut tx, ctx.company, std::slice::from_ref(&product)).await?;
        let detail = json!({ "before": known.as_ref().map(told), "after": told(&product) });
        audit::record(&mut tx, ctx.company, now, ctx.user, "product.saved", &product.sku, &detail).await?;
        tx.commit().await?;
        Ok(product)
    }

    /// Sets a product's base price from a day on; one that was set for the same day is replaced.
    ///
    /// # Errors
    /// [`AppError::Forbidden`]; [`AppError::NotFound`]; [`AppError::Invalid`] for a price that cannot be.
    pub async fn set_price(
        &self,
        ctx: &Context,
        sku: &str,
        valid_from: NaiveDate,
        price: Decimal,
    ) -> Result<()> {
        ctx.whole_company(Action::ProductsWrite)?;
        if let Some(issue) = price_issue("/price", price) {
            return Err(AppError::invalid(issue));
        }
        let now = self.clock().now();
        let mut tx = companies::begin_change(self.db(), ctx.company, Changed::Prices).await?;
        let product = products::by_sku(&mut tx, ctx.company, sku).await?.ok_or(AppError::NotFound)?;
        let row = Price { product_id: product.id, valid_from, price: Exact(price.normalize()) };
        prices::save(&mut tx, ctx.company, &[row]).await?;
        let detail = json!({ "valid_from": valid_from, "price": price.normalize().to_string() });
        audit::record(&mut tx, ctx.company, now, ctx.user, "price.set", sku, &detail).await?;
        Ok(tx.commit().await?)
    }

    /// Sets how many pieces of a product were counted, in a warehouse (empty: the first).
    ///
    /// # Errors
    /// [`AppError::Forbidden`]; [`AppError::NotFound`]; [`AppError::Invalid`] for a count that cannot be;
    /// [`AppError::Conflict`] `stock-reserved` when orders have reserved more.
    pub async fn count_stock(&self, ctx: &Context, sku: &str, warehouse: &str, on_hand: i64) -> Result<()> {
        ctx.whole_company(Action::ProductsWrite)?;
        if !(0..=MAX_ON_HAND).contains(&on_hand) {
            let message = format!("count between 0 and {MAX_ON_HAND} pieces");
            let issue = Issue::new("/on_hand", "range", message).with("low", 0).with("high", MAX_ON_HAND);
            return Err(AppError::invalid(issue));
        }
        let now = self.clock().now();
        let mut tx = self.db().write(ctx.company).await?;
        let product = products::by_sku(&mut tx, ctx.company, sku).await?.ok_or(AppError::NotFound)?;
        let id = find_warehouse(&mut tx, ctx.company, warehouse, now).await?;
        if !warehouses::count(&mut tx, ctx.company, id, product.id, on_hand).await? {
            let kept = warehouses::kept(&mut tx, ctx.company, product.id).await?;
            let reserved: i64 = kept.iter().map(|kept| kept.reserved).sum();
            let message = format!(
                "orders have reserved {reserved} pieces of {sku}; count at least as many, or cancel orders first"
            );
            let args = vec![("sku", sku.to_owned()), ("reserved", reserved.to_string())];
            return Err(AppError::Conflict { code: "stock-reserved", args, message });
        }
        let detail = json!({ "on_hand": on_hand, "warehouse": warehouse });
        audit::record(&mut tx, ctx.company, now, ctx.user, "stock.counted", sku, &detail).await?;
        Ok(tx.commit().await?)
    }
}

/// The product as it will be stored: a known one keeps its id and age.
pub(crate) fn merged(known: Option<&Product>, input: &ProductInput, now: Instant) -> Product {
    Product {
        id: known.map_or_else(|| ProductId::at(now), |product| product.id),
        sku: input.sku.clone(),
        name: input.name.trim().to_owned(),
        category: input.category.trim().to_owned(),
        attributes: qudao_store::Json(input.attributes.clone()),
        active: input.active,
        created_at: known.map_or(now, |product| product.created_at),
    }
}

/// The warehouse with a code, or the first; a company's first warehouse is made when it is needed.
pub(crate) async fn find_warehouse(
    tx: &mut Tx,
    company: CompanyId,
    code: &str,
    now: Instant,
) -> Result<WarehouseId> {
    let known = warehouses::all(tx, company).await?;
    if code.is_empty() && known.is_empty() {
        let first = Warehouse { id: WarehouseId::at(now), code: "main".to_owned(), name: "Main".to_owned() };
        warehouses::insert(tx, company, &first).await?;
        return Ok(first.id);
    }
    let found = known.into_iter().find(|warehouse| code.is_empty() || warehouse.code == code);
    let unknown = || Issue::new("/warehouse", "warehouse", format!("there is no warehouse `{code}`"));
    found.map(|warehouse| warehouse.id).ok_or_else(|| AppError::invalid(unknown()))
}

/// What the audit keeps of a product.
fn told(product: &Product) -> Json {
    json!({
        "name": product.name, "category": product.category, "active": product.active,
        "attributes": product.attributes.0,
    })
}
