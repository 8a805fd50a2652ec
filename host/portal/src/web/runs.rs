//! Runs that decided nothing: found, shown, run again; and how long they are kept.

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use qudao_app::{AppError, Context, DecisionFilter, PluginSummary, Rerun, RunPage};
use qudao_domain::contract::Kind;
use qudao_domain::ids::RuleRunId;
use qudao_domain::lifecycle::RunPolicy;
use qudao_domain::permissions::Action;
use qudao_domain::time::Instant;
use qudao_engine::RuleError;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

use super::app_errors::to_page_error;
use super::decisions::pretty;
use super::errors::{PageError, PageResult};
use super::forms::{Form, FormView};
use super::page::Page;
use super::plugins::{OptionView, PluginRef, SubjectView, plugin_options, to_field};
use super::preferences::tell_at;
use crate::routes::Routes;
use crate::sessions::SignedIn;
use crate::state::AppState;

/// Runs on one page of the list.
const PAGE: i64 = 50;

/// Pages about runs.
pub fn routes() -> Routes {
    Routes::default()
        .get("/runs", index)
        .post("/runs", save_policy)
        .get("/runs/{id}", show)
        .post("/runs/{id}/rerun", rerun)
}

/// What the list is narrowed to.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
struct Filter {
    plugin: String,
    dealer: String,
    /// `failed`, `answered`, `refused` or a failure's name.
    outcome: String,
    #[serde(skip_serializing)]
    after: String,
}

#[derive(Serialize)]
struct IndexPage {
    runs: Vec<RowView>,
    filter: Filter,
    plugins: Vec<OptionView>,
    outcomes: Vec<&'static str>,
    next: Option<String>,
    previous: Option<String>,
    policy: PolicyView,
}

#[derive(Serialize)]
struct PolicyView {
    form: FormView,
    keep_days: String,
    sample_per_mille: String,
    can: bool,
}

#[derive(Serialize)]
struct RowView {
    id: String,
    subject: String,
    kind: Kind,
    outcome: String,
    detail: String,
    plugin: PluginRef,
    revision: i64,
    fuel: i64,
    elapsed_us: i64,
    at: Instant,
}

fn outcomes() -> Vec<&'static str> {
    let failures = RuleError::ALL.into_iter().filter(|error| *error != RuleError::Busy);
    ["failed", "answered", "refused"].into_iter().chain(failures.map(RuleError::as_str)).collect()
}

async fn index(
    page: Page,
    caller: SignedIn,
    State(state): State<AppState>,
    Query(filter): Query<Filter>,
) -> PageResult {
    let context = index_page(&state, &caller, &page, filter, FormView::default()).await?;
    state.views.page(&page, "runs/index.html", &context)
}

async fn index_page(
    state: &AppState,
    caller: &Context,
    page: &Page,
    filter: Filter,
    form: FormView,
) -> Result<IndexPage, PageError> {
    let app = &state.app;
    let given = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let wanted = DecisionFilter {
        plugin: given(&filter.plugin),
        dealer: given(&filter.dealer),
        outcome: given(&filter.outcome).filter(|outcome| outcome != "failed"),
        failed: filter.outcome == "failed",
        ..DecisionFilter::default()
    };
    let found = app.runs(caller, &wanted, filter.after.parse().ok(), PAGE).await?;
    let plugins = app.plugins(caller).await?;
    let subjects: Vec<&str> = found.items.iter().map(|recorded| recorded.run.subject.as_str()).collect();
    let about = app.about(caller, &subjects).await?;
    let by_digest: HashMap<&str, &PluginSummary> =
        plugins.iter().map(|summary| (summary.plugin.digest.as_str(), summary)).collect();
    let rows = found.items.iter().zip(&about).filter_map(|(recorded, about)| {
        let run = &recorded.run;
        Some(RowView {
            id: recorded.id.to_string(),
            subject: SubjectView::of(about, page.language).label,
            kind: run.kind,
            outcome: run.outcome.clone(),
            detail: run.detail.clone(),
            plugin: PluginRef::from(&by_digest.get(run.plugin_digest.as_str())?.plugin),
            revision: recorded.revision,
            fuel: run.fuel,
            elapsed_us: run.elapsed_us,
            at: run.at,
        })
    });
    let runs: Vec<RowView> = rows.collect();
    let policy = app.run_policy(caller).await?;
    Ok(IndexPage {
        runs,
        plugins: plugin_options(&plugins, page.language),
        outcomes: outcomes(),
        next: found.next.map(|id| id.to_string()),
        previous: given(&filter.after).map(|_| String::new()),
        policy: PolicyView {
            form,
            keep_days: policy.keep_days.to_string(),
            sample_per_mille: policy.sample_per_mille.to_string(),
            can: caller.whole_company(Action::PluginsPolicy).is_ok(),
        },
        filter,
    })
}

