//! Settling: choose a program and a period, see what was posted, and where every period stands.

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use qudao_app::{App, AppError, ProgramStanding};
use qudao_domain::contract::Text;
use qudao_domain::ids::{DecisionId, RunId};
use qudao_domain::permissions::Action;
use qudao_store::programs::Program;
use qudao_store::settlements::Listed;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

use super::app_errors::to_page_error;
use super::errors::{FieldError, PageError, PageResult};
use super::forms::{Form, FormView};
use super::notes::{sentence, words};
use super::page::Page;
use super::views::Views;
use crate::routes::Routes;
use crate::sessions::SignedIn;

/// Runs on the page.
const RUNS: i64 = 50;
/// Periods in the grid: two years of quarters.
const PERIODS: usize = 8;

/// Settlements.
pub fn routes() -> Routes {
    Routes::default().get("/settlements", index).post("/settlements", settle)
}

#[derive(Debug, Default, Deserialize)]
struct Settled {
    /// The run whose result is told.
    run: Option<RunId>,
}

#[derive(Serialize)]
struct Index {
    currency: &'static str,
    form: FormView,
    programs: Vec<Choice>,
    periods: Vec<String>,
    grid: Grid,
    runs: Vec<RunView>,
    result: Option<ResultView>,
}

#[derive(Serialize)]
struct Choice {
    value: String,
    label: String,
}

#[derive(Serialize)]
struct Grid {
    periods: Vec<String>,
    rows: Vec<GridRow>,
}

#[derive(Serialize)]
struct GridRow {
    program: Text,
    code: String,
    cells: Vec<Option<Cell>>,
    budget_minor: Option<i64>,
    left_minor: Option<i64>,
}

#[derive(Serialize)]
struct Cell {
    total_minor: i64,
    late: i64,
}

#[derive(Serialize)]
struct RunView {
    program: Text,
    code: String,
    period: String,
    number: i64,
    decision: DecisionId,
    facts: i64,
    total_minor: i64,
    posted_minor: i64,
    by: String,
    at: String,
    latest: bool,
}

#[derive(Serialize)]
struct ResultView {
    program: Text,
    code: String,
    period: String,
    number: i64,
    posted_minor: i64,
    facts: i64,
    statements: i64,
}

fn name_of(program: &Program) -> Text {
    Text { zh_cn: program.name_zh.clone(), en: program.name_en.clone() }
}

fn name_of_run(listed: &Listed) -> Text {
    Text { zh_cn: listed.name_zh.clone(), en: listed.name_en.clone() }
}

async fn context(
    page: &Page,
    ctx: &SignedIn,
    app: &App,
    form: FormView,
    run: Option<RunId>,
) -> Result<Index, AppError> {
    ctx.whole_company(Action::SettlementsRun)?;
    let standing = app.settled_periods(ctx).await?;
    let runs = app.settlements(ctx, None, RUNS).await?;
    let result = match run {
        Some(run) => Some(result_view(&app.settlement(ctx, run).await?)),
        None => None,
    };
    let latest: BTreeSet<RunId> =
        standing.iter().flat_map(|program| program.periods.iter().map(|period| period.run)).collect();
    let label = |program: &Program| words(&name_of(program), page.language).to_owned();
    Ok(Index {
        currency: ctx.currency.code(),
        form,
        programs: standing
            .iter()
            .map(|one| Choice { value: one.program.code.clone(), label: label(&one.program) })
            .collect(),
        periods: proposed(ctx, app, &standing),
        grid: grid(&standing),
        runs: runs.iter().map(|listed| run_view(listed, latest.contains(&listed.run.id))).collect(),
        result,
    })
}

/// The current period of each calendar in use, and the one before, which is the one that is usually settled.
fn proposed(ctx: &SignedIn, app: &App, standing: &[ProgramStanding]) -> Vec<String> {
    let today = ctx.day(app.clock().now());
    let mut periods = Vec::new();
    for one in standing {
        let now = one.program.calendar.period_of(today);
        let before = now.first.pred_opt().map(|day| one.program.calendar.period_of(day));
        for period in std::iter::once(now).chain(before).map(|period| period.to_string()) {
            if !periods.contains(&period) {
                periods.push(period);
            }
        }
    }
    periods
}

