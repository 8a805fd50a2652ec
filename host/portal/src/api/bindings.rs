//! Bindings: which plugin and settings hold, from when, for whom; and going back.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use qudao_app::{Activation, App, Dated, Made, NewSettings, Place, SettingsChange, Standing};
use qudao_domain::bindings::{OnFailure, ScopeKind, WHOLE_SHARE};
use qudao_domain::contract::Kind;
use qudao_domain::time::Instant;
use qudao_store::bindings::Binding;
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
use crate::web::PageError;

/// Making plugins and settings hold.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(activate)).routes(routes!(change_settings)).routes(routes!(roll_back))
}

/// Which plugin and settings hold somewhere.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct BindingBody {
    /// Its id.
    id: Uuid,
    /// `pricing`, `incentive`, `kpi` or `deal`.
    kind: String,
    /// The program's code, for incentives.
    program: Option<String>,
    /// `company`, `region`, `tier` or `dealer`.
    scope: String,
    /// The region, the tier or the dealer's code; empty for the company.
    scope_value: String,
    /// Digest of the plugin.
    plugin: String,
    /// The plugin's name.
    name: String,
    /// The plugin's version.
    version: String,
    /// Number of the settings.
    revision: i64,
    /// Since when it holds.
    effective_from: DateTime<Utc>,
    /// Why it was made.
    reason: String,
    /// For how many of a hundred dealers it holds.
    share: i64,
    /// What happens when the plugin fails: `refuse`, `last-good` or `base-price`.
    on_failure: String,
    /// Whether the breaker made it.
    automatic: bool,
    /// Who made it; of an automatic one, who made the binding that it puts back.
    made_by: String,
    /// `scheduled`, `live` or `past` (time lines).
    #[serde(skip_serializing_if = "Option::is_none")]
    standing: Option<&'static str>,
}

impl BindingBody {
    /// One of a time line.
    pub(super) fn dated(dated: &Dated) -> Self {
        Self { standing: Some(standing(dated.standing)), ..Self::from(&dated.binding) }
    }
}

impl From<&Binding> for BindingBody {
    fn from(binding: &Binding) -> Self {
        Self {
            id: binding.id.0,
            kind: binding.slot.kind.to_string(),
            program: binding.program.clone(),
            scope: binding.slot.scope_kind.to_string(),
            scope_value: binding.slot.scope_value.clone(),
            plugin: binding.plugin_digest.clone(),
            name: binding.plugin_name.clone(),
            version: binding.plugin_version.clone(),
            revision: binding.revision,
            effective_from: binding.effective_from.utc(),
            reason: binding.reason.clone(),
            share: binding.share,
            on_failure: binding.on_failure.to_string(),
            automatic: binding.automatic,
            made_by: binding.created_by_name.clone(),
            standing: None,
        }
    }
}

const fn standing(standing: Standing) -> &'static str {
    match standing {
        Standing::Scheduled => "scheduled",
        Standing::Live => "live",
        Standing::Past => "past",
    }
}

/// Where something is to hold.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
struct ActivateRequest {
    /// Number of the settings; left out for the plugin's latest.
    revision: Option<i64>,
    /// `company` (also when left out), `region`, `tier` or `dealer`.
    scope: Option<String>,
    /// The region, the tier or the dealer's code.
    scope_value: String,
    /// The program's code; for incentive plugins.
    program: Option<String>,
    /// From when; left out for now.
    from: Option<DateTime<Utc>>,
    /// Why; at most 500 characters.
    reason: String,
    /// For how many of a hundred dealers, 1 to 100 (also when left out); the others keep what holds now.
    share: Option<i64>,
    /// What happens when the plugin fails: `refuse` (also when left out), `last-good` or `base-price`.
    on_failure: Option<String>,
}

/// Where to go back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RollBackRequest {
    /// `pricing`, `incentive`, `kpi` or `deal`.
    kind: String,
    /// `company` (also when left out), `region`, `tier` or `dealer`.
    scope: Option<String>,
    /// The region, the tier or the dealer's code.
    #[serde(default)]
    scope_value: String,
    /// The program's code; for incentives.
    program: Option<String>,
    /// Why; at most 500 characters.
    #[serde(default)]
    reason: String,
}

