//! Products with, where the file says so, a dated price and counted stock.

use super::problem::Problems;
use super::table::Row;
use super::{Listener, Phase, Report, Source, values};
use crate::errors::Result;
use crate::products::{MAX_ON_HAND, ProductInput, find_warehouse, merged, price_issue};
use crate::{App, Context};
use chrono::NaiveDate;
use qudao_domain::decimal::{Decimal, Exact};
use qudao_store::companies::{self, Changed};
use qudao_store::prices::{self, Price};
use qudao_store::products::{self, Product};
use qudao_store::{Tx, audit, warehouses};
use serde_json::json;
use std::collections::HashMap;
use std::io::{Read, Seek};

/// A row that is right.
struct Parsed {
    line: u64,
    column: Option<String>,
    input: ProductInput,
    price: Option<(NaiveDate, Decimal)>,
    on_hand: Option<i64>,
}

type Known = HashMap<String, Product>;

fn by_sku(products: Vec<Product>) -> Known {
    products.into_iter().map(|product| (product.sku.clone(), product)).collect()
}

impl App {
    pub(super) async fn import_products<F: Read + Seek + Send>(
        &self,
        ctx: &Context,
        mut source: Source<'_, F>,
        progress: Listener<'_>,
    ) -> Result<Report> {
        let mut report = Report::begun(source.kind, source.options);
        let mut problems = Problems::default();
        let today = ctx.day(self.clock().now());
        let mut tx = self.db().read(ctx.company).await?;
        let known = by_sku(products::all(&mut tx, ctx.company).await?);
        drop(tx);
        let mut parsed: Vec<Parsed> = Vec::new();
        let mut seen: HashMap<String, u64> = HashMap::new();
        let take = |row: Row, problems: &mut Problems| match parse(row, &known, today, &mut seen) {
            Ok(row) => parsed.push(row),
            Err(found) => problems.add_all(found),
        };
        report.read = source.rows(Phase::Checking, &mut problems, progress, take).await?;
        if problems.permit(source.options.skip_bad) && !parsed.is_empty() {
            let mut tx = companies::begin_change(self.db(), ctx.company, Changed::Prices).await?;
            let refused = self.write_products(&mut tx, ctx, &parsed, &mut problems).await?;
            report.accepted = problems.permit(source.options.skip_bad);
            if report.accepted {
                report.written = super::count(parsed.len()) - refused;
                report.documents = report.written;
                if !source.options.dry_run {
                    tx.commit().await?;
                }
            }
        }
        Ok(report.with(problems))
    }

    /// Writes rows; gives how many were refused because of reserved stock.
    async fn write_products(
        &self,
        tx: &mut Tx,
        ctx: &Context,
        rows: &[Parsed],
        problems: &mut Problems,
    ) -> Result<u64> {
        let now = self.clock().now();
        let known = by_sku(products::all(tx, ctx.company).await?);
        let new: Vec<Product> =
            rows.iter().map(|row| merged(known.get(&row.input.sku), &row.input, now)).collect();
        products::save(tx, ctx.company, &new).await?;
        let priced = rows.iter().zip(&new).filter_map(|(row, product)| {
            let (valid_from, price) = row.price?;
            Some(Price { product_id: product.id, valid_from, price: Exact(price.normalize()) })
        });
        prices::save(tx, ctx.company, &priced.collect::<Vec<_>>()).await?;
        let mut refused = 0;
        if rows.iter().any(|row| row.on_hand.is_some()) {
            let warehouse = find_warehouse(tx, ctx.company, "", now).await?;
            for (row, product) in rows.iter().zip(&new) {
                let Some(on_hand) = row.on_hand else { continue };
                if !warehouses::count(tx, ctx.company, warehouse, product.id, on_hand).await? {
                    refused += 1;
                    let message =
                        format!("orders have reserved more than {on_hand} pieces of {}", product.sku);
                    problems.add(super::Problem::new(
                        row.line,
                        row.column.clone(),
                        "stock-reserved",
                        message,
                    ));
                }
            }
        }
        let detail = json!({ "products": rows.len() });
        audit::record(tx, ctx.company, now, ctx.user, "products.imported", "", &detail).await?;
        Ok(refused)
    }
}

fn parse(
    mut row: Row,
    known: &Known,
    today: NaiveDate,
    seen: &mut HashMap<String, u64>,
) -> std::result::Result<Parsed, Vec<super::Problem>> {
    let sku = row.must("sku");
    let before = known.get(&sku);
    let mut attributes = before.and_then(|known| known.attributes.0.as_object().cloned()).unwrap_or_default();
    row.attributes_into(&mut attributes);
    let active = row.read("active", values::flag).or(before.map(|known| known.active)).unwrap_or(true);
    let price = row.read("price", values::number);
    let from = row.read("price_from", values::day).unwrap_or(today);
    let on_hand = row.read("on_hand", |text| values::whole(text, 0, MAX_ON_HAND));
    if let Some(issue) = price.and_then(|price| price_issue("/price", price)) {
        row.wrong("price", issue.code, issue.message);
    }
    let (name, category) = (row.must("name"), row.must("category"));
    let input = ProductInput { sku, name, category, active, attributes: attributes.into() };
    super::note_issues(&mut row, input.issues());
    super::note_repeated(&mut row, "sku", &input.sku, seen);
    if row.problems.is_empty() {
        let column = row.column("on_hand");
        Ok(Parsed { line: row.line, column, input, price: price.map(|price| (from, price)), on_hand })
    } else {
        Err(row.problems)
    }
}
