//! Use cases. A file is a noun, a public method of [`App`] is a verb; each takes a [`Context`] that says who asks
//! and checks what they may do before anything else.
//!
//! Invariant: nothing here names HTTP or a template; every error is an [`AppError`].

mod accounts;
mod bindings;
mod carts;
mod clock;
mod comparisons;
mod context;
mod costs;
mod dealers;
mod deals;
mod decisions;
mod demo;
mod effects;
mod errors;
mod estimates;
mod exports;
mod homes;
pub mod imports;
mod incentives;
mod incidents;
mod lifecycle;
mod measured;
mod metrics;
mod orders;
mod plugins;
mod pricing;
mod products;
mod programs;
mod quotas;
mod recordings;
mod regress;
mod rules;
mod runs;
mod scorecards;
mod settings;
mod settlements;
pub mod signatures;
mod signing;
mod simulations;
mod statements;
mod threads;
mod trials;

pub use accounts::{NewUser, SESSION_MS, SignedIn};
pub use bindings::{Activation, Dated, LEASE_MS, Made, Place, Standing};
pub use carts::{Cart, CartLine, Credit};
pub use clock::Clock;
pub use comparisons::{
    Candidate, Comparison, Did, PaidRow, Points, Priced as ComparedOrders, PricedRow, ProgramByBoth,
    RuledByBoth, RuledRow, ScoredByBoth, ScoredRow, Side, Verdict,
};
pub use context::{Context, Within};
pub use dealers::{
    DealerDetails, DealerFigures, DealerFilter, DealerInput, DealerPage, DealerSort, DealerWords,
};
pub use deals::{DealDraft, DealFilter, DealPage, Told, is_open};
pub use decisions::{About, DecisionFilter, DecisionPage, Difference, Listing, MAX_PAGE, Replay};
pub use demo::{DemoCompany, DemoListener, DemoPlugins, DemoReport, DemoStep, DemoUser};
pub use effects::{Effect, EffectRow};
pub use errors::{AppError, Issue, Result};
pub use estimates::Estimate;
pub use exports::{
    MAX_EXPORT_BYTES, PastBinding, PastHistory, PastImport, PastRevision, PastSignature, PastStep,
    PluginExport, PluginImported, Source,
};
pub use homes::{Again, DealerHome, DeskHome, FinanceHome, Month, News, PricingHome, ProgramLine, SalesHome};
pub use orders::{Explained, OrderDetails, OrderQuery, Placed, Shipping, ShippingLine};
pub use plugins::{PluginPage, PluginSummary, Uploaded};
pub use pricing::{Draft, Quoted, QuotedLine, Wish};
pub use products::{ProductDetails, ProductFilter, ProductInput, ProductPage};
pub use programs::{NewProgram, NewTarget};
pub use qudao_store::carts::Typed;
pub use qudao_store::companies::Company;
pub use qudao_store::products::Sort as ProductSort;
pub use recordings::{MAX_RECORDED_FACTS, RecordedCases, Recording};
pub use regress::{Different, FuelMoved, Regressed};
pub use rules::{RuleLine, Rules};
pub use runs::{Rerun, RunPage};
pub use scorecards::{Ranked, Ranking, ScorecardPage, Scored};
pub use settings::{NewSettings, PluginSettings, SettingsChange, SettingsChanged};
pub use settlements::{PeriodStanding, ProgramStanding};
pub use signing::{LiveByRevokedKey, SignedBy};
pub use simulations::{
    Before, Change, DealerPaid, DealerScores, Guard, GuardKind, IncentiveOutcome, KpiOutcome, Margin,
    NewSimulation, Outcome, PaidChange, Part, Payments, PeriodPaid, PeriodScores, ScoreChange, Scores,
    Simulated, Sums,
};
pub use statements::{FactPage, StatementFilter, StatementPage};
pub use trials::Came;

use qudao_engine::Engine;
use qudao_store::Db;
use std::sync::Arc;

/// The application: a database, an engine and a clock. Cloning is cheap.
#[derive(Clone)]
pub struct App(Arc<Parts>);

struct Parts {
    db: Db,
    rules: Rules,
    clock: Clock,
    estimates: estimates::Estimates,
    gates: quotas::Gates,
    sweeps: runs::Sweeps,
    run_policies: runs::Policies,
}

impl App {
    /// Puts the parts together.
    #[must_use]
    pub fn new(db: Db, engine: Engine, clock: Clock) -> Self {
        Self(Arc::new(Parts {
            db,
            rules: Rules::new(engine),
            clock,
            estimates: estimates::Estimates::default(),
            gates: quotas::Gates::default(),
            sweeps: runs::Sweeps::default(),
            run_policies: runs::Policies::default(),
        }))
    }

    /// The database; for whole-store work such as migrations and health.
    #[must_use]
    pub fn db(&self) -> &Db {
        &self.0.db
    }

    /// The plugins at work.
    #[must_use]
    pub fn rules(&self) -> &Rules {
        &self.0.rules
    }

    /// The clock that every use case reads.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    pub(crate) fn sweeps(&self) -> &runs::Sweeps {
        &self.0.sweeps
    }

    pub(crate) fn run_policies(&self) -> &runs::Policies {
        &self.0.run_policies
    }

    pub(crate) fn gates(&self) -> &quotas::Gates {
        &self.0.gates
    }

    pub(crate) fn estimates(&self) -> &estimates::Estimates {
        &self.0.estimates
    }
}
