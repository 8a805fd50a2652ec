//! The keys that a company trusts to sign plugins.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use qudao_app::signatures::PublicKey;
use qudao_app::{App, LiveByRevokedKey};
use qudao_store::signing_keys::SigningKey;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::json::Api;
use crate::sessions::SignedIn;
use crate::state::AppState;
use crate::web::PageError;

/// Keys.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list, add)).routes(routes!(revoke))
}

/// A public key.
#[derive(Debug, Serialize, ToSchema)]
struct KeyBody {
    /// SHA-256 of its 32 bytes: its name for ever.
    fingerprint: String,
    /// Whose it is.
    name: String,
    /// In PEM.
    public_key: String,
    /// `trusted` or `revoked`.
    state: &'static str,
    /// How many versions it signed.
    versions: i64,
    /// Who added it.
    added_by: String,
    /// When.
    added_at: DateTime<Utc>,
    /// Who revoked it.
    revoked_by: Option<String>,
    /// When.
    revoked_at: Option<DateTime<Utc>>,
    /// Why.
    revoked_reason: String,
    /// Of a revoked key, the versions that it signed and that hold somewhere now.
    live: Vec<LiveBody>,
}

/// A version that holds now although a key that signed it is revoked.
#[derive(Debug, Serialize, ToSchema)]
struct LiveBody {
    /// Digest of the plugin.
    plugin: String,
    /// Its name.
    name: String,
    /// Its version.
    version: String,
    /// Whether another key signed it that holds.
    vouched: bool,
}

/// Keys with the versions that hold although they are revoked.
async fn with_live(app: &App, caller: &SignedIn, keys: Vec<SigningKey>) -> Result<Vec<KeyBody>, PageError> {
    let mut bodies: Vec<KeyBody> = keys.into_iter().map(KeyBody::from).collect();
    for live in app.live_by_revoked_keys(caller).await? {
        if let Some(body) = bodies.iter_mut().find(|body| body.fingerprint == live.fingerprint) {
            let LiveByRevokedKey { digest, name, version, vouched, .. } = live;
            body.live.push(LiveBody { plugin: digest, name, version, vouched });
        }
    }
    Ok(bodies)
}

impl From<SigningKey> for KeyBody {
    fn from(key: SigningKey) -> Self {
        Self {
            public_key: PublicKey::from_bytes(&key.public_key).map(|key| key.pem()).unwrap_or_default(),
            state: if key.revoked_at.is_some() { "revoked" } else { "trusted" },
            fingerprint: key.fingerprint,
            name: key.name,
            versions: key.versions,
            added_by: key.added_by_name,
            added_at: key.added_at.utc(),
            revoked_by: key.revoked_by_name,
            revoked_at: key.revoked_at.map(|at| at.utc()),
            revoked_reason: key.revoked_reason,
            live: Vec::new(),
        }
    }
}

/// Every key of the company.
#[derive(Debug, Serialize, ToSchema)]
struct KeysBody {
    /// Those that hold before those that are revoked, the latest first.
    keys: Vec<KeyBody>,
}

/// A key to be trusted.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct KeyRequest {
    /// Whose it is; at most 60 characters.
    name: String,
    /// The Ed25519 public key in PEM.
    public_key: String,
}

/// Why a key is revoked.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
struct RevokeRequest {
    /// Why; at most 500 characters.
    reason: String,
}

/// Lists the keys that the company trusts to sign plugins, or trusted.
#[utoipa::path(get, path = "/api/v1/plugin-keys", tag = "plugins", responses(
    (status = 200, description = "The keys", body = KeysBody),
))]
async fn list(caller: SignedIn, State(app): State<App>) -> Result<Api<KeysBody>, PageError> {
    let keys = app.signing_keys(&caller).await?;
    Ok(Api(KeysBody { keys: with_live(&app, &caller, keys).await? }))
}

/// Trusts a key.
#[utoipa::path(post, path = "/api/v1/plugin-keys", tag = "plugins", request_body = KeyRequest, responses(
    (status = 201, description = "Trusted", body = KeyBody),
    (status = 403, description = "For the company's administrator alone"),
    (status = 409, description = "The company has it already, or revoked it"),
    (status = 422, description = "No name, or no Ed25519 public key in PEM"),
))]
async fn add(
    caller: SignedIn,
    State(app): State<App>,
    Api(body): Api<KeyRequest>,
) -> Result<Response, PageError> {
    let key = app.add_signing_key(&caller, &body.name, &body.public_key).await?;
    Ok((StatusCode::CREATED, Api(KeyBody::from(key))).into_response())
}

/// Trusts a key no longer, for ever.
#[utoipa::path(post, path = "/api/v1/plugin-keys/{fingerprint}/revoke", tag = "plugins",
    params(("fingerprint" = String, Path)), request_body = RevokeRequest, responses(
    (status = 200, description = "Revoked", body = KeyBody),
    (status = 403, description = "For the company's administrator alone"),
    (status = 404, description = "No such key"),
    (status = 409, description = "It was revoked before"),
    (status = 422, description = "No reason"),
))]
async fn revoke(
    caller: SignedIn,
    State(app): State<App>,
    Path(fingerprint): Path<String>,
    Api(body): Api<RevokeRequest>,
) -> Result<Api<KeyBody>, PageError> {
    let key = app.revoke_signing_key(&caller, &fingerprint, &body.reason).await?;
    let told = with_live(&app, &caller, vec![key]).await?.pop();
    told.map(Api).ok_or(PageError::NotFound)
}
