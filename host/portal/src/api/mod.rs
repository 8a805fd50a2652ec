//! The JSON API under `/api/v1`: bearer tokens, problem details, OpenAPI from the code.
//!
//! Amounts are whole minor units of the currency named beside them (`total_minor`, `currency`); unit prices and rates
//! are decimals as strings; days are `2026-11-24`, moments RFC 3339 in UTC.

#![expect(unused_qualifications, reason = "utoipa's macro writes the whole path of a query's type")]

mod bindings;
mod comparisons;
mod dealers;
mod deals;
mod decisions;
mod docs;
mod exports;
mod json;
mod lifecycle;
mod orders;
mod plugins;
mod products;
mod runs;
mod said;
mod scorecards;
mod settlements;
mod signing_keys;
mod simulations;

pub use json::{Api, ApiQuery};
pub use said::{Said, said};

use axum::Router;
use axum::routing::get;
use utoipa::OpenApi;
use utoipa::openapi::OpenApi as Document;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa_axum::router::OpenApiRouter;

use crate::routes::Route;
use crate::state::AppState;

#[derive(OpenApi)]
#[openapi(
    info(title = "Qudao", description = "Partner portal: orders, prices by plugin, incentives, KPIs."),
    modifiers(&Bearer),
    security(("bearer" = []))
)]
struct Head;

struct Bearer;

impl utoipa::Modify for Bearer {
    fn modify(&self, document: &mut Document) {
        let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
        let components = document.components.get_or_insert_with(Default::default);
        components.add_security_scheme("bearer", SecurityScheme::Http(scheme));
    }
}

/// Every noun's routes. Each file of this folder gives `routes()`.
fn nouns() -> OpenApiRouter<AppState> {
    OpenApiRouter::with_openapi(Head::openapi())
        .merge(orders::routes())
        .merge(products::routes())
        .merge(dealers::routes())
        .merge(deals::routes())
        .merge(plugins::routes())
        .merge(bindings::routes())
        .merge(lifecycle::routes())
        .merge(signing_keys::routes())
        .merge(exports::routes())
        .merge(simulations::routes())
        .merge(comparisons::routes())
        .merge(decisions::routes())
        .merge(runs::routes())
        .merge(settlements::routes())
        .merge(scorecards::routes())
}

/// The API's router, its description and its documentation.
pub fn router() -> Router<AppState> {
    let (router, document) = nouns().split_for_parts();
    router
        .route("/api/v1/openapi.json", get(move || async move { axum::Json(document) }))
        .route("/api/docs", get(docs::show))
}

/// The API's description (OpenAPI 3.1).
#[must_use]
pub fn document() -> Document {
    nouns().split_for_parts().1
}

/// Every route of the API.
#[must_use]
pub fn known_routes() -> Vec<Route> {
    let mut known = Vec::new();
    for (path, item) in document().paths.paths {
        let methods = [("GET", item.get), ("POST", item.post), ("PUT", item.put), ("DELETE", item.delete)];
        let present = methods.into_iter().filter(|(_, operation)| operation.is_some());
        known.extend(present.map(|(method, _)| Route { method, path: path.clone() }));
    }
    known
}
