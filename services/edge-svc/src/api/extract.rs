//! Body, path and query of a request; what does not fit is a problem that says where.

use std::time::Duration;

use axum::{
    extract::{FromRequest, FromRequestParts, Request, rejection::JsonRejection},
    http::{StatusCode, header, request::Parts},
};
use bytes::Bytes;
use serde::de::DeserializeOwned;

use crate::problems::{self, Problem};

/// How long a body may take to arrive.
const BODY_TIMEOUT: Duration = Duration::from_secs(30);
pub const OCTET_STREAM: &str = "application/octet-stream";

/// A JSON body. Its size is bounded by the router.
#[derive(Debug)]
pub struct Body<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let Ok(read) = tokio::time::timeout(BODY_TIMEOUT, axum::Json::from_request(request, state)).await else {
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
        match tokio::time::timeout(BODY_TIMEOUT, Bytes::from_request(request, state)).await {
            Ok(Ok(octets)) => Ok(Self(octets)),
            Ok(Err(rejection)) if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => Err(problems::body_too_large()),
            _ => Err(problems::body_unreadable()),
        }
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
