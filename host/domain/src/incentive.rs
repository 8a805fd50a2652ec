//! What an incentive plugin is told, fact by fact, and what it answers.

use crate::contract::{Attribute, Note};
use crate::decimal::Decimal;
use crate::money::Currency;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// A dealer that takes part; named elsewhere by its position.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Participant {
    /// The dealer's code.
    pub code: String,
    /// Its tier.
    pub tier: String,
    /// Its region.
    pub region: String,
    /// The next dealer up, if it takes part.
    pub parent: Option<u32>,
    /// Those of its attributes that the plugin reads.
    pub attributes: Vec<Attribute>,
}

/// A product that occurs in the facts; named by its position.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FactProduct {
    /// The product's code.
    pub sku: String,
    /// Its category.
    pub category: String,
    /// Those of its attributes that the plugin reads.
    pub attributes: Vec<Attribute>,
}

/// A participant's target or metric.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Figure {
    /// Position of the participant.
    pub participant: u32,
    /// What is measured.
    pub code: String,
    /// How much.
    pub value: Decimal,
}

/// What a run begins with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct IncentiveHeader {
    /// The program's code.
    pub program: String,
    /// Of every amount.
    pub currency: Currency,
    /// First day of the period.
    pub first: NaiveDate,
    /// Last day of the period.
    pub last: NaiveDate,
    /// Who takes part.
    pub participants: Vec<Participant>,
    /// What occurs in the facts.
    pub products: Vec<FactProduct>,
    /// What was to be reached.
    pub targets: Vec<Figure>,
    /// What was measured.
    pub metrics: Vec<Figure>,
    /// What is left of the budget, in minor units.
    pub budget_left: Option<i64>,
}

impl IncentiveHeader {
    /// How many participants, products, targets and metrics it lists: a run's work grows with them.
    #[must_use]
    pub fn entries(&self) -> usize {
        self.participants.len() + self.products.len() + self.targets.len() + self.metrics.len()
    }
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FactKind {
    /// Goods left the warehouse.
    Shipped,
    /// Goods came back.
    Returned,
}

/// One fact as the plugin sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct StreamedFact {
    /// Place in the company's record.
    pub seq: i64,
    /// What happened.
    pub kind: FactKind,
    /// Position of the dealer.
    pub participant: u32,
    /// Position of the product.
    pub product: u32,
    /// The day.
    pub on: NaiveDate,
    /// When it was paid.
    pub paid_on: Option<NaiveDate>,
    /// Pieces; negative for a return.
    pub quantity: i64,
    /// Net, in minor units; negative for a return.
    pub amount_minor: i64,
    /// The fact that a return takes back.
    pub reverses: Option<i64>,
}

/// Which facts a payout rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Basis {
    /// Every fact of the beneficiary in the period.
    All,
    /// Those of one product category.
    Category(String),
    /// These alone.
    Facts(Vec<i64>),
}

impl Basis {
    /// Its word in the API and on pages.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Category(_) => "category",
            Self::Facts(_) => "facts",
        }
    }
}

/// What a beneficiary gets, and why.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Payout {
    /// Position of the participant.
    pub beneficiary: u32,
    /// What it is for.
    pub reason: Note,
    /// Minor units; negative takes something back.
    pub amount_minor: i64,
    /// What it rests on.
    pub basis: Basis,
    /// The steps of the calculation.
    pub steps: Vec<Note>,
}

/// Why a scheme did not pay a participant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Unpaid {
    /// Position of the participant.
    pub beneficiary: u32,
    /// The reason.
    pub reason: Note,
}

/// A run's result.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Settlement {
    /// Who gets what.
    pub payouts: Vec<Payout>,
    /// Who gets nothing, and why.
    pub unpaid: Vec<Unpaid>,
}

/// What an incentive rule says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum IncentiveAnswer {
    /// A result.
    Settled(Settlement),
    /// Coded reasons why the run is impossible.
    Refused(Vec<Note>),
}
