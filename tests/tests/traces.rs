//! Spans of requests and evaluations, as a collector receives them.

#![expect(clippy::unwrap_used, reason = "what is missing ends the test")]

use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::routing::post;
use axum::{Router, serve};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;
use qudao_tests::binary::Binary;
use serde_json::json;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::TcpListener;

/// What the caller's own span is, by W3C's Trace Context.
const CALLER: (&str, &str) = ("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331");

/// What was sent, and by which service.
#[derive(Clone, Default)]
struct Collector(Arc<Mutex<Vec<(String, Span)>>>);

impl Collector {
    /// Receives on a free port; gives its address.
    async fn open(&self) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().route("/v1/traces", post(receive)).with_state(self.clone());
        tokio::spawn(async move { serve(listener, router).await.unwrap() });
        address
    }

    /// The first span of a name; it is sent soon after it ended.
    async fn named(&self, name: &str) -> (String, Span) {
        for _ in 0..3_000 {
            let found = self.0.lock().unwrap().iter().find(|(_, span)| span.name == name).cloned();
            if let Some(found) = found {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("no span `{name}` within a minute")
    }
}

async fn receive(State(Collector(spans)): State<Collector>, headers: HeaderMap, body: Bytes) {
    assert_eq!(headers["content-type"], "application/x-protobuf");
    let sent = ExportTraceServiceRequest::decode(body).unwrap();
    for resource in sent.resource_spans {
        let service = text(&resource.resource.unwrap().attributes, "service.name").unwrap();
        let of_resource = resource.scope_spans.into_iter().flat_map(|scope| scope.spans);
        spans.lock().unwrap().extend(of_resource.map(|span| (service.clone(), span)));
    }
}

/// An attribute as text, whatever its type.
fn text(attributes: &[KeyValue], key: &str) -> Option<String> {
    let found = attributes.iter().find(|attribute| attribute.key == key)?;
    Some(match found.value.clone()?.value? {
        Value::StringValue(text) => text,
        Value::IntValue(number) => number.to_string(),
        other => format!("{other:?}"),
    })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_collector_sees_the_evaluation_within_its_request_within_its_caller() {
    let collector = Collector::default();
    let endpoint = collector.open().await;
    let asked = tokio::task::spawn_blocking(move || {
        let binary = Binary::new();
        let demo = binary.run(&["--json", "demo"]).json();
        let mut users = demo["users"].as_array().unwrap().iter();
        let buyer = users.find(|user| user["company"] == "xingqu" && user["role"] == "dealer-buyer").unwrap();
        let environment =
            [("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint.as_str()), ("OTEL_BSP_SCHEDULE_DELAY", "50")];
        let served = binary.serve_with(&environment);
        let client = served.client(buyer["api_token"].as_str().unwrap());
        let (_, products) = client.get("/api/v1/products?limit=1").unwrap();
        let body = json!({ "lines": [{ "sku": products["products"][0]["sku"], "quantity": 1 }] });
        let caller = format!("00-{}-{}-01", CALLER.0, CALLER.1);
        let (status, _) =
            client.with("traceparent", &caller).post("/api/v1/quotes", "traced", &body).unwrap();
        assert_eq!(status, 200);
        let (status, _) = client.get("/api/v1/orders/nothing-of-that-kind").unwrap();
        (served, status)
    });
    let (served, refused) = asked.await.unwrap();
    let (request, run) = (collector.named("POST /api/v1/quotes").await, collector.named("plugin.run").await);
    assert_eq!((request.0.as_str(), run.0.as_str()), ("qudao", "qudao"));
    let (request, run) = (request.1, run.1);
    assert_eq!((hex(&request.trace_id).as_str(), hex(&request.parent_span_id).as_str()), CALLER);
    assert_eq!(
        (run.trace_id, run.parent_span_id),
        (request.trace_id, request.span_id),
        "the evaluation is in it"
    );
    let of = |key: &str| text(&request.attributes, key).unwrap_or_default();
    assert_eq!((of("http.route"), of("http.response.status_code")), ("/api/v1/quotes".into(), "200".into()));
    let of = |key: &str| text(&run.attributes, key).unwrap_or_default();
    assert_eq!(
        (of("company"), of("kind"), of("plugin")),
        ("xingqu".into(), "pricing".into(), "volume-pricing".into())
    );
    assert_eq!(of("outcome"), "ok");
    assert!(of("fuel").parse::<u64>().unwrap() > 0 && of("memory_bytes").parse::<u64>().unwrap() > 0);

    // What is wrong is told under its route, not under each path that was tried.
    let (_, wrong) = collector.named("GET /api/v1/orders/{id}").await;
    assert_eq!(text(&wrong.attributes, "http.response.status_code").unwrap(), refused.to_string());
    drop(served);
}
