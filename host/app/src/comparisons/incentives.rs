//! What two incentive rules pay for the last period of programs.

use super::{NAMED, Side};
use crate::errors::Result;
use crate::incentives::{Paid, answer, window};
use crate::trials::{Came, Rule};
use crate::{App, Context};
use qudao_domain::ids::{DealerId, ProgramId};
use qudao_store::facts;
use qudao_store::programs::{self, Program};
use qudao_store::{Tx, bindings, dealers, settlements};
use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap};

/// How many programs are looked at.
const MOST_PROGRAMS: usize = 5;
/// Somebody waits for it: a period with more facts than this is left to a simulation.
const MOST_FACTS: i64 = 200_000;

/// One program's last period that has begun, paid by both.
#[derive(Debug, Clone)]
pub struct ProgramByBoth {
    /// The program.
    pub program: Program,
    /// The period, as `2026-Q4`.
    pub period: String,
    /// What both pay in all, in minor units; none where the period has too many facts for somebody to wait for.
    pub sums: Option<(Came<i64>, Came<i64>)>,
    /// How many dealers are paid something else; none of it where one of the two does not answer.
    pub changed: usize,
    /// Those with the largest differences.
    pub rows: Vec<PaidRow>,
}

/// A dealer that is paid something else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaidRow {
    /// Its code.
    pub dealer: String,
    /// Its name.
    pub name: String,
    /// By the one, in minor units.
    pub one_minor: i64,
    /// By the other.
    pub other_minor: i64,
}

impl App {
    pub(super) async fn pay_by_both(
        &self,
        ctx: &Context,
        one: &Side,
        other: &Side,
    ) -> Result<Vec<ProgramByBoth>> {
        let rules = self.rules_of(ctx, one, other).await?;
        let today = ctx.day(self.clock().now());
        let digests = [one.plugin.digest.as_str(), other.plugin.digest.as_str()];
        let mut tx = self.db().read(ctx.company).await?;
        let programs = programs_of(&mut tx, ctx, digests).await?;
        let everybody = dealers::all(&mut tx, ctx.company).await?;
        drop(tx);
        let name = |dealer: dealers::Dealer| (dealer.id, (dealer.code, dealer.name));
        let names: HashMap<DealerId, (String, String)> = everybody.into_iter().map(name).collect();
        let mut compared = Vec::with_capacity(programs.len());
        for program in programs {
            let _turn = self.turn(ctx.company).await?;
            let mut tx = self.db().read(ctx.company).await?;
            compared.push(both(&mut tx, ctx, &rules, program, today, &names).await?);
        }
        Ok(compared)
    }
}

/// Those for which one of the two holds or held; else all.
async fn programs_of(tx: &mut Tx, ctx: &Context, digests: [&str; 2]) -> Result<Vec<Program>> {
    let mut bound: BTreeSet<ProgramId> = BTreeSet::new();
    for digest in digests {
        let held = bindings::of_plugin(tx, ctx.company, digest).await?;
        bound.extend(held.into_iter().filter_map(|binding| binding.slot.program_id));
    }
    let mut programs = programs::all(tx, ctx.company).await?;
    programs.retain(|program| bound.is_empty() || bound.contains(&program.id));
    programs.truncate(MOST_PROGRAMS);
    Ok(programs)
}

async fn both(
    tx: &mut Tx,
    ctx: &Context,
    (one, other): &(Rule, Rule),
    program: Program,
    today: chrono::NaiveDate,
    names: &HashMap<DealerId, (String, String)>,
) -> Result<ProgramByBoth> {
    let period = program.calendar.period_of(today);
    let name = period.to_string();
    if facts::extent(tx, ctx.company, &window(period, i64::MAX)).await?.count > MOST_FACTS {
        return Ok(ProgramByBoth { program, period: name, sums: None, changed: 0, rows: Vec::new() });
    }
    let elsewhere = settlements::posted_elsewhere(tx, ctx.company, program.id, &name).await?;
    let left = program.budget_minor.map(|budget| budget.saturating_sub(elsewhere));
    let one = answer(tx, ctx, one, &program, period, left).await?.paid();
    let other = answer(tx, ctx, other, &program, period, left).await?.paid();
    let mut rows = match (one.answer(), other.answer()) {
        (Some(one), Some(other)) => rows(one, other, names),
        _ => Vec::new(),
    };
    let changed = rows.len();
    rows.truncate(NAMED);
    Ok(ProgramByBoth { program, period: name, sums: Some((sum(one), sum(other))), changed, rows })
}

fn sum(paid: Came<Paid>) -> Came<i64> {
    match paid {
        Came::Answered(paid) => Came::Answered(paid.into_values().fold(0, i64::saturating_add)),
        Came::Refused(code) => Came::Refused(code),
        Came::Failed(error) => Came::Failed(error),
    }
}

/// Those that differ, the largest differences first.
fn rows(one: &Paid, other: &Paid, names: &HashMap<DealerId, (String, String)>) -> Vec<PaidRow> {
    let everybody: BTreeSet<DealerId> = one.keys().chain(other.keys()).copied().collect();
    let row = |dealer: DealerId| {
        let of = |paid: &Paid| paid.get(&dealer).copied().unwrap_or(0);
        let (code, name) = names.get(&dealer).cloned().unwrap_or_default();
        PaidRow { dealer: code, name, one_minor: of(one), other_minor: of(other) }
    };
    let rows = everybody.into_iter().map(row);
    let mut rows: Vec<PaidRow> = rows.filter(|row| row.one_minor != row.other_minor).collect();
    rows.sort_by_key(|row| (Reverse(row.one_minor.abs_diff(row.other_minor)), row.dealer.clone()));
    rows
}
