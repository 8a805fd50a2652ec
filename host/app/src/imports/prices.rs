//! Dated base prices.

use super::problem::{Problem, Problems};
use super::table::Row;
use super::{Listener, Phase, Report, Source, values};
use crate::errors::Result;
use crate::products::price_issue;
use crate::{App, Context};
use qudao_domain::decimal::Exact;
use qudao_domain::ids::ProductId;
use qudao_store::companies::{self, Changed};
use qudao_store::prices::{self, Price};
use qudao_store::{audit, products};
use serde_json::json;
use std::collections::HashMap;
use std::io::{Read, Seek};

impl App {
    pub(super) async fn import_prices<F: Read + Seek + Send>(
        &self,
        ctx: &Context,
        mut source: Source<'_, F>,
        progress: Listener<'_>,
    ) -> Result<Report> {
        let mut report = Report::begun(source.kind, source.options);
        let mut problems = Problems::default();
        let known = self.product_ids(ctx).await?;
        let mut parsed: Vec<Price> = Vec::new();
        let mut seen: HashMap<String, u64> = HashMap::new();
        let take = |row: Row, problems: &mut Problems| match parse(row, &known, &mut seen) {
            Ok(price) => parsed.push(price),
            Err(found) => problems.add_all(found),
        };
        report.read = source.rows(Phase::Checking, &mut problems, progress, take).await?;
        report.accepted = problems.permit(source.options.skip_bad) && !parsed.is_empty();
        if report.accepted {
            report.written = super::count(parsed.len());
            report.documents = report.written;
            if !source.options.dry_run {
                self.write_prices(ctx, &parsed).await?;
            }
        }
        Ok(report.with(problems))
    }

    /// The company's products by code.
    pub(super) async fn product_ids(&self, ctx: &Context) -> Result<HashMap<String, ProductId>> {
        let mut tx = self.db().read(ctx.company).await?;
        let all = products::all(&mut tx, ctx.company).await?;
        Ok(all.into_iter().map(|product| (product.sku, product.id)).collect())
    }

    pub(super) async fn write_prices(&self, ctx: &Context, prices: &[Price]) -> Result<()> {
        let now = self.clock().now();
        let mut tx = companies::begin_change(self.db(), ctx.company, Changed::Prices).await?;
        prices::save(&mut tx, ctx.company, prices).await?;
        let detail = json!({ "prices": prices.len() });
        audit::record(&mut tx, ctx.company, now, ctx.user, "prices.imported", "", &detail).await?;
        Ok(tx.commit().await?)
    }
}

fn parse(
    mut row: Row,
    known: &HashMap<String, ProductId>,
    seen: &mut HashMap<String, u64>,
) -> std::result::Result<Price, Vec<Problem>> {
    let product = known_product(&mut row, known);
    let price = row.must_read("price", values::number);
    let valid_from = row.must_read("valid_from", values::day);
    if let Some(issue) = price.and_then(|price| price_issue("/price", price)) {
        row.wrong("price", issue.code, issue.message);
    }
    if let (Some(product), Some(price), Some(valid_from)) = (product, price, valid_from) {
        let key = format!("{} from {valid_from}", row.text("sku").unwrap_or_default());
        super::note_repeated(&mut row, "sku", &key, seen);
        if row.problems.is_empty() {
            return Ok(Price { product_id: product, valid_from, price: Exact(price.normalize()) });
        }
    }
    Err(row.problems)
}

/// The row's product; an unknown one is noted.
pub(super) fn known_product(row: &mut Row, known: &HashMap<String, ProductId>) -> Option<ProductId> {
    let sku = row.must("sku");
    let found = known.get(&sku).copied();
    if found.is_none() && !sku.is_empty() {
        row.wrong("sku", "unknown-sku", format!("there is no product `{sku}`; import the products first"));
    }
    found
}
