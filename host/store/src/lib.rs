//! SQL. One file per noun, each query written once for SQLite and Postgres.
//!
//! Invariant: a query on a business table runs inside a [`Tx`] that was begun for one company, and names it.

#[macro_use]
mod verbs;

pub mod audit;
pub mod bindings;
pub mod companies;
mod db;
pub mod decisions;
mod error;
pub mod facts;
pub mod ledger;
pub mod orders;
pub mod outbox;
pub mod prices;
pub mod sessions;
pub mod stock;
pub mod tokens;
pub mod users;

pub use db::{Database, Db, Tx};
pub use error::{Result, StoreError};
