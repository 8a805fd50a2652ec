//! A plugin with its history as one file: given away and taken in.

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use qudao_app::{App, MAX_EXPORT_BYTES};
use qudao_domain::permissions::Action;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::json::Api;
use super::plugins::UploadedBody;
use crate::sessions::SignedIn;
use crate::state::AppState;
use crate::uploads;
use crate::web::PageError;

/// Export and import.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(export)).routes(routes!(import))
}

/// What became of an import.
#[derive(Debug, Serialize, ToSchema)]
struct ImportedBody {
    /// The plugin.
    #[serde(flatten)]
    plugin: UploadedBody,
    /// Code of the company that the file comes from.
    source: String,
    /// Numbers of the settings that were made here.
    revisions: Vec<i64>,
    /// How many histories from elsewhere were new here.
    histories: usize,
}

/// Exports a plugin with its history as one file (zip).
#[utoipa::path(get, path = "/api/v1/plugins/{digest}/export", tag = "plugins",
    params(("digest" = String, Path)), responses(
    (status = 200, description = "The file", body = Vec<u8>, content_type = "application/zip"),
    (status = 404, description = "No such plugin"),
    (status = 409, description = "Its history is too long for one file"),
))]
async fn export(
    caller: SignedIn,
    State(app): State<App>,
    Path(digest): Path<String>,
) -> Result<Response, PageError> {
    let export = app.export_plugin(&caller, &digest).await?;
    let headers = [
        (header::CONTENT_TYPE, "application/zip".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{}\"", export.file_name)),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    Ok((headers, export.bytes).into_response())
}

/// Imports what an export gave: the body is the file itself. It goes through every check of an upload and waits for
/// approval; settings that are new here are added, and its history is kept apart as that of another company.
#[utoipa::path(post, path = "/api/v1/plugins/import", tag = "plugins",
    request_body(content = Vec<u8>, content_type = "application/zip"), responses(
    (status = 201, description = "Verified and kept", body = ImportedBody),
    (status = 200, description = "The plugin was known; what was new is added", body = ImportedBody),
    (status = 413, description = "Larger than an export may be"),
    (status = 422, description = "Not accepted, with the reason"),
))]
async fn import(
    caller: SignedIn,
    State(app): State<App>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, PageError> {
    caller.whole_company(Action::PluginsUpload)?;
    let file = uploads::whole(&headers, body, MAX_EXPORT_BYTES).await?;
    let imported = app.import_plugin(&caller, file).await?;
    let status = if imported.plugin.already { StatusCode::OK } else { StatusCode::CREATED };
    let body = ImportedBody {
        plugin: imported.plugin.into(),
        source: imported.source.code,
        revisions: imported.revisions,
        histories: imported.histories,
    };
    Ok((status, Api(body)).into_response())
}
