//! Statements: what a period earned, why, and the facts it rests on.

use axum::extract::{Path, Query, State};
use axum::http::header;
use axum::response::IntoResponse;
use qudao_app::{App, FactPage, Result, StatementFilter, StatementPage};
use qudao_domain::contract::{Message, Note, Text};
use qudao_domain::decimal::Decimal;
use qudao_domain::ids::StatementId;
use qudao_domain::incentive::Basis;
use qudao_domain::money::Currency;
use qudao_domain::permissions::Action;
use qudao_store::facts::Shown;
use qudao_store::statements::{Line, Statement};
use serde::{Deserialize, Serialize};

use super::errors::PageResult;
use super::orders::{csv_cell, may_open_decisions};
use super::page::Page;
use super::priced::RuleView;
use super::views::Views;
use crate::routes::Routes;
use crate::sessions::SignedIn;

/// Statements on one page of the list.
const PAGE: i64 = 50;
/// Facts that a statement's line shows; the rest is in the file.
const FACTS: usize = 20;
/// Payouts that stand by themselves in a statement's sums; the rest is one line.
const REACHED: usize = 6;

/// Statements.
pub fn routes() -> Routes {
    Routes::default()
        .get("/statements", index)
        .get("/statements/{id}", show)
        .get("/statements/{id}/evidence.csv", evidence)
}

/// The list's filters, as they stand in the address.
#[derive(Debug, Default, Deserialize, Serialize)]
struct Filters {
    #[serde(default)]
    q: String,
    #[serde(default)]
    period: String,
    #[serde(default)]
    program: String,
    #[serde(default, skip_serializing)]
    after: String,
}

#[derive(Serialize)]
struct Index {
    currency: &'static str,
    periods: Vec<String>,
    programs: Vec<ProgramView>,
    count: i64,
    next: Option<String>,
    previous: Option<String>,
    statements: Vec<Row>,
    sum_minor: Option<i64>,
    can: Can,
    filter: Filters,
}

#[derive(Serialize)]
struct ProgramView {
    code: String,
    name: Text,
}

#[derive(Serialize)]
struct Can {
    settle: bool,
}

/// A dealer by code and name.
#[derive(Serialize)]
struct DealerView {
    code: String,
    name: String,
}

#[derive(Serialize)]
struct Row {
    id: StatementId,
    period: String,
    program: Text,
    dealer: DealerView,
    total_minor: i64,
    posted_minor: i64,
    created_at: String,
}

fn program_name(statement: &Statement) -> Text {
    Text { zh_cn: statement.program_zh.clone(), en: statement.program_en.clone() }
}

impl From<&Statement> for Row {
    fn from(statement: &Statement) -> Self {
        Self {
            id: statement.id,
            period: statement.period.clone(),
            program: program_name(statement),
            dealer: DealerView { code: statement.dealer.clone(), name: statement.dealer_name.clone() },
            total_minor: statement.total_minor,
            posted_minor: statement.posted_minor,
            created_at: statement.created_at.to_string(),
        }
    }
}

async fn index(
    page: Page,
    ctx: SignedIn,
    State(app): State<App>,
    State(views): State<Views>,
    Query(filter): Query<Filters>,
) -> PageResult {
    let wanted = StatementFilter {
        program: filter.program.clone(),
        period: filter.period.clone(),
        dealer: filter.q.trim().to_owned(),
        before: filter.after.parse().ok(),
        limit: PAGE + 1,
        ..StatementFilter::default()
    };
    let mut found = app.statements(&ctx, &wanted).await?;
    let more = found.len() > PAGE as usize;
    found.truncate(PAGE as usize);
    let (count, sum) = app.statement_totals(&ctx, &wanted).await?;
    let mut periods = Vec::new();
    let mut programs: Vec<ProgramView> = Vec::new();
    for (period, code, zh_cn, en) in app.statement_kinds(&ctx).await? {
        if periods.last() != Some(&period) {
            periods.push(period);
        }
        if !programs.iter().any(|known| known.code == code) {
            programs.push(ProgramView { code, name: Text { zh_cn, en } });
        }
    }
    let context = Index {
        currency: ctx.currency.code(),
        periods,
        programs,
        count,
        next: found.last().filter(|_| more).map(|statement| statement.id.to_string()),
        previous: None,
        sum_minor: (!found.is_empty()).then_some(sum),
        statements: found.iter().map(Row::from).collect(),
        can: Can { settle: ctx.reach(Action::SettlementsRun).is_ok() },
        filter,
    };
    views.page(&page, "statements/index.html", &context)
}

