//! Pages: templates, languages, forms, errors and what the browser is told about security.
//!
//! A page is a handler that parses, calls one use case and renders:
//!
//! ```ignore
//! async fn show(page: Page, State(web): State<Views>, Path(id): Path<OrderId>) -> PageResult {
//!     let order = app.order(id).await?;
//!     web.page(&page, "orders/show.html", &OrderView::from(order))
//! }
//! ```

pub mod app_errors;
pub mod assets;
mod cart;
mod comparisons;
mod dealers;
mod deals;
mod decisions;
pub mod errors;
mod filters;
pub mod format;
pub mod forms;
mod home;
pub mod i18n;
mod login;
pub mod nav;
pub mod notes;
mod orders;
pub mod page;
mod plugins;
pub mod preferences;
mod priced;
mod products;
#[cfg(test)]
mod render_tests;
mod runs;
mod scorecards;
pub mod security;
mod settings;
pub mod settings_form;
mod settlements;
mod simulations;
mod statements;
mod values;
pub mod views;

pub use errors::{FieldError, PageError, PageResult};
pub use forms::Form;
pub use page::{Page, Visitor};
pub use views::Views;

use crate::routes::Routes;

/// Every page. Each noun's file gives `routes()`.
#[must_use]
pub fn routes() -> Routes {
    Routes::default()
        .post("/preferences", preferences::change)
        .and(login::routes())
        .and(home::routes())
        .and(products::routes())
        .and(dealers::routes())
        .and(deals::routes())
        .and(plugins::routes())
        .and(simulations::routes())
        .and(settings::routes())
        .and(comparisons::routes())
        .and(decisions::routes())
        .and(runs::routes())
        .and(cart::routes())
        .and(orders::routes())
        .and(statements::routes())
        .and(settlements::routes())
        .and(scorecards::routes())
}
