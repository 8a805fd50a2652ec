//! What holds for every claim and every setting.

use deal_registration::{BetweenDealers, DealRegistration, DealerAndDirect, Protection, Same, Settings};
use proptest::prelude::*;
use qudao_sdk::deal::{Claim, Claimant, ClaimantKind, Customer, Deal, Earlier, Floor, Outcome, Standing};
use qudao_sdk::{Date, Decimal, Money};

const TODAY: Date = Date::new(2026, 11, 24);

fn claimant(code: String, dealer: bool) -> Claimant {
    let (kind, tier) = if dealer { (ClaimantKind::Dealer, "gold") } else { (ClaimantKind::Salesperson, "") };
    Claimant { kind, code, tier: tier.into(), region: String::new(), attributes: vec![] }
}

fn cny(minor: i64) -> Money {
    Money::new(minor, "CNY".parse().expect("a currency"))
}

prop_compose! {
    fn earlier()(
        dealer: bool,
        own in prop::bool::weighted(0.1),
        asked: bool,
        category in 0..2_u8,
        days in 0..200_u32,
        floor in prop::option::of(0..=100_i64),
    ) -> Earlier {
        Earlier {
            number: 0,
            claimant: claimant(String::new(), dealer),
            is_own: own,
            registered_on: Date::new(2026, 11, 1),
            category: category.to_string(),
            amount: cny(1),
            standing: if asked { Standing::Asked } else { Standing::Accepted },
            protected_until: (!asked && days > 20).then(|| TODAY.plus_days(days - 20)),
            floor: floor.map(|share| Floor::Share(Decimal::new(share, 2))),
        }
    }
}

prop_compose! {
    fn claims()(
        dealer: bool,
        amount in 0..5_000_000_i64,
        progress: bool,
        mut earlier in prop::collection::vec(earlier(), 0..8),
    ) -> Claim {
        for (number, one) in (1..).zip(&mut earlier) {
            one.number = number;
            one.claimant.code = if one.is_own { "C0".into() } else { format!("C{number}") };
        }
        Claim {
            on: TODAY,
            claimant: claimant("C0".into(), dealer),
            customer: Customer {
                key: "k".into(),
                name: "K".into(),
                registered_number: String::new(),
                region: String::new(),
            },
            category: "0".into(),
            skus: vec![],
            amount: cny(amount),
            expected_close: TODAY,
            progress: if progress { "quoted".into() } else { String::new() },
            note: String::new(),
            earlier,
        }
    }
}

prop_compose! {
    fn settings()(
        days in 1..1_000_u32,
        same in prop::sample::select(vec![Same::Customer, Same::Category]),
        between_dealers in
            prop::sample::select(vec![BetweenDealers::FirstWins, BetweenDealers::Ask, BetweenDealers::Split]),
        dealer_and_direct in prop::sample::select(vec![
            DealerAndDirect::DealerWins, DealerAndDirect::SalespersonWins, DealerAndDirect::Ask,
        ]),
        extension_days in 0..1_000_u32,
        longest_days in 1..1_000_u32,
        floor in prop::option::of(0..=100_i64),
    ) -> Settings {
        Settings {
            protection: vec![Protection { tier: "gold".into(), days }],
            protection_days: 30,
            same,
            between_dealers,
            dealer_and_direct,
            minimum_amount: Decimal::from(10_000),
            extension_days,
            longest_days,
            floor_share: floor.map(|share| Decimal::new(share, 2)),
        }
    }
}

proptest! {
    #[test]
    fn a_ruling_is_one_that_the_host_accepts(claim in claims(), settings in settings()) {
        let Ok(ruling) = DealRegistration::decide(&claim, &settings) else {
            prop_assert!(claim.amount.minor < 1_000_000);
            return Ok(());
        };
        prop_assert!(!ruling.reasons.is_empty());
        let sum: u32 = ruling.shares.iter().map(|share| share.basis_points).sum();
        prop_assert_eq!(sum, if ruling.outcome == Outcome::Split { 10_000 } else { 0 });
        prop_assert!(ruling.protected_until.is_none_or(|until| until >= TODAY && until <= TODAY.plus_days(1_098)));
        prop_assert_eq!(ruling.protected_until.is_none(), ruling.outcome == Outcome::Refuse);
        for told in &ruling.affected {
            let shares = ruling.shares.iter().any(|share| share.registration == told.registration);
            prop_assert!(!told.ends || (ruling.outcome != Outcome::Refuse && !shares));
            let twice = ruling.affected.iter().filter(|other| other.registration == told.registration).count();
            prop_assert_eq!(twice, 1);
        }
    }

    #[test]
    fn two_are_never_protected_alone(claim in claims(), settings in settings()) {
        let Ok(ruling) = DealRegistration::decide(&claim, &settings) else { return Ok(()) };
        if ruling.outcome != Outcome::Protect || ruling.reasons[0].code == "extended" {
            return Ok(());
        }
        for rival in claim.earlier.iter().filter(|rival| !rival.is_own) {
            let same = settings.same == Same::Customer || rival.category == claim.category;
            let blocks = rival.standing == Standing::Asked || rival.protected_until.is_some();
            let ended = ruling.affected.iter().any(|told| told.registration == rival.number && told.ends);
            prop_assert!(!(same && blocks) || ended, "{:?}", rival);
        }
    }

    #[test]
    fn a_floor_is_never_lowered(claim in claims(), settings in settings()) {
        let Ok(ruling) = DealRegistration::decide(&claim, &settings) else { return Ok(()) };
        let Some(Floor::Share(floor)) = ruling.floor else {
            prop_assert!(settings.floor_share.is_none());
            return Ok(());
        };
        prop_assert!(Some(floor) >= settings.floor_share && floor <= Decimal::ONE);
        for told in &ruling.affected {
            let held = claim.earlier.iter().find(|earlier| earlier.number == told.registration);
            if let Some(Floor::Share(held)) = held.and_then(|held| held.floor) {
                prop_assert!(floor >= held);
            }
        }
    }
}
