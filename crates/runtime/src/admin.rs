use axum::{Router, extract::State, http::StatusCode, routing::get};
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::Readiness;

#[derive(Clone)]
struct Admin {
    readiness: Readiness,
    metrics: PrometheusHandle,
}

/// Answers `/live`, `/ready` and `/metrics` until the process ends; it outlives the drain so that a probe sees it.
pub(crate) async fn serve(listener: TcpListener, readiness: Readiness, metrics: PrometheusHandle, end: CancellationToken) {
    let router = Router::new()
        .route("/live", get(|| async { "live\n" }))
        .route("/ready", get(ready))
        .route("/metrics", get(async |State(admin): State<Admin>| admin.metrics.render()))
        .with_state(Admin { readiness, metrics });
    let served = axum::serve(listener, router).with_graceful_shutdown(async move { end.cancelled().await });
    if let Err(error) = served.await {
        tracing::error!(%error, "the admin port failed");
    }
}

async fn ready(State(admin): State<Admin>) -> (StatusCode, &'static str) {
    if admin.readiness.is_ready() {
        (StatusCode::OK, "ready\n")
    } else if admin.readiness.is_draining() {
        (StatusCode::SERVICE_UNAVAILABLE, "draining\n")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "not ready\n")
    }
}
