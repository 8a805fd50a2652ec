//! SQL. One file per noun, each query written once for SQLite and Postgres.
//!
//! Invariant: a query on a business table runs inside a [`Tx`] that was begun for one company, and names it.

#[macro_use]
mod verbs;

pub mod audit;
pub mod bindings;
mod bulk;
pub mod carts;
pub mod companies;
pub mod components;
pub mod costs;
mod db;
pub mod dealers;
pub mod deals;
pub mod decisions;
mod error;
pub mod facts;
pub mod history;
pub mod homes;
pub mod incidents;
pub mod ledger;
pub mod lifecycle;
pub mod metrics;
pub mod orders;
pub mod outbox;
pub mod plugin_imports;
pub mod plugins;
pub mod prices;
pub mod products;
pub mod programs;
pub mod quotas;
pub mod revisions;
pub mod runs;
pub mod scorecards;
pub mod sessions;
pub mod settlements;
pub mod signatures;
pub mod signing_keys;
pub mod simulations;
pub mod statements;
pub mod stock;
pub mod targets;
#[cfg(feature = "testing")]
pub mod testing;
pub mod tokens;
pub mod users;
pub mod warehouses;

pub use db::{Database, Db, Tx};
pub use error::{Result, StoreError};
pub use sqlx::types::Json;
