//! The pure rules of the business. Nothing here reads a clock, a database or the network.
//!
//! Invariant: this crate names no SQL, HTTP or Wasm crate (`sqlx` only to encode columns).

pub mod bindings;
#[cfg(feature = "sqlx")]
mod column;
pub mod contract;
pub mod deal;
pub mod decimal;
pub mod ids;
pub mod incentive;
pub mod kpi;
pub mod ledger;
pub mod lifecycle;
pub mod money;
pub mod orders;
pub mod permissions;
pub mod pricing;
pub mod quotas;
pub mod settlement;
pub mod time;
mod words;

pub use words::UnknownWord;
