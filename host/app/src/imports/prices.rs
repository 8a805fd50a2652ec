//! Dated base prices, and dated costs, which come in the same way.

use super::problem::{Problem, Problems};
use super::table::Row;
use super::{ImportKind, Listener, Phase, Report, Source, values};
use crate::errors::Result;
use crate::products::price_issue;
use crate::{App, Context};
use chrono::NaiveDate;
use qudao_domain::decimal::Exact;
use qudao_domain::ids::ProductId;
use qudao_store::companies::{self, Changed};
use qudao_store::costs::{self, Cost};
use qudao_store::prices::{self, Price};
use qudao_store::{audit, products};
use serde_json::json;
use std::collections::HashMap;
use std::io::{Read, Seek};

/// What a piece of a product sells for, or costs, from a day on.
struct Dated {
    product_id: ProductId,
    valid_from: NaiveDate,
    amount: Exact,
}

impl App {
    /// Prices or costs, whichever kind the file is of.
    pub(super) async fn import_prices<F: Read + Seek + Send>(
        &self,
        ctx: &Context,
        mut source: Source<'_, F>,
        progress: Listener<'_>,
    ) -> Result<Report> {
        let mut report = Report::begun(source.kind, source.options);
        let mut problems = Problems::default();
        let known = self.product_ids(ctx).await?;
        let mut parsed: Vec<Dated> = Vec::new();
        let mut seen: HashMap<String, u64> = HashMap::new();
        let are_costs = source.kind == ImportKind::Costs;
        let field = if are_costs { "cost" } else { "price" };
        let take = |row: Row, problems: &mut Problems| match parse(row, field, &known, &mut seen) {
            Ok(dated) => parsed.push(dated),
            Err(found) => problems.add_all(found),
        };
        report.read = source.rows(Phase::Checking, &mut problems, progress, take).await?;
        report.accepted = problems.permit(source.options.skip_bad) && !parsed.is_empty();
        if report.accepted {
            report.written = super::count(parsed.len());
            report.documents = report.written;
            match source.options.dry_run {
                true => {}
                false if are_costs => self.write_costs(ctx, &parsed).await?,
                false => self.write_prices(ctx, &parsed.iter().map(Dated::price).collect::<Vec<_>>()).await?,
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

    async fn write_costs(&self, ctx: &Context, dated: &[Dated]) -> Result<()> {
        let now = self.clock().now();
        let costs: Vec<Cost> = dated.iter().map(Dated::cost).collect();
        let mut tx = self.db().write(ctx.company).await?;
        costs::save(&mut tx, ctx.company, &costs).await?;
        let detail = json!({ "costs": costs.len() });
        audit::record(&mut tx, ctx.company, now, ctx.user, "costs.imported", "", &detail).await?;
        Ok(tx.commit().await?)
    }
}

impl Dated {
    fn price(&self) -> Price {
        Price { product_id: self.product_id, valid_from: self.valid_from, price: self.amount }
    }

    fn cost(&self) -> Cost {
        Cost { product_id: self.product_id, valid_from: self.valid_from, cost: self.amount }
    }
}

/// The amount stands in `field`.
fn parse(
    mut row: Row,
    field: &str,
    known: &HashMap<String, ProductId>,
    seen: &mut HashMap<String, u64>,
) -> std::result::Result<Dated, Vec<Problem>> {
    let product = known_product(&mut row, known);
    let amount = row.must_read(field, values::number);
    let valid_from = row.must_read("valid_from", values::day);
    if let Some(issue) = amount.and_then(|amount| price_issue(field, amount)) {
        row.wrong(field, issue.code, issue.message);
    }
    if let (Some(product_id), Some(amount), Some(valid_from)) = (product, amount, valid_from) {
        let key = format!("{} from {valid_from}", row.text("sku").unwrap_or_default());
        super::note_repeated(&mut row, "sku", &key, seen);
        if row.problems.is_empty() {
            return Ok(Dated { product_id, valid_from, amount: Exact(amount.normalize()) });
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
