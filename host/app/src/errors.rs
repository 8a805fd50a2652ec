//! What a use case may answer instead of its result. The portal alone turns it into a page or problem details.

use qudao_domain::contract::{Kind, Message};
use qudao_domain::pricing::Violation;
use qudao_engine::{Refusal, RuleFailure};
use qudao_store::StoreError;

/// Result of a use case.
pub type Result<T> = std::result::Result<T, AppError>;

/// What is wrong with one value that was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issue {
    /// JSON pointer to it: `/lines/3/quantity`.
    pub pointer: String,
    /// The rule that it breaks; the portal's messages name it `invalid-<code>`.
    pub code: &'static str,
    /// What fills the message.
    pub args: Vec<(&'static str, String)>,
    /// What is wrong and how to mend it, in English.
    pub message: String,
}

impl Issue {
    /// The value at `pointer` breaks the rule `code`.
    pub fn new(pointer: impl Into<String>, code: &'static str, message: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), code, args: Vec::new(), message: message.into() }
    }

    /// Fills a place of the message.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.args.push((name, value.to_string()));
        self
    }
}

/// Why there is no result.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// No such thing, or not for this reader: the answer is the same.
    #[error("there is no such thing here")]
    NotFound,
    /// The reader's role or token does not reach so far.
    #[error("this is not permitted")]
    Forbidden,
    /// What was given is understood and wrong.
    #[error("{}", .0.iter().map(|issue| format!("{}: {}", issue.pointer, issue.message)).collect::<Vec<_>>().join("; "))]
    Invalid(Vec<Issue>),
    /// Something changed meanwhile, or the step makes no sense where things stand.
    #[error("{message}")]
    Conflict {
        /// Which conflict; the portal's messages name it `conflict-<code>`.
        code: &'static str,
        /// What fills the message.
        args: Vec<(&'static str, String)>,
        /// In English.
        message: String,
    },
    /// A rule refused, with coded reasons.
    #[error("the rule refuses: {}", .violations.iter().map(|v| v.reason.code.as_str()).collect::<Vec<_>>().join(", "))]
    Refused {
        /// Why, by line or for the whole order.
        violations: Vec<Violation>,
        /// The plugin's sentences.
        messages: Vec<Message>,
    },
    /// No plugin is bound for what must be decided.
    #[error("no {0} plugin is active; upload one and activate it")]
    NoRule(Kind),
    /// The plugin failed: a named reason, recorded for ops.
    #[error("the {kind} plugin failed: {} ({})", .failure.error, .failure.detail)]
    Rule {
        /// What was to be decided.
        kind: Kind,
        /// How it failed.
        failure: Box<RuleFailure>,
    },
    /// An uploaded component is not accepted.
    #[error("{0}")]
    Upload(Box<Refusal>),
    /// The company asked more often than its share of the server allows; again in a moment.
    #[error("your company asks more often than it may; try again in a second")]
    TooMany,
    /// Too much at once; again in a moment.
    #[error("too busy; try again in a moment")]
    Busy,
    /// Our own fault; the text is for the log only.
    #[error("internal error: {0}")]
    Internal(String),
}

impl AppError {
    /// One wrong value.
    pub fn invalid(issue: Issue) -> Self {
        Self::Invalid(vec![issue])
    }

    /// A conflict whose message has no places.
    pub fn conflict(code: &'static str, message: impl Into<String>) -> Self {
        Self::Conflict { code, args: Vec::new(), message: message.into() }
    }

    /// Fills a place of a conflict's message.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        if let Self::Conflict { args, .. } = &mut self {
            args.push((name, value.to_string()));
        }
        self
    }
}

impl From<StoreError> for AppError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Busy(_) | StoreError::Unavailable(_) => Self::Busy,
            StoreError::Conflict(said) | StoreError::Corrupt(said) => Self::Internal(said),
        }
    }
}
