//! The homes of those who settle and of those who look after dealers.

use super::{SHOWN, share};
use crate::errors::Result;
use crate::programs::read_period;
use crate::{App, Context, ProgramStanding, Ranking};
use chrono::{Days, Months};
use qudao_domain::decimal::Decimal;
use qudao_domain::ids::DealerId;
use qudao_domain::money::Money;
use qudao_domain::permissions::Action;
use qudao_domain::time::{Instant, Period};
use qudao_store::homes::{self, Large, Liveliness, Quiet, Silence};
use qudao_store::metrics::{self, Spans};
use qudao_store::programs::Program;
use qudao_store::{Tx, facts, settlements, targets};
use std::collections::HashMap;

/// A dealer without an order for so many days is quiet.
const QUIET_DAYS: u64 = 90;
/// The metric of which dealers' turnover targets are.
const TURNOVER: &str = "turnover";

/// Where a program stands, in one line.
#[derive(Debug, Clone)]
pub struct ProgramLine {
    /// The program.
    pub program: Program,
    /// The period that was settled last; before the first, the current one.
    pub period: String,
    /// When it was settled and what it earns in all, in minor units; none before that.
    pub settled: Option<(Instant, i64)>,
}

/// What finance finds at home; amounts in minor units of the company's currency.
#[derive(Debug, Clone)]
pub struct FinanceHome {
    /// The latest period that was settled; before the first, the current quarter.
    pub period: String,
    /// What the period's settlements earn in all, over all programs.
    pub accrued_minor: i64,
    /// What was shipped less returned in the period.
    pub turnover_minor: i64,
    /// The first by the second; none without turnover.
    pub share: Option<Decimal>,
    /// What is left of the budgets, and the budgets; none where no program has one.
    pub budget: Option<(i64, i64)>,
    /// What dealers owe for what was shipped.
    pub receivable_minor: i64,
    /// How many dealers owe something.
    pub debtors: i64,
    /// Programs whose last period has ended, holds facts and is not settled.
    pub unsettled: i64,
    /// Settled periods with facts that were recorded later.
    pub late: i64,
    /// Where each program stands.
    pub programs: Vec<ProgramLine>,
    /// The period's largest statements.
    pub largest: Vec<Large>,
}

/// What those who look after dealers find at home.
#[derive(Debug, Clone)]
pub struct SalesHome {
    /// What was shipped less returned this quarter so far, in minor units.
    pub turnover_minor: i64,
    /// How much more that is than in the same days a year before; none where there was nothing.
    pub growth: Option<Decimal>,
    /// The turnover of dealers with a target for the quarter, by their targets; none without targets.
    pub attainment: Option<Decimal>,
    /// Dealers whose turnover is a smaller part of their target than the days that went by are of the quarter.
    pub behind: i64,
    /// How lively dealers are.
    pub liveliness: Liveliness,
    /// The best of the period that was scored last.
    pub ranking: Option<Ranking>,
    /// Dealers that fell silent, those that bought most first.
    pub quiet: Vec<Quiet>,
}

impl App {
    /// What finance finds at home.
    ///
    /// # Errors
    /// [`crate::AppError::Forbidden`].
    pub async fn finance_home(&self, ctx: &Context) -> Result<FinanceHome> {
        ctx.whole_company(Action::SettlementsRun)?;
        let standing = self.settled_periods(ctx).await?;
        let today = ctx.day(self.clock().now());
        let mut tx = self.db().read(ctx.company).await?;
        let period = latest_period(&standing)?.unwrap_or_else(|| Period::quarter_of(today));
        let name = period.to_string();
        let of_period = |one: &ProgramStanding| -> i64 {
            one.periods
                .iter()
                .filter(|settled| settled.period == name)
                .map(|settled| settled.total_minor)
                .sum()
        };
        let accrued_minor = standing.iter().map(of_period).sum();
        let days = (period.first, period.last);
        let turnover_minor = homes::turnover(&mut tx, ctx.company, ctx.currency.code(), days).await?;
        let (receivable_minor, debtors) =
            homes::receivable(&mut tx, ctx.company, ctx.currency.code()).await?;
        let mut unsettled = 0;
        let mut programs = Vec::with_capacity(standing.len());
        for one in &standing {
            unsettled += i64::from(waits(&mut tx, ctx, one, today).await?);
            programs.push(line(&mut tx, ctx, one, today).await?);
        }
        let settled = standing.iter().flat_map(|one| &one.periods);
        let late = settled.filter(|settled| settled.late > 0).count();
        Ok(FinanceHome {
            accrued_minor,
            turnover_minor,
            share: share(accrued_minor, turnover_minor),
            budget: budget(&standing),
            receivable_minor,
            debtors,
            unsettled,
            late: i64::try_from(late).unwrap_or(i64::MAX),
            programs,
            largest: homes::largest_statements(&mut tx, ctx.company, &name, SHOWN).await?,
            period: name,
        })
    }

