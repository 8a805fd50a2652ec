//! Identities: UUIDv7, a type for each noun, so that one cannot stand for another.

use crate::time::Instant;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$meta:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        #[cfg_attr(feature = "sqlx", derive(sqlx::Type), sqlx(transparent))]
        pub struct $name(pub Uuid);

        impl $name {
            /// A new id made at `now`; ids sort by the instant at which they were made.
            #[must_use]
            pub fn at(now: Instant) -> Self {
                Self(now.uuid())
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, uuid::Error> {
                text.parse().map(Self)
            }
        }
    )+};
}

ids! {
    /// A vendor: the tenant.
    CompanyId,
    /// Somebody who logs in.
    UserId,
    /// A bearer token for the API.
    TokenId,
    /// A company that buys from the vendor.
    DealerId,
    /// Something that is sold.
    ProductId,
    /// A place where stock is kept.
    WarehouseId,
    /// What a dealer ordered.
    OrderId,
    /// What left a warehouse together.
    ShipmentId,
    /// One recorded evaluation of a plugin.
    DecisionId,
    /// One recorded evaluation that decided nothing: it failed, or nobody ordered.
    RuleRunId,
    /// A binding that failed again and again.
    IncidentId,
    /// A rule tried over orders of the past.
    SimulationId,
    /// Company + kind + scope → plugin + settings revision.
    BindingId,
    /// Immutable settings of a plugin.
    RevisionId,
    /// One incentive scheme.
    ProgramId,
    /// One settlement of a program and period.
    RunId,
    /// What a dealer sees of a settlement.
    StatementId,
    /// A dealer's KPI result.
    ScorecardId,
    /// A deal that somebody registered.
    DealId,
    /// One entry of the ledger.
    EntryId,
    /// One event of the outbox.
    EventId,
}
