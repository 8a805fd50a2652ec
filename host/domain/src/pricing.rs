//! What a pricing plugin is asked, what it answers, and what an answer must satisfy.

use crate::contract::{Attribute, Message, Note, Text};
use crate::decimal::Decimal;
use crate::money::{Currency, Money};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// The dealer for whom prices are asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Buyer {
    /// The dealer's code within the company.
    pub code: String,
    /// Its tier.
    pub tier: String,
    /// Its region.
    pub region: String,
    /// Those of its attributes that the plugin reads.
    pub attributes: Vec<Attribute>,
}

/// A list price that no longer holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormerPrice {
    /// Of one piece.
    pub price: Decimal,
    /// The last day on which it held.
    pub until: NaiveDate,
}

/// Of dated list prices, the latest first, the one that held before that of a day.
#[must_use]
pub fn former_price(prices: &[(NaiveDate, Decimal)], on: NaiveDate) -> Option<FormerPrice> {
    let mut begun = prices.iter().skip_while(|(from, _)| *from > on);
    let (since, _) = begun.next()?;
    let (_, price) = begun.next()?;
    Some(FormerPrice { price: *price, until: since.pred_opt()? })
}

/// One line to be priced.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LineRequest {
    /// Unique in the order.
    pub number: u32,
    /// The product's code.
    pub sku: String,
    /// The product's category.
    pub category: String,
    /// Pieces, at least 1.
    pub quantity: i64,
    /// Dated list price of one piece.
    pub base_price: Decimal,
    /// The list price that held before; none where this is the first, and in what was recorded before
    /// `qudao:pricing@0.2.0`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub former_price: Option<FormerPrice>,
    /// Those of the product's attributes that the plugin reads.
    pub attributes: Vec<Attribute>,
}

/// What a pricing plugin sees of an order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PricingRequest {
    /// Of every price.
    pub currency: Currency,
    /// The day for which prices are asked, in the company's zone.
    pub on: NaiveDate,
    /// Who buys.
    pub dealer: Buyer,
    /// Contract terms that the plugin reads.
    pub terms: Vec<Attribute>,
    /// Totals of the dealer's past that the plugin reads.
    pub history: Vec<Attribute>,
    /// What is bought.
    pub lines: Vec<LineRequest>,
}

/// One step from the base price to the dealer's own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Adjustment {
    /// Added to the unit price; negative for a discount.
    pub amount: Decimal,
    /// Which rule, and by what.
    pub reason: Note,
}

/// A line's price and how it was reached.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PricedLine {
    /// The request's number.
    pub number: u32,
    /// The dealer's price of one piece.
    pub unit_price: Decimal,
    /// The steps from the base price.
    pub adjustments: Vec<Adjustment>,
    /// Rules that did not apply, and why.
    pub skipped: Vec<Note>,
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
    /// One for each requested line, in the same order.
    pub lines: Vec<PricedLine>,
    /// Changes to the total.
    pub adjustments: Vec<OrderAdjustment>,
    /// Why somebody must agree first.
    pub approvals: Vec<Note>,
}

/// Why an order, or one line of it, cannot be priced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Violation {
    /// The line, or the whole order.
    pub line: Option<u32>,
    /// The rule that refuses.
    pub reason: Note,
}

/// What a pricing rule says. A refusal is data, not an error.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PricingAnswer {
    /// Prices.
    Quoted(Quote),
    /// Coded reasons why there are none.
    Refused(Vec<Violation>),
}

/// The code under which the host asks for an approval, since the rule failed.
const RULE_FAILED: &str = "qudao-rule-failed";

/// The host's own answer where a rule failed and its binding says so: base prices, and somebody must agree.
#[must_use]
pub fn base_price_answer(request: &PricingRequest) -> PricingAnswer {
    let line = |line: &LineRequest| PricedLine {
        number: line.number,
        unit_price: line.base_price,
        adjustments: Vec::new(),
        skipped: Vec::new(),
    };
    PricingAnswer::Quoted(Quote {
        lines: request.lines.iter().map(line).collect(),
        adjustments: Vec::new(),
        approvals: vec![Note { code: RULE_FAILED.to_owned(), args: Vec::new() }],
    })
}

/// The sentences for [`base_price_answer`].
#[must_use]
pub fn base_price_messages() -> Vec<Message> {
    let text = Text {
        zh_cn: "定价规则出错，暂按目录价计算，需人工审批".to_owned(),
        en: "The pricing rule failed; this is the list price, and somebody must agree".to_owned(),
    };
    vec![Message { code: RULE_FAILED.to_owned(), text }]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_former_price_held_until_the_day_before() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let prices = [("2026-06-01", 12), ("2026-03-01", 11), ("2026-01-01", 10)]
            .map(|(from, price)| (day(from), Decimal::from(price)));
        let former =
            |on| former_price(&prices, day(on)).map(|former| (former.price, former.until.to_string()));
        assert_eq!(former("2025-12-31"), None);
        assert_eq!(former("2026-01-15"), None, "the first has none before it");
        assert_eq!(former("2026-03-01"), Some((Decimal::from(10), "2026-02-28".into())));
        assert_eq!(former("2026-12-31"), Some((Decimal::from(11), "2026-05-31".into())));
    }
}
