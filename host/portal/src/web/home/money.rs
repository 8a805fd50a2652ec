//! The homes of those who settle and of those who look after dealers.

use qudao_app::{App, AppError, Context, FinanceHome, ProgramLine, SalesHome};
use qudao_domain::contract::{Message, Text};
use qudao_domain::decimal::Decimal;
use qudao_domain::ids::{ScorecardId, StatementId};
use qudao_domain::kpi;
use qudao_domain::time::Instant;
use qudao_store::homes::{Large, Quiet};
use serde::Serialize;

use super::{First, Todo, first, todo};

/// Dealers of the ranking.
const LEADING: usize = 5;

/// The context of `home/finance.html`.
#[derive(Serialize)]
pub struct Finance {
    first: Option<Vec<First>>,
    figures: FinanceFigures,
    todo: Vec<Todo>,
    programs: Vec<ProgramView>,
    statements: Vec<StatementView>,
    currency: &'static str,
}

#[derive(Serialize)]
struct FinanceFigures {
    accrued_minor: i64,
    period: String,
    incentive_share: Option<String>,
    turnover_minor: i64,
    budget_left_minor: Option<i64>,
    budget_minor: Option<i64>,
    receivable_minor: i64,
    debtors: i64,
}

#[derive(Serialize)]
struct ProgramView {
    program: Text,
    period: String,
    settled_at: Option<Instant>,
    total_minor: Option<i64>,
    state: &'static str,
}

#[derive(Serialize)]
struct StatementView {
    id: StatementId,
    period: String,
    program: Text,
    dealer: DealerView,
    total_minor: i64,
}

#[derive(Serialize)]
struct DealerView {
    code: String,
    name: String,
}

pub async fn finance(app: &App, ctx: &Context) -> Result<Finance, AppError> {
    let begun = app.begun(ctx).await?;
    let home: FinanceHome = app.finance_home(ctx).await?;
    let steps = [("program", "", begun.programs), ("settle", "/settlements", begun.settled)];
    Ok(Finance {
        first: first(&steps, begun.programs && begun.settled),
        figures: FinanceFigures {
            accrued_minor: home.accrued_minor,
            period: home.period,
            incentive_share: text(home.share),
            turnover_minor: home.turnover_minor,
            budget_left_minor: home.budget.map(|(left, _)| left),
            budget_minor: home.budget.map(|(_, budget)| budget),
            receivable_minor: home.receivable_minor,
            debtors: home.debtors,
        },
        todo: todo([
            ("settle-periods", home.unsettled, "/settlements", "warn"),
            ("late-facts", home.late, "/settlements", "info"),
        ]),
        programs: home.programs.into_iter().map(program_view).collect(),
        statements: home.largest.into_iter().map(statement_view).collect(),
        currency: ctx.currency.code(),
    })
}

fn text(share: Option<Decimal>) -> Option<String> {
    share.map(|share| share.to_string())
}

fn program_view(line: ProgramLine) -> ProgramView {
    let (settled_at, total_minor) = line.settled.unzip();
    ProgramView {
        program: Text { zh_cn: line.program.name_zh, en: line.program.name_en },
        period: line.period,
        state: if settled_at.is_some() { "posted" } else { "open" },
        settled_at,
        total_minor,
    }
}

fn statement_view(large: Large) -> StatementView {
    StatementView {
        id: large.id,
        period: large.period,
        program: Text { zh_cn: large.program_zh, en: large.program_en },
        dealer: DealerView { code: large.dealer, name: large.dealer_name },
        total_minor: large.total_minor,
    }
}

/// The context of `home/sales.html`.
#[derive(Serialize)]
pub struct Sales {
    first: Option<Vec<First>>,
    figures: SalesFigures,
    todo: Vec<Todo>,
    ranking: Vec<RankView>,
    messages: Vec<Message>,
    quiet: Vec<QuietView>,
    currency: &'static str,
}

#[derive(Serialize)]
struct SalesFigures {
    turnover_minor: i64,
    growth: Option<String>,
    attainment: Option<String>,
    active: i64,
    dealers: i64,
    quiet: i64,
}

#[derive(Serialize)]
struct RankView {
    rank: usize,
    id: ScorecardId,
    name: String,
    total: String,
    grade: String,
}

#[derive(Serialize)]
struct QuietView {
    code: String,
    name: String,
    region: String,
    last_order: String,
    turnover_minor: i64,
    change: Option<String>,
}

pub async fn sales(app: &App, ctx: &Context) -> Result<Sales, AppError> {
    let begun = app.begun(ctx).await?;
    let home: SalesHome = app.sales_home(ctx).await?;
    let steps = [("dealers", "/dealers", begun.dealers), ("targets", "", begun.targets)];
    let (ranked, messages) = home.ranking.map(|ranking| (ranking.rows, ranking.messages)).unwrap_or_default();
    let rank = |ranked: &qudao_app::Ranked| RankView {
        rank: ranked.rank,
        id: ranked.card.id,
        name: ranked.card.dealer_name.clone(),
        total: ranked.card.total.0.to_string(),
        grade: ranked.card.grade.clone(),
    };
    Ok(Sales {
        first: first(&steps, begun.dealers && begun.targets),
        figures: SalesFigures {
            turnover_minor: home.turnover_minor,
            growth: text(home.growth),
            attainment: text(home.attainment),
            active: home.liveliness.active,
            dealers: home.liveliness.dealers,
            quiet: home.liveliness.quiet,
        },
        todo: todo([
            ("quiet-dealers", home.liveliness.quiet, "#quiet", "warn"),
            ("behind-target", home.behind, "/ranking", "info"),
        ]),
        ranking: ranked.iter().take(LEADING).map(rank).collect(),
        messages,
        quiet: home.quiet.into_iter().map(quiet_view).collect(),
        currency: ctx.currency.code(),
    })
}

fn quiet_view(quiet: Quiet) -> QuietView {
    let more = quiet.turnover_minor - quiet.turnover_before_minor;
    let change = kpi::share(more, quiet.turnover_before_minor).map(|share| share.round_dp(3));
    QuietView {
        code: quiet.code,
        name: quiet.name,
        region: quiet.region,
        last_order: quiet.last_order.to_string(),
        turnover_minor: quiet.turnover_minor,
        change: text(change),
    }
}
