//! What becomes of a request whose head is refused.

use axum::http::{HeaderMap, StatusCode, header};
pub use sealcast_http::head::Refused;
use sealcast_http::head::{HEAD_OCTETS_MAX, HEADERS_MAX};

use crate::problems::Problem;

/// What hyper gets in place of a head that is refused: the answer comes from [`Refused`], and the connection ends with it.
pub(super) const STAND_IN: &[u8] = b"GET / HTTP/1.1\r\nhost: refused\r\nconnection: close\r\n\r\n";
const STAND_IN_HOST: &str = "refused";

/// Whether a request is the stand-in: hyper reads ahead, and good ones before it may not have been answered yet.
pub(super) fn is_stand_in(headers: &HeaderMap) -> bool {
    headers.get(header::HOST).is_some_and(|host| host == STAND_IN_HOST)
}
impl From<Refused> for Problem {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Malformed(detail) => {
                Self::new(StatusCode::BAD_REQUEST, "malformed-request", "The request cannot be read").detail(detail)
            }
            Refused::TooLarge => {
                Self::new(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, "head-too-large", "The request's head is too large")
                    .detail(format!("at most {HEADERS_MAX} fields and {HEAD_OCTETS_MAX} octets"))
            }
            Refused::LengthMissing => {
                Self::new(StatusCode::LENGTH_REQUIRED, "length-required", "A body must have a Content-Length")
            }
        }
    }
}
