//! Who owns an opportunity: [`Deal`] and [`export_deal!`](crate::export_deal!).
//!
//! ```
//! use qudao_sdk::deal::{Claim, Deal, Ruling};
//! use qudao_sdk::{Descriptor, JsonSchema, Kind, Message, Note, Text, export_deal, note};
//! use qudao_sdk::{settings_default, settings_schema};
//!
//! #[derive(Default, serde::Serialize, serde::Deserialize, JsonSchema)]
//! pub struct NoSettings {}
//!
//! /// Whoever comes first has the customer for thirty days.
//! pub struct FirstWins;
//!
//! impl Deal for FirstWins {
//!     type Settings = NoSettings;
//!
//!     fn describe() -> Descriptor {
//!         Descriptor {
//!             kind: Kind::Deal,
//!             name: "first-wins".into(),
//!             version: "1.0.0".into(),
//!             title: Text::new("先到先得", "First wins"),
//!             summary: Text::new("先报备者受保护 30 天。", "Protects whoever comes first for thirty days."),
//!             settings_schema: settings_schema::<NoSettings>(),
//!             settings_default: settings_default::<NoSettings>(),
//!             messages: vec![
//!                 Message::new("protected", "受保护至 {0}", "Protected until {0}"),
//!                 Message::new("taken", "该客户已有人报备", "Somebody registered this customer before"),
//!             ],
//!             attributes: vec![],
//!             metrics: vec![],
//!         }
//!     }
//!
//!     fn decide(claim: &Claim, _: &NoSettings) -> Result<Ruling, Vec<Note>> {
//!         if !claim.earlier.is_empty() {
//!             return Ok(Ruling::refuse(note!("taken")));
//!         }
//!         let until = claim.on.plus_days(30);
//!         Ok(Ruling::protect(until, note!("protected", until)))
//!     }
//! }
//!
//! export_deal!(FirstWins);
//! # fn main() {}
//! ```

use crate::bindings::deal::exports::qudao::deal::deal as wit;
use crate::bindings::types;
use crate::{Attribute, Date, Decimal, Descriptor, JsonSchema, Money, Note, boundary, settings};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::marker::PhantomData;

/// A rule about deals. There are no default bodies.
pub trait Deal {
    /// What the company can set; the host has checked it against its schema before it comes here.
    type Settings: DeserializeOwned + JsonSchema;

    /// Asked once, at upload. Its `kind` is [`Kind::Deal`](crate::Kind::Deal), its `metrics` are empty.
    fn describe() -> Descriptor;

    /// Rules on a claim, given what was registered before.
    ///
    /// # Errors
    /// Coded reasons why it is no registration at all; nothing is kept then.
    fn decide(claim: &Claim, settings: &Self::Settings) -> Result<Ruling, Vec<Note>>;
}

/// Who registers: a dealer or a salesperson.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClaimantKind {
    /// A dealer.
    Dealer,
    /// The company's own direct sales.
    Salesperson,
}

/// Who registers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Claimant {
    /// A dealer or the company's own sales.
    pub kind: ClaimantKind,
    /// The dealer's code, or the salesperson's id.
    pub code: String,
    /// The dealer's tier; empty for a salesperson.
    pub tier: String,
    /// The dealer's region; empty for a salesperson.
    pub region: String,
    /// Those of the dealer's attributes that the descriptor names.
    #[serde(default)]
    pub attributes: Vec<Attribute>,
}

/// Who is to buy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Customer {
    /// The same for every name and number that the host takes for the same customer.
    pub key: String,
    /// As the claimant wrote it.
    pub name: String,
    /// Number in a public register; empty where none was given.
    #[serde(default)]
    pub registered_number: String,
    /// Where it is.
    #[serde(default)]
    pub region: String,
}

/// The lowest price at which anybody may quote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Floor {
    /// A share of the list price, 0 to 1.
    Share(Decimal),
    /// The whole opportunity.
    Amount(Money),
}

/// How an open registration stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// It holds: accepted, protected or split.
    Accepted,
    /// Somebody still has to decide it.
    Asked,
}

/// An open registration of the same customer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Earlier {
    /// From 1, the oldest first; a ruling names it by this.
    pub number: u32,
    /// Who made it.
    pub claimant: Claimant,
    /// Whether it is the claimant's own.
    pub is_own: bool,
    /// When.
    pub registered_on: Date,
    /// What is to be sold.
    pub category: String,
    /// What it may be worth.
    pub amount: Money,
    /// How it stands.
    pub standing: Standing,
    /// Until when nobody else may win the customer.
    pub protected_until: Option<Date>,
    /// The lowest price.
    pub floor: Option<Floor>,
}

