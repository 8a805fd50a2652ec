//! Decisions: found, shown, run again.

use axum::extract::{Path, Query, State};
use axum::http::header;
use axum::response::IntoResponse;
use qudao_app::{App, Context, DecisionFilter, DecisionPage, PluginSummary, Replay};
use qudao_domain::contract::{Kind, Text};
use qudao_domain::ids::DecisionId;
use qudao_domain::time::Instant;
use qudao_store::decisions::Decision;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

use super::errors::{PageError, PageResult};
use super::forms::Form;
use super::page::Page;
use super::plugins::{
    OptionView, PluginRef, ProgramNames, ScopeView, SubjectView, plugin_options, program_names,
};
use crate::routes::Routes;
use crate::sessions::SignedIn;
use crate::state::AppState;

/// Decisions on one page of the list.
const PAGE: i64 = 50;
/// How much of an input or output is shown, in characters; the whole can be downloaded.
const SHOWN: usize = 20_000;

/// Pages about decisions.
pub fn routes() -> Routes {
    Routes::default()
        .get("/decisions", index)
        .get("/decisions/{id}", show)
        .post("/decisions/{id}/replay", replay)
        .get("/decisions/{id}/input.json", input)
        .get("/decisions/{id}/output.json", output)
}

/// What the list is narrowed to.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
struct Filter {
    kind: String,
    q: String,
    plugin: String,
    outcome: String,
    #[serde(skip_serializing)]
    after: String,
}

#[derive(Serialize)]
struct IndexPage {
    decisions: Vec<RowView>,
    kinds: Vec<TabView>,
    filter: Filter,
    plugins: Vec<OptionView>,
    count: i64,
    next: Option<String>,
    previous: Option<String>,
}

#[derive(Serialize)]
struct RowView {
    id: String,
    subject: String,
    kind: Kind,
    outcome: String,
    plugin: PluginRef,
    revision: i64,
    fuel: i64,
    elapsed_us: i64,
    at: Instant,
}

#[derive(Serialize)]
struct TabView {
    value: String,
    label: String,
    count: i64,
    current: bool,
}

async fn index(
    page: Page,
    caller: SignedIn,
    State(state): State<AppState>,
    Query(filter): Query<Filter>,
) -> PageResult {
    let app = &state.app;
    let given = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let wanted = DecisionFilter {
        kind: filter.kind.parse().ok(),
        plugin: given(&filter.plugin),
        outcome: given(&filter.outcome),
        search: filter.q.clone(),
        ..DecisionFilter::default()
    };
    let found = app.decisions(&caller, &wanted, filter.after.parse().ok(), PAGE).await?;
    let plugins = app.plugins(&caller).await?;
    let subjects: Vec<&str> = found.items.iter().map(|listed| listed.subject.as_str()).collect();
    let about = app.about(&caller, &subjects).await?;
    let by_digest: HashMap<&str, &PluginSummary> =
        plugins.iter().map(|summary| (summary.plugin.digest.as_str(), summary)).collect();
    let rows = found.items.iter().zip(&about).filter_map(|(listed, about)| {
        Some(RowView {
            id: listed.id.to_string(),
            subject: SubjectView::of(about, page.language).label,
            kind: listed.kind,
            outcome: listed.outcome.clone(),
            plugin: PluginRef::from(&by_digest.get(listed.plugin_digest.as_str())?.plugin),
            revision: listed.revision,
            fuel: listed.fuel,
            elapsed_us: listed.elapsed_us,
            at: listed.made_at,
        })
    });
    let decisions: Vec<RowView> = rows.collect();
    let context = IndexPage {
        kinds: tabs(app, &caller, &page, &filter, &by_digest).await?,
        plugins: plugin_options(&plugins, page.language),
        count: found.count,
        next: found.next.map(|id| id.to_string()),
        // Paging goes forward by key; back leads to the first page.
        previous: given(&filter.after).map(|_| String::new()),
        decisions,
        filter,
    };
    state.views.page(&page, "decisions/index.html", &context)
}

async fn tabs(
    app: &App,
    caller: &Context,
    page: &Page,
    filter: &Filter,
    plugins: &HashMap<&str, &PluginSummary>,
) -> Result<Vec<TabView>, PageError> {
    let counts = app.decision_counts(caller).await?;
    let count_of = |kind: Option<Kind>| {
        let counted = counts.iter().filter(|(digest, _)| {
            let of = plugins.get(digest.as_str()).map(|summary| summary.plugin.kind);
            kind.is_none() || of == kind
        });
        counted.map(|(_, count)| count).sum()
    };
    let tab = |kind: Option<Kind>| {
        let value = kind.map_or("", Kind::as_str);
        let label = if value.is_empty() { "filter-all".to_owned() } else { format!("kind-{value}") };
        TabView {
            value: value.to_owned(),
            label: page.t(&label),
            count: count_of(kind),
            current: filter.kind == value,
        }
    };
    Ok(std::iter::once(None).chain(Kind::ALL.map(Some)).map(tab).collect())
}

#[derive(Serialize)]
struct ShowPage {
    decision: DecisionView,
    replay: Option<ReplayView>,
}

