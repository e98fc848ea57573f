//! Whether a connection's first octets ask for the live stream.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use sealcast_http::head as strict;
pub(super) use sealcast_http::head::HEAD_OCTETS_MAX;

/// Where the live stream is.
pub const EVENTS_PATH: &str = "/api/v1/events";
const REQUEST_LINE: &[u8] = b"GET /api/v1/events HTTP/1.1\r\n";

/// What the octets are.
#[derive(Debug)]
pub(super) enum Head {
    /// They may become a request for a stream.
    Incomplete,
    /// A request for a stream, and nothing behind it.
    Stream(HeaderMap),
    /// Anything else, also whatever is odd: the router answers it.
    Other,
}

/// Whether the octets begin a request for a stream, as soon as they say so.
pub fn asks_for_stream(octets: &[u8]) -> Option<bool> {
    let common = octets.len().min(REQUEST_LINE.len());
    let same = octets[..common] == REQUEST_LINE[..common];
    if same && common < REQUEST_LINE.len() { None } else { Some(same) }
}

/// Reads what there is.
pub(super) fn read(octets: &[u8]) -> Head {
    match asks_for_stream(octets) {
        None => return Head::Incomplete,
        Some(true) if octets.len() <= HEAD_OCTETS_MAX => {}
        Some(_) => return Head::Other,
    }
    // As strict as with every other request (ADR 0010): what is refused there is answered there.
    match strict::read(octets, 0) {
        strict::Head::Incomplete => return Head::Incomplete,
        strict::Head::Complete { octets: head, body: 0 } if head == octets.len() => {}
        strict::Head::Complete { .. } | strict::Head::Refused(_) => return Head::Other,
    }
    let mut headers = [httparse::EMPTY_HEADER; strict::HEADERS_MAX];
    let mut request = httparse::Request::new(&mut headers);
    match request.parse(octets) {
        Ok(httparse::Status::Partial) => Head::Incomplete,
        Ok(httparse::Status::Complete(len)) if len == octets.len() => headers_of(&request).map_or(Head::Other, Head::Stream),
        Ok(httparse::Status::Complete(_)) | Err(_) => Head::Other,
    }
}

/// The headers of a plain request: one host, no body, no wish to speak anything else.
fn headers_of(request: &httparse::Request<'_, '_>) -> Option<HeaderMap> {
    let mut map = HeaderMap::with_capacity(request.headers.len());
    for field in request.headers.iter() {
        let name = HeaderName::from_bytes(field.name.as_bytes()).ok()?;
        map.append(name, HeaderValue::from_bytes(field.value).ok()?);
    }
    let odd = [header::CONTENT_LENGTH, header::TRANSFER_ENCODING, header::UPGRADE, header::EXPECT];
    let plain = map.get_all(header::HOST).iter().count() == 1 && !odd.iter().any(|name| map.contains_key(name));
    plain.then_some(map)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_stream(text: &str) -> bool {
        matches!(read(text.as_bytes()), Head::Stream(_))
    }

    fn is_other(text: &str) -> bool {
        matches!(read(text.as_bytes()), Head::Other)
    }

    #[test]
    fn every_beginning_of_a_request_is_incomplete() {
        let whole = "GET /api/v1/events HTTP/1.1\r\nHost: a\r\nLast-Event-ID: 1-2\r\n\r\n";
        for len in 0..whole.len() {
            assert!(matches!(read(&whole.as_bytes()[..len]), Head::Incomplete), "{len}");
        }
        let Head::Stream(headers) = read(whole.as_bytes()) else { panic!("a request for a stream") };
        assert_eq!(headers["last-event-id"], "1-2");
    }

    #[test]
    fn whatever_is_odd_is_the_routers() {
        assert!(is_stream("GET /api/v1/events HTTP/1.1\r\nHost: a\r\n\r\n"));
        for odd in [
            "GET /api/v1/events HTTP/1.1\r\n\r\n",
            "GET /api/v1/events HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
            "GET /api/v1/events HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n",
            "GET /api/v1/events HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\n\r\n",
            "GET /api/v1/events HTTP/1.1\r\nHost: a\r\nbad header\r\n\r\n",
            "GET /api/v1/events HTTP/1.1\r\nHost: a\nAuthorization: Bearer b\n\n",
            "GET /api/v1/events HTTP/1.1\r\nHost: a\n\r\n",
            "GET /api/v1/events HTTP/1.1\r\nHost: a@b\r\n\r\n",
            "GET /api/v1/eventsx HTTP/1.1\r\nHost: a\r\n\r\n",
            "HEAD /api/v1/events HTTP/1.1\r\nHost: a\r\n\r\n",
            "GET /api/v1/events HTTP/1.0\r\nHost: a\r\n\r\n",
            "P",
        ] {
            assert!(is_other(odd), "{odd}");
        }
        assert!(is_other(&format!("GET /api/v1/events HTTP/1.1\r\nHost: a\r\nx: {}", "y".repeat(HEAD_OCTETS_MAX))));
    }
}