/// A registration that is asked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Claim {
    /// The day on which it is made.
    pub on: Date,
    /// Who makes it.
    pub claimant: Claimant,
    /// Who is to buy.
    pub customer: Customer,
    /// What is to be sold.
    pub category: String,
    /// Which products, by their codes.
    #[serde(default)]
    pub skus: Vec<String>,
    /// What it may be worth.
    pub amount: Money,
    /// When the customer may decide.
    pub expected_close: Date,
    /// What the claimant says happened since it last registered this customer.
    #[serde(default)]
    pub progress: String,
    /// What else there is to say.
    #[serde(default)]
    pub note: String,
    /// What was registered before and is open, the oldest first.
    pub earlier: Vec<Earlier>,
}

/// What becomes of the claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It holds until the expected close, and keeps nobody else out.
    Accept,
    /// Somebody decides.
    Ask,
    /// The claimant alone may win the customer until a day.
    Protect,
    /// Several claimants share it.
    Split,
    /// Somebody else has it.
    Refuse,
}

/// Who gets how much of a split.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    /// 0 for the claim, else the number of an earlier registration.
    pub registration: u32,
    /// Hundredths of a per cent; the host checks that all of them add up to 10,000.
    pub basis_points: u32,
}

/// What the ruling means for an earlier registration.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Affected {
    /// Its number.
    pub registration: u32,
    /// It ends, for the claim has the opportunity now; with `ask`, once somebody accepts the claim.
    pub ends: bool,
    /// Why, for whoever made it; names no other claimant.
    pub reasons: Vec<Note>,
}

/// Who owns the opportunity.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ruling {
    /// What becomes of the claim.
    pub outcome: Outcome,
    /// Until when it is protected; needed for `Protect`, impossible for `Refuse`.
    pub protected_until: Option<Date>,
    /// For `Split` alone: the claim and at least one earlier registration.
    pub shares: Vec<Share>,
    /// Holds for the claim and for every registration in `affected`.
    pub floor: Option<Floor>,
    /// Why, for the claimant; names no other claimant.
    pub reasons: Vec<Note>,
    /// Why, for those who registered before.
    pub affected: Vec<Affected>,
}

impl Ruling {
    /// An outcome with its reason, and nothing else.
    #[must_use]
    pub fn of(outcome: Outcome, reason: Note) -> Self {
        let (protected_until, floor) = (None, None);
        Self { outcome, protected_until, shares: vec![], floor, reasons: vec![reason], affected: vec![] }
    }

    /// The claim is protected until a day.
    #[must_use]
    pub fn protect(until: Date, reason: Note) -> Self {
        Self { protected_until: Some(until), ..Self::of(Outcome::Protect, reason) }
    }

    /// Somebody else has it.
    #[must_use]
    pub fn refuse(reason: Note) -> Self {
        Self::of(Outcome::Refuse, reason)
    }
}

/// A [`Deal`] result as the host keeps it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DealAnswer {
    /// A ruling.
    Ruled(Ruling),
    /// Coded reasons why it is no registration at all.
    Refused(Vec<Note>),
}

/// Turns a [`Deal`] rule into the component's exports; [`export_deal!`](crate::export_deal!) uses it.
#[doc(hidden)]
pub struct Exported<T>(PhantomData<T>);

impl<T: Deal> wit::Guest for Exported<T> {
    fn describe() -> wit::Descriptor {
        boundary::deal_descriptor(T::describe())
    }

    fn decide(claim: wit::Claim, settings: String) -> Result<wit::Ruling, Vec<types::Note>> {
        let ruled = T::decide(&boundary::claim(claim), &settings::must_read(&settings));
        ruled.map(boundary::ruling).map_err(boundary::notes)
    }
}

/// Makes a type that is [`Deal`] the plugin of this crate.
#[macro_export]
macro_rules! export_deal {
    ($rule:ty) => {
        const _: () = {
            type Exported = $crate::deal::Exported<$rule>;
            const fn is_a_deal_rule<T: $crate::deal::Deal>() {}
            is_a_deal_rule::<$rule>();
            #[cfg(target_family = "wasm")]
    $crate::bindings::deal::export_world!(Exported with_types_in $crate::bindings::deal);
        };
    };
}
