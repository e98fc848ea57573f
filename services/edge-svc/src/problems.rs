//! Every error answer of the edge: RFC 9457 problems, from one table for each service's refusals.

mod refusals;

use axum::{
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use sealcast_bus::{CallError, RequestContext};
use sealcast_http::FieldError;

use crate::{front::Busy, limits};

/// Says for certain that a 503 changed nothing.
pub const OUTCOME: HeaderName = HeaderName::from_static("sealcast-outcome");
/// How soon to try again when a service does not answer, seconds.
const RETRY_AFTER_S: u32 = 1;

/// One error answer: the problem itself, and whether it is certain that nothing was changed although the status does not say so.
#[derive(Debug)]
pub struct Problem {
    body: Box<sealcast_http::Problem>,
    rejected: bool,
    /// Too many asked at once.
    busy: bool,
}

impl Problem {
    /// A problem by its table entry: status, slug and title.
    pub fn new(status: StatusCode, slug: &'static str, title: &'static str) -> Self {
        Self { body: Box::new(sealcast_http::Problem::new(status, slug, title, title)), rejected: false, busy: false }
    }

    /// Says more about this occurrence.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.body.detail = detail.into();
        self
    }

    fn field(mut self, pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        self.body.errors.push(FieldError { pointer: pointer.into(), detail: detail.into() });
        self
    }

    fn retry_after(mut self, seconds: u32) -> Self {
        self.body.retry_after_s = Some(seconds);
        self
    }

    /// Whether a service did not answer, as opposed to having said no.
    pub fn is_outage(&self) -> bool {
        let status = self.body.status;
        status == StatusCode::SERVICE_UNAVAILABLE.as_u16() || status == StatusCode::GATEWAY_TIMEOUT.as_u16()
    }

    /// Too many asked at once: whoever was refused has had what an address may ask for.
    #[must_use]
    fn busy(mut self) -> Self {
        self.busy = true;
        self
    }

    /// It is certain that nothing was changed.
    #[must_use]
    pub fn rejected(mut self) -> Self {
        self.rejected = true;
        self
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let Self { mut body, rejected, busy } = self;
        body.request_id = RequestContext::current().map(|context| context.request_id);
        let limited = body.retry_after_s.filter(|_| body.status == StatusCode::TOO_MANY_REQUESTS.as_u16());
        let limit = limited.map(|seconds| format!("\"{}\";r=0;t={seconds}", body.slug()));
        let mut response = body.into_response();
        let unauthorized = response.status() == StatusCode::UNAUTHORIZED;
        let headers = response.headers_mut();
        if unauthorized {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(Ok(limit)) = limit.map(HeaderValue::try_from) {
            headers.insert(limits::STATE, limit);
        }
        if rejected {
            headers.insert(OUTCOME, HeaderValue::from_static("rejected"));
        }
        if busy {
            response.extensions_mut().insert(Busy);
        }
        response
    }
}

/// What a call that gave no reply means to the client. The service that noticed a bug has logged it.
impl<R: Into<Self>> From<CallError<R>> for Problem {
    fn from(error: CallError<R>) -> Self {
        match error {
            CallError::Refused(refusal) => refusal.into(),
            CallError::Unavailable { subject, reason } => {
                tracing::warn!(subject, reason, "a service is unavailable");
                unavailable().rejected()
            }
            CallError::Unknown { subject, reason } => {
                tracing::warn!(subject, reason, "the outcome of a call is unknown");
                let title = "The outcome is unknown; repeat the request with the same key";
                Self::new(StatusCode::GATEWAY_TIMEOUT, "outcome-unknown", title).retry_after(RETRY_AFTER_S)
            }
            CallError::Bug { subject, reason } => bug(&format!("{subject}: {reason}")),
        }
    }
}

/// Our mistake. Logs the cause; the client learns only the request id.
pub fn bug(cause: &str) -> Problem {
    tracing::error!(cause, "bug");
    Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal-error", "Something went wrong on the server")
}

/// A part of the server is away.
pub fn unavailable() -> Problem {
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", "The service is not available at the moment")
        .retry_after(RETRY_AFTER_S)
}

/// This node takes no more streams.
pub fn too_many_streams(retry_after_s: u32) -> Problem {
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "too-many-streams", "This node takes no more streams")
        .retry_after(retry_after_s)
        .rejected()
}

/// This account has too many streams open.
pub fn too_many_own_streams(max: usize) -> Problem {
    Problem::new(StatusCode::TOO_MANY_REQUESTS, "too-many-own-streams", "Too many streams are open for this account")
        .detail(format!("close one of the {max} streams"))
        .retry_after(RETRY_AFTER_S)
}

/// The account sends requests faster than its limit.
pub fn too_many_requests(retry_after_s: u32) -> Problem {
    Problem::new(StatusCode::TOO_MANY_REQUESTS, "too-many-requests", "Too many requests").retry_after(retry_after_s)
}

/// There is no valid session.
pub fn session_invalid() -> Problem {
    Problem::new(StatusCode::UNAUTHORIZED, "session-invalid", "The session is missing, unknown, expired or revoked")
}

/// A write does not come from our own page, or nobody says that it does.
pub fn cross_site() -> Problem {
    Problem::new(StatusCode::FORBIDDEN, "cross-site-write", "A write from a browser must come from the same origin")
        .detail("`Sec-Fetch-Site` must be `same-origin`; programs send neither it nor `Origin`, and use a bearer token")
}

/// Registration needs an invite link.
pub fn invite_required() -> Problem {
    Problem::new(StatusCode::FORBIDDEN, "invite-required", "Registration needs an invite link")
}

/// Nothing is there, or nothing that the caller may know of.
pub fn not_found() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "not-found", "There is nothing here")
}

/// The path exists, this method of it does not.
pub fn method_not_allowed() -> Problem {
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed", "The method is not allowed here")
}

/// The client does not accept the only form that there is.
pub fn not_acceptable() -> Problem {
    Problem::new(StatusCode::NOT_ACCEPTABLE, "not-acceptable", "Only text/event-stream is available")
}

/// The body is not declared as JSON.
pub fn unsupported_media_type(wanted: &str) -> Problem {
    Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type", "The body has another media type")
        .detail(format!("it must be {wanted}"))
}

/// The body is larger than [`sealcast_contracts::limits::REST_BODY_OCTETS_MAX`].
pub fn body_too_large() -> Problem {
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "body-too-large", "The body is too large")
        .detail(format!("at most {} octets", sealcast_contracts::limits::REST_BODY_OCTETS_MAX))
}

/// The body did not arrive, or not in time.
pub fn body_unreadable() -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "body-unreadable", "The body did not arrive completely")
}

/// The body is not JSON.
pub fn malformed_json(detail: &str) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "malformed-json", "The body is not JSON").detail(detail)
}

/// The body is JSON of another shape.
pub fn malformed_body(detail: &str) -> Problem {
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "malformed-body", "The body has not the expected shape").detail(detail)
}

/// The query string does not fit.
pub fn malformed_query(detail: &str) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "malformed-query", "The query is malformed").detail(detail)
}

/// One parameter or header does not fit.
pub fn parameter(name: &str, detail: &str) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "malformed-parameter", "A parameter is malformed").field(name, detail)
}

/// A message came without its key.
pub fn idempotency_key_missing() -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "idempotency-key-missing", "The `Idempotency-Key` header is missing")
}

/// The key is not the message's own identity.
pub fn idempotency_key_mismatch() -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "idempotency-key-mismatch", "`Idempotency-Key` must be equal to `cid`")
}
