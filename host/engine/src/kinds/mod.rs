//! One file per kind of plugin: the shapes of its WIT package, how the domain's types become them
//! and back, and what an answer must satisfy.
//!
//! The shapes are written by hand rather than generated, so that a question borrows from the
//! domain's types and an answer is lifted straight into owned ones. That they are those of
//! `sdk/wit` is checked against every component when it is loaded, and by a test against the files.

pub(crate) mod incentive;
pub(crate) mod kpi;
pub(crate) mod pricing;
pub(crate) mod size;
pub(crate) mod types;

use qudao_domain::contract::Kind;

/// The version of every contract that this host speaks.
pub(crate) const CONTRACT_VERSION: &str = "0.1.0";

/// The contract of a kind: `qudao:pricing@0.1.0`.
pub(crate) fn contract(kind: Kind) -> String {
    format!("qudao:{kind}@{CONTRACT_VERSION}")
}

/// The interface that a plugin of a kind exports: `qudao:pricing/pricing@0.1.0`.
pub(crate) fn interface(kind: Kind) -> String {
    format!("qudao:{kind}/{kind}@{CONTRACT_VERSION}")
}

/// Every contract, for messages.
pub(crate) fn contracts() -> String {
    Kind::ALL.map(contract).join(", ")
}
