//! What is asked: an order of some lines, of which some get every discount, some a floor, some nothing.

use anyhow::Result;
use chrono::NaiveDate;
use qudao_domain::decimal::Decimal;
use qudao_domain::pricing::{Buyer, FormerPrice, LineRequest, PricingRequest};
use qudao_sdk::pricing::Order;
use volume_pricing::{Settings, SkuFloor};

/// An order, as the host knows it and as native code takes it.
pub struct Asked {
    /// For whoever must pass it on.
    pub request: PricingRequest,
    /// For native code.
    pub order: Order,
}

impl Asked {
    /// An order of so many lines, by a gold dealer in the west during a promotion.
    pub fn lines(count: u32) -> Result<Self> {
        let dealer = Buyer {
            code: "D0042".into(),
            tier: "gold".into(),
            region: "west".into(),
            attributes: Vec::new(),
        };
        let request = PricingRequest {
            currency: "CNY".parse()?,
            on: "2026-11-05".parse()?,
            dealer,
            terms: Vec::new(),
            history: Vec::new(),
            lines: (1..=count).map(line).collect(),
        };
        let order = serde_json::from_value(serde_json::to_value(&request)?)?;
        Ok(Self { request, order })
    }
}

fn line(number: u32) -> LineRequest {
    let base_price = Decimal::new(i64::from(number) * 7_919 % 200_000 + 999, 2);
    // Every product has been cheaper, as far as the rule can tell: with no notice of a raise it makes no difference. And
    // MessagePack, which has no names, cannot leave the field out.
    let until = NaiveDate::from_ymd_opt(2026, 6, 30).unwrap_or_default();
    let category = ["Bikes", "Accessories", "Clothing", "Components"][number as usize % 4];
    LineRequest {
        number,
        sku: sku(number),
        category: category.into(),
        quantity: i64::from(number) * 7 % 70 + 1,
        base_price,
        former_price: Some(FormerPrice { price: base_price - Decimal::ONE, until }),
        attributes: Vec::new(),
    }
}

fn sku(number: u32) -> String {
    format!("BK-M68B-{number:04}")
}

/// The plugin's own defaults, and a floor for one product.
pub fn settings() -> Settings {
    let floors = vec![SkuFloor { sku: sku(6), price: Decimal::new(45_000, 2) }];
    Settings { floors, ..Settings::default() }
}
