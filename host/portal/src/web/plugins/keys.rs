//! The keys that a company trusts: seen, added, revoked.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use qudao_app::{App, Context, LiveByRevokedKey};
use qudao_domain::permissions::Action;
use qudao_domain::time::Instant;
use qudao_store::signing_keys::SigningKey;
use serde::Serialize;

use super::super::errors::{PageError, PageResult};
use super::super::forms::{Form, FormView};
use super::super::page::Page;
use super::super::preferences::tell_at;
use super::steps::field_errors;
use crate::sessions::SignedIn;
use crate::state::AppState;
use crate::web::Views;

/// `plugins/keys.html`.
#[derive(Serialize)]
struct KeysPage {
    form: FormView,
    keys: Vec<KeyView>,
    /// Whether the company takes signed plugins only.
    needed: bool,
    can: bool,
}

#[derive(Serialize)]
struct KeyView {
    fingerprint: String,
    name: String,
    /// `trusted` or `revoked`.
    state: &'static str,
    versions: i64,
    added_by: String,
    added_at: Instant,
    revoked_by: Option<String>,
    revoked_at: Option<Instant>,
    reason: String,
    /// The versions that hold now although it is revoked.
    live: Vec<LiveView>,
}

#[derive(Serialize)]
struct LiveView {
    digest: String,
    name: String,
    version: String,
    /// Whether another key signed it that holds.
    vouched: bool,
}

impl From<SigningKey> for KeyView {
    fn from(key: SigningKey) -> Self {
        Self {
            fingerprint: key.fingerprint,
            name: key.name,
            state: if key.revoked_at.is_some() { "revoked" } else { "trusted" },
            versions: key.versions,
            added_by: key.added_by_name,
            added_at: key.added_at,
            revoked_by: key.revoked_by_name,
            revoked_at: key.revoked_at,
            reason: key.revoked_reason,
            live: Vec::new(),
        }
    }
}

async fn keys_page(app: &App, caller: &Context, form: FormView) -> Result<KeysPage, PageError> {
    let mut keys: Vec<KeyView> = app.signing_keys(caller).await?.into_iter().map(KeyView::from).collect();
    for LiveByRevokedKey { fingerprint, digest, name, version, vouched } in
        app.live_by_revoked_keys(caller).await?
    {
        if let Some(key) = keys.iter_mut().find(|key| key.fingerprint == fingerprint) {
            key.live.push(LiveView { digest, name, version, vouched });
        }
    }
    Ok(KeysPage {
        form,
        keys,
        needed: app.plugin_policy(caller).await?.needs_signature,
        can: caller.whole_company(Action::PluginsPolicy).is_ok(),
    })
}

pub async fn show(
    page: Page,
    caller: SignedIn,
    State(app): State<App>,
    State(views): State<Views>,
) -> PageResult {
    let context = keys_page(&app, &caller, FormView::default()).await?;
    views.page(&page, "plugins/keys.html", &context)
}

pub async fn add(page: Page, caller: SignedIn, State(state): State<AppState>, form: Form) -> PageResult {
    let added = state.app.add_signing_key(&caller, form.get("name"), form.get("public_key")).await;
    let errors = match added {
        Ok(_) => return Ok(tell_at("/plugins/keys", "good", "signing-key-added")),
        Err(error) => field_errors(error)?,
    };
    let mut shown = form.shown(&errors, page.language);
    // A private key that was pasted by mistake is not sent back.
    if errors.iter().any(|error| error.code == "key-private") {
        shown.values.remove("public_key");
    }
    let context = keys_page(&state.app, &caller, shown).await?;
    state.views.page_with(StatusCode::UNPROCESSABLE_ENTITY, &page, "plugins/keys.html", &context)
}

pub async fn revoke(
    caller: SignedIn,
    State(app): State<App>,
    Path(fingerprint): Path<String>,
    form: Form,
) -> PageResult {
    app.revoke_signing_key(&caller, &fingerprint, form.get("reason")).await?;
    Ok(tell_at("/plugins/keys", "good", "signing-key-revoked"))
}
