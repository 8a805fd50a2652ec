//! What earns an incentive: [`Incentive`] and [`export_incentive!`](crate::export_incentive!).
//!
//! A run sees its header, then facts in chunks of any size, then is asked to finish. Keep sums, not
//! facts: a period may hold ten million of them.
//!
//! ```
//! use qudao_sdk::incentive::{Basis, Fact, Header, Incentive, Payout, Settlement};
//! use qudao_sdk::{Descriptor, JsonSchema, Kind, Message, Note, Text, export_incentive, note};
//! use qudao_sdk::{settings_default, settings_schema};
//!
//! #[derive(serde::Serialize, serde::Deserialize, JsonSchema)]
//! pub struct Settings {
//!     /// Minor units for each piece.
//!     pub per_piece: i64,
//! }
//!
//! impl Default for Settings {
//!     fn default() -> Self {
//!         Self { per_piece: 100 }
//!     }
//! }
//!
//! /// So much for each piece shipped in the period, less what came back.
//! pub struct PerPiece {
//!     header: Header,
//!     settings: Settings,
//!     pieces: Vec<i64>,
//! }
//!
//! impl Incentive for PerPiece {
//!     type Settings = Settings;
//!
//!     fn describe() -> Descriptor {
//!         Descriptor {
//!             kind: Kind::Incentive,
//!             name: "per-piece".into(),
//!             version: "1.0.0".into(),
//!             title: Text::new("按件奖励", "Per piece"),
//!             summary: Text::new("每发货一件，奖励固定金额。", "A fixed amount for each piece shipped."),
//!             settings_schema: settings_schema::<Settings>(),
//!             settings_default: settings_default::<Settings>(),
//!             messages: vec![Message::new("per-piece", "{0} 件的奖励", "For {0} pieces")],
//!             attributes: vec![],
//!             metrics: vec![],
//!         }
//!     }
//!
//!     fn open(header: Header, settings: Settings) -> Result<Self, Vec<Note>> {
//!         let pieces = vec![0; header.participants.len()];
//!         Ok(Self { header, settings, pieces })
//!     }
//!
//!     fn add(&mut self, facts: &[Fact]) {
//!         for fact in facts.iter().filter(|fact| self.header.covers(fact.on)) {
//!             self.pieces[fact.participant as usize] += fact.quantity;
//!         }
//!     }
//!
//!     fn finish(self) -> Result<Settlement, Vec<Note>> {
//!         let earned = (0..).zip(&self.pieces).filter(|(_, pieces)| **pieces > 0);
//!         let payouts = earned.map(|(beneficiary, pieces)| Payout {
//!             beneficiary,
//!             reason: note!("per-piece", *pieces),
//!             amount: pieces * self.settings.per_piece,
//!             basis: Basis::All,
//!             steps: vec![],
//!         });
//!         Ok(Settlement { payouts: payouts.collect(), unpaid: vec![] })
//!     }
//! }
//!
//! export_incentive!(PerPiece);
//! # fn main() {}
//! ```

use crate::bindings::incentive::exports::qudao::incentive::incentive as wit;
use crate::bindings::types;
use crate::{Attribute, Currency, Date, Decimal, Descriptor, JsonSchema, Note, boundary, settings};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::cell::RefCell;
use std::marker::PhantomData;

/// An incentive scheme's run over one period. There are no default bodies.
pub trait Incentive: Sized + 'static {
    /// What the company can set; the host has checked it against its schema before it comes here.
    type Settings: DeserializeOwned + JsonSchema;

    /// Asked once, at upload.
    fn describe() -> Descriptor;

    /// Begins a run.
    ///
    /// # Errors
    /// Coded reasons why it cannot be done with this header or these settings.
    fn open(header: Header, settings: Self::Settings) -> Result<Self, Vec<Note>>;

    /// Takes the next facts. How many come at once means nothing.
    fn add(&mut self, facts: &[Fact]);

    /// Ends the run.
    ///
    /// # Errors
    /// Coded reasons why there is no result.
    fn finish(self) -> Result<Settlement, Vec<Note>>;
}

/// A dealer that takes part; others name it by its position in [`Header::participants`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Participant {
    /// The dealer's code.
    pub code: String,
    /// Its tier.
    pub tier: String,
    /// Its region.
    pub region: String,
    /// The next dealer up in the tree, if it takes part too.
    pub parent: Option<u32>,
    /// Those of its attributes that the descriptor names.
    #[serde(default)]
    pub attributes: Vec<Attribute>,
}

