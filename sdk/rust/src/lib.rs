//! What the author of a Qudao plugin imports.
//!
//! A plugin is a crate with one type that implements one trait ([`pricing::Pricing`],
//! [`incentive::Incentive`], [`kpi::Kpi`] or [`deal::Deal`]) and one macro that exports it. It is compiled twice:
//! natively, so that it can be tested like any Rust, and to WebAssembly, where it can reach
//! nothing but its input. `qudao plugin new` begins one.

#[doc(hidden)]
pub mod bindings;
mod boundary;
mod contract;
mod date;
pub mod deal;
pub mod incentive;
pub mod kpi;
mod money;
pub mod pricing;
mod settings;
#[cfg(not(target_family = "wasm"))]
pub mod testkit;

pub use boundary::MAX_SCALE;
pub use contract::{Attribute, Descriptor, Kind, Message, Note, Text, Value, attribute, percent};
pub use date::{Date, NotADate};
pub use money::{Currency, Money, NotACurrency, allocate};
pub use rust_decimal::{Decimal, RoundingStrategy};
pub use schemars::{self, JsonSchema};
pub use settings::{DecimalText, Nullable, settings_default, settings_schema};
