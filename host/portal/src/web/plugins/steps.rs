//! What is done to a version on its page: approve, retire, take back; the company's policy; incidents.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use qudao_app::{App, AppError, Context, PluginPage};
use qudao_domain::ids::IncidentId;
use qudao_domain::lifecycle::{PluginState, Policy};
use qudao_domain::permissions::{Action, Role, reach};
use qudao_domain::time::Instant;
use qudao_store::incidents::Incident;
use serde::Serialize;

use super::super::app_errors::to_page_error;
use super::super::errors::{FieldError, PageError, PageResult};
use super::super::forms::{Form, FormView};
use super::super::page::Page;
use super::super::preferences::tell_at;
use super::past::signed_word;
use super::to_field;
use crate::sessions::SignedIn;
use crate::state::AppState;
use crate::web::Views;

/// Whether a version waits for approval, and what the reader may do about it.
#[derive(Serialize)]
pub struct ApprovalView {
    /// The reader may approve it.
    pub can: bool,
    /// The reader uploaded it, and somebody else must agree.
    pub own: bool,
    /// `nobody` or `revoked` where the company wants a signature that holds and there is none.
    pub unsigned: Option<&'static str>,
    /// Who uploaded it.
    pub by: String,
    /// Who may approve.
    pub roles: Vec<&'static str>,
}

impl ApprovalView {
    /// None where nothing waits.
    pub fn of(caller: &Context, page: &PluginPage) -> Option<Self> {
        let waits = page.plugin.state == PluginState::Verified && page.policy.second_person;
        let own = page.plugin.uploaded_by == caller.user;
        let may = page.policy.approvers.contains(&caller.role)
            && caller.whole_company(Action::PluginsApprove).is_ok();
        let unsigned = page.policy.needs_signature.then(|| signed_word(page.signed_by));
        let unsigned = unsigned.filter(|word| *word != "trusted");
        waits.then(|| Self {
            can: may && !own && unsigned.is_none(),
            own,
            unsigned,
            by: page.plugin.uploaded_by_name.clone(),
            roles: page.policy.approvers.iter().map(|role| role.as_str()).collect(),
        })
    }
}

/// Whether a version may be made to hold.
pub fn usable(page: &PluginPage) -> bool {
    match page.plugin.state {
        PluginState::Approved => true,
        PluginState::Verified => !page.policy.second_person,
        PluginState::Retired => false,
    }
}

/// `retire`, `restore` or nothing: what the reader may do with a version that holds nowhere.
pub fn putting_away(caller: &Context, page: &PluginPage, live: bool) -> Option<&'static str> {
    caller.whole_company(Action::PluginsApprove).ok()?;
    match page.plugin.state {
        PluginState::Retired => Some("restore"),
        PluginState::Verified | PluginState::Approved => (!live).then_some("retire"),
    }
}

/// Something that failed again and again.
#[derive(Serialize)]
pub struct IncidentView {
    pub id: String,
    pub at: Instant,
    pub failures: i64,
    pub error: String,
    pub restored: Option<String>,
    pub restored_digest: Option<String>,
    pub open: bool,
    pub closed_by: Option<String>,
    pub closed_at: Option<Instant>,
    pub note: String,
}

impl From<&Incident> for IncidentView {
    fn from(incident: &Incident) -> Self {
        Self {
            id: incident.id.to_string(),
            at: incident.opened_at,
            failures: incident.failures,
            error: incident.error.clone(),
            restored: incident.restored_version.clone(),
            restored_digest: incident.restored_digest.clone(),
            open: incident.closed_at.is_none(),
            closed_by: incident.closed_by_name.clone(),
            closed_at: incident.closed_at,
            note: incident.note.clone(),
        }
    }
}

pub async fn approve(
    caller: SignedIn,
    State(app): State<App>,
    Path(digest): Path<String>,
    form: Form,
) -> PageResult {
    app.approve_plugin(&caller, &digest, form.get("reason")).await?;
    Ok(tell_at(&format!("/plugins/{digest}"), "good", "plugin-approved"))
}

