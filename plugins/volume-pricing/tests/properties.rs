//! What holds for every order and every setting.

use proptest::prelude::*;
use qudao_sdk::pricing::{Dealer, FormerPrice, Line, Order, PricedLine, Pricing};
use qudao_sdk::{Date, Decimal};
use volume_pricing::{
    Break, Promotion, RegionUplift, Scope, Settings, SkuFloor, Stacking, TierDiscount, VolumePricing,
};

fn rate() -> impl Strategy<Value = Decimal> {
    (0..=10_000_i64).prop_map(|share| Decimal::new(share, 4))
}

fn scope() -> impl Strategy<Value = (Scope, String)> {
    let some = prop::sample::select(vec![
        (Scope::All, ""),
        (Scope::Category, "Bikes"),
        (Scope::Category, "Clothing"),
        (Scope::Sku, "A"),
        (Scope::Sku, "B"),
    ]);
    some.prop_map(|(scope, code)| (scope, code.to_owned()))
}

fn range() -> impl Strategy<Value = (i64, Option<i64>)> {
    (1..100_i64, prop::option::of(0..100_i64)).prop_map(|(from, more)| (from, more.map(|more| from + more)))
}

fn a_break() -> impl Strategy<Value = Break> {
    (scope(), range(), rate()).prop_map(|((scope, code), (from, to), discount)| Break {
        scope,
        code,
        from,
        to,
        discount,
    })
}

fn promotion() -> impl Strategy<Value = Promotion> {
    let days = (1..=28_u8, 1..=28_u8);
    (scope(), range(), rate(), days).prop_map(|((scope, code), (from, to), discount, (first, last))| {
        Promotion {
            name: "sale".into(),
            scope,
            code,
            first: Date::new(2026, 11, first),
            last: Date::new(2026, 11, last),
            from,
            to,
            discount,
        }
    })
}

prop_compose! {
    fn settings()(
        discount in rate(),
        uplift in rate(),
        breaks in prop::collection::vec(a_break(), 0..8),
        promotions in prop::collection::vec(promotion(), 0..4),
        stacking in prop::sample::select(vec![Stacking::Best, Stacking::Sum, Stacking::Compound]),
        floor_share in rate(),
        floor in 0..100_000_i64,
        approval_below in rate(),
        decimals in 0..=6_u32,
        notice_days in prop::sample::select(vec![0, 1, 14, 365]),
    ) -> Settings {
        Settings {
            tiers: vec![TierDiscount { tier: "gold".into(), discount }],
            breaks,
            promotions,
            regions: vec![RegionUplift { region: "west".into(), uplift }],
            stacking,
            floor_share,
            floors: vec![SkuFloor { sku: "A".into(), price: Decimal::new(floor, 3) }],
            approval_below,
            max_quantity: None,
            decimals,
            notice_days,
        }
    }
}

prop_compose! {
    fn former()(price in 0..100_000_000_i64, scale in 0..=9_u32, month in 10..=11_u8, day in 1..=28_u8) -> FormerPrice {
        FormerPrice { price: Decimal::new(price, scale), until: Date::new(2026, month, day) }
    }
}

prop_compose! {
    fn line()(
        sku in prop::sample::select(vec!["A", "B", "C"]),
        category in prop::sample::select(vec!["Bikes", "Clothing"]),
        quantity in 1..200_i64,
        price in 0..100_000_000_i64,
        scale in 0..=9_u32,
        former_price in prop::option::of(former()),
    ) -> Line {
        let base_price = Decimal::new(price, scale);
        Line { number: 0, sku: sku.into(), category: category.into(), quantity, base_price, former_price, attributes: vec![] }
    }
}

prop_compose! {
    fn order()(
        mut lines in prop::collection::vec(line(), 1..12),
        tier in prop::sample::select(vec!["gold", "none"]),
        region in prop::sample::select(vec!["west", "east"]),
        day in 1..=28_u8,
    ) -> Order {
        for (number, line) in (1..).zip(&mut lines) {
            line.number = number;
        }
        let dealer = Dealer { code: "D".into(), tier: tier.into(), region: region.into(), attributes: vec![] };
        let on = Date::new(2026, 11, day);
        Order { currency: "CNY".parse().expect("CNY is a currency"), on, dealer, terms: vec![], history: vec![], lines }
    }
}

