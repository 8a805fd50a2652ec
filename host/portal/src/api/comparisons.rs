//! Two versions, or two settings, side by side, for programs.

mod others;

use axum::extract::{Path, State};
use qudao_app::{App, Came, Candidate, ComparedOrders, Comparison, Did, PricedRow, Side};
use qudao_engine::Difference;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::json::{Api, ApiQuery};
use crate::sessions::SignedIn;
use crate::state::AppState;
use crate::web::PageError;

/// Comparisons.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(compare))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct CompareQuery {
    /// Number of this version's settings; the latest when left out.
    revision: Option<i64>,
    /// Digest of the version to compare with: the one before. This version itself when left out.
    with: Option<String>,
    /// Number of its settings; the latest when left out.
    with_revision: Option<i64>,
}

/// A version with settings.
#[derive(Debug, Serialize, ToSchema)]
struct SideBody {
    /// The component's digest.
    digest: String,
    /// The plugin's version.
    version: String,
    /// Number of the settings.
    revision: i64,
}

impl From<&Side> for SideBody {
    fn from(side: &Side) -> Self {
        Self {
            digest: side.plugin.digest.clone(),
            version: side.plugin.version.clone(),
            revision: side.revision.number,
        }
    }
}

/// A place at which the two differ.
#[derive(Debug, Serialize, ToSchema)]
struct PlaceBody {
    /// JSON pointer.
    path: String,
    /// What stands there before; null for nothing.
    one: Json,
    /// What stands there after; null for nothing.
    other: Json,
}

impl From<&Difference> for PlaceBody {
    fn from(difference: &Difference) -> Self {
        let Difference { path, expected, got } = difference.clone();
        Self { path, one: expected, other: got }
    }
}

/// What an order, or a program's period, came to: one of the three.
#[derive(Debug, Serialize, ToSchema)]
struct OutcomeBody {
    /// Its total, in minor units.
    total_minor: Option<i64>,
    /// The first reason of a refusal.
    refused: Option<String>,
    /// The failure's name.
    failed: Option<String>,
}

impl From<&Came<i64>> for OutcomeBody {
    fn from(came: &Came<i64>) -> Self {
        let (refused, failed) = unanswered(came);
        Self { total_minor: came.answer().copied(), refused, failed }
    }
}

/// A refusal's first reason, a failure's name.
fn unanswered<T>(came: &Came<T>) -> (Option<String>, Option<String>) {
    match came {
        Came::Answered(_) => (None, None),
        Came::Refused(code) => (Some(code.clone()), None),
        Came::Failed(error) => (None, Some((*error).to_owned())),
    }
}

/// An order that comes out otherwise.
#[derive(Debug, Serialize, ToSchema)]
struct ComparedOrderBody {
    /// What the decision was about, such as `order 0198…`.
    subject: String,
    /// The dealer's code.
    dealer: String,
    /// The day.
    on: chrono::NaiveDate,
    /// Before.
    one: OutcomeBody,
    /// After.
    other: OutcomeBody,
}

impl From<&PricedRow> for ComparedOrderBody {
    fn from(row: &PricedRow) -> Self {
        Self {
            subject: row.subject.clone(),
            dealer: row.dealer.clone(),
            on: row.on,
            one: OutcomeBody::from(&row.one),
            other: OutcomeBody::from(&row.other),
        }
    }
}

/// The latest orders, priced by both.
#[derive(Debug, Serialize, ToSchema)]
struct ComparedOrdersBody {
    /// How many.
    orders: usize,
    /// How many come out otherwise.
    changed: usize,
    /// Sum of the totals before, in minor units, of the orders that both price.
    one_minor: i64,
    /// Sum of the totals after.
    other_minor: i64,
    /// The largest differences.
    largest: Vec<ComparedOrderBody>,
}

impl From<&ComparedOrders> for ComparedOrdersBody {
    fn from(orders: &ComparedOrders) -> Self {
        Self {
            orders: orders.orders,
            changed: orders.changed,
            one_minor: orders.one_minor,
            other_minor: orders.other_minor,
            largest: orders.rows.iter().map(ComparedOrderBody::from).collect(),
        }
    }
}

/// What changed, and what it does.
#[derive(Debug, Serialize, ToSchema)]
struct ComparisonBody {
    /// Before.
    one: SideBody,
    /// After.
    other: SideBody,
    /// Where what they say of themselves differs.
    about: Vec<PlaceBody>,
    /// Where the settings differ.
    settings: Vec<PlaceBody>,
    /// Of pricing plugins, where there are orders.
    orders: Option<ComparedOrdersBody>,
    /// Of incentive plugins: each program's last period that has begun.
    programs: Option<Vec<others::ProgramBody>>,
    /// Of KPI plugins: the last period that has begun.
    scores: Option<others::ScoresBody>,
    /// Of deal plugins, where there are registrations.
    deals: Option<others::DealsBody>,
}

impl From<&Comparison> for ComparisonBody {
    fn from(comparison: &Comparison) -> Self {
        let mut body = Self {
            one: SideBody::from(&comparison.one),
            other: SideBody::from(&comparison.other),
            about: comparison.about.iter().map(PlaceBody::from).collect(),
            settings: comparison.settings.iter().map(PlaceBody::from).collect(),
            orders: None,
            programs: None,
            scores: None,
            deals: None,
        };
        match &comparison.did {
            Did::Pricing(orders) => body.orders = orders.as_ref().map(ComparedOrdersBody::from),
            Did::Incentive(programs) => {
                body.programs = Some(programs.iter().map(others::ProgramBody::from).collect());
            }
            Did::Kpi(scores) => body.scores = Some(others::ScoresBody::from(scores)),
            Did::Deal(deals) => body.deals = deals.as_ref().map(others::DealsBody::from),
        }
        body
    }
}

/// Compares a version with another, or with other settings of its own. Nothing is stored.
#[utoipa::path(get, path = "/api/v1/plugins/{digest}/compare", tag = "plugins",
    params(("digest" = String, Path), CompareQuery), responses(
    (status = 200, description = "What changed, and what it does", body = ComparisonBody),
    (status = 404, description = "No such version"),
    (status = 422, description = "No settings of this number, or another kind"),
))]
async fn compare(
    caller: SignedIn,
    State(app): State<App>,
    Path(digest): Path<String>,
    ApiQuery(query): ApiQuery<CompareQuery>,
) -> Result<Api<ComparisonBody>, PageError> {
    let one =
        Candidate { digest: query.with.unwrap_or_else(|| digest.clone()), revision: query.with_revision };
    let other = Candidate { digest, revision: query.revision };
    Ok(Api(ComparisonBody::from(&app.compare(&caller, &one, &other).await?)))
}
