//! Programs, targets, settlements and statements.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, NaiveDate, Utc};
use qudao_app::{App, NewProgram, NewTarget, StatementFilter, StatementPage};
use qudao_domain::contract::{Message, Note};
use qudao_domain::decimal::Decimal;
use qudao_domain::ids::{RunId, StatementId};
use qudao_domain::incentive::Basis;
use qudao_domain::settlement::Calendar;
use qudao_store::facts::Shown;
use qudao_store::programs::Program;
use qudao_store::settlements::{Listed, Run};
use qudao_store::statements::Statement;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::json::{Api, ApiQuery};
use super::plugins::word_of;
use super::said::{Said, said};
use crate::sessions::SignedIn;
use crate::state::AppState;
use crate::web::i18n::Language;
use crate::web::{FieldError, Page, PageError};

/// Programs, targets, settlements and statements.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(add_program, programs))
        .routes(routes!(set_targets))
        .routes(routes!(settle, settlements))
        .routes(routes!(settlement))
        .routes(routes!(statements))
        .routes(routes!(statement))
        .routes(routes!(facts))
}

/// An incentive program to be added.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewProgramBody {
    /// Lower-case words joined by hyphens; unique within the company.
    code: String,
    /// Its name in Chinese.
    name_zh: String,
    /// Its name in English.
    name_en: String,
    /// `quarter` or `month`.
    calendar: String,
    /// The most that it may pay over all its periods; none without a limit.
    budget_minor: Option<i64>,
}

/// An incentive program.
#[derive(Debug, Serialize, ToSchema)]
struct ProgramBody {
    /// Its id.
    id: Uuid,
    /// Short name.
    code: String,
    /// Its name in Chinese.
    name_zh: String,
    /// Its name in English.
    name_en: String,
    /// `quarter` or `month`.
    calendar: String,
    /// The most that it may pay over all its periods; none without a limit.
    budget_minor: Option<i64>,
}

impl From<Program> for ProgramBody {
    fn from(program: Program) -> Self {
        Self {
            id: program.id.0,
            code: program.code,
            name_zh: program.name_zh,
            name_en: program.name_en,
            calendar: program.calendar.to_string(),
            budget_minor: program.budget_minor,
        }
    }
}

/// Every program.
#[derive(Debug, Serialize, ToSchema)]
struct ProgramsBody {
    /// By code.
    programs: Vec<ProgramBody>,
}

/// A dealer's target.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TargetBody {
    /// The dealer's code.
    dealer: String,
    /// Which metric, such as `turnover`.
    metric: String,
    /// How much, as a decimal.
    value: String,
}

/// Targets of a period.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TargetsBody {
    /// Such as `2026-Q4`, `2026-11` or `2026`.
    period: String,
    /// Those that are there already are replaced.
    targets: Vec<TargetBody>,
}

/// How many targets were set.
#[derive(Debug, Serialize, ToSchema)]
struct TargetsSetBody {
    /// How many.
    count: usize,
}

/// Which program and period to settle.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SettleBody {
    /// The program's code.
    program: String,
    /// Such as `2026-Q3` or `2026-09`, by the program's calendar.
    period: String,
}

/// One settlement of a program and period.
#[derive(Debug, Serialize, ToSchema)]
struct RunBody {
    /// Its id.
    id: Uuid,
    /// The program's code.
    program: String,
    /// The period.
    period: String,
    /// Counts the runs of program and period from 1.
    number: i64,
    /// How many facts the plugin was given.
    facts: i64,
    /// The last fact that it saw.
    watermark: i64,
    /// ISO 4217.
    currency: String,
    /// What the period earns in all.
    total_minor: i64,
    /// What this run posted: the total less what was posted before; 0 when nothing had changed.
    posted_minor: i64,
    /// How many statements it wrote: one for each dealer for whom something changed.
    statements: i64,
    /// The evaluation that it rests on.
    decision: Uuid,
    /// When.
    run_at: DateTime<Utc>,
}

impl RunBody {
    fn of(run: &Run, program: &str) -> Self {
        Self {
            id: run.id.0,
            program: program.to_owned(),
            period: run.period.clone(),
            number: run.number,
            facts: run.facts,
            watermark: run.watermark,
            currency: run.currency.clone(),
            total_minor: run.total_minor,
            posted_minor: run.posted_minor,
            statements: run.statements,
            decision: run.decision_id.0,
            run_at: run.run_at.utc(),
        }
    }
}

