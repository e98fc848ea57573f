//! What an HTTP answer means: a value, a refusal, or that the server is not available.

use std::time::Duration;

use reqwest::{Response, StatusCode};
use serde::de::DeserializeOwned;

use crate::{Error, error::Problem};

/// Octets of an answer: a page of 200 messages of the largest size, in base64.
const ANSWER_OCTETS_MAX: usize = 32 * 1024 * 1024;
/// The header that makes a failure certain.
const OUTCOME: &str = "sealcast-outcome";

/// A failed request, with what is known about its effect.
#[derive(Debug)]
pub(crate) struct Failure {
    pub error: Error,
    /// The server said that nothing was stored; otherwise that is unknown.
    pub certain: bool,
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        failure.error
    }
}

pub(crate) async fn checked(answer: Response) -> Result<Response, Failure> {
    let status = answer.status();
    if status.is_success() {
        return Ok(answer);
    }
    let header = |name: &str| answer.headers().get(name).and_then(|value| value.to_str().ok());
    let retry_after = header("retry-after").and_then(|value| value.parse().ok()).map(Duration::from_secs);
    let certain = status.is_client_error() || header(OUTCOME) == Some("rejected");
    let problem = problem(answer).await;
    let error = match status {
        StatusCode::TOO_MANY_REQUESTS => Error::Unavailable { reason: problem.to_string(), retry_after },
        _ if status.is_client_error() => Error::Refused(Box::new(problem)),
        _ => Error::Unavailable { reason: problem.to_string(), retry_after },
    };
    Err(Failure { error, certain })
}

async fn problem(answer: Response) -> Problem {
    let status = answer.status();
    let octets = octets(answer).await.unwrap_or_default();
    let mut problem: Problem = serde_json::from_slice(&octets).unwrap_or_else(|_| Problem {
        kind: "about:blank".to_owned(),
        title: status.canonical_reason().unwrap_or("no reason given").to_owned(),
        status: status.as_u16(),
        detail: None,
        errors: Vec::new(),
        retry_after_s: None,
        request_id: None,
    });
    problem.status = status.as_u16();
    problem
}

pub(crate) async fn parse<T: DeserializeOwned>(answer: Response) -> Result<T, Error> {
    let octets = octets(answer).await?;
    serde_json::from_slice(&octets).map_err(|error| Error::Protocol(error.to_string()))
}

pub(crate) async fn octets(mut answer: Response) -> Result<Vec<u8>, Error> {
    let mut octets = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(|error| unavailable(chain(&error)))? {
        if octets.len() + chunk.len() > ANSWER_OCTETS_MAX {
            return Err(Error::Protocol("the answer is too long".to_owned()));
        }
        octets.extend_from_slice(&chunk);
    }
    Ok(octets)
}

pub(crate) fn unavailable(reason: String) -> Error {
    Error::Unavailable { reason, retry_after: None }
}

/// The whole chain of causes: reqwest's own text says only that something failed.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}
