//! Simulations: a rule tried over what really happened, before it goes live.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, NaiveDate, Utc};
use qudao_app::{App, NewSimulation};
use qudao_domain::decimal::Decimal;
use qudao_domain::ids::SimulationId;
use qudao_store::simulations::Simulation;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::json::Api;
use super::plugins::word_of;
use crate::sessions::SignedIn;
use crate::state::AppState;
use crate::web::{FieldError, PageError};

/// Beginning simulations and looking at them.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list, start)).routes(routes!(show)).routes(routes!(cancel))
}

/// What to try over which days.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SimulationRequest {
    /// Digest of the plugin.
    plugin: String,
    /// Number of its settings; left out for the latest.
    revision: Option<i64>,
    /// First day of the orders; of other kinds than pricing a day of the first period.
    first: NaiveDate,
    /// Last day of the orders; of other kinds than pricing a day of the last period.
    last: NaiveDate,
    /// Of incentive plugins: the program's code.
    program: Option<String>,
    /// Of KPI plugins: which periods are scored, `quarter` or `month`; left out for quarters.
    calendar: Option<String>,
    /// Guard: the most that any dealer may pay more (pricing) or be paid less (incentives), in minor units.
    most_loss_minor: Option<i64>,
    /// Guard: the most that the company may get less (pricing) or pay more (incentives), in minor units.
    most_cost_minor: Option<i64>,
    /// Guard: the least that must be left of what has a cost, in percent of its amount, as a decimal such as `"18.5"`.
    /// For those who may see costs.
    least_margin: Option<String>,
}

fn percent(typed: String) -> Result<Decimal, PageError> {
    typed.parse().map_err(|_| {
        let error = FieldError::new("/least_margin", "decimal");
        PageError::Invalid(vec![error.saying("write digits with a point, such as \"18.5\"")])
    })
}

impl SimulationRequest {
    fn read(self) -> Result<NewSimulation, PageError> {
        let calendar = self.calendar.map(|word| word_of("/calendar", &word)).transpose()?;
        Ok(NewSimulation {
            digest: self.plugin,
            revision: self.revision,
            first: self.first,
            last: self.last,
            program: self.program,
            calendar,
            most_loss_minor: self.most_loss_minor,
            most_cost_minor: self.most_cost_minor,
            least_margin: self.least_margin.map(percent).transpose()?,
        })
    }
}

/// A simulation.
#[derive(Debug, Serialize, ToSchema)]
struct SimulationBody {
    /// Its id.
    id: Uuid,
    /// What the plugin decides: `pricing`, `incentive` or `kpi`.
    kind: String,
    /// Digest of the plugin.
    plugin: String,
    /// The plugin's name.
    name: String,
    /// The plugin's version.
    version: String,
    /// Number of the settings.
    revision: i64,
    /// Of incentive plugins: the program's code.
    program: Option<String>,
    /// First day of the orders, or of the first period.
    first: NaiveDate,
    /// Last day of the orders, or of the last period.
    last: NaiveDate,
    /// `running`, `done`, `cancelled` or `failed`.
    state: String,
    /// How many orders there are; of other kinds than pricing, how many periods.
    orders: i64,
    /// How many of them are done.
    done: i64,
    /// Why it failed.
    error: String,
    /// Who began it.
    begun_by: String,
    /// When.
    begun_at: DateTime<Utc>,
    /// What came out, once it is done; amounts in minor units. Pricing: sums before and after, by dealer, product and month,
    /// the hundred largest changes, refusals, failures, guards; sums have a `margin` where costs are known and the reader
    /// may see them: what is left before and after, and the cost; margin and cost together are the amount that it is of. Incentives: by period with budget, turnover, and where
    /// `before` is known from, by dealer, the hundred largest changes, guards. KPI: average totals by period and dealer,
    /// how many rise and fall, the hundred largest changes, refusals and failures.
    #[schema(value_type = Option<Object>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    outcome: Option<Json>,
}

impl From<Simulation> for SimulationBody {
    fn from(found: Simulation) -> Self {
        Self {
            id: found.id.0,
            kind: found.kind.to_string(),
            plugin: found.plugin_digest,
            name: found.plugin_name,
            version: found.plugin_version,
            revision: found.revision,
            program: found.program,
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
    (status = 409, description = "A deal plugin, or too many others run"),
    (status = 422, description = "No such settings or program, days on which nothing happened, or a guard that cannot be"),
))]
async fn start(
    caller: SignedIn,
    State(app): State<App>,
    Api(body): Api<SimulationRequest>,
) -> Result<Response, PageError> {
    let id = app.start_simulation(&caller, &body.read()?).await?;
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
