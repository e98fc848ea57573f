//! A trace goes with a request from service to service, in the headers of its messages; both sides measure each call.

use std::sync::{Arc, Mutex};

use metrics_exporter_prometheus::PrometheusBuilder;
use opentelemetry_sdk::{
    error::OTelSdkResult,
    trace::{SdkTracerProvider, SpanData, SpanExporter},
};
use sealcast_bus::{RequestContext, ServeError};
use sealcast_contracts::auth::{AuthRefusal, CheckSessions, VerifySession};
use sealcast_runtime::Runtime;
use sealcast_testkit::Nats;
use tracing::{Instrument as _, field::Empty};
use tracing_subscriber::layer::SubscriberExt as _;

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const CAME_WITH: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

/// Keeps what is exported.
#[derive(Clone, Debug, Default)]
struct Kept(Arc<Mutex<Vec<SpanData>>>);

impl SpanExporter for Kept {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        self.0.lock().expect("no poison").extend(batch);
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_inside_a_call_hangs_below_it_and_each_is_measured() {
    let metrics = PrometheusBuilder::new().install_recorder().expect("the only test of this process");
    let exporter = Kept::default();
    let provider = SdkTracerProvider::builder().with_simple_exporter(exporter.clone()).build();
    let tracer = opentelemetry::trace::TracerProvider::tracer(&provider, "test");
    let subscriber = tracing_subscriber::registry().with(tracing_opentelemetry::layer().with_tracer(tracer));
    tracing::subscriber::set_global_default(subscriber).expect("the only test of this process");

    sealcast_testkit::install_crypto_provider();
    let (nats, runtime) = (Nats::start(), Runtime::detached(()));
    let (edge, chat, auth) = (nats.bus("edge-svc").await, nats.bus("chat-svc").await, nats.bus("auth-svc").await);
    let serving = auth.server("0.0.0", &runtime.tasks, &runtime.shutdown).await.expect("a server");
    serving.serve(async |_: CheckSessions| Ok::<_, ServeError<AuthRefusal>>(Vec::new())).await.expect("serving");
    let serving = chat.server("0.0.0", &runtime.tasks, &runtime.shutdown).await.expect("a server");
    let inner = chat.clone();
    let handler = move |_: VerifySession| {
        let inner = inner.clone();
        async move {
            inner.call(&CheckSessions { session_ids: Vec::new() }).await.expect("the inner call");
            Err(ServeError::<AuthRefusal>::Refused(AuthRefusal::SessionInvalid))
        }
    };
    serving.serve(handler).await.expect("serving");

    let span = tracing::info_span!("request", trace.id = Empty);
    let context = RequestContext { request_id: "r-1".to_owned(), traceparent: CAME_WITH.to_owned() }.continued_by(&span);
    let request = async { edge.call(&VerifySession { token: String::new() }).await };
    context.scope(request).instrument(span).await.expect_err("a refusal is an answer too");
    runtime.stop().await;
    provider.force_flush().expect("flushed");

    let spans = exporter.0.lock().expect("no poison").clone();
    let of =
        |name: &str| -> &SpanData { spans.iter().find(|span| span.name == name).unwrap_or_else(|| panic!("{name}: {spans:?}")) };
    let (request, outer) = (of("request"), of("sealcast.v1.auth.verify_session"));
    let inner = of("sealcast.v1.auth.check_sessions");
    for span in [request, outer, inner] {
        assert_eq!(span.span_context.trace_id().to_string(), TRACE);
    }
    assert_eq!(request.parent_span_id.to_string(), "b7ad6b7169203331");
    assert_eq!(outer.parent_span_id, request.span_context.span_id());
    assert_eq!(inner.parent_span_id, outer.span_context.span_id());

    let metrics = metrics.render();
    for side in ["client", "server"] {
        for (method, outcome) in [("verify_session", "refused"), ("check_sessions", "ok")] {
            let labels = format!(r#"{{rpc_method="sealcast.v1.auth.{method}",outcome="{outcome}"}}"#);
            let line = format!("rpc_{side}_duration_seconds_count{labels} 1");
            assert!(metrics.lines().any(|known| known == line), "{line}: {metrics}");
        }
    }
}