#[derive(Serialize)]
struct DecisionView {
    id: String,
    kind: Kind,
    outcome: String,
    subject: SubjectView,
    plugin: PluginRef,
    revision: i64,
    binding: BindingView,
    contract: String,
    engine: String,
    made_for: Instant,
    made_at: Instant,
    input: String,
    input_hash: String,
    input_cut: bool,
    output: String,
    output_hash: String,
    output_cut: bool,
    fuel: i64,
    elapsed_us: i64,
    parent: Option<String>,
}

#[derive(Serialize)]
struct BindingView {
    scope: ScopeView,
    program: Option<Text>,
    since: Instant,
}

#[derive(Serialize)]
struct ReplayView {
    identical: bool,
    same_fuel: bool,
    fuel: i64,
    engine: String,
    difference: Option<DifferenceView>,
}

#[derive(Serialize)]
struct DifferenceView {
    pointer: String,
    recorded: String,
    replayed: String,
}

impl From<Replay> for ReplayView {
    fn from(replay: Replay) -> Self {
        let difference = replay.first_difference.map(|found| DifferenceView {
            pointer: if found.pointer.is_empty() { "/".to_owned() } else { found.pointer },
            recorded: cut(&found.was.to_string()).0,
            replayed: cut(&found.now.to_string()).0,
        });
        Self {
            identical: replay.identical,
            same_fuel: replay.same_fuel,
            fuel: replay.fuel_now,
            engine: replay.engine_now,
            difference,
        }
    }
}

fn cut(text: &str) -> (String, bool) {
    let shown: String = text.chars().take(SHOWN).collect();
    let is_cut = shown.len() < text.len();
    (shown, is_cut)
}

/// Indented for people, as far as it is shown.
pub(super) fn pretty(bytes: &[u8]) -> (String, bool) {
    let json: Result<serde_json::Value, _> = serde_json::from_slice(bytes);
    let text = json.and_then(|json| serde_json::to_string_pretty(&json));
    cut(&text.unwrap_or_else(|_| String::from_utf8_lossy(bytes).into_owned()))
}

fn decision_view(found: &DecisionPage, subject: SubjectView, names: &ProgramNames) -> DecisionView {
    let decision = &found.decision;
    let (input, input_cut) = pretty(&decision.input);
    let (output, output_cut) = pretty(&decision.output);
    DecisionView {
        id: decision.id.to_string(),
        kind: decision.kind,
        outcome: decision.outcome.clone(),
        subject,
        plugin: PluginRef::from(&found.plugin),
        revision: found.revision.number,
        binding: BindingView {
            scope: ScopeView::from(&found.binding.slot),
            program: super::plugins::program_of(&found.binding, names),
            since: found.binding.effective_from,
        },
        contract: decision.contract.clone(),
        engine: decision.engine.clone(),
        made_for: decision.made_for,
        made_at: decision.made_at,
        input,
        input_hash: decision.input_hash.clone(),
        input_cut,
        output,
        output_hash: decision.output_hash.clone(),
        output_cut,
        fuel: decision.fuel,
        elapsed_us: decision.elapsed_us,
        parent: decision.parent_id.map(|id| id.to_string()),
    }
}

async fn show_page(
    state: &AppState,
    caller: &Context,
    page: &Page,
    id: DecisionId,
    replay: Option<Replay>,
) -> PageResult {
    let found = state.app.decision(caller, id).await?;
    let names = program_names(&state.app, caller).await?;
    let about = state.app.about(caller, &[found.decision.subject.as_str()]).await?;
    let subject = about.first().map(|about| SubjectView::of(about, page.language));
    let subject =
        subject.unwrap_or(SubjectView { label: found.decision.subject.clone(), href: String::new() });
    let decision = decision_view(&found, subject, &names);
    let context = ShowPage { decision, replay: replay.map(ReplayView::from) };
    state.views.page(page, "decisions/show.html", &context)
}

async fn show(
    page: Page,
    caller: SignedIn,
    State(state): State<AppState>,
    Path(id): Path<DecisionId>,
) -> PageResult {
    show_page(&state, &caller, &page, id, None).await
}

/// Nothing is stored, so the result is shown at once; loading the page again runs it again.
async fn replay(
    page: Page,
    caller: SignedIn,
    State(state): State<AppState>,
    Path(id): Path<DecisionId>,
    _form: Form,
) -> PageResult {
    let replay = state.app.replay(&caller, id).await?;
    show_page(&state, &caller, &page, id, Some(replay)).await
}

async fn input(caller: SignedIn, State(app): State<App>, Path(id): Path<DecisionId>) -> PageResult {
    let Decision { input, .. } = app.decision(&caller, id).await?.decision;
    Ok(download(id, "input", input))
}

async fn output(caller: SignedIn, State(app): State<App>, Path(id): Path<DecisionId>) -> PageResult {
    let Decision { output, .. } = app.decision(&caller, id).await?.decision;
    Ok(download(id, "output", output))
}

fn download(id: DecisionId, what: &str, json: Vec<u8>) -> axum::response::Response {
    let name = format!("attachment; filename=\"decision-{id}-{what}.json\"");
    let headers = [
        (header::CONTENT_TYPE, "application/json".to_owned()),
        (header::CONTENT_DISPOSITION, name),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    (headers, json).into_response()
}