async fn save_policy(page: Page, caller: SignedIn, State(state): State<AppState>, form: Form) -> PageResult {
    // What is no number is out of every range.
    let number = |name| form.get(name).trim().parse().unwrap_or(-1);
    let policy = RunPolicy { keep_days: number("keep_days"), sample_per_mille: number("sample_per_mille") };
    let errors = match state.app.save_run_policy(&caller, policy).await {
        Ok(()) => return Ok(tell_at("/runs", "good", "runs-policy-saved")),
        Err(error @ AppError::Invalid(_)) => match to_page_error(error) {
            PageError::Invalid(errors) => errors.into_iter().map(to_field).collect::<Vec<_>>(),
            other => return Err(other),
        },
        Err(error) => return Err(error.into()),
    };
    let shown = form.shown(&errors, page.language);
    let context = index_page(&state, &caller, &page, Filter::default(), shown).await?;
    state.views.page_with(StatusCode::UNPROCESSABLE_ENTITY, &page, "runs/index.html", &context)
}

#[derive(Serialize)]
struct ShowPage {
    run: RunView,
    rerun: Option<RerunView>,
}

#[derive(Serialize)]
struct RunView {
    id: String,
    kind: Kind,
    outcome: String,
    detail: String,
    backtrace: Option<String>,
    subject: SubjectView,
    plugin: PluginRef,
    revision: i64,
    at: Instant,
    input: String,
    input_hash: String,
    output: Option<String>,
    fuel: i64,
    elapsed_us: i64,
    /// Whether it can be run again.
    again: bool,
}

#[derive(Serialize)]
struct RerunView {
    identical: bool,
    outcome: String,
    detail: String,
    pointer: Option<String>,
    fuel: i64,
}

impl From<Rerun> for RerunView {
    fn from(rerun: Rerun) -> Self {
        Self {
            identical: rerun.identical,
            outcome: rerun.outcome,
            detail: rerun.detail,
            pointer: rerun.first_difference.map(|found| found.pointer),
            fuel: rerun.fuel_now,
        }
    }
}

async fn show_page(
    state: &AppState,
    caller: &Context,
    page: &Page,
    id: RuleRunId,
    rerun: Option<Rerun>,
) -> PageResult {
    let RunPage { recorded, plugin } = state.app.run(caller, id).await?;
    let run = recorded.run;
    let about = state.app.about(caller, &[run.subject.as_str()]).await?;
    let subject = about.first().map(|about| SubjectView::of(about, page.language));
    let view = RunView {
        id: recorded.id.to_string(),
        kind: run.kind,
        subject: subject.unwrap_or(SubjectView { label: run.subject, href: String::new() }),
        plugin: PluginRef::from(&plugin),
        revision: recorded.revision,
        at: run.at,
        again: !run.input.is_empty() && run.kind != Kind::Incentive,
        input: pretty(&run.input).0,
        input_hash: run.input_hash,
        output: run.output.as_deref().map(|output| pretty(output).0),
        outcome: run.outcome,
        detail: run.detail,
        backtrace: run.backtrace,
        fuel: run.fuel,
        elapsed_us: run.elapsed_us,
    };
    let context = ShowPage { run: view, rerun: rerun.map(RerunView::from) };
    state.views.page(page, "runs/show.html", &context)
}

async fn show(
    page: Page,
    caller: SignedIn,
    State(state): State<AppState>,
    Path(id): Path<RuleRunId>,
) -> PageResult {
    show_page(&state, &caller, &page, id, None).await
}

/// Nothing is stored, so the result is shown at once; loading the page again runs it again.
async fn rerun(
    page: Page,
    caller: SignedIn,
    State(state): State<AppState>,
    Path(id): Path<RuleRunId>,
    _form: Form,
) -> PageResult {
    let rerun = state.app.rerun(&caller, id).await?;
    show_page(&state, &caller, &page, id, Some(rerun)).await
}
