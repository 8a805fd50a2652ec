//! Decisions: what plugins answered, and answering again.

use axum::extract::{Path, State};
use chrono::{DateTime, NaiveDate, Utc};
use qudao_app::{App, DecisionFilter, DecisionPage, Replay};
use qudao_domain::ids::DecisionId;
use qudao_store::decisions::Listed;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::json::{Api, ApiQuery};
use super::plugins::word_of;
use crate::sessions::SignedIn;
use crate::state::AppState;
use crate::web::PageError;

/// Decisions.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(show)).routes(routes!(replay))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct DecisionsQuery {
    /// `pricing`, `incentive`, `kpi` or `deal`.
    kind: Option<String>,
    /// Digest of the plugin.
    plugin: Option<String>,
    /// `answered` or `refused`.
    outcome: Option<String>,
    /// What it is about, such as `order SO-000001`.
    subject: Option<String>,
    /// The day in the company's zone.
    day: Option<NaiveDate>,
    /// Where the page begins: `next` of the page before.
    before: Option<Uuid>,
    /// Entries of a page, 1 to 200; 50 when left out.
    limit: Option<i64>,
}

impl DecisionsQuery {
    fn filter(&self) -> Result<DecisionFilter, PageError> {
        let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        Ok(DecisionFilter {
            kind: given(&self.kind).map(|kind| word_of("/kind", &kind)).transpose()?,
            plugin: given(&self.plugin),
            outcome: given(&self.outcome),
            subject: given(&self.subject),
            day: self.day,
            ..DecisionFilter::default()
        })
    }
}

/// A decision in the list.
#[derive(Debug, Serialize, ToSchema)]
struct DecisionBody {
    /// Its id.
    id: Uuid,
    /// `pricing`, `incentive`, `kpi` or `deal`.
    kind: String,
    /// `answered` or `refused`.
    outcome: String,
    /// What it is about.
    subject: String,
    /// Digest of the plugin.
    plugin: String,
    /// The plugin's name.
    name: String,
    /// The plugin's version.
    version: String,
    /// Number of the settings.
    revision: i64,
    /// The moment for which it was decided.
    made_for: DateTime<Utc>,
    /// The moment at which it was recorded.
    made_at: DateTime<Utc>,
    /// Fuel burnt.
    fuel: i64,
    /// Microseconds it took.
    elapsed_us: i64,
}

impl From<&Listed> for DecisionBody {
    fn from(listed: &Listed) -> Self {
        Self {
            id: listed.id.0,
            kind: listed.kind.to_string(),
            outcome: listed.outcome.clone(),
            subject: listed.subject.clone(),
            plugin: listed.plugin_digest.clone(),
            name: listed.plugin_name.clone(),
            version: listed.plugin_version.clone(),
            revision: listed.revision,
            made_for: listed.made_for.utc(),
            made_at: listed.made_at.utc(),
            fuel: listed.fuel,
            elapsed_us: listed.elapsed_us,
        }
    }
}

/// A page of decisions, the latest first.
#[derive(Debug, Serialize, ToSchema)]
struct DecisionsBody {
    /// The decisions.
    decisions: Vec<DecisionBody>,
    /// `before` of the next page; none on the last.
    next: Option<Uuid>,
}

/// A decision with all that led to it.
#[derive(Debug, Serialize, ToSchema)]
struct DecisionDetailsBody {
    /// Its head.
    decision: DecisionBody,
    /// The contract's version.
    contract: String,
    /// Engine and version.
    engine: String,
    /// Why it was this plugin and these settings.
    binding: Uuid,
    /// The decision that it follows from.
    parent: Option<Uuid>,
    /// The settings.
    #[schema(value_type = Object)]
    settings: Json,
    /// What the plugin was asked.
    #[schema(value_type = Object)]
    input: Json,
    /// SHA-256 of the input's bytes.
    input_hash: String,
    /// What it answered.
    #[schema(value_type = Object)]
    output: Json,
    /// SHA-256 of the output's bytes.
    output_hash: String,
}

