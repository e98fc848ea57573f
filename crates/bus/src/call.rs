use std::time::{Duration, Instant};

use async_nats::{HeaderMap, Request, client::RequestErrorKind};
use bytes::Bytes;
use sealcast_contracts::Call;

use crate::{Bus, RequestContext};

/// How long a call waits for its reply unless it says otherwise.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(3);

/// The reply's header that says what kind of answer it is; a reply without it is a success.
pub(crate) const STATUS_HEADER: &str = "Sealcast-Status";
pub(crate) const OK: &str = "ok";
pub(crate) const REFUSED: &str = "refused";
pub(crate) const UNAVAILABLE: &str = "unavailable";
pub(crate) const UNKNOWN: &str = "unknown";
pub(crate) const BUG: &str = "bug";

/// Why a call gave no reply.
#[derive(Debug, thiserror::Error)]
pub enum CallError<R> {
    /// The service said no; part of the contract.
    #[error("refused")]
    Refused(#[source] R),
    /// Certainly not done: nobody listens, or the service could not begin. Retry.
    #[error("{subject} is unavailable: {reason}")]
    Unavailable { subject: &'static str, reason: &'static str },
    /// It may have been done. Retry with the same identity.
    #[error("the outcome of {subject} is unknown: {reason}")]
    Unknown { subject: &'static str, reason: &'static str },
    /// One side does not follow the contract. The service that noticed logged the cause.
    #[error("{subject} failed: {reason}")]
    Bug { subject: &'static str, reason: String },
}

impl<R> CallError<R> {
    const fn as_str(&self) -> &'static str {
        match self {
            Self::Refused(_) => REFUSED,
            Self::Unavailable { .. } => UNAVAILABLE,
            Self::Unknown { .. } => UNKNOWN,
            Self::Bug { .. } => BUG,
        }
    }

    /// Turns the refusal into another type; the other kinds stay what they are.
    pub fn map_refusal<T>(self, map: impl FnOnce(R) -> T) -> CallError<T> {
        match self {
            Self::Refused(refusal) => CallError::Refused(map(refusal)),
            Self::Unavailable { subject, reason } => CallError::Unavailable { subject, reason },
            Self::Unknown { subject, reason } => CallError::Unknown { subject, reason },
            Self::Bug { subject, reason } => CallError::Bug { subject, reason },
        }
    }
}

impl Bus {
    /// Calls a service and waits [`DEFAULT_TIMEOUT`] for its reply.
    ///
    /// # Errors
    /// See [`CallError`].
    pub async fn call<C: Call>(&self, call: &C) -> Result<C::Reply, CallError<C::Refusal>> {
        self.call_within(call, DEFAULT_TIMEOUT).await
    }

    /// Calls a service. While nobody listens the call waits a little, within its time: its only replica may be starting anew, and
    /// what nobody has heard is not done twice.
    ///
    /// # Errors
    /// See [`CallError`].
    pub async fn call_within<C: Call>(&self, call: &C, timeout: Duration) -> Result<C::Reply, CallError<C::Refusal>> {
        let start = Instant::now();
        let reply = self.request(call, timeout).await;
        let outcome = reply.as_ref().map_or_else(CallError::as_str, |_| OK);
        metrics::histogram!("rpc_client_duration_seconds", "rpc_method" => C::SUBJECT, "outcome" => outcome)
            .record(start.elapsed());
        reply
    }

    async fn request<C: Call>(&self, call: &C, timeout: Duration) -> Result<C::Reply, CallError<C::Refusal>> {
        let subject = C::SUBJECT;
        let bug = |reason: &dyn std::fmt::Display| CallError::Bug { subject, reason: reason.to_string() };
        if !self.is_connected() {
            return Err(CallError::Unavailable { subject, reason: "not connected" });
        }
        let payload = Bytes::from(serde_json::to_vec(call).map_err(|error| bug(&error))?);
        let (headers, deadline) = (RequestContext::headers(), Instant::now() + timeout);
        let mut place = None;
        let answer = loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let request = Request::new().payload(payload.clone()).headers(headers.clone()).timeout(Some(left));
            let answer = self.client.send_request(subject, request).await;
            if answer.is_ok() {
                self.absences.end(subject);
            }
            if !answer.as_ref().is_err_and(|error| error.kind() == RequestErrorKind::NoResponders) {
                break answer;
            }
            place = place.or_else(|| self.absences.place());
            if place.is_none() {
                break answer;
            }
            let now = Instant::now();
            match self.absences.pause(subject, now) {
                Some(pause) if now + pause < deadline => tokio::time::sleep(pause).await,
                _ => break answer,
            }
        };
        drop(place);
        let reply = answer.map_err(|error| match error.kind() {
            RequestErrorKind::NoResponders => CallError::Unavailable { subject, reason: "nobody listens" },
            RequestErrorKind::TimedOut => CallError::Unknown { subject, reason: "no reply in time" },
            RequestErrorKind::Other => CallError::Unknown { subject, reason: "the connection failed" },
            RequestErrorKind::InvalidSubject | RequestErrorKind::MaxPayloadExceeded => bug(&error),
        })?;
        match status(reply.headers.as_ref()) {
            None => serde_json::from_slice(&reply.payload).map_err(|error| bug(&error)),
            Some(REFUSED) => Err(serde_json::from_slice(&reply.payload).map_or_else(|error| bug(&error), CallError::Refused)),
            Some(UNAVAILABLE) => Err(CallError::Unavailable { subject, reason: "the service cannot do it now" }),
            Some(UNKNOWN) => Err(CallError::Unknown { subject, reason: "the service cannot tell" }),
            Some(other) => Err(bug(&other)),
        }
    }
}

fn status(headers: Option<&HeaderMap>) -> Option<&str> {
    headers?.get(STATUS_HEADER).map(async_nats::HeaderValue::as_str)
}
