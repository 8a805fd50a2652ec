//! What a simulation adds up: in all, by dealer, product and month, and the largest changes.

use super::margin::{Margin, together};
use chrono::NaiveDate;
use qudao_domain::decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

/// How many changes and refusals are named.
const NAMED: usize = 100;
/// How many dealers and products are kept, those with the largest changes first.
const KEPT: usize = 1_000;

/// Amounts of some orders or lines as they were and as they would be, in minor units.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sums {
    /// How many.
    pub count: i64,
    /// What they cost.
    pub before_minor: i64,
    /// What they would cost.
    pub after_minor: i64,
    /// What is left of those lines whose product has a cost; none where none has, and for whoever may not see costs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub margin: Option<Margin>,
}

impl Sums {
    /// How much more they would cost; negative for less.
    #[must_use]
    pub fn change_minor(&self) -> i64 {
        self.after_minor.saturating_sub(self.before_minor)
    }

    fn add(&mut self, count: i64, before_minor: i64, after_minor: i64) {
        self.count += count;
        self.before_minor = self.before_minor.saturating_add(before_minor);
        self.after_minor = self.after_minor.saturating_add(after_minor);
    }

    fn add_margin(&mut self, margin: Option<Margin>) {
        self.margin = together(self.margin, margin);
    }

    fn merge(&mut self, other: Self) {
        self.add(other.count, other.before_minor, other.after_minor);
        self.add_margin(other.margin);
    }
}

/// A line that was priced again.
#[derive(Debug, Clone, Copy)]
pub(super) struct PricedLine {
    /// Its product, as a position.
    pub product: usize,
    /// What it cost, in minor units.
    pub before_minor: i64,
    /// What it would cost.
    pub after_minor: i64,
    /// What was sold costs the company; none where the product had no cost on the order's day.
    pub cost_minor: Option<i64>,
}

/// A dealer, a product or a month with its sums.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Its code, or the month as `2026-11`.
    pub code: String,
    /// Its name; empty for months.
    pub name: String,
    /// Its sums.
    pub sums: Sums,
}

/// One order that would cost something else, or would be refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// The order.
    pub order: uuid::Uuid,
    /// Its number.
    pub number: String,
    /// Its dealer's code.
    pub dealer: String,
    /// Its day.
    pub on: NaiveDate,
    /// What it cost, in minor units.
    pub before_minor: i64,
    /// What it would cost; none where it would be refused.
    pub after_minor: Option<i64>,
    /// The code of the refusal; empty where there is none.
    pub reason: String,
}

impl Change {
    fn size(&self) -> u64 {
        self.after_minor.unwrap_or(0).abs_diff(self.before_minor)
    }
}

/// What a guard is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GuardKind {
    /// No dealer pays more than so much more.
    Loss,
    /// The company gets no more than so much less.
    Cost,
    /// So much of the amount is left at least, where costs are known.
    Margin,
}

/// A limit that a simulation was begun with, and how near it came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Guard {
    /// What is limited.
    pub kind: GuardKind,
    /// The limit, in minor units; zero for margins.
    pub most_minor: i64,
    /// The largest that was found, in minor units; zero where nothing went that way, and for margins.
    pub found_minor: i64,
    /// The limit of a margin, in percent; none for the others, and for whoever may not see costs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub least_percent: Option<Decimal>,
    /// The margin that would be left, in percent, rounded down; none where no cost is known, for the others, and for
    /// whoever may not see costs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub found_percent: Option<Decimal>,
    /// The dealer with the largest, for losses.
    pub dealer: String,
    /// Whether it held.
    pub held: bool,
}

impl Guard {
    /// A limit of an amount, in minor units, and the largest that was found.
    pub(super) fn of_amount(kind: GuardKind, most_minor: i64, found_minor: i64, dealer: String) -> Self {
        let (least_percent, found_percent) = (None, None);
        let held = found_minor <= most_minor;
        Self { kind, most_minor, found_minor, least_percent, found_percent, dealer, held }
    }
}

