//! A simulation in words, for the terminal.

use qudao_app::{Before, Guard, GuardKind, IncentiveOutcome, KpiOutcome, Outcome, Simulated};
use qudao_domain::contract::Kind;
use qudao_domain::decimal::Decimal;
use qudao_domain::money::Currency;
use qudao_store::simulations::Simulation;
use std::fmt::Write as _;

/// What its steps are.
pub fn unit(found: &Simulation) -> &'static str {
    if found.kind == Kind::Pricing { "orders" } else { "periods" }
}

/// One line of a list.
pub fn line(found: &Simulation) -> String {
    format!(
        "{}  {:<9}  {} {} settings {}{}  {} to {}  {} of {} {}",
        found.id,
        found.state.as_str(),
        found.plugin_name,
        found.plugin_version,
        found.revision,
        found.program.as_ref().map_or_else(String::new, |program| format!(" for {program}")),
        found.first_day,
        found.last_day,
        found.done,
        found.orders,
        unit(found),
    )
}

/// The whole: totals, and the guards.
pub fn words(found: &Simulation, outcome: Option<&Simulated>, currency: Currency) -> String {
    let mut words = line(found);
    words.push('\n');
    match outcome {
        Some(Simulated::Pricing(outcome)) => pricing(&mut words, outcome, currency),
        Some(Simulated::Incentive(outcome)) => incentive(&mut words, outcome, currency),
        Some(Simulated::Kpi(outcome)) => kpi(&mut words, outcome),
        None => {}
    }
    for guard in outcome.map(Simulated::guards).unwrap_or_default() {
        guarded(&mut words, guard, found.kind, currency);
    }
    words.truncate(words.trim_end().len());
    words
}

fn amount(minor: i64, currency: Currency) -> String {
    format!("{} {}", currency.code(), Decimal::new(minor, currency.exponent()))
}

fn pricing(words: &mut String, outcome: &Outcome, currency: Currency) {
    let money = |minor| amount(minor, currency);
    let sums = &outcome.sums;
    let (before, after) = (money(sums.before_minor), money(sums.after_minor));
    let _ = writeln!(words, "{before} before, {after} after: {}.", money(sums.change_minor()));
    if let Some(margin) = sums.margin {
        let _ = writeln!(
            words,
            "Margin of what has a cost: {} before, {} after.",
            money(margin.before_minor),
            money(margin.after_minor)
        );
    }
    let _ = writeln!(
        words,
        "{} orders changed, {} refused, {} failed.",
        outcome.changed, outcome.refused, outcome.failed
    );
}

fn incentive(words: &mut String, outcome: &IncentiveOutcome, currency: Currency) {
    let money = |minor| amount(minor, currency);
    for row in &outcome.periods {
        let from = match row.from {
            Before::Settled => "settled",
            Before::Estimated => "estimated by the rule in force",
            Before::NoRule => "no rule in force",
            Before::Unanswered => "the rule in force does not answer",
        };
        let after = match (row.after_minor, &row.refused, &row.failed) {
            (Some(after), ..) => money(after),
            (None, Some(code), _) => format!("refused ({code})"),
            (None, None, failed) => format!("failed ({})", failed.as_deref().unwrap_or_default()),
        };
        let _ = writeln!(words, "{}: {} ({from}) → {after}", row.period, money(row.before_minor));
    }
    let paid = &outcome.paid;
    let (before, after) = (money(paid.before_minor), money(paid.after_minor));
    let _ = writeln!(words, "{before} before, {after} after: {}.", money(paid.change_minor()));
    if let (Some(budget), Some(left)) = (outcome.budget_minor, outcome.left_minor()) {
        let _ = writeln!(words, "{} left of a budget of {}.", money(left), money(budget));
    }
}

fn kpi(words: &mut String, outcome: &KpiOutcome) {
    if let Some((before, after)) = outcome.scores.averages() {
        let _ = writeln!(words, "{before} points on average before, {after} after.");
    }
    let refused: i64 = outcome.refusals.values().sum();
    let failed: i64 = outcome.failures.values().sum();
    let _ = writeln!(
        words,
        "{} scorecards: {} rise, {} fall; {refused} refused, {failed} failed.",
        outcome.cards, outcome.risen, outcome.fallen
    );
}

fn guarded(words: &mut String, guard: &Guard, kind: Kind, currency: Currency) {
    let held = if guard.held { "holds" } else { "BROKEN" };
    let of = match (guard.kind, kind) {
        (GuardKind::Loss, Kind::Incentive) => "the most that a dealer is paid less",
        (GuardKind::Loss, _) => "the most that a dealer pays more",
        (GuardKind::Cost, Kind::Incentive) => "what the company pays more",
        (GuardKind::Cost, _) => "what the company gets less",
        (GuardKind::Margin, _) => {
            let percent = |of: Option<Decimal>| of.map_or("unknown".to_owned(), |of| format!("{of} %"));
            let (found, least) = (percent(guard.found_percent), percent(guard.least_percent));
            let _ = writeln!(words, "guard {held}: the margin is {found}, at least {least} needed.");
            return;
        }
    };
    let (found, most) = (amount(guard.found_minor, currency), amount(guard.most_minor, currency));
    let dealer = if guard.dealer.is_empty() { String::new() } else { format!(" ({})", guard.dealer) };
    let _ = writeln!(words, "guard {held}: {of} is {found}{dealer}, at most {most} allowed.");
}
