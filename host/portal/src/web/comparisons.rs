//! Two versions, or two settings, side by side.

mod others;

use axum::extract::{Path, Query, State};
use chrono::NaiveDate;
use others::{DealsView, ProgramView, ScoresView};
use qudao_app::{App, Came, Candidate, ComparedOrders, Comparison, Context, Did, PluginPage, Side};
use qudao_domain::contract::Kind;
use qudao_engine::Difference;
use qudao_store::plugins::Plugin;
use qudao_store::revisions::Revision;
use serde::{Deserialize, Serialize};

use super::errors::{PageError, PageResult};
use super::i18n::Args;
use super::page::Page;
use super::plugins::{OptionView, PluginRef, SubjectView};
use crate::routes::Routes;
use crate::sessions::SignedIn;
use crate::state::AppState;

/// How many settings of each version may be chosen.
const SETTINGS: i64 = 20;
/// How much of a value is shown, in characters.
const SHOWN: usize = 200;

/// The page.
pub fn routes() -> Routes {
    Routes::default().get("/plugins/{digest}/compare", show)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Which {
    /// Number of this version's settings; the latest when empty.
    revision: String,
    /// `DIGEST/NUMBER`; what is most likely meant when empty.
    with: String,
}

#[derive(Serialize)]
struct ComparePage {
    plugin: PluginRef,
    revisions: Vec<OptionView>,
    others: Vec<OptionView>,
    revision: String,
    with: String,
    found: Option<FoundView>,
}

#[derive(Serialize)]
struct FoundView {
    one: SideView,
    other: SideView,
    about: Vec<PlaceView>,
    settings: Vec<PlaceView>,
    kind: Kind,
    /// By pricing plugins.
    orders: Option<OrdersView>,
    /// By incentive plugins.
    programs: Vec<ProgramView>,
    /// By KPI plugins.
    scores: Option<ScoresView>,
    /// By deal plugins.
    deals: Option<DealsView>,
}

#[derive(Serialize)]
struct SideView {
    plugin: PluginRef,
    revision: i64,
}

/// A place at which the two differ.
#[derive(Serialize)]
struct PlaceView {
    path: String,
    one: String,
    other: String,
}

#[derive(Serialize)]
struct OrdersView {
    orders: usize,
    changed: usize,
    one_minor: i64,
    other_minor: i64,
    difference_minor: i64,
    currency: &'static str,
    rows: Vec<RowView>,
}

#[derive(Serialize)]
struct RowView {
    subject: SubjectView,
    dealer: String,
    on: NaiveDate,
    one: OutcomeView,
    other: OutcomeView,
}

#[derive(Serialize)]
struct OutcomeView {
    /// The total in minor units, where there is one.
    total: Option<i64>,
    refused: Option<String>,
    failed: Option<&'static str>,
}

impl OutcomeView {
    fn of(came: &Came<i64>) -> Self {
        let mut view = Self { total: None, refused: None, failed: None };
        match came {
            Came::Answered(minor) => view.total = Some(*minor),
            Came::Refused(code) => view.refused = Some(code.clone()),
            Came::Failed(error) => view.failed = Some(error),
        }
        view
    }
}

impl From<&Side> for SideView {
    fn from(side: &Side) -> Self {
        Self { plugin: PluginRef::from(&side.plugin), revision: side.revision.number }
    }
}

fn place(difference: &Difference) -> PlaceView {
    let short = |value: &serde_json::Value| {
        let text = match value {
            serde_json::Value::Null => "—".to_owned(),
            serde_json::Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        if text.chars().count() > SHOWN { text.chars().take(SHOWN).chain(['…']).collect() } else { text }
    };
    PlaceView {
        path: difference.path.trim_start_matches('/').replace('/', " › "),
        one: short(&difference.expected),
        other: short(&difference.got),
    }
}

async fn show(
    page: Page,
    caller: SignedIn,
    State(state): State<AppState>,
    Path(digest): Path<String>,
    Query(which): Query<Which>,
) -> PageResult {
    let app = &state.app;
    let found = app.plugin(&caller, &digest).await?;
    let latest = found.revisions.first().map_or(1, |revision| revision.number);
    let revision = which.revision.parse().unwrap_or(latest);
    let others = candidates(app, &caller, &page, &digest).await?;
    let with = match which.with.is_empty() {
        true => likely(&found, revision, &others),
        false => which.with,
    };
    let comparison = match candidate(&with) {
        Some(one) => {
            let other = Candidate { digest: digest.clone(), revision: Some(revision) };
            Some(app.compare(&caller, &one, &other).await?)
        }
        None => None,
    };
    let compared = match &comparison {
        Some(comparison) => Some(found_view(app, &caller, &page, comparison).await?),
        None => None,
    };
    let option = |revision: &Revision| OptionView {
        value: revision.number.to_string(),
        label: settings_of(&page, revision.number),
    };
    let shown = usize::try_from(SETTINGS).unwrap_or(usize::MAX);
    let context = ComparePage {
        plugin: PluginRef::from(&found.plugin),
        revisions: found.revisions.iter().take(shown).map(option).collect(),
        others,
        revision: revision.to_string(),
        with,
        found: compared,
    };
    state.views.page(&page, "plugins/compare.html", &context)
}

fn settings_of(page: &Page, number: i64) -> String {
    let mut args = Args::new();
    args.set("number", number);
    page.t_with("settings-revision", &args)
}

/// `DIGEST/NUMBER`.
fn candidate(with: &str) -> Option<Candidate> {
    let (digest, number) = with.split_once('/')?;
    Some(Candidate { digest: digest.to_owned(), revision: Some(number.parse().ok()?) })
}

/// Every version of the same kind and name with each of its settings.
async fn candidates(
    app: &App,
    caller: &Context,
    page: &Page,
    digest: &str,
) -> Result<Vec<OptionView>, PageError> {
    let known = app.comparable(caller, digest, SETTINGS).await?;
    let of = |(plugin, revisions): &(Plugin, Vec<Revision>)| {
        let option = |revision: &Revision| OptionView {
            value: format!("{}/{}", plugin.digest, revision.number),
            label: format!("{} · {}", plugin.version, settings_of(page, revision.number)),
        };
        revisions.iter().map(option).collect::<Vec<_>>()
    };
    Ok(known.iter().flat_map(of).collect())
}

/// What holds for the company; else any other version's latest, or the settings before these.
fn likely(found: &PluginPage, revision: i64, others: &[OptionView]) -> String {
    let own = format!("{}/{revision}", found.plugin.digest);
    let live = found.bindings.iter().find(|dated| dated.standing == qudao_app::Standing::Live);
    let live = live.map(|dated| format!("{}/{}", dated.binding.plugin_digest, dated.binding.revision));
    let known = |value: &String| *value != own && others.iter().any(|option| option.value == *value);
    live.filter(known).unwrap_or_else(|| {
        let other = others.iter().find(|option| !option.value.starts_with(&found.plugin.digest));
        let before = others.iter().find(|option| option.value != own);
        other.or(before).map(|option| option.value.clone()).unwrap_or_default()
    })
}

async fn found_view(
    app: &App,
    caller: &Context,
    page: &Page,
    comparison: &Comparison,
) -> Result<FoundView, PageError> {
    let mut view = FoundView {
        one: SideView::from(&comparison.one),
        other: SideView::from(&comparison.other),
        about: comparison.about.iter().map(place).collect(),
        settings: comparison.settings.iter().map(place).collect(),
        kind: comparison.one.plugin.kind,
        orders: None,
        programs: Vec::new(),
        scores: None,
        deals: None,
    };
    match &comparison.did {
        Did::Pricing(Some(orders)) => view.orders = Some(orders_view(app, caller, page, orders).await?),
        Did::Incentive(programs) => {
            let currency = caller.currency.code();
            view.programs = programs.iter().map(|program| ProgramView::of(program, currency)).collect();
        }
        Did::Kpi(scores) => view.scores = Some(ScoresView::of(scores)),
        Did::Deal(Some(deals)) => view.deals = Some(DealsView::of(app, caller, page, deals).await?),
        Did::Pricing(None) | Did::Deal(None) => {}
    }
    Ok(view)
}

async fn orders_view(
    app: &App,
    caller: &Context,
    page: &Page,
    orders: &ComparedOrders,
) -> Result<OrdersView, PageError> {
    let subjects: Vec<&str> = orders.rows.iter().map(|row| row.subject.as_str()).collect();
    let about = app.about(caller, &subjects).await?;
    let rows = orders.rows.iter().zip(&about).map(|(row, about)| RowView {
        subject: SubjectView::of(about, page.language),
        dealer: row.dealer.clone(),
        on: row.on,
        one: OutcomeView::of(&row.one),
        other: OutcomeView::of(&row.other),
    });
    Ok(OrdersView {
        orders: orders.orders,
        changed: orders.changed,
        one_minor: orders.one_minor,
        other_minor: orders.other_minor,
        difference_minor: orders.other_minor.saturating_sub(orders.one_minor),
        currency: caller.currency.code(),
        rows: rows.collect(),
    })
}
