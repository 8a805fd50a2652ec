//! What a simulation is to go through, found out and checked before it begins.

use super::NewSimulation;
use crate::Context;
use crate::errors::{AppError, Issue, Result};
use chrono::NaiveDate;
use qudao_domain::contract::Kind;
use qudao_domain::decimal::Decimal;
use qudao_domain::settlement::Calendar;
use qudao_domain::time::Period;
use qudao_store::facts::{self, Window};
use qudao_store::programs::{self, Program};
use qudao_store::{Tx, simulations};

/// The most periods that one simulation goes through.
const MOST_PERIODS: usize = 60;
/// Decimals that a margin's limit may have, in percent.
const PERCENT_SCALE: u32 = 4;

/// The steps of a simulation.
#[derive(Debug, Clone)]
pub(super) enum Plan {
    /// So many orders of these days.
    Orders((NaiveDate, NaiveDate), i64),
    /// The periods of a program.
    Program(Program, Vec<Period>),
    /// The periods that are scored.
    Scores(Vec<Period>),
}

impl Plan {
    /// First and last day, with whole periods where it goes by those.
    pub(super) fn days(&self) -> (NaiveDate, NaiveDate) {
        match self {
            Self::Orders(days, _) => *days,
            Self::Program(_, periods) | Self::Scores(periods) => {
                let first = periods.first().map(|period| period.first).unwrap_or_default();
                (first, periods.last().map_or(first, |period| period.last))
            }
        }
    }

    /// How many orders, or periods.
    pub(super) fn steps(&self) -> i64 {
        match self {
            Self::Orders(_, orders) => *orders,
            Self::Program(_, periods) | Self::Scores(periods) => {
                i64::try_from(periods.len()).unwrap_or(i64::MAX)
            }
        }
    }

    pub(super) fn program(&self) -> Option<&Program> {
        match self {
            Self::Program(program, _) => Some(program),
            Self::Orders(..) | Self::Scores(_) => None,
        }
    }
}

/// What trying a plugin of a kind means.
pub(super) async fn plan(
    tx: &mut Tx,
    ctx: &Context,
    kind: Kind,
    new: &NewSimulation,
    today: NaiveDate,
) -> Result<Plan> {
    check(kind, new)?;
    let days = (new.first, new.last);
    match kind {
        Kind::Pricing => {
            let orders = simulations::count(tx, ctx.company, days).await?;
            if orders == 0 {
                let issue = Issue::new("/first", "no-orders", "there are no orders on these days");
                return Err(AppError::invalid(issue));
            }
            Ok(Plan::Orders(days, orders))
        }
        Kind::Incentive => {
            let code = new.program.as_deref().unwrap_or_default();
            let found = programs::by_code(tx, ctx.company, code).await?;
            let unknown = || Issue::new("/program", "unknown-program", "there is no program with this code");
            let program = found.ok_or_else(|| AppError::invalid(unknown()))?;
            let periods = periods(program.calendar, days, today)?;
            any_facts(tx, ctx, &periods).await?;
            Ok(Plan::Program(program, periods))
        }
        Kind::Kpi => {
            let calendar = new.calendar.unwrap_or(Calendar::Quarter);
            Ok(Plan::Scores(periods(calendar, days, today)?))
        }
        Kind::Deal => {
            let message = "deal plugins are not tried over a range of days; put two versions or settings side by side \
                           on the compare page, which asks both what was registered last";
            Err(AppError::conflict("simulation-kind", message))
        }
    }
}

fn periods(
    calendar: Calendar,
    (first, last): (NaiveDate, NaiveDate),
    today: NaiveDate,
) -> Result<Vec<Period>> {
    let current = calendar.period_of(today);
    if last > current.last {
        let message = format!("choose days up to {}: no later period has begun", current.last);
        let issue = Issue::new("/last", "days-to-come", message).with("last", current.last);
        return Err(AppError::invalid(issue));
    }
    let periods = calendar.periods(first, last);
    if periods.len() > MOST_PERIODS {
        let message = format!("at most {MOST_PERIODS} periods are tried at once; choose fewer days");
        let issue = Issue::new("/first", "too-many-periods", message).with("most", MOST_PERIODS);
        return Err(AppError::invalid(issue));
    }
    Ok(periods)
}

async fn any_facts(tx: &mut Tx, ctx: &Context, periods: &[Period]) -> Result<()> {
    let (Some(first), Some(last)) = (periods.first(), periods.last()) else { return Ok(()) };
    let days = (first.first, last.last);
    let window = Window { days, year_before: days, watermark: i64::MAX };
    if facts::extent(tx, ctx.company, &window).await?.count > 0 {
        return Ok(());
    }
    let message = "nothing was shipped or returned on these days, so there is nothing to pay for";
    Err(AppError::invalid(Issue::new("/first", "no-facts", message)))
}

fn check_margin(kind: Kind, least: Decimal) -> Option<Issue> {
    let pointer = "/least_margin";
    if kind != Kind::Pricing {
        let message = "only prices leave a margin; leave this guard out";
        Some(Issue::new(pointer, "margin-unwanted", message))
    } else if least < Decimal::ZERO || least > Decimal::ONE_HUNDRED {
        let issue = Issue::new(pointer, "range", "write a percentage from 0 to 100");
        Some(issue.with("low", 0).with("high", 100))
    } else if least.normalize().scale() > PERCENT_SCALE {
        let message = format!("write at most {PERCENT_SCALE} decimals");
        Some(Issue::new(pointer, "decimals", message).with("limit", PERCENT_SCALE))
    } else {
        None
    }
}

fn check(kind: Kind, new: &NewSimulation) -> Result<()> {
    let mut issues = Vec::new();
    if new.last < new.first {
        issues.push(Issue::new("/last", "order", "the last day must not be before the first"));
    }
    let guards = [("/most_loss_minor", new.most_loss_minor), ("/most_cost_minor", new.most_cost_minor)];
    for (pointer, guard) in guards {
        match guard {
            Some(_) if kind == Kind::Kpi => {
                let message = "scorecards hold no money; leave this guard out";
                issues.push(Issue::new(pointer, "guard-unwanted", message));
            }
            Some(most) if most < 0 => {
                issues.push(Issue::new(pointer, "negative", "write an amount of zero or more"));
            }
            _ => {}
        }
    }
    issues.extend(new.least_margin.and_then(|least| check_margin(kind, least)));
    let named = new.program.as_deref().is_some_and(|program| !program.is_empty());
    if kind == Kind::Incentive && !named {
        let message = "an incentive plugin is tried for a program; name one";
        issues.push(Issue::new("/program", "program-needed", message));
    }
    if kind != Kind::Incentive && named {
        let message = "only incentive plugins are tried for a program; leave it out";
        issues.push(Issue::new("/program", "program-unwanted", message));
    }
    if kind != Kind::Kpi && new.calendar.is_some() {
        let message = "only scorecards are cut by a calendar of choice; leave it out";
        issues.push(Issue::new("/calendar", "calendar-unwanted", message));
    }
    if issues.is_empty() { Ok(()) } else { Err(AppError::Invalid(issues)) }
}
