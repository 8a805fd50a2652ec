//! The life of a version: approval, retirement, the company's policy, and what failed again and again.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use qudao_app::App;
use qudao_domain::ids::IncidentId;
use qudao_domain::lifecycle::Policy;
use qudao_store::incidents::Incident;
use qudao_store::plugins::Plugin;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::json::Api;
use super::plugins::word_of;
use crate::sessions::SignedIn;
use crate::state::AppState;
use crate::web::PageError;

/// What is done to versions, and how careful the company is.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(approve))
        .routes(routes!(retire))
        .routes(routes!(restore))
        .routes(routes!(policy, save_policy))
        .routes(routes!(incidents))
        .routes(routes!(close_incident))
}

/// Why a step is taken.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
struct StepRequest {
    /// Why; at most 500 characters.
    reason: String,
}

/// Where a version stands.
#[derive(Debug, Serialize, ToSchema)]
struct StateBody {
    /// SHA-256 of the component.
    digest: String,
    /// `verified`, `approved` or `retired`.
    state: String,
}

impl From<Plugin> for StateBody {
    fn from(plugin: Plugin) -> Self {
        Self { digest: plugin.digest, state: plugin.state.to_string() }
    }
}

/// Agrees to the use of a version that somebody else uploaded.
#[utoipa::path(post, path = "/api/v1/plugins/{digest}/approve", tag = "plugins",
    params(("digest" = String, Path)), request_body = StepRequest, responses(
    (status = 200, description = "Where it stands now", body = StateBody),
    (status = 403, description = "Your role may not approve"),
    (status = 404, description = "No such plugin"),
    (status = 409, description = "You uploaded it yourself, or it does not wait for approval"),
))]
async fn approve(
    caller: SignedIn,
    State(app): State<App>,
    Path(digest): Path<String>,
    Api(body): Api<StepRequest>,
) -> Result<Api<StateBody>, PageError> {
    Ok(Api(app.approve_plugin(&caller, &digest, &body.reason).await?.into()))
}

/// Takes a version out of use; it must hold nowhere.
#[utoipa::path(post, path = "/api/v1/plugins/{digest}/retire", tag = "plugins",
    params(("digest" = String, Path)), request_body = StepRequest, responses(
    (status = 200, description = "Where it stands now", body = StateBody),
    (status = 404, description = "No such plugin"),
    (status = 409, description = "It holds or is scheduled somewhere, or is retired already"),
))]
async fn retire(
    caller: SignedIn,
    State(app): State<App>,
    Path(digest): Path<String>,
    Api(body): Api<StepRequest>,
) -> Result<Api<StateBody>, PageError> {
    Ok(Api(app.retire_plugin(&caller, &digest, &body.reason).await?.into()))
}

/// Takes a retired version back; it waits for approval again.
#[utoipa::path(post, path = "/api/v1/plugins/{digest}/restore", tag = "plugins",
    params(("digest" = String, Path)), request_body = StepRequest, responses(
    (status = 200, description = "Where it stands now", body = StateBody),
    (status = 404, description = "No such plugin"),
    (status = 409, description = "It is not retired"),
))]
async fn restore(
    caller: SignedIn,
    State(app): State<App>,
    Path(digest): Path<String>,
    Api(body): Api<StepRequest>,
) -> Result<Api<StateBody>, PageError> {
    Ok(Api(app.restore_plugin(&caller, &digest, &body.reason).await?.into()))
}

/// How careful the company is with plugins.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PolicyBody {
    /// Whether a version needs the approval of somebody who did not upload it.
    second_person: bool,
    /// The roles that may approve.
    approvers: Vec<String>,
    /// Whether a version is approved only after a simulation whose guards held.
    #[serde(default)]
    needs_simulation: bool,
    /// Whether a version is taken in and approved only with a signature by one of the company's keys.
    #[serde(default)]
    needs_signature: bool,
    /// After so many failures of one binding what held before is put back; 0 for never.
    breaker_failures: i64,
    /// Within how many minutes these failures count.
    breaker_minutes: i64,
}

impl From<Policy> for PolicyBody {
    fn from(policy: Policy) -> Self {
        Self {
            second_person: policy.second_person,
            approvers: policy.approvers.iter().map(ToString::to_string).collect(),
            needs_simulation: policy.needs_simulation,
            needs_signature: policy.needs_signature,
            breaker_failures: policy.breaker_failures,
            breaker_minutes: policy.breaker_minutes,
        }
    }
}

