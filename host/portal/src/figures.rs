//! The figures of a running server for Prometheus, on an address of their own: they name every company.

use axum::Router;
use axum::routing::get;
use metrics_exporter_prometheus::{BuildError, PrometheusBuilder, PrometheusHandle};
use qudao_engine::{Engine, Stats};
use std::time::Duration;

/// Upper bounds of the histograms' buckets: seconds, fuel, bytes.
const SECONDS: [f64; 12] = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5, 1.0, 5.0];
const FUEL: [f64; 8] = [1e4, 1e5, 5e5, 1e6, 1e7, 1e8, 1e9, 1e10];
const BYTES: [f64; 7] =
    [262_144.0, 1_048_576.0, 4_194_304.0, 16_777_216.0, 33_554_432.0, 67_108_864.0, 134_217_728.0];
/// How often old samples are folded, where nobody scrapes.
const UPKEEP: Duration = Duration::from_secs(5);

/// Begins to count. Called once in a process.
///
/// # Errors
/// When somebody counts already.
pub fn install() -> Result<PrometheusHandle, BuildError> {
    use metrics_exporter_prometheus::Matcher::Full;
    let builder = PrometheusBuilder::new()
        .set_buckets_for_metric(Full("qudao_plugin_seconds".to_owned()), &SECONDS)?
        .set_buckets_for_metric(Full("qudao_plugin_fuel".to_owned()), &FUEL)?
        .set_buckets_for_metric(Full("qudao_plugin_memory_bytes".to_owned()), &BYTES)?;
    let handle = builder.install_recorder()?;
    describe();
    Ok(handle)
}

fn describe() {
    metrics::describe_counter!(
        "qudao_plugin_calls_total",
        "Evaluations by company, kind, plugin, version, outcome"
    );
    metrics::describe_histogram!("qudao_plugin_seconds", metrics::Unit::Seconds, "Time of an evaluation");
    metrics::describe_histogram!("qudao_plugin_fuel", "Fuel of an evaluation");
    metrics::describe_histogram!(
        "qudao_plugin_memory_bytes",
        metrics::Unit::Bytes,
        "Memory of an evaluation"
    );
    metrics::describe_gauge!("qudao_pool_size", "Evaluations that may run at once");
    metrics::describe_gauge!("qudao_pool_taken", "Evaluations that run");
    metrics::describe_gauge!("qudao_plugins_loaded", "Plugins in memory");
    metrics::describe_counter!(
        "qudao_plugins_from_cache_total",
        "Plugins loaded from the cache of artifacts"
    );
    metrics::describe_counter!(
        "qudao_plugins_compiled_total",
        "Plugins compiled again for want of an artifact"
    );
}

/// `GET /metrics`.
pub fn router(handle: PrometheusHandle, engine: Engine) -> Router {
    let keeper = handle.clone();
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(UPKEEP).await;
            keeper.run_upkeep();
        }
    });
    let text = move || {
        let Stats { pool_size, pool_taken, loaded, from_cache, compiled } = engine.stats();
        metrics::gauge!("qudao_pool_size").set(pool_size);
        metrics::gauge!("qudao_pool_taken").set(pool_taken);
        metrics::gauge!("qudao_plugins_loaded").set(u32::try_from(loaded).unwrap_or(u32::MAX));
        metrics::counter!("qudao_plugins_from_cache_total").absolute(from_cache);
        metrics::counter!("qudao_plugins_compiled_total").absolute(compiled);
        handle.render()
    };
    Router::new().route("/metrics", get(|| async move { text() }))
}
