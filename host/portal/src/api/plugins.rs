//! Plugins: upload and settings.

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use qudao_app::{App, NewSettings, PastImport, PluginSummary, Uploaded};
use qudao_domain::contract::Text;
use qudao_store::plugins::{Plugin, Use};
use qudao_store::revisions::Revision;
use qudao_store::signatures::Signature;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use std::str::FromStr;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::bindings::BindingBody;
use super::json::{Api, ApiQuery};
use crate::sessions::SignedIn;
use crate::state::AppState;
use crate::uploads;
use crate::web::{FieldError, PageError};

/// Plugins and their settings.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list, upload))
        .routes(routes!(show))
        .routes(routes!(settings, save_settings))
}

/// The same words in both languages.
#[derive(Debug, Serialize, ToSchema)]
struct TextBody {
    /// Chinese.
    #[serde(rename = "zh-CN")]
    zh_cn: String,
    /// English.
    en: String,
}

impl From<&Text> for TextBody {
    fn from(text: &Text) -> Self {
        Self { zh_cn: text.zh_cn.clone(), en: text.en.clone() }
    }
}

/// A plugin.
#[derive(Debug, Serialize, ToSchema)]
struct PluginBody {
    /// SHA-256 of the component: its name for ever.
    digest: String,
    /// `pricing`, `incentive`, `kpi` or `deal`.
    kind: String,
    /// Its name.
    name: String,
    /// Its version.
    version: String,
    /// The contract that it fulfils, such as `qudao:pricing@0.2.0`.
    contract: String,
    /// Its name for people.
    title: TextBody,
    /// What it does.
    summary: TextBody,
    /// `verified` or `retired`.
    state: String,
    /// Bytes of the component.
    size: i64,
    /// Who uploaded it.
    uploaded_by: String,
    /// When.
    uploaded_at: DateTime<Utc>,
}

impl From<&Plugin> for PluginBody {
    fn from(plugin: &Plugin) -> Self {
        Self {
            digest: plugin.digest.clone(),
            kind: plugin.kind.to_string(),
            name: plugin.name.clone(),
            version: plugin.version.clone(),
            contract: plugin.contract.clone(),
            title: TextBody::from(&plugin.descriptor.title),
            summary: TextBody::from(&plugin.descriptor.summary),
            state: plugin.state.to_string(),
            size: plugin.size,
            uploaded_by: plugin.uploaded_by_name.clone(),
            uploaded_at: plugin.uploaded_at.utc(),
        }
    }
}

/// How often a plugin was asked and failed.
#[derive(Debug, Serialize, ToSchema)]
struct UseBody {
    /// Recorded answers and failures of the last 24 hours.
    calls_day: i64,
    /// Failures of the last 24 hours.
    failures_day: i64,
    /// Recorded answers and failures of the last 7 days.
    calls_week: i64,
    /// Failures of the last 7 days.
    failures_week: i64,
}

impl From<&Use> for UseBody {
    fn from(usage: &Use) -> Self {
        Self {
            calls_day: usage.answers_day + usage.failures_day,
            failures_day: usage.failures_day,
            calls_week: usage.answers_week + usage.failures_week,
            failures_week: usage.failures_week,
        }
    }
}

/// A plugin in the list.
#[derive(Debug, Serialize, ToSchema)]
struct ListedBody {
    /// The plugin.
    plugin: PluginBody,
    /// Where it holds now.
    live: Vec<BindingBody>,
    /// How it is used.
    usage: UseBody,
}

impl From<&PluginSummary> for ListedBody {
    fn from(summary: &PluginSummary) -> Self {
        Self {
            plugin: PluginBody::from(&summary.plugin),
            live: summary.live.iter().map(BindingBody::from).collect(),
            usage: UseBody::from(&summary.usage),
        }
    }
}

/// Every plugin of the company.
#[derive(Debug, Serialize, ToSchema)]
struct PluginsBody {
    /// By kind and name, the latest upload first.
    plugins: Vec<ListedBody>,
}

/// What became of an upload.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct UploadedBody {
    /// SHA-256 of the component.
    digest: String,
    /// `pricing`, `incentive`, `kpi` or `deal`.
    kind: String,
    /// Its name.
    name: String,
    /// Its version.
    version: String,
    /// What the checks measured.
    #[schema(value_type = Object)]
    report: Json,
    /// Whether the company had it before; nothing was changed then, but that a signature may be new.
    already: bool,
    /// The name of the key whose signature came along.
    signed_by: Option<String>,
}