/// What a simulation came to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// Orders priced again.
    pub orders: i64,
    /// Lines priced again.
    pub lines: i64,
    /// Orders whose total would be another.
    pub changed: i64,
    /// Orders that would be refused.
    pub refused: i64,
    /// Orders on which the plugin failed.
    pub failed: i64,
    /// Totals of the orders that were answered.
    pub sums: Sums,
    /// By dealer, the largest change first.
    pub dealers: Vec<Part>,
    /// By product, over lines, the largest change first.
    pub products: Vec<Part>,
    /// By month, in time's order.
    pub months: Vec<Part>,
    /// The orders with the largest changes.
    pub changes: Vec<Change>,
    /// The orders that would be refused, the largest first.
    pub refusals: Vec<Change>,
    /// How the plugin failed, and how often.
    pub failures: BTreeMap<String, i64>,
    /// The limits, and whether they held.
    pub guards: Vec<Guard>,
    /// Milliseconds that it took.
    pub elapsed_ms: i64,
}

impl Outcome {
    /// Takes away what only those may see who see costs; whether a guard held stays.
    pub(super) fn without_costs(&mut self) {
        let parts = self.dealers.iter_mut().chain(&mut self.products).chain(&mut self.months);
        parts.for_each(|part| part.sums.margin = None);
        self.sums.margin = None;
        for guard in &mut self.guards {
            guard.least_percent = None;
            guard.found_percent = None;
        }
    }
}

/// What a simulation is held against.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Limits {
    /// The most that any dealer may pay more, in minor units.
    pub most_loss_minor: Option<i64>,
    /// The most that the company may get less, in minor units.
    pub most_cost_minor: Option<i64>,
    /// The least that must be left where costs are known, in percent of the amount.
    pub least_margin: Option<Decimal>,
}

/// The largest of many, by size.
#[derive(Default)]
struct Largest(BinaryHeap<Reverse<(u64, usize)>>, Vec<Change>);

impl Largest {
    fn push(&mut self, change: Change) {
        let size = change.size();
        if self.0.len() == NAMED && self.0.peek().is_some_and(|Reverse((least, _))| *least >= size) {
            return;
        }
        if self.0.len() < NAMED {
            self.0.push(Reverse((size, self.1.len())));
            self.1.push(change);
        } else if let Some(Reverse((_, at))) = self.0.pop() {
            self.1[at] = change;
            self.0.push(Reverse((size, at)));
        }
    }

    fn sorted(mut self) -> Vec<Change> {
        self.1
            .sort_by(|one, other| other.size().cmp(&one.size()).then_with(|| one.number.cmp(&other.number)));
        self.1
    }
}

/// Adds up as orders come.
#[derive(Default)]
pub(super) struct Tally {
    orders: i64,
    lines: i64,
    changed: i64,
    refused: i64,
    failed: i64,
    sums: Sums,
    dealers: BTreeMap<usize, Sums>,
    products: BTreeMap<usize, Sums>,
    months: BTreeMap<String, Sums>,
    changes: Largest,
    refusals: Largest,
    failures: BTreeMap<String, i64>,
}

impl Tally {
    /// An order that was answered: its dealer and its lines' products are positions.
    pub(super) fn priced(&mut self, dealer: usize, change: Change, lines: impl Iterator<Item = PricedLine>) {
        let Some(after) = change.after_minor else { return };
        let mut whole =
            Sums { count: 1, before_minor: change.before_minor, after_minor: after, margin: None };
        for line in lines {
            self.lines += 1;
            let known = line.cost_minor;
            let margin = known.map(|cost| Margin::of_line(line.before_minor, line.after_minor, cost));
            let product = self.products.entry(line.product).or_default();
            product.add(1, line.before_minor, line.after_minor);
            product.add_margin(margin);
            whole.add_margin(margin);
        }
        self.orders += 1;
        self.sums.merge(whole);
        self.dealers.entry(dealer).or_default().merge(whole);
        let month = change.on.format("%Y-%m").to_string();
        self.months.entry(month).or_default().merge(whole);
        if after != change.before_minor {
            self.changed += 1;
            self.changes.push(change);
        }
    }

    /// An order that would be refused.
    pub(super) fn refused(&mut self, change: Change, lines: usize) {
        self.orders += 1;
        self.refused += 1;
        self.lines += i64::try_from(lines).unwrap_or(i64::MAX);
        self.refusals.push(change);
    }

