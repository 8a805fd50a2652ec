//! The smallest honest pricing plugin, to copy: one discount for orders of many pieces.

mod settings;

use qudao_sdk::pricing::{Line, Order, PricedLine, Pricing, Quote, Violation};
use qudao_sdk::{
    Descriptor, Kind, Message, Text, export_pricing, note, percent, settings_default, settings_schema,
};
pub use settings::Settings;

/// The plugin. The name is yours to choose; the host never sees it.
pub struct Starter;

// One macro makes the type the component's exports. Forget it, and the upload is refused.
export_pricing!(Starter);

impl Pricing for Starter {
    type Settings = Settings;

    fn describe() -> Descriptor {
        Descriptor {
            kind: Kind::Pricing,
            name: "starter-rust".into(),
            version: env!("CARGO_PKG_VERSION").into(),
            title: Text::new("入门示例", "Starter"),
            summary: Text::new(
                "一次购买足够多的件数，整行按比例优惠。",
                "A line of enough pieces gets one discount.",
            ),
            settings_schema: settings_schema::<Settings>(),
            settings_default: settings_default::<Settings>(),
            // Every code that an answer may use, in both languages.
            messages: vec![
                Message::new("bulk", "满 {0} 件优惠 {1}", "{1} off from {0} pieces"),
                Message::new("bulk-not-reached", "还差 {0} 件可享优惠 {1}", "{0} pieces more get {1} off"),
            ],
            attributes: vec![],
            metrics: vec![],
        }
    }

    fn price(order: &Order, settings: &Settings) -> Result<Quote, Vec<Violation>> {
        let lines = order.lines.iter().map(|line| price_line(line, settings)).collect();
        Ok(Quote { lines, adjustments: vec![], approvals: vec![] })
    }
}

/// The rule itself: a pure function, so that a test needs nothing but its arguments.
fn price_line(line: &Line, settings: &Settings) -> PricedLine {
    let mut priced = PricedLine::at_base(line);
    let missing = settings.from_pieces - line.quantity;
    if missing > 0 {
        // Say why a rule did not apply: the buyer sees what would earn more.
        priced.skipped.push(note!("bulk-not-reached", missing, percent(settings.discount)));
        return priced;
    }
    // Four decimals carry any unit price; the host rounds the line's amount to the currency.
    let off = (line.base_price * settings.discount).round_dp(4);
    priced.adjust(-off, note!("bulk", settings.from_pieces, percent(settings.discount)));
    priced
}