#[derive(Serialize)]
struct Show {
    statement: Head,
    reached: Vec<Reached>,
    lines: Vec<LineView>,
    unpaid: Vec<Note>,
    messages: Vec<Message>,
    rule: Option<RuleView>,
    programs: Vec<Beside>,
    newer: Option<String>,
}

#[derive(Serialize)]
struct Head {
    id: StatementId,
    program: Text,
    period: String,
    dealer: DealerView,
    total_minor: i64,
    posted_minor: i64,
    currency: String,
    created_at: String,
    run: i64,
}

/// A payout in the statement's sums; without a reason it stands for the smaller ones together.
#[derive(Serialize)]
struct Reached {
    reason: Option<Note>,
    minor: i64,
    count: usize,
}

#[derive(Serialize)]
struct LineView {
    reason: Note,
    amount_minor: i64,
    basis: BasisView,
    steps: Vec<Note>,
    facts: Vec<FactView>,
}

#[derive(Serialize)]
struct BasisView {
    kind: &'static str,
    value: String,
    count: usize,
}

#[derive(Serialize)]
struct FactView {
    on: String,
    kind: String,
    order: OrderView,
    product: String,
    sku: String,
    quantity: i64,
    amount_minor: i64,
}

#[derive(Serialize)]
struct OrderView {
    number: String,
    href: Option<String>,
}

/// The dealer's statement of another program for the same period.
#[derive(Serialize)]
struct Beside {
    id: StatementId,
    program: Text,
    total_minor: i64,
}

async fn show(
    page: Page,
    ctx: SignedIn,
    State(app): State<App>,
    State(views): State<Views>,
    Path(id): Path<StatementId>,
) -> PageResult {
    let found = app.statement(&ctx, id).await?;
    let mut lines = Vec::new();
    for ((line, _), number) in found.lines.iter().zip(1..) {
        let facts = app.statement_facts(&ctx, id, number, 0, FACTS).await?;
        lines.push(line_view(&ctx, line, facts));
    }
    views.page(&page, "statements/show.html", &shown(&ctx, found, lines))
}

fn shown(ctx: &SignedIn, found: StatementPage, lines: Vec<LineView>) -> Show {
    let StatementPage { statement, lines: payouts, rule, messages, beside, history, .. } = found;
    let latest = history.iter().find(|other| other.latest && other.id != statement.id);
    let decision = Some(statement.decision_id.to_string());
    // An older statement is shown beside the latest ones of the other programs.
    let own =
        Beside { id: statement.id, program: program_name(&statement), total_minor: statement.total_minor };
    let others = beside.iter().filter(|other| other.program_id != statement.program_id);
    let others = others.map(|other| Beside {
        id: other.id,
        program: program_name(other),
        total_minor: other.total_minor,
    });
    Show {
        reached: reached(&payouts),
        lines,
        unpaid: statement.unpaid.0.clone(),
        messages,
        rule: rule.map(|rule| RuleView::of(&rule, decision, may_open_decisions(ctx))),
        programs: std::iter::once(own).chain(others).collect(),
        newer: latest.filter(|_| !statement.latest).map(|latest| latest.id.to_string()),
        statement: Head {
            id: statement.id,
            program: program_name(&statement),
            dealer: DealerView { code: statement.dealer, name: statement.dealer_name },
            period: statement.period,
            total_minor: statement.total_minor,
            posted_minor: statement.posted_minor,
            currency: statement.currency,
            created_at: statement.created_at.to_string(),
            run: statement.number,
        },
    }
}