impl From<Uploaded> for UploadedBody {
    fn from(uploaded: Uploaded) -> Self {
        Self {
            digest: uploaded.digest,
            kind: uploaded.kind.to_string(),
            name: uploaded.name,
            version: uploaded.version,
            report: serde_json::to_value(&uploaded.report).unwrap_or_default(),
            already: uploaded.already,
            signed_by: uploaded.signed_by,
        }
    }
}

/// Who signed a version.
#[derive(Debug, Serialize, ToSchema)]
struct SignatureBody {
    /// The key: SHA-256 of its 32 bytes.
    fingerprint: String,
    /// The key's name.
    key: String,
    /// `trusted` or `revoked`: where the key stands now.
    state: &'static str,
    /// Who brought the signature.
    recorded_by: String,
    /// When.
    recorded_at: DateTime<Utc>,
}

impl From<&Signature> for SignatureBody {
    fn from(signature: &Signature) -> Self {
        Self {
            fingerprint: signature.fingerprint.clone(),
            key: signature.key_name.clone(),
            state: if signature.revoked_at.is_some() { "revoked" } else { "trusted" },
            recorded_by: signature.recorded_by_name.clone(),
            recorded_at: signature.recorded_at.utc(),
        }
    }
}

/// Settings of a plugin.
#[derive(Debug, Serialize, ToSchema)]
struct RevisionBody {
    /// Counts the plugin's revisions from 1.
    number: i64,
    /// The settings.
    #[schema(value_type = Object)]
    settings: Json,
    /// Why they were changed.
    note: String,
    /// Who saved them.
    saved_by: String,
    /// When.
    saved_at: DateTime<Utc>,
}

impl From<&Revision> for RevisionBody {
    fn from(revision: &Revision) -> Self {
        Self {
            number: revision.number,
            settings: serde_json::from_str(&revision.settings).unwrap_or_default(),
            note: revision.note.clone(),
            saved_by: revision.created_by_name.clone(),
            saved_at: revision.created_at.utc(),
        }
    }
}

/// Everything about a plugin.
#[derive(Debug, Serialize, ToSchema)]
struct PluginDetailsBody {
    /// The plugin.
    plugin: PluginBody,
    /// JSON Schema of its settings.
    #[schema(value_type = Object)]
    settings_schema: Json,
    /// What the checks at upload measured.
    #[schema(value_type = Object)]
    report: Json,
    /// How it is used.
    usage: UseBody,
    /// Digests of the plugins of the same name, the latest upload first.
    versions: Vec<PluginBody>,
    /// Its settings, the latest first.
    revisions: Vec<RevisionBody>,
    /// Bindings of its kind, the latest first.
    bindings: Vec<BindingBody>,
    /// Who signed it, the latest first.
    signatures: Vec<SignatureBody>,
    /// What it went through in other companies, as their exports tell it; nothing of this was done here.
    #[schema(value_type = Vec<Object>)]
    imported: Vec<PastImport>,
}

/// Settings to be saved.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SettingsRequest {
    /// The settings, valid against the plugin's schema.
    #[schema(value_type = Object)]
    settings: Json,
    /// Why; at most 500 characters.
    #[serde(default)]
    note: String,
    /// Number of the plugin's latest revision as you know it: nobody's change is lost that way.
    based_on: i64,
}

impl From<SettingsRequest> for NewSettings {
    fn from(request: SettingsRequest) -> Self {
        Self { json: request.settings.to_string(), note: request.note, based_on: request.based_on }
    }
}

/// Lists the plugins with where they hold and how they are used.
#[utoipa::path(get, path = "/api/v1/plugins", tag = "plugins", responses(
    (status = 200, description = "The plugins", body = PluginsBody),
))]
async fn list(caller: SignedIn, State(app): State<App>) -> Result<Api<PluginsBody>, PageError> {
    let plugins = app.plugins(&caller).await?;
    Ok(Api(PluginsBody { plugins: plugins.iter().map(ListedBody::from).collect() }))
}

