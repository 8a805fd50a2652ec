//! Watches the memory and the time of one evaluation.

use crate::clock::Clock;
use crate::config::Limits;
use wasmtime::ResourceLimiter;

/// More table entries than any sensible plugin has functions.
const MAX_TABLE_ELEMENTS: usize = 20_000;

/// What a store carries: its clock, and how much memory its guest may have, has had, and was denied. A denial is
/// an error (it traps at the instruction that asked), so that it has its own name and backtrace.
pub(crate) struct Meter {
    pub(crate) clock: Clock,
    limit: usize,
    held: usize,
    /// What it asked for when it was denied, in bytes.
    pub(crate) denied: Option<usize>,
}

impl Meter {
    pub(crate) fn new(limits: &Limits) -> Self {
        let limit = usize::try_from(limits.memory_bytes).unwrap_or(usize::MAX);
        Self { clock: Clock::start(limits.deadline_ms), limit, held: 0, denied: None }
    }

    /// Linear memory at its largest, in bytes (it never shrinks).
    pub(crate) fn peak(&self) -> u64 {
        u64::try_from(self.held).unwrap_or(u64::MAX)
    }
}

impl ResourceLimiter for Meter {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let held = self.held.saturating_sub(current).saturating_add(desired);
        if held > self.limit {
            self.denied = Some(held);
            return Err(wasmtime::Error::msg("memory limit"));
        }
        self.held = held;
        Ok(true)
    }

    fn table_growing(
        &mut self,
        _current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        if desired > MAX_TABLE_ELEMENTS {
            self.denied = Some(desired.saturating_mul(size_of::<usize>()));
            return Err(wasmtime::Error::msg("table limit"));
        }
        Ok(true)
    }
}
