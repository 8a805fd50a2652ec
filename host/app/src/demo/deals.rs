//! Deals of today, registered through the use case: one that is protected, one that comes too late, one to be decided.

use super::people::People;
use super::sketch::Sketch;
use crate::App;
use crate::deals::DealDraft;
use crate::errors::{AppError, Result};
use chrono::{Days, NaiveDate};

/// What each opportunity may be worth, in whole units of the currency.
const WORTH: i64 = 86_000;
/// Days until the customer may decide.
const CLOSE_DAYS: u64 = 75;

/// Registers the deals.
pub(super) async fn register(app: &App, people: &People, sketch: &Sketch, today: NaiveDate) -> Result<()> {
    let [first, second] = people.buyers.as_slice().first_chunk().ok_or_else(too_small)?;
    let [one, other] = sketch.customers.as_slice().first_chunk().ok_or_else(too_small)?;
    let product = sketch.products.first().ok_or_else(too_small)?;
    let minor = WORTH * 10_i64.pow(first.currency.exponent());
    let draft = |customer: &String, share: i64| DealDraft {
        customer: customer.clone(),
        registered_number: String::new(),
        customer_region: String::new(),
        category: product.category.to_owned(),
        skus: vec![product.sku.clone()],
        amount_minor: minor / share,
        expected_close: today.checked_add_days(Days::new(CLOSE_DAYS)).unwrap_or(today),
        progress: String::new(),
        note: String::new(),
    };
    app.register_deal(first, &draft(one, 1)).await?;
    app.register_deal(second, &draft(one, 2)).await?;
    app.register_deal(&people.sales, &draft(other, 1)).await?;
    app.register_deal(second, &draft(other, 1)).await?;
    Ok(())
}

fn too_small() -> AppError {
    AppError::Internal("the demo has too few people, customers or products to register deals".to_owned())
}
