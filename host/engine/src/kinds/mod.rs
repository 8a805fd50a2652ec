//! One file per kind of plugin: the shapes of its WIT package, how the domain's types become them
//! and back, and what an answer must satisfy.
//!
//! The shapes are written by hand rather than generated, so that a question borrows from the
//! domain's types and an answer is lifted straight into owned ones. That they are those of
//! `sdk/wit` is checked against every component when it is loaded, and by a test against the files.
//!
//! A contract that has a successor keeps a binding of its own, in a file below its kind's, that turns the
//! successor's question into its own. Nothing else knows of it.

pub(crate) mod deal;
pub(crate) mod incentive;
pub(crate) mod kpi;
pub(crate) mod pricing;
pub(crate) mod size;
pub(crate) mod types;

use qudao_domain::contract::Kind;

/// A contract that this host speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Contract {
    /// `qudao:pricing@0.2.0`.
    Pricing,
    /// `qudao:pricing@0.1.0`, which knows no former prices.
    PricingV0_1,
    /// `qudao:incentive@0.1.0`.
    Incentive,
    /// `qudao:kpi@0.1.0`.
    Kpi,
    /// `qudao:deal@0.1.0`.
    Deal,
}

impl Contract {
    /// Every one, the newest of a kind first.
    pub(crate) const ALL: [Self; 5] =
        [Self::Pricing, Self::PricingV0_1, Self::Incentive, Self::Kpi, Self::Deal];

    pub(crate) const fn kind(self) -> Kind {
        match self {
            Self::Pricing | Self::PricingV0_1 => Kind::Pricing,
            Self::Incentive => Kind::Incentive,
            Self::Kpi => Kind::Kpi,
            Self::Deal => Kind::Deal,
        }
    }

    const fn version(self) -> &'static str {
        match self {
            Self::Pricing => "0.2.0",
            Self::PricingV0_1 | Self::Incentive | Self::Kpi | Self::Deal => "0.1.0",
        }
    }

    /// Its name: `qudao:pricing@0.2.0`.
    pub(crate) fn name(self) -> String {
        format!("qudao:{}@{}", self.kind(), self.version())
    }

    /// The interface that its plugins export: `qudao:pricing/pricing@0.2.0`.
    pub(crate) fn interface(self) -> String {
        format!("qudao:{kind}/{kind}@{version}", kind = self.kind(), version = self.version())
    }
}

/// Every contract, for messages.
pub(crate) fn contracts() -> String {
    Contract::ALL.map(Contract::name).join(", ")
}