/// Uploads a component: the body is the .wasm file itself. The same bytes again change nothing, but that a signature by
/// another key is added.
#[utoipa::path(post, path = "/api/v1/plugins", tag = "plugins",
    params(("Qudao-Signature" = Option<String>, Header,
            description = "What `qudao plugin sign` writes: `qudao-plugin-v1 DIGEST KEY BASE64`")),
    request_body(content = Vec<u8>, content_type = "application/wasm"), responses(
    (status = 201, description = "Verified and kept", body = UploadedBody),
    (status = 200, description = "Kept before", body = UploadedBody),
    (status = 413, description = "Larger than a component may be"),
    (status = 422, description = "Component or signature not accepted, with the reason"),
))]
async fn upload(
    caller: SignedIn,
    State(app): State<App>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, PageError> {
    caller.whole_company(qudao_domain::permissions::Action::PluginsUpload)?;
    let component = uploads::whole(&headers, body, uploads::MAX_COMPONENT_BYTES).await?;
    // What is no text is no signature; the use case says so.
    let signature = headers.get("qudao-signature").map(|line| String::from_utf8_lossy(line.as_bytes()));
    let uploaded = app.upload_signed_plugin(&caller, component, signature.as_deref()).await?;
    let status = if uploaded.already { StatusCode::OK } else { StatusCode::CREATED };
    Ok((status, Api(UploadedBody::from(uploaded))).into_response())
}

/// Shows a plugin: what it says of itself, versions, settings, bindings.
#[utoipa::path(get, path = "/api/v1/plugins/{digest}", tag = "plugins", params(("digest" = String, Path)), responses(
    (status = 200, description = "The plugin", body = PluginDetailsBody),
    (status = 404, description = "No such plugin"),
))]
async fn show(
    caller: SignedIn,
    State(app): State<App>,
    Path(digest): Path<String>,
) -> Result<Api<PluginDetailsBody>, PageError> {
    let page = app.plugin(&caller, &digest).await?;
    let bindings = page.bindings.iter().map(BindingBody::dated);
    Ok(Api(PluginDetailsBody {
        settings_schema: serde_json::from_str(&page.plugin.descriptor.settings_schema).unwrap_or_default(),
        report: serde_json::to_value(&page.report).unwrap_or_default(),
        usage: UseBody::from(&page.usage),
        versions: page.versions.iter().map(PluginBody::from).collect(),
        revisions: page.revisions.iter().map(RevisionBody::from).collect(),
        bindings: bindings.collect(),
        signatures: page.signatures.iter().map(SignatureBody::from).collect(),
        imported: page.imports.clone(),
        plugin: PluginBody::from(&page.plugin),
    }))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct RevisionQuery {
    /// Number of the settings; left out for the latest.
    revision: Option<i64>,
}

/// Shows settings of a plugin.
#[utoipa::path(get, path = "/api/v1/plugins/{digest}/settings", tag = "plugins",
    params(("digest" = String, Path), RevisionQuery), responses(
    (status = 200, description = "The settings", body = RevisionBody),
    (status = 404, description = "No such plugin or revision"),
))]
async fn settings(
    caller: SignedIn,
    State(app): State<App>,
    Path(digest): Path<String>,
    ApiQuery(query): ApiQuery<RevisionQuery>,
) -> Result<Api<RevisionBody>, PageError> {
    let found = app.settings(&caller, &digest, query.revision).await?;
    Ok(Api(RevisionBody::from(&found.revision)))
}

/// Saves settings as the plugin's next revision. They hold nowhere until they are activated; settings like the latest
/// make no new revision.
#[utoipa::path(post, path = "/api/v1/plugins/{digest}/settings", tag = "plugins",
    params(("digest" = String, Path)), request_body = SettingsRequest, responses(
    (status = 200, description = "The settings", body = RevisionBody),
    (status = 409, description = "Somebody saved other settings meanwhile"),
    (status = 422, description = "Not valid against the plugin's schema, by pointer"),
))]
async fn save_settings(
    caller: SignedIn,
    State(app): State<App>,
    Path(digest): Path<String>,
    Api(body): Api<SettingsRequest>,
) -> Result<Api<RevisionBody>, PageError> {
    let revision = app.save_settings(&caller, &digest, &body.into()).await?;
    Ok(Api(RevisionBody::from(&revision)))
}

/// A coded word; what it may be stands in the error.
pub(super) fn word_of<T: FromStr<Err: ToString>>(pointer: &str, word: &str) -> Result<T, PageError> {
    word.parse().map_err(|error: T::Err| {
        PageError::Invalid(vec![FieldError::new(pointer, "word").saying(error.to_string())])
    })
}