/// A product that occurs in the facts; they name it by its position in [`Header::products`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Product {
    /// The product's code.
    pub sku: String,
    /// Its category.
    pub category: String,
    /// Those of its attributes that the descriptor names.
    #[serde(default)]
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
pub struct Header {
    /// The program's code.
    pub program: String,
    /// All amounts of the run are in its minor unit.
    pub currency: Currency,
    /// First day of the period.
    pub first: Date,
    /// Last day of the period.
    pub last: Date,
    /// Who takes part.
    pub participants: Vec<Participant>,
    /// What occurs in the facts.
    pub products: Vec<Product>,
    /// What was to be reached.
    #[serde(default)]
    pub targets: Vec<Figure>,
    /// What was measured.
    #[serde(default)]
    pub metrics: Vec<Figure>,
    /// What is left of the program's budget, in minor units; none where it has none.
    pub budget_left: Option<i64>,
}

impl Header {
    /// Whether a day lies in the period. A fact before it belongs to the same days a year earlier.
    #[must_use]
    pub fn covers(&self, day: Date) -> bool {
        self.first <= day && day <= self.last
    }
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FactKind {
    /// Goods left the warehouse.
    Shipped,
    /// Goods came back; quantity and amount are negative.
    Returned,
}

impl FactKind {
    /// By its place in the WIT's enum: the generated code calls it.
    #[doc(hidden)]
    #[must_use]
    pub fn _lift(place: u8) -> Self {
        if place == 0 { Self::Shipped } else { Self::Returned }
    }
}

/// Something that happened. Facts come in the order in which they were recorded. Besides those of
/// the period the host sends those of the same days a year before, for growth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// The fact's place in the company's record; stable for ever.
    pub seq: u64,
    /// What happened.
    pub kind: FactKind,
    /// Position of the dealer in [`Header::participants`].
    pub participant: u32,
    /// Position of the product in [`Header::products`].
    pub product: u32,
    /// The day.
    pub on: Date,
    /// The day on which it was paid, if it was.
    pub paid_on: Option<Date>,
    /// Pieces; negative for a return.
    pub quantity: i64,
    /// Net, in minor units; negative for a return. In JSON `amount_minor`.
    #[serde(rename = "amount_minor")]
    pub amount: i64,
    /// For a return: the fact that it takes back.
    pub reverses: Option<u64>,
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
    Facts(Vec<u64>),
}

/// What a beneficiary gets, and why.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Payout {
    /// Position of the participant.
    pub beneficiary: u32,
    /// What it is for.
    pub reason: Note,
    /// Minor units; negative takes something back. In JSON `amount_minor`.
    #[serde(rename = "amount_minor")]
    pub amount: i64,
    /// What it rests on.
    pub basis: Basis,
    /// The steps of the calculation, in the order in which a person would do them.
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

/// An [`Incentive`] result as the host keeps it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum IncentiveAnswer {
    /// A result.
    Settled(Settlement),
    /// Coded reasons why the run is impossible.
    Refused(Vec<Note>),
}

/// Turns an [`Incentive`] into the component's exports; [`export_incentive!`](crate::export_incentive!) uses it.
#[doc(hidden)]
pub struct Exported<T>(PhantomData<T>);

/// A run under way; empty once it is finished.
#[doc(hidden)]
pub struct Run<T>(RefCell<Option<T>>);

impl<T: Incentive> wit::Guest for Exported<T> {
    type Accumulator = Run<T>;

    fn describe() -> types::Descriptor {
        boundary::descriptor(T::describe())
    }
}

impl<T: Incentive> wit::GuestAccumulator for Run<T> {
    fn open(mut header: wit::Header) -> Result<wit::Accumulator, Vec<types::Note>> {
        let text = std::mem::take(&mut header.settings);
        let opened = T::open(boundary::header(header), settings::must_read(&text));
        opened.map(|run| wit::Accumulator::new(Self(RefCell::new(Some(run))))).map_err(boundary::notes)
    }

    fn add(&self, facts: Vec<Fact>) {
        match self.0.borrow_mut().as_mut() {
            Some(run) => run.add(&facts),
            None => boundary::run_is_finished(),
        }
    }

    fn finish(&self) -> Result<wit::Settlement, Vec<types::Note>> {
        match self.0.borrow_mut().take() {
            Some(run) => run.finish().map(boundary::settlement).map_err(boundary::notes),
            None => boundary::run_is_finished(),
        }
    }
}

/// Makes a type that is [`Incentive`] the plugin of this crate.
#[macro_export]
macro_rules! export_incentive {
    ($rule:ty) => {
        const _: () = {
            type Exported = $crate::incentive::Exported<$rule>;
            const fn is_an_incentive<T: $crate::incentive::Incentive>() {}
            is_an_incentive::<$rule>();
            #[cfg(target_family = "wasm")]
    $crate::bindings::incentive::export_world!(Exported with_types_in $crate::bindings::incentive);
        };
    };
}
