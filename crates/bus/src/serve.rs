use std::{
    future::Future,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::Context as _;
use async_nats::{
    Client,
    service::{Service, ServiceExt as _, endpoint::Endpoint},
};
use bytes::Bytes;
use futures::StreamExt as _;
use sealcast_contracts::Call;
use sealcast_runtime::Tasks;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tracing::{Instrument as _, field::Empty};

use crate::{Bus, RequestContext, call, connection};

/// Requests of one kind that a service works on at the same time; further ones wait in the subscription.
const IN_FLIGHT_MAX: usize = 256;
/// How long the work on one request may take: a hung database must not take all places for ever. Longer than any caller waits.
const WORK_TIMEOUT: Duration = Duration::from_secs(15);

/// Why a handler gives no reply.
#[derive(Debug, thiserror::Error)]
pub enum ServeError<R> {
    #[error("refused")]
    Refused(#[source] R),
    /// Certainly not done; the caller may retry.
    #[error("unavailable")]
    Unavailable(#[source] anyhow::Error),
    /// It may have been done; the caller may retry with the same identity.
    #[error("unknown outcome")]
    Unknown(#[source] anyhow::Error),
    /// Our mistake: logged once, here at the boundary; outside nothing is said.
    #[error("bug")]
    Bug(#[source] anyhow::Error),
}

impl<R> From<R> for ServeError<R>
where
    R: std::error::Error,
{
    fn from(refusal: R) -> Self {
        Self::Refused(refusal)
    }
}

/// Answers calls as one of a group of equal replicas.
#[derive(Debug)]
pub struct Server {
    /// Every endpoint's task holds it: a service that is dropped takes its endpoints along.
    service: Arc<Service>,
    client: Client,
    tasks: Tasks,
    shutdown: CancellationToken,
}

impl Bus {
    /// Registers as a NATS service; `$SRV.STATS.<service>` then counts its calls.
    ///
    /// # Errors
    /// The connection is closed for good.
    pub async fn server(&self, version: &str, tasks: &Tasks, shutdown: &CancellationToken) -> anyhow::Result<Server> {
        let builder = self.client.service_builder().queue_group(self.service);
        let service =
            builder.start(self.service, version).await.map_err(anyhow::Error::from_boxed).context("registering the service")?;
        let client = self.client.clone();
        Ok(Server { service: Arc::new(service), client, tasks: tasks.clone(), shutdown: shutdown.clone() })
    }
}

impl Server {
    /// Answers one call until the shutdown; requests taken by then are still answered.
    ///
    /// # Errors
    /// The subscription could not be made.
    pub async fn serve<C, H, F>(&self, handler: H) -> anyhow::Result<()>
    where
        C: Call,
        H: Fn(C) -> F + Send + Sync + 'static,
        F: Future<Output = Result<C::Reply, ServeError<C::Refusal>>> + Send + 'static,
    {
        let endpoint = self
            .service
            .endpoint(C::SUBJECT)
            .await
            .map_err(anyhow::Error::from_boxed)
            .with_context(|| format!("serving {}", C::SUBJECT))?;
        // When this returns, the server knows the subscription: a caller that is told so reaches it.
        connection::settle(&self.client).await.with_context(|| format!("serving {}", C::SUBJECT))?;
        let (tasks, shutdown, service) = (self.tasks.clone(), self.shutdown.clone(), Arc::clone(&self.service));
        self.tasks.spawn_vital(C::SUBJECT, async move {
            answer::<C, H, F>(endpoint, Arc::new(handler), tasks, shutdown).await;
            drop(service);
        });
        Ok(())
    }
}

async fn answer<C, H, F>(mut endpoint: Endpoint, handler: Arc<H>, tasks: Tasks, shutdown: CancellationToken)
where
    C: Call,
    H: Fn(C) -> F + Send + Sync + 'static,
    F: Future<Output = Result<C::Reply, ServeError<C::Refusal>>> + Send + 'static,
{
    let places = Arc::new(Semaphore::new(IN_FLIGHT_MAX));
    loop {
        let Ok(place) = places.clone().acquire_owned().await else { return };
        let request = tokio::select! {
            () = shutdown.cancelled() => return,
            request = endpoint.next() => request,
        };
        let Some(request) = request else { return };
        let handler = handler.clone();
        tasks.spawn(async move {
            let _place = place;
            let came_with = RequestContext::from_headers(request.message.headers.as_ref());
            let begins_here = came_with.is_none();
            let context = came_with.unwrap_or_else(RequestContext::generate);
            let span = tracing::info_span!(
                "call",
                subject = C::SUBJECT,
                request.id = context.request_id,
                trace.id = Empty,
                otel.name = C::SUBJECT,
                otel.kind = "server"
            );
            let context = if begins_here { context.begun_by(&span) } else { context.continued_by(&span) };
            let work = async {
                let start = Instant::now();
                let outcome = match serde_json::from_slice::<C>(&request.message.payload) {
                    Ok(call) => match tokio::time::timeout(WORK_TIMEOUT, handler(call)).await {
                        Ok(outcome) => outcome,
                        Err(_) => Err(ServeError::Unknown(anyhow::anyhow!("the work took too long"))),
                    },
                    Err(error) => Err(ServeError::Bug(anyhow::Error::new(error).context("reading a request"))),
                };
                let (status, payload) = encode::<C>(outcome);
                let outcome = status.unwrap_or(call::OK);
                metrics::histogram!("rpc_server_duration_seconds", "rpc_method" => C::SUBJECT, "outcome" => outcome)
                    .record(start.elapsed());
                let mut headers = async_nats::HeaderMap::new();
                if let Some(status) = status {
                    headers.insert(call::STATUS_HEADER, status);
                }
                if let Err(error) = request.respond_with_headers(Ok(payload), headers).await {
                    tracing::warn!(%error, "a reply was not sent");
                }
            };
            context.scope(work).instrument(span).await;
        });
    }
}

fn encode<C: Call>(outcome: Result<C::Reply, ServeError<C::Refusal>>) -> (Option<&'static str>, Bytes) {
    let (status, payload) = match outcome {
        Ok(reply) => (None, serde_json::to_vec(&reply)),
        Err(ServeError::Refused(refusal)) => (Some(call::REFUSED), serde_json::to_vec(&refusal)),
        Err(ServeError::Unavailable(error)) => {
            tracing::warn!(error = format!("{error:#}"), "unavailable");
            (Some(call::UNAVAILABLE), Ok(Vec::new()))
        }
        Err(ServeError::Unknown(error)) => {
            tracing::warn!(error = format!("{error:#}"), "unknown outcome");
            (Some(call::UNKNOWN), Ok(Vec::new()))
        }
        Err(ServeError::Bug(error)) => {
            tracing::error!(error = format!("{error:#}"), "bug");
            (Some(call::BUG), Ok(Vec::new()))
        }
    };
    match payload {
        Ok(payload) => (status, payload.into()),
        Err(error) => {
            tracing::error!(%error, "a reply could not be written");
            (Some(call::BUG), Bytes::new())
        }
    }
}
