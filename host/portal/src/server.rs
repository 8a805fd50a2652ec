//! Serving: every route, and the layers around them.

use axum::body::Body;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{Request, StatusCode};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use qudao_app::App;
use std::time::Duration;
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer};
use tower_http::timeout::TimeoutLayer;
use tower_http::trace::TraceLayer;
use tracing::Span;

use crate::routes::Routes;
use crate::state::AppState;
use crate::web::{self, PageError, errors, security};
use crate::{api, sessions, traces};

pub use crate::routes::Route;

/// The most bytes of a body, but for uploads, which set their own.
const BODY_BYTES: usize = 4 * 1024 * 1024;
/// How long a request may take before it is told to come back.
const REQUEST_TIME: Duration = Duration::from_secs(120);

/// Every page that is not open to strangers by design is in here, so that tests can try each.
fn pages() -> Routes {
    web::routes()
}

/// Every route, pages and API alike, as `GET /orders/{id}`.
#[must_use]
pub fn known_routes() -> Vec<Route> {
    let (_, mut known) = pages().split();
    known.extend(api::known_routes());
    known.sort();
    known
}

/// The whole portal.
pub fn router(state: AppState) -> Router {
    let (pages, _) = pages().split();
    let layers = ServiceBuilder::new()
        .layer(SetRequestIdLayer::x_request_id(MakeRequestUuid))
        .layer(
            TraceLayer::new_for_http()
                .make_span_with(traces::of_request as fn(&Request<Body>) -> Span)
                .on_response(traces::answered as fn(&Response<_>, Duration, &Span)),
        )
        .layer(PropagateRequestIdLayer::x_request_id())
        .layer(CompressionLayer::new())
        .layer(from_fn(security::headers))
        .layer(from_fn_with_state(state.views.clone(), errors::answer))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, REQUEST_TIME))
        .layer(from_fn(security::same_origin))
        .layer(from_fn_with_state(state.app.clone(), sessions::identify))
        .layer(DefaultBodyLimit::max(BODY_BYTES));
    Router::new()
        .merge(pages)
        .merge(api::router())
        .route("/assets/{*name}", get(web::assets::serve))
        .route("/health/live", get(|| async { "ok" }))
        .route("/health/ready", get(ready))
        .fallback(|| async { PageError::NotFound })
        .layer(layers)
        .with_state(state)
}

/// Ready when the database answers.
async fn ready(State(app): State<App>) -> Response {
    match app.db().ping().await {
        Ok(()) => Json(serde_json::json!({ "status": "ready", "database": app.db().name() })).into_response(),
        Err(error) => {
            tracing::warn!(%error, "not ready");
            PageError::Busy.into_response()
        }
    }
}

fn panicked(panic: Box<dyn std::any::Any + Send>) -> Response {
    let words = panic.downcast_ref::<String>().cloned();
    let words = words.or_else(|| panic.downcast_ref::<&str>().map(|words| (*words).to_owned()));
    PageError::internal(&words.unwrap_or_else(|| "a panic without words".to_owned())).into_response()
}

/// Serves until `stop` resolves; requests under way are finished.
///
/// # Errors
/// When the listener fails.
pub async fn serve(
    listener: tokio::net::TcpListener,
    state: AppState,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    axum::serve(listener, router(state)).with_graceful_shutdown(stop).await
}
