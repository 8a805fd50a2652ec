//! What holds for every stream of facts and every setting.

use proptest::prelude::*;
use qudao_sdk::incentive::{Fact, FactKind, Header, Incentive, Participant, Product, Settlement};
use qudao_sdk::{Date, Decimal};
use std::collections::{BTreeMap, BTreeSet};
use tiered_rebate::{Band, GrowthStep, Method, Settings, TieredRebate};

const DEALERS: u32 = 4;

fn header(budget_left: Option<i64>) -> Header {
    let participant = |number: u32| Participant {
        code: format!("D{number}"),
        tier: "gold".into(),
        region: "north".into(),
        parent: None,
        attributes: vec![],
    };
    let product =
        |category: &str| Product { sku: category.into(), category: category.into(), attributes: vec![] };
    Header {
        program: "test".into(),
        currency: "CNY".parse().expect("CNY is a currency"),
        first: Date::new(2026, 10, 1),
        last: Date::new(2026, 12, 31),
        participants: (0..DEALERS).map(participant).collect(),
        products: ["Bikes", "Clothing", "Components"].map(product).into(),
        targets: vec![],
        metrics: vec![],
        budget_left,
    }
}

fn rate() -> impl Strategy<Value = Decimal> {
    (0..=2_000_i64).prop_map(|share| Decimal::new(share, 4))
}

/// Bands whose rates rise with the turnover.
fn bands(category: &'static str) -> impl Strategy<Value = Vec<Band>> {
    let tables = prop::collection::btree_map(0..100_000_i64, 0..500_i64, 1..5);
    tables.prop_map(move |table| {
        let mut permyriad = 0;
        let band = |(from, more)| {
            permyriad += more;
            Band { category: category.into(), from: Decimal::new(from, 1), rate: Decimal::new(permyriad, 4) }
        };
        table.into_iter().map(band).collect()
    })
}

prop_compose! {
    fn settings()(
        method in prop::sample::select(vec![Method::Retroactive, Method::Incremental]),
        own in bands("Bikes"),
        common in bands(""),
        growth in prop::collection::btree_map(0..300_i64, rate(), 0..3),
        cap in prop::option::of(0..1_000_000_i64),
        minimum in 0..20_000_i64,
    ) -> Settings {
        let growth = growth.into_iter().map(|(from, rate)| GrowthStep { from: Decimal::new(from, 2), rate });
        Settings {
            method,
            bands: own.into_iter().chain(common).collect(),
            growth: growth.collect(),
            cap: cap.map(|cap| Decimal::new(cap, 2)),
            minimum: Decimal::new(minimum, 2),
        }
    }
}

prop_compose! {
    fn fact()(
        participant in 0..DEALERS,
        product in 0..3_u32,
        last_year: bool,
        month in 10..=12_u8,
        back in prop::bool::weighted(0.2),
        size in 0..2_000_000_i64,
    ) -> Fact {
        let on = Date::new(if last_year { 2025 } else { 2026 }, month, 15);
        let (kind, sign) = if back { (FactKind::Returned, -1) } else { (FactKind::Shipped, 1) };
        let amount = sign * size;
        Fact { seq: 0, kind, participant, product, on, paid_on: None, quantity: sign, amount, reverses: None }
    }
}

fn facts() -> impl Strategy<Value = Vec<Fact>> {
    prop::collection::vec(fact(), 0..60).prop_map(|mut facts| {
        for (seq, fact) in (1..).zip(&mut facts) {
            fact.seq = seq;
        }
        facts
    })
}

fn settle(header: Header, settings: &Settings, facts: &[Fact], chunk: usize) -> Settlement {
    let mut run = TieredRebate::open(header, settings.clone()).expect("the settings are sound");
    facts.chunks(chunk).for_each(|facts| run.add(facts));
    run.finish().expect("a run always ends")
}

fn by_dealer(settlement: &Settlement) -> BTreeMap<u32, i64> {
    let mut sums = BTreeMap::new();
    for payout in &settlement.payouts {
        *sums.entry(payout.beneficiary).or_default() += payout.amount;
    }
    sums
}

fn free(settings: Settings) -> Settings {
    Settings { growth: vec![], cap: None, minimum: Decimal::ZERO, ..settings }
}