    /// An order on which the plugin failed.
    pub(super) fn failed(&mut self, error: &str, lines: usize) {
        self.orders += 1;
        self.failed += 1;
        self.lines += i64::try_from(lines).unwrap_or(i64::MAX);
        *self.failures.entry(error.to_owned()).or_default() += 1;
    }

    pub(super) fn done(&self) -> i64 {
        self.orders
    }

    /// With what another one added up.
    pub(super) fn merge(&mut self, other: Self) {
        self.orders += other.orders;
        self.lines += other.lines;
        self.changed += other.changed;
        self.refused += other.refused;
        self.failed += other.failed;
        self.sums.merge(other.sums);
        for (key, sums) in other.dealers {
            self.dealers.entry(key).or_default().merge(sums);
        }
        for (key, sums) in other.products {
            self.products.entry(key).or_default().merge(sums);
        }
        for (key, sums) in other.months {
            self.months.entry(key).or_default().merge(sums);
        }
        other.changes.1.into_iter().for_each(|change| self.changes.push(change));
        other.refusals.1.into_iter().for_each(|change| self.refusals.push(change));
        for (error, count) in other.failures {
            *self.failures.entry(error).or_default() += count;
        }
    }

    /// What came out, held against the limits. `dealers` and `products` are codes and names by position.
    pub(super) fn outcome(
        self,
        dealers: &[(String, String)],
        products: &[(String, String)],
        limits: Limits,
    ) -> Outcome {
        let named = |sums: BTreeMap<usize, Sums>, names: &[(String, String)]| -> Vec<Part> {
            let part = |(at, sums): (usize, Sums)| {
                let (code, name) = names.get(at).cloned().unwrap_or_default();
                Part { code, name, sums }
            };
            let mut parts: Vec<Part> = sums.into_iter().map(part).collect();
            parts.sort_by_key(|part| Reverse(part.sums.change_minor().unsigned_abs()));
            parts
        };
        let mut by_dealer = named(self.dealers, dealers);
        let guards = guards(&by_dealer, &self.sums, limits);
        by_dealer.truncate(KEPT);
        let mut by_product = named(self.products, products);
        by_product.truncate(KEPT);
        let month = |(code, sums): (String, Sums)| Part { code, name: String::new(), sums };
        Outcome {
            orders: self.orders,
            lines: self.lines,
            changed: self.changed,
            refused: self.refused,
            failed: self.failed,
            sums: self.sums,
            dealers: by_dealer,
            products: by_product,
            months: self.months.into_iter().map(month).collect(),
            changes: self.changes.sorted(),
            refusals: self.refusals.sorted(),
            failures: self.failures,
            guards,
            elapsed_ms: 0,
        }
    }
}

fn guards(dealers: &[Part], sums: &Sums, limits: Limits) -> Vec<Guard> {
    let worst = dealers.iter().max_by_key(|part| part.sums.change_minor());
    let most_loss = worst.map_or(0, |part| part.sums.change_minor().max(0));
    let dealer = worst.filter(|_| most_loss > 0).map(|part| part.code.clone()).unwrap_or_default();
    let less = sums.change_minor().saturating_neg().max(0);
    let loss = limits.most_loss_minor.map(|most| Guard::of_amount(GuardKind::Loss, most, most_loss, dealer));
    let cost =
        limits.most_cost_minor.map(|most| Guard::of_amount(GuardKind::Cost, most, less, String::new()));
    let margin = limits.least_margin.map(|least| Guard {
        least_percent: Some(least),
        found_percent: sums.margin.and_then(|margin| margin.share_after()).map(percent),
        // Where no cost is known, nothing shows that enough is left.
        held: sums.margin.is_some_and(|margin| margin.leaves(least)),
        ..Guard::of_amount(GuardKind::Margin, 0, 0, String::new())
    });
    loss.into_iter().chain(cost).chain(margin).collect()
}

