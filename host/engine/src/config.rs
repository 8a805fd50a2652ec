//! What the engine is made with, and the one place where wasmtime is configured.

use std::path::PathBuf;
use wasmtime::{Config, InstanceAllocationStrategy, PoolingAllocationConfig, WasmBacktraceDetails};

const MIB: u64 = 1024 * 1024;

/// Milliseconds between two ticks of the epoch clock, at which evaluations look at their own.
pub(crate) const TICK_MS: u64 = 2;

/// What a plugin may use. Every figure holds for one evaluation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Fuel (about one per Wasm instruction) that every call gets.
    pub fuel_base: u64,
    /// Fuel added for each line, metric, participant or product.
    pub fuel_per_line: u64,
    /// Fuel added for each streamed fact; what is not spent is kept for the later facts and the end.
    pub fuel_per_fact: u64,
    /// The processor's time that each single call into the plugin may take, in milliseconds: a backstop to fuel. Also
    /// the longest wait for a free slot of the pool.
    pub deadline_ms: u64,
    /// Linear memory, in bytes.
    pub memory_bytes: u64,
    /// The largest component that may be uploaded, in bytes.
    pub max_component_bytes: usize,
    /// The largest compiled artifact, in bytes.
    pub max_artifact_bytes: usize,
    /// The most that one answer may hand over, in bytes.
    pub max_answer_bytes: usize,
    /// The most notes in one list: adjustments of a line, steps of a payout, approvals, ….
    pub max_notes: usize,
    /// The most values that one note may carry.
    pub max_note_args: usize,
    /// The longest text that one value of a note may be, in bytes.
    pub max_text_bytes: usize,
    /// The most payouts (and as many unpaid reasons) of one run.
    pub max_payouts: usize,
    /// The most indicators of one scorecard.
    pub max_indicators: usize,
}

impl Limits {
    /// The fuel of a question with so many lines (metrics, participants, products, targets) and facts.
    #[must_use]
    pub fn fuel(&self, lines: usize, facts: usize) -> u64 {
        let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
        let lines = self.fuel_per_line.saturating_mul(count(lines));
        self.fuel_base.saturating_add(lines).saturating_add(self.fuel_per_fact.saturating_mul(count(facts)))
    }
}

/// Sized for plugins in TypeScript, whose interpreter needs some 250 times the fuel of Rust. Its fuel is quick to
/// spend, some 10 a nanosecond, since most of it only moves locals about; the clock ends what is not.
impl Default for Limits {
    fn default() -> Self {
        Self {
            // Settings of 256 KiB, the largest, take the reader of the TypeScript SDK 0.7 billion.
            fuel_base: 1_000_000_000,
            // A line takes `volume-pricing-ts` 1.9 million, 1,000 of them 0.15 s.
            fuel_per_line: 5_000_000,
            // A fact takes 0.26 million to reach a plugin in TypeScript; the rest is for what it does with it.
            fuel_per_fact: 1_000_000,
            deadline_ms: 5_000,
            // A JavaScript engine begins with 9 MiB, has 15 after 1,000 lines, 87 after a million facts and 117 after
            // three: it collects its garbage late, and 64 were too few for it from 200,000 facts on.
            memory_bytes: 128 * MIB,
            // Of a plugin in TypeScript 12 MB are the engine, which every one brings along.
            max_component_bytes: 16 * 1024 * 1024,
            // Those 12 MB become 42 MB.
            max_artifact_bytes: 128 * 1024 * 1024,
            max_answer_bytes: 16 * 1024 * 1024,
            max_notes: 200,
            max_note_args: 20,
            max_text_bytes: 1_000,
            max_payouts: 100_000,
            max_indicators: 200,
        }
    }
}

/// Where components are compiled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Compiler {
    /// In this process: for tests and benchmarks, where every component is our own.
    InProcess,
    /// In a process of its own that ends in [`crate::compile_child`], under limits.
    Child {
        /// The executable.
        program: PathBuf,
        /// What leads it to [`crate::compile_child`].
        args: Vec<String>,
        /// Its memory (writable private pages), in bytes.
        memory_bytes: u64,
        /// Its wall-clock time, in milliseconds.
        time_ms: u64,
    },
}

