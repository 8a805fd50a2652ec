//! Why an uploaded plugin is not taken, each with what to do about it.

use crate::failure::RuleFailure;
use crate::quoted::{quoted, quoted_lines};
use crate::schema::{SchemaError, SettingsIssue};

/// Why a plugin is refused at upload.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The file does not begin like WebAssembly.
    #[error("this is not a WebAssembly file; upload the component (.wasm) that the plugin's build made")]
    NotWasm,
    /// A core module instead of a component.
    #[error(
        "this is a core WebAssembly module, not a component; turn it into one with `qudao plugin` \
         tooling of the SDK or `wasm-tools component new`"
    )]
    CoreModule,
    /// The file is too large.
    #[error(
        "the component has {bytes} bytes, at most {limit} are taken; build it in release mode and strip it"
    )]
    TooLarge {
        /// Its size.
        bytes: usize,
        /// The most allowed.
        limit: usize,
    },
    /// It wants something from the host.
    #[error(
        "the component imports {}; a plugin may import nothing, all that it may know is in its input. \
         Build it for wasm32-unknown-unknown without WASI",
        listed(names)
    )]
    ImportsFunction {
        /// What it imports, the first few.
        names: Vec<String>,
    },
    /// It exports no contract that this host speaks, or more than one, or in another shape.
    #[error("the component does not fit a contract of this host: {detail}. The contracts are {contracts}")]
    WrongWorld {
        /// What was found instead.
        detail: String,
        /// Those that would do.
        contracts: String,
    },
    /// It is damaged or uses what is not allowed.
    #[error("the component is not valid: {detail}; build it again, with the SDK's tools")]
    BadStructure {
        /// What is wrong and where.
        detail: String,
    },
    /// Compilation did not end in time.
    #[error("compiling took longer than {time_ms} ms; make the plugin smaller or its functions shorter")]
    CompileTooSlow {
        /// The time it had.
        time_ms: u64,
    },
    /// Compilation needed too much memory, or its result is too large.
    #[error("compiling needs more than allowed: {what} over {limit} bytes; make the plugin smaller")]
    CompileTooBig {
        /// `memory` or `artifact`.
        what: String,
        /// The limit that was hit, in bytes.
        limit: u64,
    },
    /// The host could not compile it, and that is not the plugin's fault.
    #[error("the host's compiler did not run: {detail}; tell the operator, then upload again")]
    CompilerFailed {
        /// What happened.
        detail: String,
    },
    /// `describe` did not answer.
    #[error("the plugin does not describe itself: {0}")]
    DescribeFailed(RuleFailure),
    /// The descriptor contradicts itself or the contract.
    #[error("the plugin's descriptor is wrong at `{field}`: {detail}")]
    BadDescriptor {
        /// Which field.
        field: String,
        /// What is wrong and how to mend it.
        detail: String,
    },
    /// The settings schema cannot be used.
    #[error("the plugin's settings schema is refused: {0}")]
    BadSchema(SchemaError),
    /// The settings to begin with do not satisfy the plugin's own schema.
    #[error("the plugin's default settings do not satisfy its own schema: {}", first(issues))]
    BadDefaults {
        /// Everything that is wrong.
        issues: Vec<SettingsIssue>,
    },
    /// A small made-up question with the default settings made it fail.
    #[error("the plugin fails on a simple question with its default settings: {0}")]
    TrialFailed(RuleFailure),
    /// The cases that it carries cannot be read.
    #[error(
        "the section `qudao:cases` of the component is refused: {detail}; build it again, with the SDK's tools"
    )]
    BadCases {
        /// What is wrong.
        detail: String,
    },
    /// It does not do what a case that it carries says.
    #[error("the plugin does not do what its own case `{case}` says: {detail}; see `qudao plugin test`")]
    CaseDiffers {
        /// The case's name.
        case: String,
        /// Where, and what came instead.
        detail: String,
    },
    /// It answered the same question in two ways.
    #[error(
        "the plugin answers the same question in two ways: {detail}; its decisions could not be replayed"
    )]
    NotDeterministic {
        /// Which question and how.
        detail: String,
    },
}

/// The longest reason of the validator or compiler that is shown, in characters. It names the component's own names.
const MAX_DETAIL: usize = 500;

impl Refusal {
    /// As the validator or compiler says it.
    pub(crate) fn bad_structure(said: &str) -> Self {
        Self::BadStructure { detail: quoted_lines(said, MAX_DETAIL) }
    }

    /// As whoever looked for the contract's functions says it.
    pub(crate) fn wrong_world(said: &str, contracts: String) -> Self {
        Self::WrongWorld { detail: quoted(said, MAX_DETAIL), contracts }
    }

    /// A stable word for API and screens.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotWasm => "not-wasm",
            Self::CoreModule => "core-module",
            Self::TooLarge { .. } => "too-large",
            Self::ImportsFunction { .. } => "imports-function",
            Self::WrongWorld { .. } => "wrong-world",
            Self::BadStructure { .. } => "bad-structure",
            Self::CompileTooSlow { .. } => "compile-too-slow",
            Self::CompileTooBig { .. } => "compile-too-big",
            Self::CompilerFailed { .. } => "compiler-failed",
            Self::DescribeFailed(_) => "describe-failed",
            Self::BadDescriptor { .. } => "bad-descriptor",
            Self::BadSchema(_) => "bad-schema",
            Self::BadDefaults { .. } => "bad-defaults",
            Self::TrialFailed(_) => "trial-failed",
            Self::BadCases { .. } => "bad-cases",
            Self::CaseDiffers { .. } => "case-differs",
            Self::NotDeterministic { .. } => "not-deterministic",
        }
    }
}

fn listed(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

fn first(issues: &[SettingsIssue]) -> String {
    match issues.first() {
        Some(issue) => format!("at `{}` {} ({} in all)", issue.pointer, issue.message, issues.len()),
        None => "no issue named".to_owned(),
    }
}
