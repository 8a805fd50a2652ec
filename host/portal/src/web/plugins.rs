//! Plugins: what holds and how it is doing, upload, activate, roll back.

mod keys;
mod past;
mod report;
mod shown;
mod steps;
mod timeline;
mod upload;

use axum::extract::{DefaultBodyLimit, Path, State};
use axum::handler::Handler;
use axum::http::StatusCode;
use axum::http::header;
use axum::response::IntoResponse;
use chrono::NaiveDateTime;
use qudao_app::{
    Activation, App, AppError, Context, DecisionFilter, MAX_EXPORT_BYTES, Place, PluginPage, PluginSummary,
};
use qudao_domain::bindings::{OnFailure, ScopeKind, WHOLE_SHARE};
use qudao_domain::contract::{Kind, Text};
use qudao_domain::permissions::Action;
use qudao_domain::settlement::Calendar;
use qudao_domain::time::Instant;

use report::ReportView;
use shown::{
    AboutView, ActivateView, CanSettings, CanUpload, FailureView, FieldValue, HealthView, HeldView,
    IndexPage, KindView, RollbackView, RunView, ShowPage, SimulateView, live_of, scope_value,
};
pub(super) use shown::{
    FailingView, OptionView, PluginRef, ProgramNames, ScopeView, SubjectView, plugin_options, posted_scope,
    program_of, scope_option,
};

use steps::{ApprovalView, IncidentView};

use super::app_errors::to_page_error;
use super::errors::{FieldError, PageError, PageResult};
use super::forms::{Form, FormView};
use super::notes::words;
use super::page::Page;
use super::preferences::tell_at;
use crate::routes::Routes;
use crate::sessions::SignedIn;
use crate::state::AppState;
use crate::uploads::MAX_COMPONENT_BYTES;
use crate::web::Views;
use crate::web::simulations::SimulationView;

/// What a multipart form adds around its file, at most.
const AROUND_BYTES: usize = 64 * 1024;
/// How many failures a page shows.
const FAILURES: usize = 10;

/// Pages about plugins.
pub fn routes() -> Routes {
    let limit = |most: usize| DefaultBodyLimit::max(most + AROUND_BYTES);
    Routes::default()
        .get("/plugins", index)
        .get("/plugins/upload", upload::form)
        .post("/plugins/upload", upload::upload.layer(limit(MAX_COMPONENT_BYTES)))
        .post("/plugins/import", upload::import.layer(limit(MAX_EXPORT_BYTES)))
        .get("/plugins/keys", keys::show)
        .post("/plugins/keys", keys::add)
        .post("/plugin-keys/{fingerprint}/revoke", keys::revoke)
        .get("/plugins/policy", steps::policy)
        .post("/plugins/policy", steps::save_policy)
        .get("/plugins/{digest}", show)
        .get("/plugins/{digest}/export", export)
        .post("/plugins/{digest}/approve", steps::approve)
        .post("/plugins/{digest}/retire", steps::retire)
        .post("/plugins/{digest}/restore", steps::restore)
        .post("/incidents/{id}/close", steps::close_incident)
        .post("/plugins/{digest}/activate", activate)
        .post("/plugins/{digest}/rollback", roll_back)
}

/// Programs' names, for the bindings of incentives.
pub(super) async fn program_names(app: &App, caller: &Context) -> Result<ProgramNames, PageError> {
    let programs = app.programs(caller).await?;
    let name = |program: qudao_store::programs::Program| {
        (program.code, Text { zh_cn: program.name_zh, en: program.name_en })
    };
    Ok(programs.into_iter().map(name).collect())
}

async fn index(
    page: Page,
    caller: SignedIn,
    State(app): State<App>,
    State(views): State<Views>,
) -> PageResult {
    let summaries = app.plugins(&caller).await?;
    let names = program_names(&app, &caller).await?;
    let mut failing = Vec::new();
    for summary in summaries.iter().filter(|summary| summary.usage.failures_week > 0) {
        failing.extend(failing_view(&app, &caller, summary).await?);
    }
    let context = IndexPage {
        kinds: Kind::ALL.into_iter().map(|kind| KindView::of(kind, &summaries, &names)).collect(),
        failing,
        can: CanUpload { upload: caller.whole_company(Action::PluginsUpload).is_ok() },
    };
    views.page(&page, "plugins/index.html", &context)
}