/// Shows how careful the company is with plugins.
#[utoipa::path(get, path = "/api/v1/plugin-policy", tag = "plugins", responses(
    (status = 200, description = "The policy", body = PolicyBody),
))]
async fn policy(caller: SignedIn, State(app): State<App>) -> Result<Api<PolicyBody>, PageError> {
    Ok(Api(app.plugin_policy(&caller).await?.into()))
}

/// Says how careful the company is with plugins.
#[utoipa::path(put, path = "/api/v1/plugin-policy", tag = "plugins", request_body = PolicyBody, responses(
    (status = 204, description = "Kept"),
    (status = 403, description = "For the company's administrator alone"),
    (status = 422, description = "A role that may not approve, or a number out of range"),
))]
async fn save_policy(
    caller: SignedIn,
    State(app): State<App>,
    Api(body): Api<PolicyBody>,
) -> Result<StatusCode, PageError> {
    let roles = body.approvers.iter().map(|role| word_of("/approvers", role));
    let policy = Policy {
        second_person: body.second_person,
        approvers: roles.collect::<Result<_, _>>()?,
        needs_simulation: body.needs_simulation,
        needs_signature: body.needs_signature,
        breaker_failures: body.breaker_failures,
        breaker_minutes: body.breaker_minutes,
    };
    app.save_plugin_policy(&caller, &policy).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A binding that failed again and again.
#[derive(Debug, Serialize, ToSchema)]
struct IncidentBody {
    /// Its id.
    id: Uuid,
    /// When it was noticed.
    opened_at: DateTime<Utc>,
    /// The binding that failed.
    binding: Uuid,
    /// Digest of its plugin.
    plugin: String,
    /// The plugin's name.
    name: String,
    /// The plugin's version.
    version: String,
    /// Digest of the plugin that was put back in its place; none where nothing held before.
    restored: Option<String>,
    /// How often it had failed by then.
    failures: i64,
    /// How it failed last.
    error: String,
    /// Who looked into it.
    closed_by: Option<String>,
    /// When.
    closed_at: Option<DateTime<Utc>>,
    /// What they found.
    note: String,
}

impl From<Incident> for IncidentBody {
    fn from(incident: Incident) -> Self {
        Self {
            id: incident.id.0,
            opened_at: incident.opened_at.utc(),
            binding: incident.binding_id.0,
            plugin: incident.plugin_digest,
            name: incident.plugin_name,
            version: incident.plugin_version,
            restored: incident.restored_digest,
            failures: incident.failures,
            error: incident.error,
            closed_by: incident.closed_by_name,
            closed_at: incident.closed_at.map(|at| at.utc()),
            note: incident.note,
        }
    }
}

/// What failed again and again.
#[derive(Debug, Serialize, ToSchema)]
struct IncidentsBody {
    /// The latest first, at most fifty.
    incidents: Vec<IncidentBody>,
}

/// Lists bindings that failed again and again, with what took their place.
#[utoipa::path(get, path = "/api/v1/incidents", tag = "plugins", responses(
    (status = 200, description = "The incidents", body = IncidentsBody),
))]
async fn incidents(caller: SignedIn, State(app): State<App>) -> Result<Api<IncidentsBody>, PageError> {
    let incidents = app.incidents(&caller).await?;
    Ok(Api(IncidentsBody { incidents: incidents.into_iter().map(Into::into).collect() }))
}

/// What was found.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
struct CloseRequest {
    /// What was found; at most 500 characters.
    note: String,
}

/// Says that somebody looked into an incident.
#[utoipa::path(post, path = "/api/v1/incidents/{id}/close", tag = "plugins", params(("id" = Uuid, Path)),
    request_body = CloseRequest, responses(
    (status = 204, description = "Closed"),
    (status = 404, description = "No open incident of this id"),
))]
async fn close_incident(
    caller: SignedIn,
    State(app): State<App>,
    Path(id): Path<Uuid>,
    Api(body): Api<CloseRequest>,
) -> Result<StatusCode, PageError> {
    app.close_incident(&caller, IncidentId(id), &body.note).await?;
    Ok(StatusCode::NO_CONTENT)
}
