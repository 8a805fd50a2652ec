//! Simulations: begun on a plugin's page, watched while they run, read once they are done.

mod begin;
mod incentive;
mod kpi;
mod sheets;

use axum::extract::{Path, State};
use axum::http::header;
use axum::response::IntoResponse;
use chrono::NaiveDate;
use qudao_app::{App, Guard, Margin, Outcome, Simulated};
use qudao_domain::contract::Kind;
use qudao_domain::decimal::Decimal;
use qudao_domain::ids::SimulationId;
use qudao_domain::permissions::Action;
use qudao_domain::time::Instant;
use qudao_store::simulations::Simulation;
use serde::Serialize;
use std::collections::BTreeMap;

use incentive::IncentiveView;
use kpi::KpiView;

use super::errors::{PageError, PageResult};
use super::forms::Form;
use super::page::Page;
use super::preferences::tell_at;
use super::views::Views;
use crate::routes::Routes;
use crate::sessions::SignedIn;

/// How many dealers and products a page shows; the file has more.
const SHOWN: usize = 25;

/// Simulations.
pub fn routes() -> Routes {
    Routes::default()
        .post("/simulations", begin::start)
        .get("/simulations/{id}", show)
        .get("/simulations/{id}/progress", progress)
        .get("/simulations/{id}/figures.xlsx", file)
        .post("/simulations/{id}/cancel", cancel)
}

/// A simulation in few words.
#[derive(Serialize)]
pub struct SimulationView {
    pub id: String,
    pub kind: Kind,
    pub program: Option<String>,
    pub state: &'static str,
    pub revision: i64,
    pub first: NaiveDate,
    pub last: NaiveDate,
    pub orders: i64,
    pub done: i64,
    pub percent: i64,
    pub error: String,
    pub by: String,
    pub at: Instant,
}

impl From<&Simulation> for SimulationView {
    fn from(found: &Simulation) -> Self {
        Self {
            id: found.id.to_string(),
            kind: found.kind,
            program: found.program.clone(),
            state: found.state.as_str(),
            revision: found.revision,
            first: found.first_day,
            last: found.last_day,
            orders: found.orders,
            done: found.done,
            percent: (found.done * 100).checked_div(found.orders).unwrap_or(0).min(100),
            error: found.error.clone(),
            by: found.created_by_name.clone(),
            at: found.created_at,
        }
    }
}

#[derive(Serialize)]
struct ShowPage {
    currency: &'static str,
    simulation: SimulationView,
    plugin: PluginName,
    outcome: Option<Shown>,
    can: Can,
}

/// What came out, as the template of its kind takes it.
#[derive(Serialize)]
#[serde(untagged)]
enum Shown {
    Pricing(OutcomeView),
    Incentive(IncentiveView),
    Kpi(KpiView),
}

impl Shown {
    fn of(outcome: &Simulated) -> Self {
        match outcome {
            Simulated::Pricing(outcome) => Self::Pricing(OutcomeView::of(outcome)),
            Simulated::Incentive(outcome) => Self::Incentive(IncentiveView::of(outcome)),
            Simulated::Kpi(outcome) => Self::Kpi(KpiView::of(outcome)),
        }
    }
}

#[derive(Serialize)]
struct PluginName {
    digest: String,
    name: String,
    version: String,
}

#[derive(Serialize)]
struct Can {
    cancel: bool,
}

#[derive(Serialize)]
struct OutcomeView {
    orders: i64,
    lines: i64,
    changed: i64,
    refused: i64,
    failed: i64,
    before_minor: i64,
    after_minor: i64,
    change_minor: i64,
    share: Option<Decimal>,
    margin: Option<MarginView>,
    /// The share of the amount whose cost is known, as of one; none where no cost is known or it may not be seen.
    known: Option<Decimal>,
    guards: Vec<Guard>,
    months: Vec<PartView>,
    dealers: Vec<PartView>,
    products: Vec<PartView>,
    changes: Vec<ChangeView>,
    refusals: Vec<ChangeView>,
    failures: Vec<FailureView>,
    seconds: Decimal,
}

#[derive(Serialize)]
struct PartView {
    code: String,
    name: String,
    count: i64,
    before_minor: i64,
    after_minor: i64,
    change_minor: i64,
    margin: Option<MarginView>,
}

/// What is left where costs are known.
#[derive(Serialize)]
struct MarginView {
    before_minor: i64,
    after_minor: i64,
    change_minor: i64,
    share_before: Option<Decimal>,
    share_after: Option<Decimal>,
}

impl MarginView {
    fn of(margin: &Margin) -> Self {
        Self {
            before_minor: margin.before_minor,
            after_minor: margin.after_minor,
            change_minor: margin.change_minor(),
            share_before: margin.share_before(),
            share_after: margin.share_after(),
        }
    }
}

#[derive(Serialize)]
struct ChangeView {
    order: String,
    number: String,
    dealer: String,
    on: NaiveDate,
    before_minor: i64,
    after_minor: Option<i64>,
    change_minor: i64,
    reason: String,
}