/// A page of runs, the latest first.
#[derive(Debug, Serialize, ToSchema)]
struct RunsBody {
    /// The runs.
    settlements: Vec<RunBody>,
    /// `before` of the next page; none on the last.
    next: Option<Uuid>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct PageQuery {
    /// Where the page begins: `next` of the page before.
    before: Option<Uuid>,
    /// Entries of a page, 1 to 200; 50 when left out.
    limit: Option<i64>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct StatementsQuery {
    /// Only of this program's code.
    #[serde(default)]
    program: String,
    /// Only of this period.
    #[serde(default)]
    period: String,
    /// Only of dealers whose code or name contains this.
    #[serde(default)]
    dealer: String,
    /// Only those that this run wrote.
    run: Option<Uuid>,
    /// Also those that a later run replaced.
    #[serde(default)]
    replaced: bool,
    /// Where the page begins: `next` of the page before.
    before: Option<Uuid>,
    /// Entries of a page, 1 to 200; 50 when left out.
    limit: Option<i64>,
}

/// What a dealer sees of a settlement.
#[derive(Debug, Serialize, ToSchema)]
struct StatementBody {
    /// Its id.
    id: Uuid,
    /// The program's code.
    program: String,
    /// The period.
    period: String,
    /// The dealer's code.
    dealer: String,
    /// The dealer's name.
    dealer_name: String,
    /// ISO 4217.
    currency: String,
    /// What the period earns the dealer in all.
    total_minor: i64,
    /// What its run posted; the rest was posted before.
    posted_minor: i64,
    /// Number of its run.
    run: i64,
    /// The evaluation that it rests on.
    decision: Uuid,
    /// When it was written.
    created_at: DateTime<Utc>,
    /// Whether no later run wrote another for the same dealer, program and period.
    latest: bool,
}

impl From<&Statement> for StatementBody {
    fn from(statement: &Statement) -> Self {
        Self {
            id: statement.id.0,
            program: statement.program.clone(),
            period: statement.period.clone(),
            dealer: statement.dealer.clone(),
            dealer_name: statement.dealer_name.clone(),
            currency: statement.currency.clone(),
            total_minor: statement.total_minor,
            posted_minor: statement.posted_minor,
            run: statement.number,
            decision: statement.decision_id.0,
            created_at: statement.created_at.utc(),
            latest: statement.latest,
        }
    }
}

/// A page of statements, the latest first.
#[derive(Debug, Serialize, ToSchema)]
struct StatementsBody {
    /// The statements.
    statements: Vec<StatementBody>,
    /// `before` of the next page; none on the last.
    next: Option<Uuid>,
}

/// A payout of a statement.
#[derive(Debug, Serialize, ToSchema)]
struct PayoutBody {
    /// From 1.
    line: usize,
    /// What it is for.
    reason: Said,
    /// Negative takes something back.
    amount_minor: i64,
    /// `all`, `category` or `facts`.
    basis: &'static str,
    /// The category, where it rests on one.
    category: Option<String>,
    /// How many facts it rests on.
    facts: usize,
    /// The steps of the calculation.
    steps: Vec<Said>,
}

/// A statement, explained.
#[derive(Debug, Serialize, ToSchema)]
struct StatementDetailsBody {
    /// Its head.
    statement: StatementBody,
    /// Posted by earlier runs.
    before_minor: i64,
    /// The payouts.
    lines: Vec<PayoutBody>,
    /// Why schemes did not pay.
    unpaid: Vec<Said>,
}

impl StatementDetailsBody {
    fn of(page: &StatementPage, language: Language) -> Self {
        let messages: &[Message] = &page.messages;
        let all = |notes: &[Note]| notes.iter().map(|note| said(note, messages, language)).collect();
        let lines = page.lines.iter().zip(1..).map(|((line, facts), number)| PayoutBody {
            line: number,
            reason: said(&line.reason, messages, language),
            amount_minor: line.amount_minor,
            basis: line.basis.word(),
            category: match &line.basis {
                Basis::Category(category) => Some(category.clone()),
                Basis::All | Basis::Facts(_) => None,
            },
            facts: *facts,
            steps: all(&line.steps),
        });
        Self {
            statement: StatementBody::from(&page.statement),
            before_minor: page.before_minor,
            lines: lines.collect(),
            unpaid: all(&page.statement.unpaid),
        }
    }
}

/// A fact that a payout rests on.
#[derive(Debug, Serialize, ToSchema)]
struct FactBody {
    /// Its place in the company's record.
    seq: i64,
    /// `shipped` or `returned`.
    kind: String,
    /// The order's number.
    order: String,
    /// The day.
    on: NaiveDate,
    /// The product's code.
    sku: String,
    /// The product's name.
    product: String,
    /// Pieces; negative for a return.
    quantity: i64,
    /// Net; negative for a return.
    amount_minor: i64,
}

impl From<Shown> for FactBody {
    fn from(fact: Shown) -> Self {
        Self {
            seq: fact.seq,
            kind: fact.kind,
            order: fact.order_number,
            on: fact.effective_on,
            sku: fact.sku,
            product: fact.product,
            quantity: fact.quantity,
            amount_minor: fact.amount_minor,
        }
    }
}

/// A part of the facts that a payout rests on.
#[derive(Debug, Serialize, ToSchema)]
struct FactsBody {
    /// In the order in which they were recorded.
    facts: Vec<FactBody>,
    /// How many there are in all.
    count: usize,
    /// `after` of the next page; none on the last.
    next: Option<i64>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct FactsQuery {
    /// Where the page begins: `next` of the page before.
    #[serde(default)]
    after: i64,
    /// Entries of a page, 1 to 200; 50 when left out.
    limit: Option<usize>,
}

/// Adds an incentive program. It pays nothing until an incentive plugin is activated for it.
#[utoipa::path(post, path = "/api/v1/programs", tag = "settlements", request_body = NewProgramBody, responses(
    (status = 201, description = "Added", body = ProgramBody),
    (status = 409, description = "The code is taken"),
    (status = 422, description = "Something is wrong, by field"),
))]
async fn add_program(
    caller: SignedIn,
    State(app): State<App>,
    Api(body): Api<NewProgramBody>,
) -> Result<Response, PageError> {
    let NewProgramBody { code, name_zh, name_en, calendar, budget_minor } = body;
    let calendar: Calendar = word_of("/calendar", &calendar)?;
    let new = NewProgram { code, name_zh, name_en, calendar, budget_minor };
    let program = app.add_program(&caller, new).await?;
    Ok((StatusCode::CREATED, Api(ProgramBody::from(program))).into_response())
}