/// Settings to be put to work.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ChangeRequest {
    /// `pricing`, `incentive`, `kpi` or `deal`.
    kind: String,
    /// `company` (also when left out), `region`, `tier` or `dealer`.
    scope: Option<String>,
    /// The region, the tier or the dealer's code.
    #[serde(default)]
    scope_value: String,
    /// The program's code; for incentives.
    program: Option<String>,
    /// The settings, valid against the schema of the plugin that holds there.
    #[schema(value_type = Object)]
    settings: Json,
    /// Number of the plugin's latest revision as you know it.
    based_on: i64,
    /// From when; left out for now.
    from: Option<DateTime<Utc>>,
    /// Why; at most 500 characters.
    #[serde(default)]
    note: String,
}

/// A binding that was made.
#[derive(Debug, Serialize, ToSchema)]
struct MadeBody {
    /// It holds from its `effective_from` on.
    binding: BindingBody,
    /// What held there until then.
    instead_of: Option<BindingBody>,
}

impl From<&Made> for MadeBody {
    fn from(made: &Made) -> Self {
        Self {
            binding: BindingBody::from(&made.binding),
            instead_of: made.instead_of.as_ref().map(BindingBody::from),
        }
    }
}

/// Makes a plugin with settings hold somewhere, from a moment on.
#[utoipa::path(post, path = "/api/v1/plugins/{digest}/activate", tag = "plugins",
    params(("digest" = String, Path)), request_body = ActivateRequest, responses(
    (status = 201, description = "The binding", body = MadeBody),
    (status = 409, description = "It is not approved, holds there already, or something else begins at the same moment"),
    (status = 422, description = "No such place, or a moment that is past"),
))]
async fn activate(
    caller: SignedIn,
    State(app): State<App>,
    Path(digest): Path<String>,
    Api(body): Api<ActivateRequest>,
) -> Result<Response, PageError> {
    let activation = Activation {
        digest,
        revision: body.revision,
        scope: scope(body.scope.as_deref())?,
        scope_value: body.scope_value,
        program: body.program,
        from: body.from.map(Instant::from_utc),
        reason: body.reason,
        share: body.share.unwrap_or(WHOLE_SHARE),
        on_failure: match body.on_failure.as_deref() {
            None => OnFailure::Refuse,
            Some(word) => word_of("/on_failure", word)?,
        },
    };
    let made = app.activate(&caller, &activation).await?;
    Ok((StatusCode::CREATED, Api(MadeBody::from(&made))).into_response())
}

/// Saves settings of the plugin that holds somewhere and makes them hold, in one step.
#[utoipa::path(post, path = "/api/v1/bindings/settings", tag = "plugins", request_body = ChangeRequest, responses(
    (status = 201, description = "The binding", body = MadeBody),
    (status = 409, description = "Somebody changed the settings or the plugin meanwhile"),
    (status = 422, description = "Not valid against the plugin's schema, by pointer"),
))]
async fn change_settings(
    caller: SignedIn,
    State(app): State<App>,
    Api(body): Api<ChangeRequest>,
) -> Result<Response, PageError> {
    let settings = NewSettings { json: body.settings.to_string(), note: body.note, based_on: body.based_on };
    let place = place(&body.kind, body.scope.as_deref(), body.scope_value, body.program)?;
    let change = SettingsChange { place, plugin: None, settings, from: body.from.map(Instant::from_utc) };
    let changed = app.change_settings(&caller, &change).await?;
    Ok((StatusCode::CREATED, Api(MadeBody::from(&changed.made))).into_response())
}

/// Puts back what held somewhere before that which holds now.
#[utoipa::path(post, path = "/api/v1/bindings/rollback", tag = "plugins", request_body = RollBackRequest, responses(
    (status = 201, description = "The binding", body = MadeBody),
    (status = 409, description = "Nothing holds there, or nothing else held before"),
))]
async fn roll_back(
    caller: SignedIn,
    State(app): State<App>,
    Api(body): Api<RollBackRequest>,
) -> Result<Response, PageError> {
    let place = place(&body.kind, body.scope.as_deref(), body.scope_value, body.program)?;
    let made = app.roll_back(&caller, &place, &body.reason).await?;
    Ok((StatusCode::CREATED, Api(MadeBody::from(&made))).into_response())
}

fn place(kind: &str, word: Option<&str>, value: String, program: Option<String>) -> Result<Place, PageError> {
    Ok(Place { kind: word_of::<Kind>("/kind", kind)?, scope: scope(word)?, value, program })
}

fn scope(word: Option<&str>) -> Result<ScopeKind, PageError> {
    word.map_or(Ok(ScopeKind::Company), |word| word_of("/scope", word))
}
