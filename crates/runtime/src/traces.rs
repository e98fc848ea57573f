//! OpenTelemetry traces: spans of ours go to a collector by OTLP, and a request's context goes with it from process to process.

use std::{collections::HashMap, time::Duration};

use anyhow::Context as _;
use opentelemetry::{
    KeyValue,
    propagation::TextMapPropagator as _,
    trace::{TraceContextExt as _, TracerProvider as _},
};
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::{
    Resource,
    propagation::TraceContextPropagator,
    trace::{Sampler, SdkTracer, SdkTracerProvider},
};
use serde::Deserialize;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

/// One push to the collector.
const EXPORT_TIMEOUT: Duration = Duration::from_secs(5);
/// All pushes at the end of the process.
const FLUSH_TIMEOUT: Duration = Duration::from_secs(3);
/// The W3C header, and the key that carries it.
const TRACEPARENT: &str = "traceparent";

/// The section `[log.traces]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TracesConfig {
    /// The collector's base URL for OTLP over HTTP; empty means no traces.
    pub otlp_url: String,
    /// The part of all traces that is recorded, 0 to 1; the trace's id decides, so all services decide alike.
    pub ratio: f64,
}

impl Default for TracesConfig {
    fn default() -> Self {
        Self { otlp_url: String::new(), ratio: 1.0 }
    }
}

/// Makes `span` a part of the trace that a request came with. Without a collector it changes nothing.
pub fn adopt(span: &Span, traceparent: &str) {
    let carrier = HashMap::from([(TRACEPARENT.to_owned(), traceparent.to_owned())]);
    // It fails where no layer records traces.
    let _ = span.set_parent(TraceContextPropagator::new().extract(&carrier));
}

/// What requests made in `span` carry on; `None` without a collector.
pub fn traceparent(span: &Span) -> Option<String> {
    let context = span.context();
    if !context.span().span_context().is_valid() {
        return None;
    }
    let mut carrier = HashMap::new();
    TraceContextPropagator::new().inject_context(&context, &mut carrier);
    carrier.remove(TRACEPARENT)
}

/// Sends finished spans in batches, from a thread of its own; when the collector is away they are dropped.
pub(crate) struct Exporter {
    provider: SdkTracerProvider,
}

impl Exporter {
    /// `None` when no collector is configured. Must run inside the tokio runtime.
    pub(crate) fn start(service: &'static str, config: &TracesConfig) -> anyhow::Result<Option<(Self, SdkTracer)>> {
        if config.otlp_url.is_empty() {
            return Ok(None);
        }
        anyhow::ensure!((0.0..=1.0).contains(&config.ratio), "log.traces.ratio: 0 to 1");
        let url = url::Url::parse(&config.otlp_url).context("log.traces.otlp_url")?;
        let endpoint = format!("{}/v1/traces", url.as_str().trim_end_matches('/'));
        let exporter = opentelemetry_otlp::SpanExporter::builder()
            .with_http()
            .with_http_client(Client::new()?)
            .with_endpoint(endpoint)
            .with_timeout(EXPORT_TIMEOUT)
            .build()
            .context("log.traces.otlp_url")?;
        let resource = Resource::builder_empty()
            .with_service_name(service)
            .with_attribute(KeyValue::new("service.instance.id", format!("{}-{}", host_name(), std::process::id())))
            .build();
        let provider = SdkTracerProvider::builder()
            .with_batch_exporter(exporter)
            .with_sampler(Sampler::TraceIdRatioBased(config.ratio))
            .with_resource(resource)
            .build();
        let tracer = provider.tracer(service);
        Ok(Some((Self { provider }, tracer)))
    }

    /// Sends what is left. The collector may be away: then it is lost.
    pub(crate) async fn flush(self) {
        // The provider blocks until its thread has sent all, and that thread's requests run in this runtime.
        let sent = tokio::task::spawn_blocking(move || self.provider.shutdown_with_timeout(FLUSH_TIMEOUT)).await;
        if !matches!(sent, Ok(Ok(()))) {
            tracing::debug!("the last traces were not sent");
        }
    }
}

/// The name of the machine, container or pod.
pub fn host_name() -> String {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let name = name.trim();
    if name.is_empty() { "unnamed".to_owned() } else { name.to_owned() }
}

/// Carries the exporter's requests, whose thread has no reactor, into ours.
#[derive(Debug)]
struct Client {
    http: reqwest::Client,
    runtime: tokio::runtime::Handle,
}

impl Client {
    fn new() -> anyhow::Result<Self> {
        let http = reqwest::Client::builder().timeout(EXPORT_TIMEOUT).build().context("the client for traces")?;
        Ok(Self { http, runtime: tokio::runtime::Handle::current() })
    }
}

#[async_trait::async_trait]
impl HttpClient for Client {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let (http, request) = (self.http.clone(), reqwest::Request::try_from(request)?);
        let answered = self.runtime.spawn(async move {
            let answer = http.execute(request).await?;
            let status = answer.status();
            reqwest::Result::Ok((status, answer.bytes().await?))
        });
        let (status, body) = answered.await??;
        let mut response = Response::new(body);
        *response.status_mut() = status;
        Ok(response)
    }
}
