//! What can go wrong when a plugin is run.

use crate::quoted::{quoted, quoted_lines};
use std::fmt;
use wasmtime::{Trap, WasmBacktrace};

/// What went wrong, by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RuleError {
    /// The plugin crashed: a panic, an illegal access, an exhausted call stack.
    Trap,
    /// It used up its fuel: an endless loop, or too much work for so few lines.
    OutOfFuel,
    /// It ran past its time on a processor, the backstop to fuel.
    Deadline,
    /// It asked for more memory than it may have.
    Memory,
    /// It answered what no answer may be.
    BadAnswer,
    /// The host's own question does not fit the contract; the plugin was not run.
    BadRequest,
    /// Every slot of the pool stayed taken; the plugin was not run. Try again.
    Busy,
}

impl RuleError {
    /// Every name.
    pub const ALL: [Self; 7] = [
        Self::Trap,
        Self::OutOfFuel,
        Self::Deadline,
        Self::Memory,
        Self::BadAnswer,
        Self::BadRequest,
        Self::Busy,
    ];

    /// The word used in API, database and screens.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Trap => "trap",
            Self::OutOfFuel => "out-of-fuel",
            Self::Deadline => "deadline",
            Self::Memory => "memory",
            Self::BadAnswer => "bad-answer",
            Self::BadRequest => "bad-request",
            Self::Busy => "busy",
        }
    }

    /// Whether it counts against the plugin.
    #[must_use]
    pub const fn is_the_plugins(self) -> bool {
        !matches!(self, Self::BadRequest | Self::Busy)
    }
}

impl fmt::Display for RuleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A run that came to no usable answer.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, thiserror::Error)]
#[error("{error}: {detail}")]
pub struct RuleFailure {
    /// By name.
    pub error: RuleError,
    /// What and where, for ops: `line 3: unit price is negative`.
    pub detail: String,
    /// The plugin's own call stack, where it has one.
    pub backtrace: Option<String>,
    /// Fuel spent until then.
    pub fuel: u64,
    /// Time spent, in microseconds.
    pub elapsed_us: u64,
}

impl RuleFailure {
    /// A failure before the plugin ran.
    pub(crate) fn before_run(error: RuleError, detail: impl Into<String>) -> Self {
        Self { error, detail: detail.into(), backtrace: None, fuel: 0, elapsed_us: 0 }
    }
}

/// Gives an error out of wasmtime its name. Memory is told apart by the caller's meter.
pub(crate) fn name_error(error: &wasmtime::Error, deadline_ms: u64) -> (RuleError, String) {
    match error.downcast_ref::<Trap>() {
        Some(Trap::OutOfFuel) => (
            RuleError::OutOfFuel,
            "used up its fuel: an endless loop, or too much work for so little input".into(),
        ),
        Some(Trap::Interrupt) => {
            (RuleError::Deadline, format!("still ran after its {deadline_ms} ms of a processor"))
        }
        Some(Trap::StackOverflow) => {
            (RuleError::Trap, "call stack exhausted: the recursion is too deep".into())
        }
        Some(trap @ Trap::UnreachableCodeReached) => {
            (RuleError::Trap, format!("the plugin panicked or gave up ({trap})"))
        }
        // A guest whose own stack lies below its data runs out of bounds when that stack is used up.
        Some(trap @ Trap::MemoryOutOfBounds) => {
            (RuleError::Trap, format!("{trap}; too deep a recursion shows like this too"))
        }
        Some(trap) => (RuleError::Trap, trap.to_string()),
        // What is no trap came from the exchange: invalid text, a wrong tag or pointer, more bytes than allowed.
        None => (
            RuleError::BadAnswer,
            format!(
                "what it handed over breaks the contract: {}",
                quoted(&error.root_cause().to_string(), 300)
            ),
        ),
    }
}

/// The guest's frames of an error, if it has any.
pub(crate) fn backtrace(error: &wasmtime::Error) -> Option<String> {
    let text = error.downcast_ref::<WasmBacktrace>()?.to_string();
    Some(quoted_lines(&text, 4_000))
}