/// Lists programs.
#[utoipa::path(get, path = "/api/v1/programs", tag = "settlements", responses(
    (status = 200, description = "The programs", body = ProgramsBody),
))]
async fn programs(caller: SignedIn, State(app): State<App>) -> Result<Api<ProgramsBody>, PageError> {
    let programs = app.programs(&caller).await?;
    Ok(Api(ProgramsBody { programs: programs.into_iter().map(ProgramBody::from).collect() }))
}

/// Sets targets of a period; all of them or none.
#[utoipa::path(post, path = "/api/v1/targets", tag = "scorecards", request_body = TargetsBody, responses(
    (status = 200, description = "Set", body = TargetsSetBody),
    (status = 422, description = "Something is wrong, by field"),
))]
async fn set_targets(
    caller: SignedIn,
    State(app): State<App>,
    Api(body): Api<TargetsBody>,
) -> Result<Api<TargetsSetBody>, PageError> {
    let mut targets = Vec::with_capacity(body.targets.len());
    for (at, target) in body.targets.into_iter().enumerate() {
        let wrong = || PageError::Invalid(vec![FieldError::new(format!("/targets/{at}/value"), "decimal")]);
        let value: Decimal = target.value.parse().map_err(|_| wrong())?;
        targets.push(NewTarget { dealer: target.dealer, metric: target.metric, value });
    }
    let count = app.set_targets(&caller, &body.period, &targets).await?;
    Ok(Api(TargetsSetBody { count }))
}

/// Settles a program's period: posts what it earns less what is posted already. Settled again with nothing changed it
/// posts 0, so a repeated request does no harm.
#[utoipa::path(post, path = "/api/v1/settlements", tag = "settlements", request_body = SettleBody, responses(
    (status = 201, description = "Settled", body = RunBody),
    (status = 404, description = "No such program"),
    (status = 409, description = "No plugin is active for the program, it failed, or others settle at the same time"),
    (status = 422, description = "The period is not one of the program's, or the plugin refuses"),
))]
async fn settle(
    caller: SignedIn,
    State(app): State<App>,
    Api(body): Api<SettleBody>,
) -> Result<Response, PageError> {
    let run = app.settle(&caller, &body.program, &body.period).await?;
    Ok((StatusCode::CREATED, Api(RunBody::of(&run, &body.program))).into_response())
}