/// A plugin that failed, with how it did last.
pub(super) async fn failing_view(
    app: &App,
    caller: &Context,
    summary: &PluginSummary,
) -> Result<Option<FailingView>, PageError> {
    let filter = DecisionFilter {
        plugin: Some(summary.plugin.digest.clone()),
        failed: true,
        ..DecisionFilter::default()
    };
    let last = app.runs(caller, &filter, None, 1).await?.items;
    Ok(last.first().map(|recorded| FailingView {
        plugin: PluginRef::from(&summary.plugin),
        count: summary.usage.failures_week,
        code: recorded.run.outcome.clone(),
        last_at: recorded.run.at,
    }))
}

async fn show(
    page: Page,
    caller: SignedIn,
    State(app): State<App>,
    State(views): State<Views>,
    Path(digest): Path<String>,
) -> PageResult {
    let context = show_page(&app, &caller, &page, &digest, Forms::default()).await?;
    views.page(&page, "plugins/show.html", &context)
}

/// The forms on a version's page, as they were typed.
#[derive(Default)]
pub(super) struct Forms {
    pub activate: FormView,
    pub simulate: FormView,
}

/// A version's page.
pub(super) async fn show_page(
    app: &App,
    caller: &Context,
    page: &Page,
    digest: &str,
    forms: Forms,
) -> Result<ShowPage, PageError> {
    let found = app.plugin(caller, digest).await?;
    let names = program_names(app, caller).await?;
    let can_activate = caller.whole_company(Action::PluginsActivate).is_ok();
    Ok(ShowPage {
        plugin: AboutView::of(&found),
        live: live_of(&found).map(|binding| HeldView::of(binding, &names)).collect(),
        health: HealthView::of(&found),
        failures: failures(app, caller, page, &found).await?,
        timeline: timeline::events(&found, &names),
        runs: runs(app, caller, page, &found).await?,
        report: ReportView::of(&found.plugin, &found.report),
        approval: ApprovalView::of(caller, &found),
        signing: past::SigningView::of(&found),
        past: found.imports.iter().map(|import| past::PastView::of(import, &found.plugin.version)).collect(),
        away: steps::putting_away(caller, &found, live_of(&found).next().is_some()),
        incidents: found.incidents.iter().map(IncidentView::from).collect(),
        simulate: simulate_view(app, caller, page, &found, &names, forms.simulate).await?,
        activate: if can_activate && steps::usable(&found) {
            Some(activate_view(app, caller, page, &found, &names, forms.activate).await?)
        } else {
            None
        },
        rollback: if can_activate { rollback_view(app, caller, &found).await? } else { None },
        can: CanSettings {
            settings: caller.whole_company(Action::SettingsWrite).is_ok(),
            close: can_activate,
        },
    })
}

/// The plugin with its history as one file.
async fn export(caller: SignedIn, State(app): State<App>, Path(digest): Path<String>) -> PageResult {
    let export = app.export_plugin(&caller, &digest).await?;
    let headers = [
        (header::CONTENT_TYPE, "application/zip".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{}\"", export.file_name)),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    Ok((headers, export.bytes).into_response())
}

/// Those of the last seven days.
async fn failures(
    app: &App,
    caller: &Context,
    page: &Page,
    found: &PluginPage,
) -> Result<Vec<FailureView>, PageError> {
    let fresh = usize::try_from(found.usage.failures_week).unwrap_or(0).min(FAILURES);
    let shown = &found.failures[..fresh.min(found.failures.len())];
    let subjects: Vec<&str> = shown.iter().map(|recorded| recorded.run.subject.as_str()).collect();
    let about = app.about(caller, &subjects).await?;
    let pairs = shown.iter().zip(&about);
    Ok(pairs
        .map(|(recorded, about)| FailureView::of(recorded, SubjectView::of(about, page.language)))
        .collect())
}

async fn runs(
    app: &App,
    caller: &Context,
    page: &Page,
    found: &PluginPage,
) -> Result<Vec<RunView>, PageError> {
    let subjects: Vec<&str> = found.runs.iter().map(|run| run.subject.as_str()).collect();
    let about = app.about(caller, &subjects).await?;
    let runs = found.runs.iter().zip(&about).map(|(run, about)| RunView {
        id: run.id.to_string(),
        subject: SubjectView::of(about, page.language).label,
        outcome: run.outcome.clone(),
        revision: run.revision,
        fuel: run.fuel,
        elapsed_us: run.elapsed_us,
        at: run.made_at,
    });
    Ok(runs.collect())
}

