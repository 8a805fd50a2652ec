//! For whom a binding holds, and which of several wins.

use crate::words::words;

words! {
    /// What a binding covers. The narrower wins: dealer, tier, region, company.
    ScopeKind: "scope" {
        /// Everybody.
        Company = "company",
        /// The dealers of a region.
        Region = "region",
        /// The dealers of a tier.
        Tier = "tier",
        /// One dealer.
        Dealer = "dealer",
    }
}

impl ScopeKind {
    /// The greater, the narrower.
    #[must_use]
    pub const fn rank(self) -> i64 {
        match self {
            Self::Company => 0,
            Self::Region => 1,
            Self::Tier => 2,
            Self::Dealer => 3,
        }
    }
}

words! {
    /// Where an uploaded plugin stands.
    PluginState: "plugin state" {
        /// Checked, compiled, described; ready to be bound.
        Verified = "verified",
        /// No longer to be bound.
        Retired = "retired",
    }
}
