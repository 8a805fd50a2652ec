//! How a price is formed: [`Pricing`] and [`export_pricing!`](crate::export_pricing!).
//!
//! ```
//! use qudao_sdk::pricing::{Order, PricedLine, Pricing, Quote, Violation};
//! use qudao_sdk::{Descriptor, JsonSchema, Kind, Text, export_pricing, settings_default, settings_schema};
//!
//! #[derive(Default, serde::Serialize, serde::Deserialize, JsonSchema)]
//! pub struct NoSettings {}
//!
//! /// Everybody pays the list price.
//! pub struct ListPrice;
//!
//! impl Pricing for ListPrice {
//!     type Settings = NoSettings;
//!
//!     fn describe() -> Descriptor {
//!         Descriptor {
//!             kind: Kind::Pricing,
//!             name: "list-price".into(),
//!             version: "1.0.0".into(),
//!             title: Text::new("目录价", "List price"),
//!             summary: Text::new("人人按目录价购买。", "Everybody pays the list price."),
//!             settings_schema: settings_schema::<NoSettings>(),
//!             settings_default: settings_default::<NoSettings>(),
//!             messages: vec![],
//!             attributes: vec![],
//!             metrics: vec![],
//!         }
//!     }
//!
//!     fn price(order: &Order, _: &NoSettings) -> Result<Quote, Vec<Violation>> {
//!         let lines = order.lines.iter().map(|line| PricedLine::at_base(line)).collect();
//!         Ok(Quote { lines, adjustments: vec![], approvals: vec![] })
//!     }
//! }
//!
//! export_pricing!(ListPrice);
//! # fn main() {}
//! ```

use crate::bindings::pricing::exports::qudao::pricing::pricing as wit;
use crate::bindings::types;
use crate::{Attribute, Currency, Date, Decimal, Descriptor, JsonSchema, Money, Note, boundary, settings};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::marker::PhantomData;

/// A pricing rule. There are no default bodies: what you do not write does not happen.
pub trait Pricing {
    /// What the company can set; the host has checked it against its schema before it comes here.
    type Settings: DeserializeOwned + JsonSchema;

    /// Asked once, at upload.
    fn describe() -> Descriptor;

    /// Prices an order: one [`PricedLine`] for each line, in the same order.
    ///
    /// # Errors
    /// Coded reasons why the order cannot be priced. That is an answer, not a failure.
    fn price(order: &Order, settings: &Self::Settings) -> Result<Quote, Vec<Violation>>;
}

/// The dealer for whom prices are asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Dealer {
    /// The dealer's code within the company.
    pub code: String,
    /// Its tier.
    pub tier: String,
    /// Its region.
    pub region: String,
    /// Those of its attributes that the descriptor names.
    #[serde(default)]
    pub attributes: Vec<Attribute>,
}

/// A list price that no longer holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FormerPrice {
    /// Of one piece, in the order's currency.
    pub price: Decimal,
    /// The last day on which it held.
    pub until: Date,
}

/// One line to be priced.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Line {
    /// Unique in the order; the answer names it again.
    pub number: u32,
    /// The product's code.
    pub sku: String,
    /// The product's category.
    pub category: String,
    /// Pieces, at least 1.
    pub quantity: i64,
    /// Dated list price of one piece, in the order's currency.
    pub base_price: Decimal,
    /// The list price that held before, if there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub former_price: Option<FormerPrice>,
    /// Those of the product's attributes that the descriptor names.
    #[serde(default)]
    pub attributes: Vec<Attribute>,
}

/// What a rule sees of an order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Order {
    /// Of every price.
    pub currency: Currency,
    /// The day for which prices are asked.
    pub on: Date,
    /// Who buys.
    pub dealer: Dealer,
    /// Terms of the dealer's contract that the descriptor names.
    #[serde(default)]
    pub terms: Vec<Attribute>,
    /// Totals of the dealer's past that the descriptor names.
    #[serde(default)]
    pub history: Vec<Attribute>,
    /// What is bought.
    pub lines: Vec<Line>,
}

/// One step from the base price to the dealer's own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Adjustment {
    /// Added to the unit price; negative for a discount.
    pub amount: Decimal,
    /// Which rule, and by what.
    pub reason: Note,
}

/// A line's price and how it was reached. The host checks that
/// `base_price + Σ adjustments = unit_price`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PricedLine {
    /// The line's number.
    pub number: u32,
    /// The dealer's price of one piece.
    pub unit_price: Decimal,
    /// The steps from the base price.
    pub adjustments: Vec<Adjustment>,
    /// Rules that were considered and did not apply, and why.
    pub skipped: Vec<Note>,
}

impl PricedLine {
    /// The line at its base price, no step taken yet.
    #[must_use]
    pub fn at_base(line: &Line) -> Self {
        Self {
            number: line.number,
            unit_price: line.base_price,
            adjustments: Vec::new(),
            skipped: Vec::new(),
        }
    }

    /// Takes one step, so that price and steps cannot disagree. A step of nothing is left out.
    pub fn adjust(&mut self, amount: Decimal, reason: Note) {
        if !amount.is_zero() {
            self.unit_price += amount;
            self.adjustments.push(Adjustment { amount, reason });
        }
    }
}

/// A change to the order's total after the lines.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OrderAdjustment {
    /// In the order's currency.
    pub amount: Money,
    /// Which rule, and by what.
    pub reason: Note,
}

/// A priced order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Quote {
    /// One for each line of the order, in the same order.
    pub lines: Vec<PricedLine>,
    /// Changes to the total.
    pub adjustments: Vec<OrderAdjustment>,
    /// Why somebody must agree first; empty where nobody must.
    pub approvals: Vec<Note>,
}

/// Why an order, or one line of it, cannot be priced.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Violation {
    /// The line; none where the whole order is meant.
    pub line: Option<u32>,
    /// The rule that refuses.
    pub reason: Note,
}

/// A [`Pricing`] result as the host keeps it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PricingAnswer {
    /// Prices.
    Quoted(Quote),
    /// Coded reasons why there are none.
    Refused(Vec<Violation>),
}

/// Turns a [`Pricing`] rule into the component's exports; [`export_pricing!`](crate::export_pricing!) uses it.
#[doc(hidden)]
pub struct Exported<T>(PhantomData<T>);

impl<T: Pricing> wit::Guest for Exported<T> {
    fn describe() -> types::Descriptor {
        boundary::descriptor(T::describe())
    }

    fn price(order: wit::Order, settings: String) -> Result<wit::Quote, Vec<wit::Violation>> {
        let priced = T::price(&boundary::order(order), &settings::must_read(&settings));
        priced.map(boundary::quote).map_err(|violations| boundary::each(violations, boundary::violation))
    }
}

/// Makes a type that is [`Pricing`] the plugin of this crate.
#[macro_export]
macro_rules! export_pricing {
    ($rule:ty) => {
        const _: () = {
            type Exported = $crate::pricing::Exported<$rule>;
            const fn is_a_pricing_rule<T: $crate::pricing::Pricing>() {}
            is_a_pricing_rule::<$rule>();
            #[cfg(target_family = "wasm")]
    $crate::bindings::pricing::export_world!(Exported with_types_in $crate::bindings::pricing);
        };
    };
}
