//! Settings to begin with: a vendor with three tiers that gives what AdventureWorks gave for volume.

use crate::settings::{Break, Promotion, RegionUplift, Scope, Settings, Stacking, TierDiscount};
use qudao_sdk::{Date, Decimal};

fn hundredths(number: i64) -> Decimal {
    Decimal::new(number, 2)
}

impl Default for Settings {
    fn default() -> Self {
        let tier = |(tier, rate): (&str, i64)| TierDiscount { tier: tier.into(), discount: hundredths(rate) };
        Self {
            tiers: [("gold", 8), ("silver", 5), ("bronze", 2)].map(tier).into(),
            breaks: breaks(),
            promotions: vec![double_eleven()],
            regions: vec![RegionUplift { region: "west".into(), uplift: hundredths(2) }],
            stacking: Stacking::Compound,
            floor_share: hundredths(60),
            floors: Vec::new(),
            approval_below: hundredths(70),
            max_quantity: Some(10_000),
            decimals: 2,
            notice_days: 0,
        }
    }
}

/// The five volume discounts of AdventureWorks.
fn breaks() -> Vec<Break> {
    let ranges =
        [(11, Some(14), 2), (15, Some(24), 5), (25, Some(40), 10), (41, Some(60), 15), (61, None, 20)];
    let volume = |(from, to, rate)| Break {
        scope: Scope::All,
        code: String::new(),
        from,
        to,
        discount: hundredths(rate),
    };
    ranges.map(volume).into()
}

fn double_eleven() -> Promotion {
    Promotion {
        name: "双十一 / Double Eleven".into(),
        scope: Scope::Category,
        code: "Accessories".into(),
        first: Date::new(2026, 11, 1),
        last: Date::new(2026, 11, 11),
        from: 1,
        to: None,
        discount: hundredths(10),
    }
}