/// The payouts by size, the smaller ones as one.
fn reached(payouts: &[(Line, usize)]) -> Vec<Reached> {
    let one = |line: &Line| Reached { reason: Some(line.reason.clone()), minor: line.amount_minor, count: 1 };
    if payouts.len() <= REACHED {
        return payouts.iter().map(|(line, _)| one(line)).collect();
    }
    let mut by_size: Vec<&Line> = payouts.iter().map(|(line, _)| line).collect();
    by_size.sort_by_key(|line| std::cmp::Reverse(line.amount_minor.unsigned_abs()));
    let (large, small) = by_size.split_at(REACHED - 1);
    let rest = small.iter().map(|line| line.amount_minor).sum();
    let rest = Reached { reason: None, minor: rest, count: small.len() };
    large.iter().map(|line| one(line)).chain([rest]).collect()
}

fn line_view(ctx: &SignedIn, line: &Line, facts: FactPage) -> LineView {
    let orders = ctx.reach(Action::OrdersRead).is_ok();
    let value = match &line.basis {
        Basis::Category(category) => category.clone(),
        Basis::All | Basis::Facts(_) => String::new(),
    };
    let view = |fact: Shown| FactView {
        on: fact.effective_on.to_string(),
        order: OrderView {
            href: orders.then(|| format!("/orders/{}", fact.order_id)),
            number: fact.order_number,
        },
        kind: fact.kind,
        product: fact.product,
        sku: fact.sku,
        quantity: fact.quantity,
        amount_minor: fact.amount_minor,
    };
    LineView {
        reason: line.reason.clone(),
        amount_minor: line.amount_minor,
        basis: BasisView { kind: line.basis.word(), value, count: facts.count },
        steps: line.steps.clone(),
        facts: facts.facts.into_iter().map(view).collect(),
    }
}

/// Every fact of every line, as a spreadsheet reads it.
async fn evidence(ctx: SignedIn, State(app): State<App>, Path(id): Path<StatementId>) -> PageResult {
    let found = app.statement(&ctx, id).await?;
    let mut csv =
        String::from("\u{feff}line,code,line_amount,day,kind,order,sku,product,quantity,amount,currency\r\n");
    for ((line, _), number) in found.lines.iter().zip(1..) {
        write_facts(&mut csv, &app, &ctx, id, line, number).await?;
    }
    let name = format!("attachment; filename=\"statement-{}.csv\"", found.statement.period);
    let kind = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, name),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    Ok((kind, csv).into_response())
}

async fn write_facts(
    csv: &mut String,
    app: &App,
    ctx: &SignedIn,
    id: StatementId,
    line: &Line,
    number: usize,
) -> Result<()> {
    let major = |minor: i64| Decimal::new(minor, ctx.currency.exponent()).to_string();
    let mut after = 0;
    loop {
        let part = app.statement_facts(ctx, id, number, after, 200).await?;
        for fact in &part.facts {
            csv.push_str(&fact_row(number, line, fact, ctx.currency, major));
        }
        match part.next {
            Some(next) => after = next,
            None => return Ok(()),
        }
    }
}

fn fact_row(
    number: usize,
    line: &Line,
    fact: &Shown,
    currency: Currency,
    major: impl Fn(i64) -> String,
) -> String {
    let cells = [
        number.to_string(),
        line.reason.code.clone(),
        major(line.amount_minor),
        fact.effective_on.to_string(),
        fact.kind.clone(),
        fact.order_number.clone(),
        fact.sku.clone(),
        fact.product.clone(),
        fact.quantity.to_string(),
        major(fact.amount_minor),
        currency.code().to_owned(),
    ];
    let cells: Vec<String> = cells.iter().map(|cell| csv_cell(cell)).collect();
    cells.join(",") + "\r\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_payouts_end_in_one_line_that_keeps_the_sum() {
        let payout = |amount_minor: i64| {
            let reason = Note { code: "rebate".into(), args: vec![] };
            (Line { reason, amount_minor, basis: Basis::All, steps: vec![] }, 0)
        };
        let many: Vec<_> = [5, -70, 30, 20, 10, 1, 2, 3].map(payout).into();
        let reached = reached(&many);
        assert_eq!(reached.len(), REACHED);
        assert_eq!(reached.iter().map(|one| one.minor).sum::<i64>(), 1);
        assert_eq!(reached[0].minor, -70);
        assert_eq!((reached[5].count, reached[5].reason.is_none()), (3, true));
    }
}
