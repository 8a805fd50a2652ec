//! Settings to begin with.

use crate::settings::{BetweenDealers, DealerAndDirect, Protection, Same, Settings};
use qudao_sdk::Decimal;

impl Default for Settings {
    fn default() -> Self {
        let tier = |tier: &str, days| Protection { tier: tier.into(), days };
        Self {
            protection: vec![tier("gold", 90), tier("silver", 60)],
            protection_days: 30,
            same: Same::Category,
            between_dealers: BetweenDealers::FirstWins,
            dealer_and_direct: DealerAndDirect::Ask,
            minimum_amount: Decimal::from(10_000),
            extension_days: 30,
            longest_days: 180,
            floor_share: Some(Decimal::new(85, 2)),
        }
    }
}