pub async fn retire(
    caller: SignedIn,
    State(app): State<App>,
    Path(digest): Path<String>,
    form: Form,
) -> PageResult {
    app.retire_plugin(&caller, &digest, form.get("reason")).await?;
    Ok(tell_at(&format!("/plugins/{digest}"), "good", "plugin-retired"))
}

pub async fn restore(
    caller: SignedIn,
    State(app): State<App>,
    Path(digest): Path<String>,
    form: Form,
) -> PageResult {
    app.restore_plugin(&caller, &digest, form.get("reason")).await?;
    Ok(tell_at(&format!("/plugins/{digest}"), "good", "plugin-restored"))
}

pub async fn close_incident(
    caller: SignedIn,
    State(app): State<App>,
    Path(id): Path<uuid::Uuid>,
    form: Form,
) -> PageResult {
    app.close_incident(&caller, IncidentId(id), form.get("note")).await?;
    let back = form.get("plugin");
    let there = back.len() == 64 && back.bytes().all(|byte| byte.is_ascii_hexdigit());
    let address = if there { format!("/plugins/{back}") } else { "/plugins".to_owned() };
    Ok(tell_at(&address, "good", "incident-closed"))
}

/// `plugins/policy.html`.
#[derive(Serialize)]
struct PolicyPage {
    form: FormView,
    second_person: bool,
    needs_simulation: bool,
    needs_signature: bool,
    roles: Vec<RoleView>,
    breaker_failures: String,
    breaker_minutes: String,
    can: bool,
}

#[derive(Serialize)]
struct RoleView {
    role: &'static str,
    chosen: bool,
}

fn policy_page(caller: &Context, policy: &Policy, form: FormView) -> PolicyPage {
    let may = |role: &&Role| reach(**role, Action::PluginsApprove).is_some();
    let roles = Role::ALL.iter().filter(may);
    PolicyPage {
        form,
        second_person: policy.second_person,
        needs_simulation: policy.needs_simulation,
        needs_signature: policy.needs_signature,
        roles: roles
            .map(|role| RoleView { role: role.as_str(), chosen: policy.approvers.contains(role) })
            .collect(),
        breaker_failures: policy.breaker_failures.to_string(),
        breaker_minutes: policy.breaker_minutes.to_string(),
        can: caller.whole_company(Action::PluginsPolicy).is_ok(),
    }
}

pub async fn policy(
    page: Page,
    caller: SignedIn,
    State(app): State<App>,
    State(views): State<Views>,
) -> PageResult {
    let policy = app.plugin_policy(&caller).await?;
    views.page(&page, "plugins/policy.html", &policy_page(&caller, &policy, FormView::default()))
}

pub async fn save_policy(
    page: Page,
    caller: SignedIn,
    State(state): State<AppState>,
    form: Form,
) -> PageResult {
    let policy = typed(&form);
    let errors = match state.app.save_plugin_policy(&caller, &policy).await {
        Ok(()) => return Ok(tell_at("/plugins/policy", "good", "policy-saved")),
        Err(error) => field_errors(error)?,
    };
    let shown = form.shown(&errors, page.language);
    let context = policy_page(&caller, &policy, shown);
    state.views.page_with(StatusCode::UNPROCESSABLE_ENTITY, &page, "plugins/policy.html", &context)
}

/// What is no number is out of every range.
fn typed(form: &Form) -> Policy {
    let number = |name| form.get(name).trim().parse().unwrap_or(-1);
    Policy {
        second_person: form.get("second_person") == "yes",
        approvers: form.all("approvers").filter_map(|word| word.parse().ok()).collect(),
        needs_simulation: form.get("needs_simulation") == "yes",
        needs_signature: form.get("needs_signature") == "yes",
        breaker_failures: number("breaker_failures"),
        breaker_minutes: number("breaker_minutes"),
    }
}

pub fn field_errors(error: AppError) -> Result<Vec<FieldError>, PageError> {
    match to_page_error(error) {
        PageError::Invalid(errors) => Ok(errors.into_iter().map(to_field).collect()),
        other => Err(other),
    }
}
