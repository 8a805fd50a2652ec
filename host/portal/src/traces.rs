//! Spans of requests and evaluations, sent to a collector by OTLP.

use anyhow::Context as _;
use axum::extract::MatchedPath;
use axum::http::{Request, Response};
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_http::HeaderExtractor;
use opentelemetry_otlp::{SpanExporter, WithExportConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{SdkTracerProvider, Tracer};
use std::time::Duration;
use tracing::{Span, field};
use tracing_opentelemetry::{OpenTelemetryLayer, OpenTelemetrySpanExt as _};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::Layer;
use tracing_subscriber::registry::LookupSpan;

/// Sends what ends in the meantime, and the rest when it is told to.
pub(crate) struct Traces(SdkTracerProvider);

impl Traces {
    /// To the collector at `endpoint`, such as `http://localhost:4318`; spans go to `/v1/traces` there.
    ///
    /// # Errors
    /// Where that is no such address.
    pub(crate) fn to(endpoint: &str) -> anyhow::Result<Self> {
        let endpoint = format!("{}/v1/traces", endpoint.trim_end_matches('/'));
        let exporter = SpanExporter::builder().with_http().with_endpoint(&endpoint).build();
        let exporter = exporter.with_context(|| format!("traces cannot be sent to {endpoint}"))?;
        opentelemetry::global::set_text_map_propagator(TraceContextPropagator::new());
        // `OTEL_SERVICE_NAME` goes before our own name.
        let resource = Resource::builder()
            .with_attribute(opentelemetry::KeyValue::new("service.version", env!("CARGO_PKG_VERSION")));
        let resource = match std::env::var_os("OTEL_SERVICE_NAME") {
            Some(_) => resource,
            None => resource.with_service_name("qudao"),
        };
        let provider =
            SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource.build());
        Ok(Self(provider.build()))
    }

    /// What the subscriber hands spans to: those of requests and evaluations, whatever the log is told.
    pub(crate) fn layer<S>(&self) -> impl Layer<S> + use<S>
    where
        S: tracing::Subscriber + for<'span> LookupSpan<'span>,
    {
        let spans = Targets::new().with_target("qudao", tracing::Level::DEBUG);
        let layer: OpenTelemetryLayer<S, Tracer> =
            tracing_opentelemetry::layer().with_tracer(self.0.tracer("qudao"));
        layer.with_location(false).with_threads(false).with_target(false).with_filter(spans)
    }

    /// Sends what was not sent yet; blocks meanwhile, some seconds at most.
    pub(crate) fn end(self) {
        if let Err(error) = self.0.shutdown() {
            tracing::warn!(%error, "the last spans were not sent");
        }
    }
}

/// The span of a request: a child of the caller's where a `traceparent` says so. The names are those of OpenTelemetry's
/// conventions for HTTP servers.
pub(crate) fn of_request<B>(request: &Request<B>) -> Span {
    let method = request.method();
    let route = request.extensions().get::<MatchedPath>().map_or("", MatchedPath::as_str);
    let span = tracing::debug_span!(
        "request",
        otel.name = format!("{method} {route}").trim_end(),
        otel.kind = "server",
        otel.status_code = field::Empty,
        http.request.method = %method,
        http.route = route,
        url.path = request.uri().path(),
        http.response.status_code = field::Empty,
    );
    if !span.is_disabled() {
        let parent = opentelemetry::global::get_text_map_propagator(|propagator| {
            propagator.extract(&HeaderExtractor(request.headers()))
        });
        // It fails where spans are logged but not sent; then there is nothing to belong to.
        let _ = span.set_parent(parent);
    }
    span
}

/// Adds how a request was answered to its span.
pub(crate) fn answered<B>(response: &Response<B>, _took: Duration, span: &Span) {
    let status = response.status();
    span.record("http.response.status_code", status.as_u16());
    if status.is_server_error() {
        span.record("otel.status_code", "ERROR");
    }
}
