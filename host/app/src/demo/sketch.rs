//! A company of the demo as it is drawn, before anything is stored.

use super::dice::Dice;
use qudao_domain::decimal::Decimal;
use serde_json::Value as Json;

/// A company.
pub(super) struct Sketch {
    pub code: &'static str,
    pub name: &'static str,
    pub currency: &'static str,
    pub zone: &'static str,
    pub products: Vec<ProductSketch>,
    pub dealers: Vec<DealerSketch>,
    /// End customers, any of whom may stand behind an order.
    pub customers: Vec<String>,
    /// Orders a month of a dealer of weight 10.
    pub orders_a_month: i64,
    /// What a line's amount is about, at most, in whole currency units.
    pub line_worth: i64,
    /// Titles of the roles, which are their users' names.
    pub titles: Titles,
    /// A quarterly turnover to be reached by a dealer of weight 10, in whole currency units.
    pub quarter_target: i64,
    pub program: ProgramSketch,
    pub pricing: Json,
    pub rebate: Json,
    pub kpi: Json,
}

/// A product.
pub(super) struct ProductSketch {
    pub sku: String,
    pub name: String,
    pub category: &'static str,
    pub price: Decimal,
    pub attributes: Json,
}

/// A dealer.
pub(super) struct DealerSketch {
    pub code: String,
    pub name: String,
    pub parent: Option<String>,
    pub tier: &'static str,
    pub region: &'static str,
    /// In whole currency units.
    pub credit: i64,
    pub terms_days: i64,
    /// How much it buys; 10 is usual.
    pub weight: i64,
    /// The share off the base price that its past orders had, in percent.
    pub discount: i64,
    pub attributes: Json,
}

/// What people are called by what they do.
pub(super) struct Titles {
    pub ops: [&'static str; 2],
    pub pricing: [&'static str; 2],
    pub finance: [&'static str; 2],
    pub sales: &'static str,
    pub admin: &'static str,
    pub manager: &'static str,
    pub buyer: &'static str,
}

/// An incentive program.
pub(super) struct ProgramSketch {
    pub code: &'static str,
    pub name_zh: &'static str,
    pub name_en: &'static str,
    /// In whole currency units.
    pub budget: i64,
}

/// Every company of the demo.
pub(super) fn all(dice: &mut Dice, today: chrono::NaiveDate) -> Vec<Sketch> {
    vec![super::network::sketch(dice, today), super::pumps::sketch(dice, today)]
}
