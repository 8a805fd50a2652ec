//! What products cost the company: dated like list prices, seen and set by those who may, and by no plugin.

use crate::errors::{AppError, Result};
use crate::products::price_issue;
use crate::{App, Context};
use chrono::NaiveDate;
use qudao_domain::decimal::{Decimal, Exact};
use qudao_domain::permissions::Action;
use qudao_store::costs::{self, Cost};
use qudao_store::{audit, products};
use serde_json::json;

impl App {
    /// Sets what one piece of a product costs the company from a day on; one that was set for the same day is replaced.
    ///
    /// # Errors
    /// [`AppError::Forbidden`]; [`AppError::NotFound`]; [`AppError::Invalid`] for a cost that cannot be.
    pub async fn set_cost(
        &self,
        ctx: &Context,
        sku: &str,
        valid_from: NaiveDate,
        cost: Decimal,
    ) -> Result<()> {
        ctx.whole_company(Action::CostsWrite)?;
        if let Some(issue) = price_issue("/cost", cost) {
            return Err(AppError::invalid(issue));
        }
        let now = self.clock().now();
        // No price rests on a cost, so that nobody who is pricing has to hear of this.
        let mut tx = self.db().write(ctx.company).await?;
        let product = products::by_sku(&mut tx, ctx.company, sku).await?.ok_or(AppError::NotFound)?;
        let row = Cost { product_id: product.id, valid_from, cost: Exact(cost.normalize()) };
        costs::save(&mut tx, ctx.company, &[row]).await?;
        let detail = json!({ "valid_from": valid_from, "cost": cost.normalize().to_string() });
        audit::record(&mut tx, ctx.company, now, ctx.user, "cost.set", sku, &detail).await?;
        Ok(tx.commit().await?)
    }
}
