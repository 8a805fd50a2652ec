//! What a product costs the company: shown and set on its page, by whoever may.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use chrono::NaiveDate;
use qudao_app::{App, AppError, Context, ProductDetails};
use qudao_domain::decimal::Decimal;
use qudao_domain::permissions::Action;
use serde::Serialize;

use super::super::app_errors::to_page_error;
use super::super::errors::{FieldError, PageError, PageResult};
use super::super::forms::{Form, FormView};
use super::super::page::Page;
use super::super::preferences::tell_at;
use super::super::views::Views;
use super::Wanted;
use crate::sessions::SignedIn;

/// Decimals of a cost: what an exact number of the business may have.
const COST_SCALE: u32 = 9;
/// Decimals of a share, as of one.
const SHARE_SCALE: u32 = 4;

/// The costs of a product, on its page.
#[derive(Serialize)]
pub(super) struct CostsView {
    /// Of one piece today.
    now: Option<String>,
    /// What is left of the list price of today, as of one.
    margin: Option<Decimal>,
    /// The latest first.
    rows: Vec<CostView>,
    can_set: bool,
    form: FormView,
    /// The day that the form begins with.
    today: String,
}

#[derive(Serialize)]
struct CostView {
    from: String,
    cost: String,
}

/// None for whoever may not see costs.
pub(super) fn view(
    ctx: &Context,
    today: NaiveDate,
    found: &ProductDetails,
    form: FormView,
) -> Option<CostsView> {
    let costs = found.costs.as_ref()?;
    let now = costs.iter().find(|cost| cost.valid_from <= today).map(|cost| cost.cost.0);
    let left = |cost: Decimal| {
        let price = found.price?.0;
        Some(price.checked_sub(cost)?.checked_div(price)?.round_dp(SHARE_SCALE))
    };
    let row = |cost: &qudao_store::costs::Cost| CostView {
        from: cost.valid_from.to_string(),
        cost: cost.cost.0.to_string(),
    };
    Some(CostsView {
        now: now.map(|cost| cost.to_string()),
        margin: now.and_then(left),
        rows: costs.iter().map(row).collect(),
        can_set: ctx.whole_company(Action::CostsWrite).is_ok(),
        form,
        today: today.to_string(),
    })
}

/// Sets a cost from a day on; what is wrong is told at its field.
pub(super) async fn set(
    page: Page,
    ctx: SignedIn,
    State(app): State<App>,
    State(views): State<Views>,
    Path(sku): Path<String>,
    form: Form,
) -> PageResult {
    // Who may not know costs learns nothing by trying, and an unknown product is none.
    ctx.whole_company(Action::CostsWrite)?;
    let product = app.product(&ctx, &sku).await?.product;
    let mut check = form.check();
    let (cost, from) = (check.decimal("cost", COST_SCALE), check.day("valid_from"));
    if let (Some(cost), Some(from)) = (cost, from) {
        match app.set_cost(&ctx, &sku, from, cost).await {
            Ok(()) => return Ok(tell_at(&address(&product.sku), "good", "cost-set")),
            Err(error) => at_fields(error)?.into_iter().for_each(|error| check.fail(error)),
        }
    }
    let typed = form.shown(check.errors(), page.language);
    let context = super::shown(&page, &ctx, &app, &sku, &Wanted::default(), typed).await?;
    views.page_with(StatusCode::UNPROCESSABLE_ENTITY, &page, "products/show.html", &context)
}

/// The product's page; a code may have any letters.
fn address(sku: &str) -> String {
    let encoded = minijinja::filters::urlencode(&sku.into()).unwrap_or_default();
    format!("/products/{encoded}")
}

fn at_fields(error: AppError) -> Result<Vec<FieldError>, PageError> {
    match to_page_error(error) {
        PageError::Invalid(mut errors) => {
            for error in &mut errors {
                error.pointer = error.pointer.trim_start_matches('/').to_owned();
            }
            Ok(errors)
        }
        other => Err(other),
    }
}