    /// What those who look after dealers find at home.
    ///
    /// # Errors
    /// [`crate::AppError::Forbidden`].
    pub async fn sales_home(&self, ctx: &Context) -> Result<SalesHome> {
        ctx.whole_company(Action::DealersRead)?;
        let scored = self.scored_periods(ctx).await?;
        let ranking = match scored.first() {
            Some(period) => Some(self.ranking(ctx, period).await?),
            None => None,
        };
        let today = ctx.day(self.clock().now());
        let year_before = |day: chrono::NaiveDate| day.checked_sub_months(Months::new(12)).unwrap_or(day);
        let quarter = Period::quarter_of(today);
        let quiet_before = today.checked_sub_days(Days::new(QUIET_DAYS)).unwrap_or(today);
        let (since, before) = (year_before(today), year_before(year_before(today)));
        let silence = Silence { quiet_before, since, before, currency: ctx.currency.code() };
        let mut tx = self.db().read(ctx.company).await?;
        let so_far = SoFar::of(&mut tx, ctx, quarter, today).await?;
        let goals = targets::of_period(&mut tx, ctx.company, &quarter.to_string()).await?;
        let goals = goals.into_iter().filter(|goal| goal.metric == TURNOVER);
        let goals: Vec<(DealerId, Decimal)> = goals.map(|goal| (goal.dealer_id, goal.value.0)).collect();
        Ok(SalesHome {
            turnover_minor: so_far.now,
            growth: share(so_far.now - so_far.before, so_far.before),
            attainment: so_far.attainment(ctx, &goals),
            behind: so_far.behind(ctx, &goals),
            liveliness: homes::liveliness(&mut tx, ctx.company, quarter.first, quiet_before).await?,
            ranking,
            quiet: homes::quiet(&mut tx, ctx.company, silence, SHOWN).await?,
        })
    }
}

/// The settled period that begins last.
fn latest_period(standing: &[ProgramStanding]) -> Result<Option<Period>> {
    let mut latest: Option<Period> = None;
    for settled in standing.iter().flat_map(|one| &one.periods) {
        let period = read_period(&settled.period)?;
        if latest.is_none_or(|latest| period.first > latest.first) {
            latest = Some(period);
        }
    }
    Ok(latest)
}

fn budget(standing: &[ProgramStanding]) -> Option<(i64, i64)> {
    let limited = standing
        .iter()
        .filter_map(|one| Some((one.program.budget_minor? - one.posted_minor, one.program.budget_minor?)));
    limited.reduce(|sum, one| (sum.0 + one.0, sum.1 + one.1))
}

/// Whether a program's last period has ended, holds facts and is not settled.
async fn waits(tx: &mut Tx, ctx: &Context, one: &ProgramStanding, today: chrono::NaiveDate) -> Result<bool> {
    let calendar = one.program.calendar;
    let Some(ended) = calendar.period_of(today).first.pred_opt() else { return Ok(false) };
    let ended = calendar.period_of(ended);
    let name = ended.to_string();
    if one.periods.iter().any(|settled| settled.period == name) {
        return Ok(false);
    }
    Ok(facts::later(tx, ctx.company, (ended.first, ended.last), 0).await? > 0)
}

async fn line(
    tx: &mut Tx,
    ctx: &Context,
    one: &ProgramStanding,
    today: chrono::NaiveDate,
) -> Result<ProgramLine> {
    let program = one.program.clone();
    let Some(last) = one.periods.last() else {
        return Ok(ProgramLine {
            period: program.calendar.period_of(today).to_string(),
            settled: None,
            program,
        });
    };
    let run = settlements::find(tx, ctx.company, last.run).await?;
    let settled = run.map(|listed| (listed.run.run_at, last.total_minor));
    Ok(ProgramLine { program, period: last.period.clone(), settled })
}

/// A quarter's turnover until today.
struct SoFar {
    now: i64,
    before: i64,
    by_dealer: HashMap<DealerId, i64>,
    days_gone: i64,
    days: i64,
}

impl SoFar {
    async fn of(tx: &mut Tx, ctx: &Context, quarter: Period, today: chrono::NaiveDate) -> Result<Self> {
        let now = Period { first: quarter.first, last: today };
        let before = now.year_before();
        let long_before = before.year_before();
        let days = |period: Period| (period.first, period.last);
        let spans = Spans { now: days(now), before: days(before), long_before: days(long_before) };
        let figures = metrics::turnover(tx, ctx.company, ctx.currency.code(), &spans).await?;
        let length = |period: Period| (period.last - period.first).num_days() + 1;
        Ok(Self {
            now: figures.iter().map(|figures| figures.now).sum(),
            before: figures.iter().map(|figures| figures.before).sum(),
            by_dealer: figures.iter().map(|figures| (figures.dealer_id, figures.now)).collect(),
            days_gone: length(now),
            days: length(quarter),
        })
    }

    fn reached(&self, ctx: &Context, dealer: DealerId) -> Decimal {
        let minor = self.by_dealer.get(&dealer).copied().unwrap_or(0);
        Money::new(minor, ctx.currency).to_decimal()
    }

    fn attainment(&self, ctx: &Context, goals: &[(DealerId, Decimal)]) -> Option<Decimal> {
        let goal: Decimal = goals.iter().map(|(_, value)| *value).sum();
        let reached: Decimal = goals.iter().map(|(dealer, _)| self.reached(ctx, *dealer)).sum();
        Some(reached.checked_div(goal)?.round_dp(3))
    }

    fn behind(&self, ctx: &Context, goals: &[(DealerId, Decimal)]) -> i64 {
        let (gone, days) = (Decimal::from(self.days_gone), Decimal::from(self.days));
        let late = |(dealer, value): &&(DealerId, Decimal)| self.reached(ctx, *dealer) * days < *value * gone;
        i64::try_from(goals.iter().filter(late).count()).unwrap_or(i64::MAX)
    }
}
