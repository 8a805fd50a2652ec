//! Runs plugins: WebAssembly components that decide prices, incentives and scores.
//!
//! Everything here blocks: call it from a thread that may, such as tokio's `spawn_blocking`.
//!
//! Invariant: a plugin gets nothing but its input, and nothing of one evaluation reaches another.
//! Invariant: whatever a plugin answers is checked before anybody sees it.

mod artifact;
pub mod cases;
mod clock;
mod compile;
mod config;
mod descriptor;
mod difference;
mod digest;
mod enclosed;
mod engine;
mod failure;
mod inspect;
mod kinds;
mod meter;
mod outline;
mod plugin;
mod questions;
mod quoted;
mod refusal;
mod report;
mod run;
mod runtime;
pub mod schema;

pub use clock::{processor_time, when_long};
pub use compile::compile_child;
pub use config::{Compiler, EngineConfig, Limits};
pub use difference::{Difference, differences, same_amount};
pub use digest::{Digest, NoDigest};
pub use engine::{Engine, EngineError, Stats, Verified};
pub use failure::{RuleError, RuleFailure};
pub use inspect::Inspected;
pub use plugin::{Evaluated, IncentiveRun, Opened, Plugin};
pub use refusal::Refusal;
pub use report::{Came, CasesRun, Examined, Probe, Report, SizeRun, try_out};