async fn activate_view(
    app: &App,
    caller: &Context,
    page: &Page,
    found: &PluginPage,
    names: &ProgramNames,
    form: FormView,
) -> Result<ActivateView, PageError> {
    use qudao_domain::bindings::ScopeKind::{Company, Region, Tier};
    let kind = found.plugin.kind;
    let (regions, tiers) = app.scopes(caller).await?;
    let mut scopes = vec![scope_option(Company, "", page.language)];
    scopes.extend(regions.iter().map(|region| scope_option(Region, region, page.language)));
    scopes.extend(tiers.iter().map(|tier| scope_option(Tier, tier, page.language)));
    let programs = program_options(page, kind, names);
    let revisions = revision_options(page, found);
    let (dealers, cases) = app.covered(caller, kind, Company, "").await?;
    let way =
        |way: &OnFailure| OptionView { value: way.to_string(), label: page.t(&format!("on-failure-{way}")) };
    let ways = OnFailure::ALL.iter().map(way).collect();
    Ok(ActivateView { ways, form, programs, scopes, revisions, dealers, cases })
}

/// The company's programs to choose from, for incentives.
fn program_options(page: &Page, kind: Kind, names: &ProgramNames) -> Vec<OptionView> {
    let names = names.iter().filter(|_| kind == Kind::Incentive);
    let option = |(code, name): (&String, &Text)| OptionView {
        value: code.clone(),
        label: words(name, page.language).to_owned(),
    };
    let mut programs: Vec<OptionView> = names.map(option).collect();
    programs.sort_by(|one, other| one.value.cmp(&other.value));
    programs
}

fn revision_options(page: &Page, found: &PluginPage) -> Vec<OptionView> {
    let option = |revision: &qudao_store::revisions::Revision| {
        let mut args = super::i18n::Args::new();
        args.set("number", revision.number);
        let label = page.t_with("settings-revision", &args);
        OptionView { value: revision.number.to_string(), label }
    };
    found.revisions.iter().map(option).collect()
}

/// Every kind but deals is tried over what happened: by default in the last three months.
async fn simulate_view(
    app: &App,
    caller: &Context,
    page: &Page,
    found: &PluginPage,
    names: &ProgramNames,
    form: FormView,
) -> Result<Option<SimulateView>, PageError> {
    let kind = found.plugin.kind;
    if kind == Kind::Deal {
        return Ok(None);
    }
    let last = caller.day(app.clock().now());
    let first = last.checked_sub_months(chrono::Months::new(3)).unwrap_or(last);
    let list = app.simulations(caller, &found.plugin.digest).await?;
    let calendar = |calendar: &Calendar| OptionView {
        value: calendar.to_string(),
        label: page.t(&format!("calendar-{calendar}")),
    };
    Ok(Some(SimulateView {
        can: caller.whole_company(Action::PluginsApprove).is_ok(),
        kind,
        form,
        revisions: revision_options(page, found),
        programs: program_options(page, kind, names),
        calendars: Calendar::ALL.iter().filter(|_| kind == Kind::Kpi).map(calendar).collect(),
        first: first.to_string(),
        last: last.to_string(),
        currency: caller.currency.code(),
        costs: caller.whole_company(Action::CostsRead).is_ok(),
        list: list.iter().map(SimulationView::from).collect(),
    }))
}

/// Going back is offered where this plugin holds now and something else held before: at the first such place.
async fn rollback_view(
    app: &App,
    caller: &Context,
    found: &PluginPage,
) -> Result<Option<RollbackView>, PageError> {
    for live in live_of(found) {
        let Some(before) = app.before(caller, live).await? else { continue };
        let plugin = app.plugin(caller, &before.plugin_digest).await?.plugin;
        let slot = &live.slot;
        let (dealers, _) = app.covered(caller, slot.kind, slot.scope_kind, &slot.scope_value).await?;
        let mut place =
            vec![FieldValue { name: "scope", value: scope_value(slot.scope_kind, &slot.scope_value) }];
        place.extend(live.program.clone().map(|value| FieldValue { name: "program", value }));
        return Ok(Some(RollbackView {
            plugin: PluginRef::from(&plugin),
            revision: before.revision,
            scope: ScopeView::from(slot),
            dealers,
            place,
        }));
    }
    Ok(None)
}

