//! A pricing plugin that misbehaves in the way its settings name: `{"deed": "endless-loop"}`.
//! The tests of the engine ask it for each deed and expect the engine to name what happened.

use qudao_sdk::pricing::{Adjustment, Order, OrderAdjustment, PricedLine, Pricing, Quote, Violation};
use qudao_sdk::{
    Currency, Decimal, Descriptor, JsonSchema, Kind, Message, Money, Note, Text, export_pricing, note,
    settings_default, settings_schema,
};
use serde::{Deserialize, Serialize};
use std::hint::black_box;

/// What the plugin does instead of pricing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Deed {
    /// Prices every line at its base price: the same plugin can also behave.
    #[default]
    Behave,
    /// Never returns.
    EndlessLoop,
    /// Asks for memory until it is refused.
    MemoryHog,
    /// Calls itself without end.
    DeepRecursion,
    /// Panics.
    Trap,
    /// Answers with 24 MiB of text in one note.
    GiantResult,
    /// Explains the first line's price in 100,000 steps.
    ManySteps,
    /// Discounts the order in another currency.
    WrongCurrency,
    /// Leaves out the last line.
    TooFewLines,
    /// Answers the first line twice.
    LineTwice,
    /// Answers lines that nobody asked for.
    UnknownLine,
    /// Charges less than nothing, and explains it correctly.
    NegativePrice,
    /// Names a unit price that its steps do not lead to.
    WrongSum,
    /// Uses a code that its descriptor does not list.
    UnknownCode,
    /// Takes more off the order than it costs.
    NegativeTotal,
    /// Refuses, and gives no reason.
    EmptyRefusal,
    /// Names as price the largest number that the contract can carry with as many decimals.
    HugePrice,
    /// Charges the list price that held before, which no contract but the newest tells.
    FormerPrice,
}

/// Which deed.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// What to do.
    #[serde(default)]
    pub deed: Deed,
    /// Only on orders with a line of at least so many pieces.
    #[serde(default)]
    pub from_pieces: i64,
}

/// The plugin.
pub struct Hostile;

impl Pricing for Hostile {
    type Settings = Settings;

    fn describe() -> Descriptor {
        Descriptor {
            kind: Kind::Pricing,
            name: "hostile".into(),
            version: env!("CARGO_PKG_VERSION").into(),
            title: Text::new("恶意插件", "Hostile plugin"),
            summary: Text::new("仅供测试：按参数捣乱。", "For tests only: misbehaves as its settings say."),
            settings_schema: schema(),
            settings_default: settings_default::<Settings>(),
            messages: vec![Message::new("step", "步骤 {0}", "Step {0}")],
            attributes: vec![],
            metrics: vec![],
        }
    }

    fn price(order: &Order, settings: &Settings) -> Result<Quote, Vec<Violation>> {
        let honest = behave(order);
        if order.lines.iter().all(|line| line.quantity < settings.from_pieces) {
            return Ok(honest);
        }
        match settings.deed {
            Deed::Behave => Ok(honest),
            Deed::EndlessLoop => endless_loop(),
            Deed::MemoryHog => memory_hog(),
            Deed::DeepRecursion => Ok(recurse_through_lines(order, 0)),
            Deed::Trap => panic!("as the settings say"),
            Deed::EmptyRefusal => Err(Vec::new()),
            Deed::GiantResult | Deed::ManySteps => Ok(too_much(honest, settings.deed)),
            Deed::FormerPrice => Ok(at_former_price(honest, order)),
            _ => Ok(wrong(honest, order, settings.deed)),
        }
    }
}

export_pricing!(Hostile);

/// A test writes over its first byte in the component; the schema then refers to another machine.
static AT_HOME: [u8; 32] = *b"this settings schema is at home.";

fn schema() -> String {
    let schema = settings_schema::<Settings>();
    match black_box(&AT_HOME)[0] {
        b't' => schema,
        _ => schema.replacen('{', r#"{"$ref":"https://example.com/settings.json","#, 1),
    }
}

fn behave(order: &Order) -> Quote {
    let lines = order.lines.iter().map(PricedLine::at_base).collect();
    Quote { lines, adjustments: Vec::new(), approvals: Vec::new() }
}

/// Every line at the price that held before: shows that it is told.
fn at_former_price(mut quote: Quote, order: &Order) -> Quote {
    for (line, asked) in quote.lines.iter_mut().zip(&order.lines) {
        if let Some(former) = &asked.former_price {
            line.adjust(former.price - asked.base_price, note!("step", former.until));
        }
    }
    quote
}

/// The trap's backtrace must name this function.
#[inline(never)]
fn endless_loop() -> ! {
    let mut turns = 0_u64;
    loop {
        turns = black_box(turns.wrapping_add(1));
    }
}

#[inline(never)]
fn memory_hog() -> ! {
    let mut hoard: Vec<Vec<u8>> = Vec::new();
    loop {
        hoard.push(black_box(vec![1; 1 << 20]));
    }
}

#[inline(never)]
fn recurse_through_lines(order: &Order, depth: u64) -> Quote {
    let deeper =
        if black_box(true) { recurse_through_lines(order, black_box(depth + 1)) } else { behave(order) };
    black_box(deeper)
}

fn too_much(mut quote: Quote, deed: Deed) -> Quote {
    if deed == Deed::GiantResult {
        quote.approvals.push(note!("step", "x".repeat(24 << 20)));
        return quote;
    }
    if let Some(first) = quote.lines.first_mut() {
        // As cheap as can be, so that the answer comes to be judged before the fuel is used up.
        first.adjustments.reserve_exact(100_000);
        let cent = Decimal::new(1, 2);
        for amount in [cent, -cent].into_iter().cycle().take(100_000) {
            first.adjustments.push(Adjustment { amount, reason: note!("step") });
        }
    }
    quote
}

fn wrong(mut quote: Quote, order: &Order, deed: Deed) -> Quote {
    match deed {
        Deed::TooFewLines => drop(quote.lines.pop()),
        Deed::LineTwice => quote.lines.extend(quote.lines.first().cloned()),
        Deed::UnknownLine => quote.lines.iter_mut().for_each(|line| line.number += 1_000_000),
        Deed::WrongCurrency => {
            quote.adjustments.push(off(1, if order.currency.code() == "USD" { "EUR" } else { "USD" }))
        }
        Deed::NegativeTotal => quote.adjustments.push(off(9_000_000_000_000_000, order.currency.code())),
        Deed::UnknownCode => quote.approvals.push(note!("never-described")),
        Deed::NegativePrice | Deed::WrongSum | Deed::HugePrice => {
            if let Some(first) = quote.lines.first_mut() {
                reprice(first, deed);
            }
        }
        _ => {}
    }
    quote
}

fn off(minor: i64, currency: &str) -> OrderAdjustment {
    let currency: Currency = currency.parse().unwrap_or_else(|error| panic!("{error}"));
    OrderAdjustment { amount: Money::new(-minor, currency), reason: step() }
}

fn step() -> Note {
    note!("step", 1_u32)
}

fn reprice(line: &mut PricedLine, deed: Deed) {
    match deed {
        Deed::NegativePrice => line.adjust(-line.unit_price - Decimal::ONE, step()),
        Deed::WrongSum => line.unit_price += Decimal::ONE,
        _ => line.adjust(Decimal::new(i64::MAX, line.unit_price.scale()) - line.unit_price, step()),
    }
}