proptest! {
    #[test]
    fn chunks_and_order_mean_nothing(
        (facts, shuffled) in facts().prop_flat_map(|facts| (Just(facts.clone()), Just(facts).prop_shuffle())),
        settings in settings(),
        chunk in 1..20_usize,
    ) {
        let whole = settle(header(None), &settings, &facts, usize::MAX);
        prop_assert_eq!(&settle(header(None), &settings, &facts, chunk), &whole);
        prop_assert_eq!(&settle(header(None), &settings, &shuffled, chunk), &whole);
    }

    #[test]
    fn every_dealer_is_paid_or_told_why_not(facts in facts(), settings in settings(), budget in prop::option::of(0..100_000_i64)) {
        let settlement = settle(header(budget), &settings, &facts, 7);
        let paid: BTreeSet<u32> = settlement.payouts.iter().map(|payout| payout.beneficiary).collect();
        let unpaid: Vec<u32> = settlement.unpaid.iter().map(|unpaid| unpaid.beneficiary).collect();
        prop_assert!(unpaid.iter().all(|dealer| !paid.contains(dealer)));
        let all: Vec<u32> = paid.into_iter().chain(unpaid).collect::<BTreeSet<_>>().into_iter().collect();
        prop_assert_eq!(all, (0..DEALERS).collect::<Vec<_>>());
        prop_assert!(settlement.payouts.iter().all(|payout| payout.amount > 0));
    }

    #[test]
    fn cap_minimum_and_budget_hold(facts in facts(), settings in settings(), budget in prop::option::of(0..500_000_i64)) {
        let unlimited = by_dealer(&settle(header(None), &settings, &facts, 7));
        for sum in unlimited.values() {
            prop_assert!(settings.cap.is_none_or(|cap| Decimal::new(*sum, 2) <= cap));
            prop_assert!(Decimal::new(*sum, 2) >= settings.minimum);
        }
        if let Some(budget) = budget {
            let sum = |sums: &BTreeMap<u32, i64>| sums.values().sum::<i64>();
            let limited = by_dealer(&settle(header(Some(budget)), &settings, &facts, 7));
            prop_assert_eq!(sum(&limited), sum(&unlimited).min(budget));
        }
    }

    #[test]
    fn more_turnover_never_earns_less_in_bands(facts in facts(), settings in settings(), more in fact()) {
        let settings = free(settings);
        let more = Fact { amount: more.amount.abs(), kind: FactKind::Shipped, ..more };
        let before = by_dealer(&settle(header(None), &settings, &facts, 7));
        let grown: Vec<Fact> = facts.into_iter().chain([more]).collect();
        let after = by_dealer(&settle(header(None), &settings, &grown, 7));
        for (dealer, sum) in before {
            prop_assert!(after.get(&dealer).is_some_and(|grown| *grown >= sum));
        }
    }

    #[test]
    fn retroactive_pays_at_least_what_incremental_does(facts in facts(), settings in settings()) {
        let with = |method| by_dealer(&settle(header(None), &Settings { method, ..free(settings.clone()) }, &facts, 7));
        let (whole, parts) = (with(Method::Retroactive), with(Method::Incremental));
        for (dealer, sum) in parts {
            prop_assert!(whole.get(&dealer).is_some_and(|whole| *whole >= sum));
        }
    }

    #[test]
    fn what_is_returned_whole_never_was(facts in facts(), settings in settings(), size in 1..1_000_000_i64) {
        let there = Fact { kind: FactKind::Shipped, amount: size, on: Date::new(2026, 11, 1), ..sample() };
        let back = Fact { kind: FactKind::Returned, amount: -size, ..there };
        let without = by_dealer(&settle(header(None), &settings, &facts, 7));
        let facts: Vec<Fact> = [there].into_iter().chain(facts).chain([back]).collect();
        prop_assert_eq!(by_dealer(&settle(header(None), &settings, &facts, 7)), without);
    }
}

fn sample() -> Fact {
    let on = Date::new(2026, 11, 1);
    let kind = FactKind::Shipped;
    Fact {
        seq: 1000,
        kind,
        participant: 0,
        product: 0,
        on,
        paid_on: None,
        quantity: 1,
        amount: 0,
        reverses: None,
    }
}
