//! What evaluations cost, counted for each company, kind and version, and told in a span each.

use qudao_engine::{Evaluated, Plugin, RuleFailure};
use std::time::Duration;

type Result<T> = std::result::Result<Evaluated<T>, RuleFailure>;

/// Runs an evaluation, counts it and spans it. `docs/operating.md` lists the figures.
pub(crate) fn measured<T>(company: &str, plugin: &Plugin, evaluate: impl FnOnce() -> Result<T>) -> Result<T> {
    let about = plugin.descriptor();
    let span = tracing::debug_span!(
        "plugin.run",
        company,
        kind = about.kind.as_str(),
        plugin = about.name,
        version = about.version,
        digest = %plugin.digest(),
        outcome = tracing::field::Empty,
        fuel = tracing::field::Empty,
        memory_bytes = tracing::field::Empty,
        elapsed_us = tracing::field::Empty,
    );
    let result = span.in_scope(evaluate);
    let (outcome, fuel, memory, elapsed_us) = match &result {
        Ok(told) => ("ok", told.fuel, Some(told.memory_bytes), told.elapsed_us),
        Err(failure) => (failure.error.as_str(), failure.fuel, None, failure.elapsed_us),
    };
    span.record("outcome", outcome).record("fuel", fuel).record("elapsed_us", elapsed_us);
    let labels = [
        ("company", company.to_owned()),
        ("kind", about.kind.as_str().to_owned()),
        ("plugin", about.name.clone()),
        ("version", about.version.clone()),
    ];
    let with_outcome = [labels.as_slice(), &[("outcome", outcome.to_owned())]].concat();
    metrics::counter!("qudao_plugin_calls_total", &with_outcome).increment(1);
    metrics::histogram!("qudao_plugin_seconds", &labels).record(Duration::from_micros(elapsed_us));
    metrics::histogram!("qudao_plugin_fuel", &labels).record(approximate(fuel));
    if let Some(memory) = memory {
        span.record("memory_bytes", memory);
        metrics::histogram!("qudao_plugin_memory_bytes", &labels).record(approximate(memory));
    }
    result
}

#[expect(clippy::cast_precision_loss, reason = "a histogram's bucket does not need the last digit")]
fn approximate(count: u64) -> f64 {
    count as f64
}