fn percent(share: Decimal) -> Decimal {
    (share * Decimal::ONE_HUNDRED).normalize()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(number: &str, before_minor: i64, after_minor: i64) -> Change {
        Change {
            order: uuid::Uuid::nil(),
            number: number.to_owned(),
            dealer: "D1".to_owned(),
            on: NaiveDate::default(),
            before_minor,
            after_minor: Some(after_minor),
            reason: String::new(),
        }
    }

    #[test]
    fn parts_added_in_two_and_merged_are_the_whole() {
        let mut whole = Tally::default();
        let mut halves = [Tally::default(), Tally::default()];
        for number in 0..500_i64 {
            let (dealer, product) = ((number % 7) as usize, (number % 11) as usize);
            let after = 1_000 + (number * 37) % 301 - 150;
            let one = || change(&format!("{number:03}"), 1_000, after);
            let cost_minor = (number % 3 > 0).then_some(number % 900);
            let line = || {
                std::iter::once(PricedLine { product, before_minor: 1_000, after_minor: after, cost_minor })
            };
            whole.priced(dealer, one(), line());
            halves[(number % 2) as usize].priced(dealer, one(), line());
        }
        let [mut first, second] = halves;
        first.merge(second);
        let names: Vec<_> = (0..11).map(|at| (format!("{at}"), String::new())).collect();
        let merged = first.outcome(&names, &names, Limits::default());
        let expected = whole.outcome(&names, &names, Limits::default());
        assert_eq!(merged, expected);
        assert_eq!(merged.changes.len(), NAMED);
        assert!(merged.changes.windows(2).all(|pair| pair[0].size() >= pair[1].size()));
        assert_eq!(
            merged.dealers.iter().map(|part| part.sums.after_minor).sum::<i64>(),
            merged.sums.after_minor
        );
        // Two of three lines have a cost.
        let margin = merged.sums.margin.unwrap();
        assert_eq!(
            (margin.known_before_minor(), margin.known_share(500_000)),
            (333_000, Some(Decimal::new(666, 3)))
        );
        for parts in [&merged.dealers, &merged.products, &merged.months] {
            let left = parts.iter().filter_map(|part| part.sums.margin).map(|margin| margin.after_minor);
            assert_eq!(left.sum::<i64>(), margin.after_minor);
        }
    }

    #[test]
    fn guards_look_at_the_worst_dealer_and_at_the_whole() {
        let mut tally = Tally::default();
        tally.priced(0, change("1", 1_000, 1_300), std::iter::empty());
        tally.priced(1, change("2", 5_000, 4_000), std::iter::empty());
        let names = [("A".to_owned(), String::new()), ("B".to_owned(), String::new())];
        let limits = Limits { most_loss_minor: Some(299), most_cost_minor: Some(700), least_margin: None };
        let outcome = tally.outcome(&names, &[], limits);
        let [loss, cost] = &outcome.guards[..] else { panic!("two guards") };
        assert_eq!((loss.found_minor, loss.dealer.as_str(), loss.held), (300, "A", false));
        assert_eq!((cost.found_minor, cost.held), (700, true));
    }

    #[test]
    fn the_margin_guard_looks_only_at_lines_whose_cost_is_known() {
        let told = |least: i64, cost_minor: Option<i64>| {
            let mut tally = Tally::default();
            let line = |product, cost_minor| PricedLine {
                product,
                before_minor: 1_000,
                after_minor: 900,
                cost_minor,
            };
            let order = Change { before_minor: 2_000, after_minor: Some(1_800), ..change("1", 0, 0) };
            tally.priced(0, order, [line(0, cost_minor), line(1, None)].into_iter());
            let limits = Limits { least_margin: Some(Decimal::from(least)), ..Limits::default() };
            let mut outcome = tally.outcome(&[(String::new(), String::new())], &[], limits);
            let found = outcome.guards[0].clone();
            outcome.without_costs();
            let hidden = &outcome.guards[0];
            assert_eq!((hidden.least_percent, hidden.found_percent, hidden.held), (None, None, found.held));
            assert_eq!((outcome.sums.margin, outcome.dealers[0].sums.margin), (None, None));
            (found.held, found.found_percent)
        };
        // 180 are left of 900.
        assert_eq!(told(20, Some(720)), (true, Some(Decimal::from(20))));
        assert_eq!(told(21, Some(720)), (false, Some(Decimal::from(20))));
        assert_eq!(told(20, Some(721)), (false, Some(Decimal::new(1_988, 2))));
        assert_eq!(told(0, None), (false, None));
    }
}