impl Compiler {
    /// A child process with the usual limits: 1 GiB, 100 seconds. A plugin in TypeScript takes 0.4 GiB and 20 seconds of
    /// an idle processor, twice that beside others; the portal gives a request 120 seconds.
    #[must_use]
    pub fn child(program: impl Into<PathBuf>, args: &[&str]) -> Self {
        Self::Child {
            program: program.into(),
            args: args.iter().map(|arg| (*arg).to_owned()).collect(),
            memory_bytes: 1024 * MIB,
            time_ms: 100_000,
        }
    }
}

/// What an [`crate::Engine`] is made with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EngineConfig {
    /// How many evaluations run at the same moment; the next ones wait.
    pub pool_size: u32,
    /// What each evaluation may use.
    pub limits: Limits,
    /// Where compiled artifacts are kept, readable and writable by the server alone; nowhere when none.
    pub cache_dir: Option<PathBuf>,
    /// Where components are compiled.
    pub compiler: Compiler,
    /// Guest memory that is cleared and left in place when a slot of the pool is reused, in bytes; what a guest
    /// touched beyond it goes back to the system.
    pub keep_resident_bytes: usize,
}

impl Default for EngineConfig {
    fn default() -> Self {
        Self {
            pool_size: 32,
            limits: Limits::default(),
            cache_dir: None,
            compiler: Compiler::InProcess,
            keep_resident_bytes: KEEP_RESIDENT_BYTES,
        }
    }
}

impl EngineConfig {
    /// With a pool of this size.
    #[must_use]
    pub fn pool_size(mut self, evaluations: u32) -> Self {
        self.pool_size = evaluations.max(1);
        self
    }

    /// With these limits.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// With compiled artifacts kept in a directory.
    #[must_use]
    pub fn cache_dir(mut self, directory: impl Into<PathBuf>) -> Self {
        self.cache_dir = Some(directory.into());
        self
    }

    /// With so much guest memory left in place between two evaluations; for benchmarks, which show what that is worth.
    #[must_use]
    pub fn keep_resident(mut self, bytes: usize) -> Self {
        self.keep_resident_bytes = bytes;
        self
    }

    /// With this compiler.
    #[must_use]
    pub fn compiler(mut self, compiler: Compiler) -> Self {
        self.compiler = compiler;
        self
    }
}

/// The host's stack that one evaluation may use, in bytes; well below a thread's 2 MiB.
const STACK_BYTES: usize = 512 * 1024;

/// Clearing memory costs less than faulting it in again.
const KEEP_RESIDENT_BYTES: usize = 2 * 1024 * 1024;

/// The same of a table, whose entries are cleared each time.
const KEEP_RESIDENT_TABLE_BYTES: usize = 64 * 1024;

/// The configuration of wasmtime: with a pool where plugins run, without where they are compiled.
/// Everything that decides what the compiled code looks like is the same for both, else the
/// artifacts of the one would not load in the other (a test compares their compatibility hashes).
pub(crate) fn wasmtime_config(pool: Option<&EngineConfig>) -> Config {
    let mut config = Config::new();
    config
        .consume_fuel(true)
        .epoch_interruption(true)
        .cranelift_nan_canonicalization(true)
        .wasm_relaxed_simd(false)
        .wasm_memory64(false)
        .concurrency_support(false)
        .max_wasm_stack(STACK_BYTES)
        .parallel_compilation(false)
        // Names in a backtrace come from the name section; debug information is the guest's and may be hostile.
        .wasm_backtrace_details(WasmBacktraceDetails::Disable);
    if let Some(engine) = pool {
        config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool_config(engine)));
    }
    config
}

/// A plugin in Rust or TypeScript is one core instance with one memory and one table (of some hundred and of 7,700
/// entries); a component that was made otherwise may have a few more instances and tables. One slot does for both
/// languages: what a slot costs to reuse is what its last guest touched, not how large it might have grown.
fn pool_config(engine: &EngineConfig) -> PoolingAllocationConfig {
    let slots = engine.pool_size.max(1);
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(slots)
        .total_core_instances(slots.saturating_mul(8))
        .max_core_instances_per_component(8)
        .total_memories(slots)
        .max_memories_per_component(1)
        .total_tables(slots.saturating_mul(4))
        .max_tables_per_component(4)
        .max_memory_size(usize::try_from(engine.limits.memory_bytes).unwrap_or(usize::MAX))
        .linear_memory_keep_resident(engine.keep_resident_bytes)
        .table_keep_resident(KEEP_RESIDENT_TABLE_BYTES.min(engine.keep_resident_bytes));
    pool
}
