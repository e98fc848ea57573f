//! What leaves the process, read by an endpoint that decodes the formats of Loki and of OTLP as their servers do.

use axum::{Router, body::Bytes, http::HeaderMap, routing::post};
use opentelemetry_proto::tonic::{
    collector::trace::v1::{ExportTraceServiceRequest, ExportTraceServiceResponse},
    common::v1::any_value::Value,
};
use prost::Message as _;
use tokio::sync::mpsc;

use super::*;
use crate::{TracesConfig, traces};

/// `logproto.PushRequest` (grafana/loki pkg/push/push.proto), as far as it is used.
#[derive(prost::Message)]
struct PushRequest {
    #[prost(message, repeated, tag = "1")]
    streams: Vec<Stream>,
}

#[derive(prost::Message)]
struct Stream {
    #[prost(string, tag = "1")]
    labels: String,
    #[prost(message, repeated, tag = "2")]
    entries: Vec<Entry>,
}

#[derive(prost::Message)]
struct Entry {
    #[prost(message, optional, tag = "1")]
    timestamp: Option<Timestamp>,
    #[prost(string, tag = "2")]
    line: String,
}

#[derive(prost::Message)]
struct Timestamp {
    #[prost(int64, tag = "1")]
    seconds: i64,
    #[prost(int32, tag = "2")]
    nanos: i32,
}

/// Takes every POST to `path`; gives its headers and body, and its own base URL.
async fn endpoint(path: &str, answer: Vec<u8>) -> (String, mpsc::UnboundedReceiver<(HeaderMap, Bytes)>) {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let (pushed, pushes) = mpsc::unbounded_channel();
    let take = move |headers: HeaderMap, body: Bytes| {
        let _ = pushed.send((headers, body));
        std::future::ready(answer)
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(axum::serve(listener, Router::new().route(path, post(take))).into_future());
    (url, pushes)
}

fn header<'h>(headers: &'h HeaderMap, name: &str) -> &'h str {
    headers.get(name).map_or("", |value| value.to_str().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn log_lines_reach_loki_in_its_format() {
    let (url, mut pushes) = endpoint("/loki/api/v1/push", Vec::new()).await;
    let config = LogConfig { level: "info".to_owned(), loki_url: url, ..LogConfig::default() };
    let (subscriber, telemetry) = subscriber("auth-svc", &config).unwrap();
    tracing::subscriber::with_default(subscriber, || {
        let _span = tracing::info_span!("call", request.id = "r-1").entered();
        tracing::warn!(attempts = 3, "logins are throttled");
        tracing::debug!("below the level");
    });
    telemetry.flush().await;
    let (headers, body) = pushes.recv().await.unwrap();
    assert_eq!((header(&headers, "content-type"), header(&headers, "content-encoding")), ("application/x-protobuf", "snappy"));
    let protobuf = snap::raw::Decoder::new().decompress_vec(&body).unwrap();
    let request = PushRequest::decode(protobuf.as_slice()).unwrap();
    let [stream] = request.streams.as_slice() else { panic!("{request:?}") };
    assert!(stream.labels.starts_with('{') && stream.labels.ends_with('}'), "{}", stream.labels);
    assert!(stream.labels.contains(r#"service="auth-svc""#) && stream.labels.contains(r#"level="warn""#), "{}", stream.labels);
    let [entry] = stream.entries.as_slice() else { panic!("{stream:?}") };
    assert!(entry.timestamp.as_ref().is_some_and(|at| at.seconds > 1_700_000_000));
    let line: serde_json::Value = serde_json::from_str(&entry.line).unwrap();
    assert_eq!((&line["message"], &line["attempts"]), (&"logins are throttled".into(), &3.into()));
    assert_eq!(line["request.id"], "r-1", "the span's fields go with the line");
}

#[tokio::test(flavor = "multi_thread")]
async fn spans_reach_the_collector_as_otlp_and_hang_together() {
    let answer = ExportTraceServiceResponse::default().encode_to_vec();
    let (otlp_url, mut pushes) = endpoint("/v1/traces", answer).await;
    let traces = TracesConfig { otlp_url, ratio: 1.0 };
    // The log's level does not decide what is traced.
    let config = LogConfig { level: "error".to_owned(), traces, ..LogConfig::default() };
    let (subscriber, telemetry) = subscriber("chat-svc", &config).unwrap();
    const CAME_WITH: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let carried = tracing::subscriber::with_default(subscriber, || {
        let span =
            tracing::info_span!(target: "sealcast_bus", "call", otel.name = "accept_message", otel.kind = "server", subject = "s");
        traces::adopt(&span, CAME_WITH);
        let _foreign = tracing::info_span!(target: "hyper", "not ours").entered();
        traces::traceparent(&span).unwrap()
    });
    telemetry.flush().await;
    let (headers, body) = pushes.recv().await.unwrap();
    assert_eq!(header(&headers, "content-type"), "application/x-protobuf");
    let request = ExportTraceServiceRequest::decode(body).unwrap();
    let resource = request.resource_spans[0].resource.as_ref().unwrap();
    let named = resource.attributes.iter().find(|attribute| attribute.key == "service.name").unwrap();
    assert_eq!(named.value.as_ref().unwrap().value, Some(Value::StringValue("chat-svc".to_owned())));
    let spans: Vec<_> = request.resource_spans.iter().flat_map(|r| &r.scope_spans).flat_map(|s| &s.spans).collect();
    let [span] = spans.as_slice() else { panic!("{spans:?}") };
    assert_eq!((span.name.as_str(), span.kind), ("accept_message", 2), "2 is SPAN_KIND_SERVER");
    let hex = |octets: &[u8]| octets.iter().map(|octet| format!("{octet:02x}")).collect::<String>();
    assert_eq!(hex(&span.trace_id), "0af7651916cd43dd8448eb211c80319c");
    assert_eq!(hex(&span.parent_span_id), "b7ad6b7169203331");
    assert_eq!(carried, format!("00-{}-{}-01", hex(&span.trace_id), hex(&span.span_id)), "the next process hangs below this span");
    assert!(span.end_time_unix_nano >= span.start_time_unix_nano && span.start_time_unix_nano > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_that_is_away_holds_nothing_up() {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let traces = TracesConfig { otlp_url: "http://127.0.0.1:9".to_owned(), ratio: 1.0 };
    let config = LogConfig { level: "error".to_owned(), loki_url: "http://127.0.0.1:9".to_owned(), traces };
    let (subscriber, telemetry) = subscriber("chat-svc", &config).unwrap();
    tracing::subscriber::with_default(subscriber, || {
        let _span = tracing::info_span!(target: "sealcast_bus", "call").entered();
        tracing::error!("nobody takes this");
    });
    telemetry.flush().await;
}

#[tokio::test]
async fn what_cannot_be_a_collector_stops_the_start() {
    let refused = |otlp_url: &str, ratio| {
        let traces = TracesConfig { otlp_url: otlp_url.to_owned(), ratio };
        let config = LogConfig { level: "info".to_owned(), traces, ..LogConfig::default() };
        subscriber("auth-svc", &config).err().map(|error| format!("{error:#}")).unwrap_or_default()
    };
    assert!(refused("not a url", 1.0).contains("log.traces.otlp_url"));
    assert!(refused("http://127.0.0.1:9", 1.5).contains("log.traces.ratio"));
}

#[test]
fn without_a_collector_contexts_are_passed_on_as_they_came() {
    let span = tracing::info_span!("call");
    traces::adopt(&span, "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
    assert_eq!(traces::traceparent(&span), None);
}