impl From<&DecisionPage> for DecisionDetailsBody {
    fn from(page: &DecisionPage) -> Self {
        let decision = &page.decision;
        let json = |bytes: &[u8]| serde_json::from_slice(bytes).unwrap_or_default();
        Self {
            decision: DecisionBody {
                id: decision.id.0,
                kind: decision.kind.to_string(),
                outcome: decision.outcome.clone(),
                subject: decision.subject.clone(),
                plugin: decision.plugin_digest.clone(),
                name: page.plugin.name.clone(),
                version: page.plugin.version.clone(),
                revision: page.revision.number,
                made_for: decision.made_for.utc(),
                made_at: decision.made_at.utc(),
                fuel: decision.fuel,
                elapsed_us: decision.elapsed_us,
            },
            contract: decision.contract.clone(),
            engine: decision.engine.clone(),
            binding: decision.binding_id.0,
            parent: decision.parent_id.map(|id| id.0),
            settings: json(page.revision.settings.as_bytes()),
            input: json(&decision.input),
            input_hash: decision.input_hash.clone(),
            output: json(&decision.output),
            output_hash: decision.output_hash.clone(),
        }
    }
}

/// A decision made again.
#[derive(Debug, Serialize, ToSchema)]
struct ReplayBody {
    /// Whether the output is the same to the byte.
    identical: bool,
    /// Whether the same fuel was burnt; it must be under the same engine.
    same_fuel: bool,
    /// Where the outputs begin to differ.
    first_difference: Option<DifferenceBody>,
    /// The engine that decided.
    engine_then: String,
    /// The engine that ran it again.
    engine_now: String,
    /// Fuel that deciding burnt.
    fuel_then: i64,
    /// Fuel that running it again burnt.
    fuel_now: i64,
}

/// Where two outputs begin to differ.
#[derive(Debug, Serialize, ToSchema)]
struct DifferenceBody {
    /// JSON pointer into the output.
    pointer: String,
    /// What was decided.
    #[schema(value_type = Object)]
    was: Json,
    /// What came out now.
    #[schema(value_type = Object)]
    now: Json,
}

impl From<Replay> for ReplayBody {
    fn from(replay: Replay) -> Self {
        let body = |found: qudao_app::Difference| DifferenceBody {
            pointer: found.pointer,
            was: found.was,
            now: found.now,
        };
        Self {
            identical: replay.identical,
            same_fuel: replay.same_fuel,
            first_difference: replay.first_difference.map(body),
            engine_then: replay.engine_then,
            engine_now: replay.engine_now,
            fuel_then: replay.fuel_then,
            fuel_now: replay.fuel_now,
        }
    }
}

/// Lists decisions.
#[utoipa::path(get, path = "/api/v1/decisions", tag = "decisions", params(DecisionsQuery), responses(
    (status = 200, description = "The decisions", body = DecisionsBody),
))]
async fn list(
    caller: SignedIn,
    State(app): State<App>,
    ApiQuery(query): ApiQuery<DecisionsQuery>,
) -> Result<Api<DecisionsBody>, PageError> {
    let limit = query.limit.unwrap_or(50);
    let found = app.decisions(&caller, &query.filter()?, query.before.map(DecisionId), limit).await?;
    let decisions = found.items.iter().map(DecisionBody::from).collect();
    Ok(Api(DecisionsBody { decisions, next: found.next.map(|id| id.0) }))
}

/// Shows a decision with its input, settings and output.
#[utoipa::path(get, path = "/api/v1/decisions/{id}", tag = "decisions", params(("id" = Uuid, Path)), responses(
    (status = 200, description = "The decision", body = DecisionDetailsBody),
    (status = 404, description = "No such decision"),
))]
async fn show(
    caller: SignedIn,
    State(app): State<App>,
    Path(id): Path<DecisionId>,
) -> Result<Api<DecisionDetailsBody>, PageError> {
    let page = app.decision(&caller, id).await?;
    Ok(Api(DecisionDetailsBody::from(&page)))
}

/// Runs a decision again with the same component, settings and input, and compares. Nothing is stored.
#[utoipa::path(post, path = "/api/v1/decisions/{id}/replay", tag = "decisions", params(("id" = Uuid, Path)), responses(
    (status = 200, description = "How it came out", body = ReplayBody),
    (status = 404, description = "No such decision"),
))]
async fn replay(
    caller: SignedIn,
    State(app): State<App>,
    Path(id): Path<DecisionId>,
) -> Result<Api<ReplayBody>, PageError> {
    let replay = app.replay(&caller, id).await?;
    Ok(Api(ReplayBody::from(replay)))
}