/// What a line's price is reckoned from: the list price before its own, while that is lower and its notice runs.
fn start(order: &Order, line: &Line, settings: &Settings) -> Decimal {
    // Of October and November alone.
    let number = |day: Date| u16::from(day.month) * 31 + u16::from(day.day);
    let runs = |former: &FormerPrice| {
        settings.notice_days > 0 && number(order.on) <= number(former.until) + settings.notice_days
    };
    let former = line.former_price.as_ref().filter(|former| runs(former));
    former.map_or(line.base_price, |former| former.price.min(line.base_price))
}

fn lines(order: &Order, settings: &Settings) -> Vec<PricedLine> {
    VolumePricing::price(order, settings).expect("no quantity is refused").lines
}

proptest! {
    #[test]
    fn every_line_is_answered_and_its_steps_add_up(order in order(), settings in settings()) {
        let priced = lines(&order, &settings);
        prop_assert_eq!(priced.len(), order.lines.len());
        for (asked, priced) in order.lines.iter().zip(&priced) {
            prop_assert_eq!(asked.number, priced.number);
            let steps: Decimal = priced.adjustments.iter().map(|step| step.amount).sum();
            prop_assert_eq!(asked.base_price + steps, priced.unit_price);
            prop_assert!(priced.unit_price.normalize().scale() <= settings.decimals);
        }
    }

    #[test]
    fn no_price_is_below_its_floor_or_nothing(order in order(), settings in settings()) {
        for (asked, priced) in order.lines.iter().zip(lines(&order, &settings)) {
            prop_assert!(priced.unit_price >= Decimal::ZERO);
            prop_assert!(priced.unit_price >= start(&order, asked, &settings) * settings.floor_share);
            if asked.sku == "A" {
                prop_assert!(priced.unit_price >= settings.floors[0].price);
            }
        }
    }

    #[test]
    fn adding_up_is_cheapest_and_the_largest_alone_is_dearest(order in order(), settings in settings()) {
        let with = |stacking| lines(&order, &Settings { stacking, ..settings.clone() });
        let (best, sum, compound) = (with(Stacking::Best), with(Stacking::Sum), with(Stacking::Compound));
        for ((best, sum), compound) in best.iter().zip(&sum).zip(&compound) {
            prop_assert!(sum.unit_price <= compound.unit_price && compound.unit_price <= best.unit_price);
        }
    }

    #[test]
    fn a_line_costs_the_same_whatever_stands_beside_it(order in order(), settings in settings()) {
        let together = lines(&order, &settings);
        for (line, together) in order.lines.iter().zip(together) {
            let alone = lines(&Order { lines: vec![line.clone()], ..order.clone() }, &settings);
            prop_assert_eq!(&alone[0], &together);
        }
    }

    #[test]
    fn somebody_must_approve_exactly_when_a_price_is_deep(order in order(), settings in settings()) {
        let quote = VolumePricing::price(&order, &settings).unwrap();
        let pairs = order.lines.iter().zip(&quote.lines);
        let deep = pairs.filter(|(asked, priced)| {
            priced.unit_price < start(&order, asked, &settings) * settings.approval_below
        });
        prop_assert_eq!(usize::from(deep.count() > 0), quote.approvals.len());
    }

    #[test]
    fn a_line_under_notice_costs_what_it_cost_before(order in order(), settings in settings()) {
        let mut before = order.clone();
        for line in &mut before.lines {
            line.base_price = start(&order, line, &settings);
            line.former_price = None;
        }
        for (now, before) in lines(&order, &settings).iter().zip(lines(&before, &settings)) {
            prop_assert_eq!(now.unit_price, before.unit_price);
        }
    }

    #[test]
    fn without_notice_former_prices_mean_nothing(order in order(), settings in settings()) {
        let settings = Settings { notice_days: 0, ..settings };
        let mut without = order.clone();
        without.lines.iter_mut().for_each(|line| line.former_price = None);
        prop_assert_eq!(lines(&order, &settings), lines(&without, &settings));
    }
}