fn grid(standing: &[ProgramStanding]) -> Grid {
    let all: BTreeSet<&str> =
        standing.iter().flat_map(|one| one.periods.iter().map(|period| period.period.as_str())).collect();
    let periods: Vec<String> =
        all.iter().skip(all.len().saturating_sub(PERIODS)).map(|period| (*period).to_owned()).collect();
    let row = |one: &ProgramStanding| {
        let cell = |period: &String| {
            let found = one.periods.iter().find(|settled| settled.period == *period);
            found.map(|settled| Cell { total_minor: settled.total_minor, late: settled.late })
        };
        let budget_minor = one.program.budget_minor;
        GridRow {
            program: name_of(&one.program),
            code: one.program.code.clone(),
            cells: periods.iter().map(cell).collect(),
            budget_minor,
            left_minor: budget_minor.map(|budget| budget - one.posted_minor),
        }
    };
    let rows = standing.iter().map(row).collect();
    Grid { periods, rows }
}

fn run_view(listed: &Listed, latest: bool) -> RunView {
    let run = &listed.run;
    RunView {
        program: name_of_run(listed),
        code: listed.program.clone(),
        period: run.period.clone(),
        number: run.number,
        decision: run.decision_id,
        facts: run.facts,
        total_minor: run.total_minor,
        posted_minor: run.posted_minor,
        by: listed.run_by_name.clone(),
        at: run.run_at.to_string(),
        latest,
    }
}

fn result_view(listed: &Listed) -> ResultView {
    let run = &listed.run;
    ResultView {
        program: name_of_run(listed),
        code: listed.program.clone(),
        period: run.period.clone(),
        number: run.number,
        posted_minor: run.posted_minor,
        facts: run.facts,
        statements: run.statements,
    }
}

async fn index(
    page: Page,
    ctx: SignedIn,
    State(app): State<App>,
    State(views): State<Views>,
    Query(settled): Query<Settled>,
) -> PageResult {
    let context = context(&page, &ctx, &app, FormView::default(), settled.run).await?;
    views.page(&page, "settlements/index.html", &context)
}

async fn settle(
    page: Page,
    ctx: SignedIn,
    State(app): State<App>,
    State(views): State<Views>,
    form: Form,
) -> PageResult {
    let mut check = form.check();
    let program = check.text("program", 60);
    let period = check.text("period", 20);
    if let (Some(program), Some(period)) = (program, period) {
        match app.settle(&ctx, program, period).await {
            Ok(run) => return Ok(Redirect::to(&format!("/settlements?run={}", run.id)).into_response()),
            Err(error) => told_at_fields(&page, error)?.into_iter().for_each(|error| check.fail(error)),
        }
    }
    let shown = form.shown(check.errors(), page.language);
    let context = context(&page, &ctx, &app, shown, None).await?;
    views.page_with(StatusCode::UNPROCESSABLE_ENTITY, &page, "settlements/index.html", &context)
}

/// What was refused, told beside the field that can mend it; anything else is an error page.
fn told_at_fields(page: &Page, error: AppError) -> Result<Vec<FieldError>, PageError> {
    match error {
        AppError::Refused { violations, messages } => {
            let said =
                violations.iter().map(|violation| sentence(&violation.reason, &messages, page.language));
            Ok(said.map(|said| FieldError::new("program", "rule-refuses").saying(said)).collect())
        }
        AppError::NotFound => Ok(vec![FieldError::new("program", "choice")]),
        AppError::NoRule(_) => Ok(vec![FieldError::new("program", "program-without-rule")]),
        error => match to_page_error(error) {
            PageError::Invalid(errors) => {
                let field = |mut error: FieldError| {
                    error.pointer = error.pointer.trim_start_matches('/').to_owned();
                    error
                };
                Ok(errors.into_iter().map(field).collect())
            }
            other => Err(other),
        },
    }
}
