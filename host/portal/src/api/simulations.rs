//! Simulations: a rule tried over the company's real orders, before it goes live.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, NaiveDate, Utc};
use qudao_app::{App, NewSimulation};
use qudao_domain::ids::SimulationId;
use qudao_store::simulations::Simulation;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::json::Api;
use crate::sessions::SignedIn;
use crate::state::AppState;
use crate::web::{FieldError, PageError};

/// Beginning simulations and looking at them.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list, start)).routes(routes!(show)).routes(routes!(cancel))
}

/// What to try over which orders.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SimulationRequest {
    /// Digest of the plugin.
    plugin: String,
    /// Number of its settings; left out for the latest.
    revision: Option<i64>,
    /// First day of the orders.
    first: NaiveDate,
    /// Last day of the orders.
    last: NaiveDate,
    /// Guard: the most that any dealer may pay more, in minor units.
    most_loss_minor: Option<i64>,
    /// Guard: the most that the company may get less, in minor units.
    most_cost_minor: Option<i64>,
    /// Guard: the least that must be left of what has a cost, in percent of its amount, as a decimal such as `"18.5"`.
    /// For those who may see costs.
    least_margin: Option<String>,
}

impl TryFrom<SimulationRequest> for NewSimulation {
    type Error = PageError;

    fn try_from(request: SimulationRequest) -> Result<Self, PageError> {
        let percent = |typed: String| {
            typed.parse().map_err(|_| {
                let error = FieldError::new("/least_margin", "decimal");
                PageError::Invalid(vec![error.saying("write digits with a point, such as \"18.5\"")])
            })
        };
        Ok(Self {
            digest: request.plugin,
            revision: request.revision,
            first: request.first,
            last: request.last,
            most_loss_minor: request.most_loss_minor,
            most_cost_minor: request.most_cost_minor,
            least_margin: request.least_margin.map(percent).transpose()?,
        })
    }
}

/// A simulation.
#[derive(Debug, Serialize, ToSchema)]
struct SimulationBody {
    /// Its id.
    id: Uuid,
    /// Digest of the plugin.
    plugin: String,
    /// The plugin's name.
    name: String,
    /// The plugin's version.
    version: String,
    /// Number of the settings.
    revision: i64,
    /// First day of the orders.
    first: NaiveDate,
    /// Last day of the orders.
    last: NaiveDate,
    /// `running`, `done`, `cancelled` or `failed`.
    state: String,
    /// How many orders there are.
    orders: i64,
    /// How many of them are done.
    done: i64,
    /// Why it failed.
    error: String,
    /// Who began it.
    begun_by: String,
    /// When.
    begun_at: DateTime<Utc>,
    /// What came out, once it is done: sums before and after in minor units, by dealer, product and month, the hundred
    /// largest changes, refusals, failures, guards. Sums have a `margin` where costs are known and the reader may see
    /// them: what is left before and after, and the cost; margin and cost together are the amount that it is of.
    #[schema(value_type = Option<Object>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    outcome: Option<Json>,
}

impl From<Simulation> for SimulationBody {
    fn from(found: Simulation) -> Self {
        Self {
            id: found.id.0,
            plugin: found.plugin_digest,
            name: found.plugin_name,
            version: found.plugin_version,
            revision: found.revision,
            first: found.first_day,
            last: found.last_day,
            state: found.state.to_string(),
            orders: found.orders,
            done: found.done,
            error: found.error,
            begun_by: found.created_by_name,
            begun_at: found.created_at.utc(),
            outcome: found.outcome.map(|json| json.0),
        }
    }
}

/// Every simulation.
#[derive(Debug, Serialize, ToSchema)]
struct SimulationsBody {
    /// The latest first, at most fifty, without what came out.
    simulations: Vec<SimulationBody>,
}

/// Lists simulations.
#[utoipa::path(get, path = "/api/v1/simulations", tag = "plugins", responses(
    (status = 200, description = "The simulations", body = SimulationsBody),
))]
async fn list(caller: SignedIn, State(app): State<App>) -> Result<Api<SimulationsBody>, PageError> {
    let found = app.simulations(&caller, "").await?;
    Ok(Api(SimulationsBody { simulations: found.into_iter().map(Into::into).collect() }))
}

/// Begins a simulation; it runs in the background.
#[utoipa::path(post, path = "/api/v1/simulations", tag = "plugins", request_body = SimulationRequest, responses(
    (status = 202, description = "It runs", body = SimulationBody),
    (status = 403, description = "Not for your role or token, or a guard of margins where you may not see costs"),
    (status = 404, description = "No such plugin"),
    (status = 409, description = "Not a pricing plugin, or two others run"),
    (status = 422, description = "No such settings, days without orders, or a guard that cannot be"),
))]
async fn start(
    caller: SignedIn,
    State(app): State<App>,
    Api(body): Api<SimulationRequest>,
) -> Result<Response, PageError> {
    let id = app.start_simulation(&caller, &body.try_into()?).await?;
    let (found, _) = app.simulation(&caller, id).await?;
    Ok((StatusCode::ACCEPTED, Api(SimulationBody::from(found))).into_response())
}

/// Shows a simulation: how far it is, or what came out.
#[utoipa::path(get, path = "/api/v1/simulations/{id}", tag = "plugins", params(("id" = Uuid, Path)), responses(
    (status = 200, description = "The simulation", body = SimulationBody),
    (status = 404, description = "No such simulation"),
))]
async fn show(
    caller: SignedIn,
    State(app): State<App>,
    Path(id): Path<Uuid>,
) -> Result<Api<SimulationBody>, PageError> {
    Ok(Api(app.simulation(&caller, SimulationId(id)).await?.0.into()))
}

/// Asks a running simulation to stop.
#[utoipa::path(post, path = "/api/v1/simulations/{id}/cancel", tag = "plugins", params(("id" = Uuid, Path)),
    responses(
    (status = 204, description = "It stops"),
    (status = 404, description = "No running simulation of this id"),
))]
async fn cancel(
    caller: SignedIn,
    State(app): State<App>,
    Path(id): Path<Uuid>,
) -> Result<StatusCode, PageError> {
    app.cancel_simulation(&caller, SimulationId(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}
