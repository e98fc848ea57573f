//! `POST /add-checkpoint` of C2SP tlog-witness.

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    extract::{DefaultBodyLimit, Request, State},
    http::{HeaderValue, StatusCode, header},
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
    routing::post,
};
use sealcast_merkle::witness::{AddCheckpoint, Refusal};

use tokio::sync::Semaphore;

use crate::state::{Witness, WitnessError};

/// A note and a proof; both together are far smaller.
const BODY_OCTETS_MAX: usize = 16 * 1024;
/// Requests at the same time. One log asks, and decisions are made one after the other anyway.
const REQUESTS_MAX: usize = 16;
/// The form in which a refusal for the size states it.
const SIZE_FORM: HeaderValue = HeaderValue::from_static("text/x.tlog.size");

/// All that the witness answers, each request within this time.
pub fn router(witness: Arc<Witness>, request_timeout: Duration) -> Router {
    let bounds = Bounds { places: Arc::new(Semaphore::new(REQUESTS_MAX)), request_timeout };
    Router::new()
        .route("/add-checkpoint", post(add))
        .layer(DefaultBodyLimit::max(BODY_OCTETS_MAX))
        .layer(from_fn_with_state(bounds, bounded))
        .with_state(witness)
}

#[derive(Clone)]
struct Bounds {
    places: Arc<Semaphore>,
    request_timeout: Duration,
}

/// Who is slow, or many, does not keep the log waiting.
async fn bounded(State(bounds): State<Bounds>, request: Request, next: Next) -> Response {
    let Ok(_place) = bounds.places.try_acquire() else { return StatusCode::SERVICE_UNAVAILABLE.into_response() };
    let answered = tokio::time::timeout(bounds.request_timeout, next.run(request)).await;
    answered.unwrap_or_else(|_| StatusCode::REQUEST_TIMEOUT.into_response())
}

async fn add(State(witness): State<Arc<Witness>>, body: String) -> Response {
    // The state's file is synced in between.
    let decided = tokio::task::spawn_blocking(move || witness.add(&AddCheckpoint::parse(&body)?)).await;
    match decided {
        Ok(Ok(line)) => {
            metrics::counter!("witness_cosigned_total").increment(1);
            line.into_response()
        }
        Ok(Err(WitnessError::Refused(refusal))) => refused(refusal),
        Ok(Err(error)) => {
            tracing::error!(error = format!("{:#}", anyhow::Error::new(error)), "no cosignature");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
        Err(error) => {
            tracing::error!(%error, "a decision panicked");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

fn refused(refusal: Refusal) -> Response {
    metrics::counter!("witness_refused_total").increment(1);
    let size = |seen: u64| (StatusCode::CONFLICT, [(header::CONTENT_TYPE, SIZE_FORM)], format!("{seen}\n")).into_response();
    match refusal {
        Refusal::OtherSize { seen } => {
            // Usual after a restart of the log: it asks once to learn the size.
            tracing::info!(%refusal, "refused");
            return size(seen);
        }
        Refusal::Fork { size: seen } => {
            tracing::error!(%refusal, "FORK: the log's key signed two trees");
            return size(seen);
        }
        Refusal::Inconsistent => tracing::error!(%refusal, "refused: the log was rewritten, or the proof is wrong"),
        Refusal::Malformed | Refusal::Signature => tracing::warn!(%refusal, "refused"),
    }
    let status = match refusal {
        Refusal::Signature => StatusCode::FORBIDDEN,
        Refusal::Inconsistent => StatusCode::UNPROCESSABLE_ENTITY,
        _ => StatusCode::BAD_REQUEST,
    };
    (status, format!("{refusal}\n")).into_response()
}
