//! Body, path and query of a request; what does not fit is a problem that says where.

use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    body::{Body as AnyBody, HttpBody},
    extract::{FromRequest, FromRequestParts, Request, rejection::JsonRejection},
    http::{StatusCode, header, request::Parts},
};
use bytes::Bytes;
use hyper::body::{Frame, SizeHint};
use serde::de::DeserializeOwned;
use tokio::time::{Instant, Sleep};

use crate::problems::{self, Problem};

/// How long a body may take to arrive, and how long nothing of it may come meanwhile.
const BODY_TIMEOUT: Duration = Duration::from_secs(30);
const BODY_IDLE_MAX: Duration = Duration::from_secs(10);
pub const OCTET_STREAM: &str = "application/octet-stream";

/// A JSON body. Its size is bounded by the router.
#[derive(Debug)]
pub struct Body<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let Ok(read) = tokio::time::timeout(BODY_TIMEOUT, axum::Json::from_request(steadily(request), state)).await else {
            return Err(problems::body_unreadable());
        };
        match read {
            Ok(axum::Json(value)) => Ok(Self(value)),
            Err(JsonRejection::MissingJsonContentType(_)) => Err(problems::unsupported_media_type("application/json")),
            Err(JsonRejection::JsonDataError(error)) => Err(problems::malformed_body(&root(&error))),
            Err(JsonRejection::JsonSyntaxError(error)) => Err(problems::malformed_json(&root(&error))),
            Err(rejection) if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => Err(problems::body_too_large()),
            Err(_) => Err(problems::body_unreadable()),
        }
    }
}

/// Octets as they are. Their number is bounded by the router.
#[derive(Debug)]
pub struct Octets(pub Bytes);

impl<S: Send + Sync> FromRequest<S> for Octets {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        if request.headers().get(header::CONTENT_TYPE).is_none_or(|value| value.as_bytes() != OCTET_STREAM.as_bytes()) {
            return Err(problems::unsupported_media_type(OCTET_STREAM));
        }
        match tokio::time::timeout(BODY_TIMEOUT, Bytes::from_request(steadily(request), state)).await {
            Ok(Ok(octets)) => Ok(Self(octets)),
            Ok(Err(rejection)) if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => Err(problems::body_too_large()),
            _ => Err(problems::body_unreadable()),
        }
    }
}

/// A body whose sender does not pause for long.
struct Steady {
    body: AnyBody,
    due: Pin<Box<Sleep>>,
}

fn steadily(request: Request) -> Request {
    let due = Box::pin(tokio::time::sleep(BODY_IDLE_MAX));
    request.map(|body| AnyBody::new(Steady { body, due }))
}

impl HttpBody for Steady {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(cx) {
            self.due.as_mut().reset(Instant::now() + BODY_IDLE_MAX);
            return Poll::Ready(frame);
        }
        let idle = || Some(Err(axum::Error::new(std::io::Error::from(std::io::ErrorKind::TimedOut))));
        self.due.as_mut().poll(cx).map(|()| idle())
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// Identifiers from the path. One that is malformed names nothing: 404.
#[derive(Debug)]
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match axum::extract::Path::from_request_parts(parts, state).await {
            Ok(axum::extract::Path(value)) => Ok(Self(value)),
            Err(_) => Err(problems::not_found()),
        }
    }
}

/// The query string.
#[derive(Debug)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match axum::extract::Query::from_request_parts(parts, state).await {
            Ok(axum::extract::Query(value)) => Ok(Self(value)),
            Err(error) => Err(problems::malformed_query(&root(&error))),
        }
    }
}

/// The innermost cause: what is wrong with the input, without the layers that found it.
fn root(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}

#[cfg(test)]
mod tests {
    use futures::StreamExt as _;

    use super::*;

    /// What becomes of a body of which a piece comes after each of these pauses, and then nothing; and when.
    async fn read(pauses: &'static [u64]) -> (bool, Duration) {
        let pieces = futures::stream::iter(pauses).then(|pause| async {
            tokio::time::sleep(Duration::from_secs(*pause)).await;
            Ok::<_, std::io::Error>(Bytes::from_static(b"["))
        });
        let body = AnyBody::from_stream(pieces.chain(futures::stream::pending()));
        let request = Request::builder().header(header::CONTENT_TYPE, OCTET_STREAM).body(body).unwrap();
        let begun = Instant::now();
        (Octets::from_request(request, &()).await.is_ok(), begun.elapsed())
    }

    #[tokio::test(start_paused = true)]
    async fn half_a_body_is_waited_for_a_short_time() {
        assert_eq!(read(&[0]).await, (false, BODY_IDLE_MAX));
        assert_eq!(read(&[9, 9]).await, (false, Duration::from_secs(28)));
        assert_eq!(read(&[9, 9, 9, 9]).await, (false, BODY_TIMEOUT), "drop by drop");
    }
}