/// Lists settlement runs, the latest first.
#[utoipa::path(get, path = "/api/v1/settlements", tag = "settlements", params(PageQuery), responses(
    (status = 200, description = "The runs", body = RunsBody),
))]
async fn settlements(
    caller: SignedIn,
    State(app): State<App>,
    ApiQuery(query): ApiQuery<PageQuery>,
) -> Result<Api<RunsBody>, PageError> {
    let limit = query.limit.unwrap_or(50).clamp(1, 200);
    let found = app.settlements(&caller, query.before.map(RunId), limit).await?;
    let next = found.last().filter(|_| found.len() as i64 == limit).map(|listed| listed.run.id.0);
    let settlements = found.iter().map(|Listed { run, program, .. }| RunBody::of(run, program)).collect();
    Ok(Api(RunsBody { settlements, next }))
}

/// Shows a settlement run.
#[utoipa::path(get, path = "/api/v1/settlements/{id}", tag = "settlements", params(("id" = Uuid, Path)), responses(
    (status = 200, description = "The run", body = RunBody),
    (status = 404, description = "No such run"),
))]
async fn settlement(
    caller: SignedIn,
    State(app): State<App>,
    Path(id): Path<RunId>,
) -> Result<Api<RunBody>, PageError> {
    let listed = app.settlement(&caller, id).await?;
    Ok(Api(RunBody::of(&listed.run, &listed.program)))
}

/// Lists statements, the latest first; a dealer's people see their own.
#[utoipa::path(get, path = "/api/v1/statements", tag = "settlements", params(StatementsQuery), responses(
    (status = 200, description = "The statements", body = StatementsBody),
))]
async fn statements(
    caller: SignedIn,
    State(app): State<App>,
    ApiQuery(query): ApiQuery<StatementsQuery>,
) -> Result<Api<StatementsBody>, PageError> {
    let limit = query.limit.unwrap_or(50).clamp(1, 200);
    let filter = StatementFilter {
        program: query.program,
        period: query.period,
        dealer: query.dealer,
        run: query.run.map(RunId),
        replaced: query.replaced,
        before: query.before.map(StatementId),
        limit,
    };
    let found = app.statements(&caller, &filter).await?;
    let next = found.last().filter(|_| found.len() as i64 == limit).map(|statement| statement.id.0);
    Ok(Api(StatementsBody { statements: found.iter().map(StatementBody::from).collect(), next }))
}

/// Shows a statement with its payouts, their steps, and why schemes did not pay.
#[utoipa::path(get, path = "/api/v1/statements/{id}", tag = "settlements", params(("id" = Uuid, Path)), responses(
    (status = 200, description = "The statement", body = StatementDetailsBody),
    (status = 404, description = "No such statement"),
))]
async fn statement(
    page: Page,
    caller: SignedIn,
    State(app): State<App>,
    Path(id): Path<StatementId>,
) -> Result<Api<StatementDetailsBody>, PageError> {
    let found = app.statement(&caller, id).await?;
    Ok(Api(StatementDetailsBody::of(&found, page.language)))
}

/// Lists the facts that a statement's payout rests on.
#[utoipa::path(get, path = "/api/v1/statements/{id}/lines/{line}/facts", tag = "settlements",
    params(("id" = Uuid, Path), ("line" = usize, Path), FactsQuery), responses(
    (status = 200, description = "The facts", body = FactsBody),
    (status = 404, description = "No such statement or line"),
))]
async fn facts(
    caller: SignedIn,
    State(app): State<App>,
    Path((id, line)): Path<(StatementId, usize)>,
    ApiQuery(query): ApiQuery<FactsQuery>,
) -> Result<Api<FactsBody>, PageError> {
    let part = app.statement_facts(&caller, id, line, query.after, query.limit.unwrap_or(50)).await?;
    let facts = part.facts.into_iter().map(FactBody::from).collect();
    Ok(Api(FactsBody { facts, count: part.count, next: part.next }))
}