async fn activate(
    page: Page,
    caller: SignedIn,
    State(state): State<AppState>,
    Path(digest): Path<String>,
    form: Form,
) -> PageResult {
    let mut errors = Vec::new();
    let dealer = form.get("dealer").trim();
    let scope = match dealer {
        "" => posted_scope(form.get("scope")),
        code => Some((ScopeKind::Dealer, code.to_owned())),
    };
    if scope.is_none() {
        errors.push(FieldError::new("scope", "choice"));
    }
    let from = moment(&caller, form.get("from"));
    errors.extend(from.as_ref().err().cloned());
    let revision = form.get("revision").parse().ok();
    if let (Some((scope, scope_value)), Ok(from)) = (scope, from) {
        let program = Some(form.get("program").to_owned()).filter(|program| !program.is_empty());
        let reason = form.get("reason").to_owned();
        let activation = Activation {
            revision,
            scope,
            scope_value,
            program,
            from,
            reason,
            share: plain_share(form.get("share")),
            on_failure: form.get("on_failure").parse().unwrap_or(OnFailure::Refuse),
            ..Activation::of(digest.clone())
        };
        match state.app.activate(&caller, &activation).await {
            Ok(made) => {
                let at_once =
                    made.binding.effective_from <= state.app.clock().now().plus_ms(qudao_app::LEASE_MS);
                let notice = if at_once { "plugin-activated" } else { "plugin-scheduled" };
                return Ok(tell_at(&format!("/plugins/{digest}"), "good", notice));
            }
            Err(error) => errors.extend(form_errors(error)?),
        }
    }
    let forms = Forms { activate: form.shown(&errors, page.language), simulate: FormView::default() };
    let context = show_page(&state.app, &caller, &page, &digest, forms).await?;
    state.views.page_with(StatusCode::UNPROCESSABLE_ENTITY, &page, "plugins/show.html", &context)
}

/// Empty is everybody; what is no number is a share that is refused.
fn plain_share(typed: &str) -> i64 {
    let typed = typed.trim().trim_end_matches('%').trim();
    if typed.is_empty() { WHOLE_SHARE } else { typed.parse().unwrap_or(0) }
}

/// What a form about bindings says next to its fields; anything else is a page of its own.
pub(super) fn form_errors(error: AppError) -> Result<Vec<FieldError>, PageError> {
    match error {
        AppError::Conflict { code: code @ ("binding-tie" | "already-holds"), args, message } => {
            let field = if code == "binding-tie" { "from" } else { "scope" };
            let error =
                FieldError { pointer: field.to_owned(), code: code.to_owned(), args, words: Some(message) };
            Ok(vec![error])
        }
        AppError::Rule { failure, .. } => {
            let error = FieldError::new("revision", "cannot-run").with("error", failure.to_string());
            Ok(vec![error.saying(failure.to_string())])
        }
        error => match to_page_error(error) {
            PageError::Invalid(errors) => Ok(errors.into_iter().map(to_field).collect()),
            other => Err(other),
        },
    }
}

/// A pointer of the use case as the name of the form's field.
pub fn to_field(mut error: FieldError) -> FieldError {
    error.pointer = match error.pointer.as_str() {
        "/scope_value" => "scope".to_owned(),
        pointer if pointer.starts_with("/settings") => pointer.to_owned(),
        pointer => pointer.trim_start_matches('/').to_owned(),
    };
    error
}

/// A moment as typed into `datetime-local`, in the company's zone; a day alone is its beginning; empty for now.
pub(super) fn moment(caller: &Context, typed: &str) -> Result<Option<Instant>, FieldError> {
    if typed.is_empty() {
        return Ok(None);
    }
    let formats = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"];
    let local = formats.iter().find_map(|format| NaiveDateTime::parse_from_str(typed, format).ok());
    let local = local.or_else(|| typed.parse::<chrono::NaiveDate>().ok()?.and_hms_opt(0, 0, 0));
    // A time that the clocks skip or have twice is the first that there is.
    let moment = local.and_then(|local| local.and_local_timezone(caller.zone).earliest());
    let moment = moment.map(|moment| Instant::from_utc(moment.to_utc()));
    moment.map(Some).ok_or_else(|| FieldError::new("from", "moment"))
}

async fn roll_back(
    caller: SignedIn,
    State(app): State<App>,
    Path(digest): Path<String>,
    form: Form,
) -> PageResult {
    let kind = app.plugin(&caller, &digest).await?.plugin.kind;
    let scope = posted_scope(form.get("scope"));
    let (scope, value) = scope.ok_or_else(|| PageError::Invalid(vec![FieldError::new("scope", "choice")]))?;
    let program = Some(form.get("program").to_owned()).filter(|program| !program.is_empty());
    let made = app.roll_back(&caller, &Place { kind, scope, value, program }, form.get("reason")).await?;
    Ok(tell_at(&format!("/plugins/{}", made.binding.plugin_digest), "good", "plugin-rolled-back"))
}
