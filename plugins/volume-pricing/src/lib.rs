//! Prices by dealer tier, volume breaks, dated promotions and region, with a floor.
//! The README has the formula and worked examples.

mod defaults;
mod discounts;
mod line;
mod notice;
mod settings;
mod words;

use qudao_sdk::pricing::{Line, Order, PricedLine, Pricing, Quote, Violation};
use qudao_sdk::{Decimal, Descriptor, Kind, Note, Text, export_pricing, note, percent};
use qudao_sdk::{settings_default, settings_schema};
pub use settings::{Break, Promotion, RegionUplift, Scope, Settings, SkuFloor, Stacking, TierDiscount};

/// The plugin.
pub struct VolumePricing;

export_pricing!(VolumePricing);

impl Pricing for VolumePricing {
    type Settings = Settings;

    fn describe() -> Descriptor {
        Descriptor {
            kind: Kind::Pricing,
            name: "volume-pricing".into(),
            version: env!("CARGO_PKG_VERSION").into(),
            title: Text::new("等级与批量定价", "Tier and volume pricing"),
            summary: Text::new(
                "按经销商等级、批量阶梯、限时促销和区域加价计算成交价，并守住最低价。",
                "Prices by dealer tier, volume breaks, dated promotions and region, and keeps a floor.",
            ),
            settings_schema: settings_schema::<Settings>(),
            settings_default: settings_default::<Settings>(),
            messages: words::messages(),
            attributes: vec![],
            metrics: vec![],
        }
    }

    fn price(order: &Order, settings: &Settings) -> Result<Quote, Vec<Violation>> {
        let refused = refusals(order, settings);
        if !refused.is_empty() {
            return Err(refused);
        }
        let offers = discounts::Offers::of(order, settings);
        let lines: Vec<PricedLine> =
            order.lines.iter().map(|line| line::price(line, &offers, settings)).collect();
        let approvals = approval(order, &lines, settings).into_iter().collect();
        Ok(Quote { lines, adjustments: vec![], approvals })
    }
}

fn refusals(order: &Order, settings: &Settings) -> Vec<Violation> {
    let Some(most) = settings.max_quantity else { return Vec::new() };
    let too_many = order.lines.iter().filter(|line| line.quantity > most);
    let refuse = |line: &Line| Violation {
        line: Some(line.number),
        reason: note!("quantity-above-maximum", line.quantity, most),
    };
    too_many.map(refuse).collect()
}

/// One reason for the whole order, however many lines are deep: the deepest is named.
fn approval(order: &Order, priced: &[PricedLine], settings: &Settings) -> Option<Note> {
    let below = settings.approval_below;
    let share = |(asked, priced): (&Line, &PricedLine)| {
        let (list, _) = notice::list_price(asked, order.on, settings);
        (priced.unit_price < list * below).then(|| priced.unit_price / list)
    };
    let pairs = order.lines.iter().zip(priced);
    let shares: Vec<(Decimal, &str)> =
        pairs.filter_map(|pair| Some((share(pair)?, pair.0.sku.as_str()))).collect();
    let (share, sku) = shares.iter().min()?;
    let count = i64::try_from(shares.len()).unwrap_or(i64::MAX);
    Some(note!("deep-discount", count, percent(below), *sku, percent(share.round_dp(4))))
}
