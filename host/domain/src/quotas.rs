//! How much of a shared server one company may use. The operator sets it, not the company.

/// What one company may use at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Quotas {
    /// Plugins that are not retired.
    pub plugins: i64,
    /// The largest component, in bytes; never more than the engine takes at all.
    pub component_bytes: i64,
    /// Simulations that run at the same moment.
    pub simulations: i64,
    /// Evaluations that people and programs wait for, in a second, on each server. A tenth of a second's worth may
    /// come at once.
    pub calls_per_second: i64,
    /// Such evaluations at the same moment, on each server; none for one fewer than it has processors, so that one
    /// company's slowest plugin leaves a processor for the others.
    pub calls_at_once: Option<i64>,
    /// What such evaluations may take of one processor, in percent, on each server, while other companies are at work
    /// there. The first millisecond of each is not counted, and a second may be taken ahead.
    pub processor_percent: i64,
}

impl Default for Quotas {
    fn default() -> Self {
        Self {
            plugins: 200,
            component_bytes: 16 * 1024 * 1024,
            simulations: 2,
            calls_per_second: 2_000,
            calls_at_once: None,
            processor_percent: 3,
        }
    }
}