#[derive(Serialize)]
struct FailureView {
    code: String,
    count: i64,
}

impl FailureView {
    fn all(counted: &BTreeMap<String, i64>) -> Vec<Self> {
        counted.iter().map(|(code, count)| Self { code: code.clone(), count: *count }).collect()
    }
}

impl OutcomeView {
    fn of(outcome: &Outcome) -> Self {
        let part = |part: &qudao_app::Part| PartView {
            code: part.code.clone(),
            name: part.name.clone(),
            count: part.sums.count,
            before_minor: part.sums.before_minor,
            after_minor: part.sums.after_minor,
            change_minor: part.sums.change_minor(),
            margin: part.sums.margin.as_ref().map(MarginView::of),
        };
        let change = |change: &qudao_app::Change| ChangeView {
            order: change.order.to_string(),
            number: change.number.clone(),
            dealer: change.dealer.clone(),
            on: change.on,
            before_minor: change.before_minor,
            after_minor: change.after_minor,
            change_minor: change.after_minor.unwrap_or(0).saturating_sub(change.before_minor),
            reason: change.reason.clone(),
        };
        let sums = &outcome.sums;
        let share = Decimal::from(sums.change_minor()).checked_div(Decimal::from(sums.before_minor));
        Self {
            orders: outcome.orders,
            lines: outcome.lines,
            changed: outcome.changed,
            refused: outcome.refused,
            failed: outcome.failed,
            before_minor: sums.before_minor,
            after_minor: sums.after_minor,
            change_minor: sums.change_minor(),
            share: share.map(|share| share.round_dp(4)),
            margin: sums.margin.as_ref().map(MarginView::of),
            known: sums.margin.and_then(|margin| margin.known_share(sums.before_minor)),
            guards: outcome.guards.clone(),
            months: outcome.months.iter().map(part).collect(),
            dealers: outcome.dealers.iter().take(SHOWN).map(part).collect(),
            products: outcome.products.iter().take(SHOWN).map(part).collect(),
            changes: outcome.changes.iter().map(change).collect(),
            refusals: outcome.refusals.iter().map(change).collect(),
            failures: FailureView::all(&outcome.failures),
            seconds: Decimal::new(outcome.elapsed_ms, 3).round_dp(1),
        }
    }
}

async fn load(app: &App, caller: &SignedIn, id: SimulationId) -> Result<ShowPage, PageError> {
    let (found, outcome) = app.simulation(caller, id).await?;
    Ok(ShowPage {
        currency: caller.currency.code(),
        simulation: SimulationView::from(&found),
        plugin: PluginName {
            digest: found.plugin_digest.clone(),
            name: found.plugin_name.clone(),
            version: found.plugin_version.clone(),
        },
        outcome: outcome.as_ref().map(Shown::of),
        can: Can { cancel: caller.whole_company(Action::PluginsApprove).is_ok() },
    })
}

async fn show(
    page: Page,
    caller: SignedIn,
    State(app): State<App>,
    State(views): State<Views>,
    Path(id): Path<SimulationId>,
) -> PageResult {
    let context = load(&app, &caller, id).await?;
    let template = match context.simulation.kind {
        Kind::Incentive => "simulations/incentive.html",
        Kind::Kpi => "simulations/kpi.html",
        Kind::Pricing | Kind::Deal => "simulations/show.html",
    };
    views.page(&page, template, &context)
}

/// How far it is; once it ended the whole page is asked for.
async fn progress(
    page: Page,
    caller: SignedIn,
    State(app): State<App>,
    State(views): State<Views>,
    Path(id): Path<SimulationId>,
) -> PageResult {
    let context = load(&app, &caller, id).await?;
    if context.simulation.state != "running" {
        return Ok([("hx-redirect", format!("/simulations/{id}"))].into_response());
    }
    views.page(&page, "simulations/_progress.html", &context)
}

async fn file(
    page: Page,
    caller: SignedIn,
    State(app): State<App>,
    Path(id): Path<SimulationId>,
) -> PageResult {
    let (found, outcome) = app.simulation(&caller, id).await?;
    let outcome = outcome.ok_or(PageError::NotFound)?;
    let bytes = sheets::workbook(&page, &found, &outcome, caller.currency)
        .map_err(|error| PageError::Internal(format!("the workbook cannot be written: {error}")))?;
    let name = format!("attachment; filename=\"simulation-{}-{}.xlsx\"", found.first_day, found.last_day);
    let kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet".to_owned();
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CONTENT_DISPOSITION, name),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    Ok((headers, bytes).into_response())
}

async fn cancel(
    caller: SignedIn,
    State(app): State<App>,
    Path(id): Path<SimulationId>,
    _form: Form,
) -> PageResult {
    app.cancel_simulation(&caller, id).await?;
    Ok(tell_at(&format!("/simulations/{id}"), "info", "simulation-cancelled"))
}
