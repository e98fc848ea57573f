//! Around every request: its context, its log line, its metrics, and the headers of every answer.

use std::{net::IpAddr, panic::AssertUnwindSafe, sync::Arc, time::Instant};

use axum::{
    extract::{MatchedPath, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use futures::FutureExt as _;
use metrics::{counter, histogram};
use sealcast_bus::RequestContext;
use tracing::{Instrument as _, field::Empty};

use crate::{
    Edge, api, forgery,
    limits::Budget,
    listener::Refused,
    log,
    origin::ClientAddress,
    problems::{self, Problem},
    sessions,
    shard::EVENTS_PATH,
};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
const REQUEST_ID_CHARS_MAX: usize = 64;
/// What the front end may load and do. Nothing inline, nothing from elsewhere; scripts reach the document through one policy.
const PAGE_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' blob: data:; \
     media-src 'self' blob:; font-src 'self'; connect-src 'self'; worker-src 'self'; manifest-src 'self'; base-uri 'none'; \
     form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types sealcast",
);
/// The compliance console, where plaintext of others is shown: no media, no WebAssembly, no form that goes anywhere.
const CONSOLE_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; worker-src 'self'; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types sealcast",
);
const CONSOLE_PATHS: [&str; 2] = ["/console", "/console.html"];
/// What an answer of the API may do if somebody opens it as a page: nothing.
const API_POLICY: HeaderValue = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");
/// Swagger UI makes its own page and writes to it.
const DOCS_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; \
     connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
);
const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");
const SECURITY: [(HeaderName, HeaderValue); 8] = [
    (header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=63072000; includeSubDomains")),
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
    (HeaderName::from_static("cross-origin-embedder-policy"), HeaderValue::from_static("require-corp")),
    (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
    (HeaderName::from_static("permissions-policy"), HeaderValue::from_static("camera=(self), microphone=(), geolocation=()")),
];

/// The outermost layer.
pub async fn surround(State(edge): State<Edge>, mut request: Request, next: Next) -> Response {
    let context = context_of(request.headers());
    let budget = Budget::new(edge.config().requests_per_minute);
    request.extensions_mut().insert(budget.clone());
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let route = request.extensions().get::<MatchedPath>().map_or_else(|| Arc::from("none"), |path| Arc::from(path.as_str()));
    let span = tracing::info_span!(
        "request",
        request.id = context.request_id,
        trace.id = Empty,
        otel.name = format!("{method} {route}"),
        otel.kind = "server"
    );
    let came_with_trace = traceparent_of(request.headers()).is_some();
    let context = if came_with_trace { context.continued_by(&span) } else { context.begun_by(&span) };
    let request_id = HeaderValue::try_from(context.request_id.clone());
    let work = async {
        let started = Instant::now();
        let response = match admit(&edge, &request, &budget) {
            Ok(unsigned) => {
                // A bug in one handler is one client's 500, not the end of its connection.
                let answered = AssertUnwindSafe(next.run(request)).catch_unwind().await;
                let response = answered.unwrap_or_else(|_| problems::bug("a handler panicked").into_response());
                // Somebody with a session, or our own failure: neither counts. That a crowd is refused is no failure.
                let vouched = budget.is_noted() || response.extensions().get::<Admitted>().is_some();
                let failed = response.status().is_server_error() && response.extensions().get::<Busy>().is_none();
                if let Some(address) = unsigned.filter(|_| vouched || failed) {
                    edge.limits().give_back_unsigned(address);
                }
                response
            }
            Err(problem) => problem.into_response(),
        };
        report(&method, &route, &response, started);
        response
    };
    let mut response = context.scope(work).instrument(span).await;
    let headers = response.headers_mut();
    if let Ok(request_id) = request_id {
        headers.insert(REQUEST_ID, request_id);
    }
    budget.write(headers);
    protect(headers, &path);
    response
}

/// Marks the answer to somebody who has just got a session.
#[derive(Clone, Copy, Debug)]
pub struct Admitted;

/// Marks the refusal of somebody who came with a crowd.
#[derive(Clone, Copy, Debug)]
pub struct Busy;

/// Whether a request is looked at. One with a session that is known here counts for its account, whatever it asks for. Any other
/// counts for its address until somebody vouches for it: that address is given.
fn admit(edge: &Edge, request: &Request, budget: &Budget) -> Result<Option<IpAddr>, Problem> {
    if let Some(refused) = request.extensions().get::<Refused>() {
        return Err((*refused).into());
    }
    forgery::check(request)?;
    let path = request.uri().path();
    if !(path.starts_with(api::PREFIX) || path.starts_with(log::PREFIX)) {
        return Ok(None);
    }
    if let Some(session) = sessions::token_in(request.headers()).and_then(|token| edge.sessions().get(&token)) {
        budget.note(edge.limits().take(session.user_id)?);
        return Ok(None);
    }
    let Some(ClientAddress(address)) = request.extensions().get() else { return Ok(None) };
    edge.limits().take_unsigned(*address)?;
    Ok(Some(*address))
}

/// The headers that every answer has, for a stream that does not come through the router.
pub fn finish(edge: &Edge, request: &HeaderMap, remaining: u32, headers: &mut HeaderMap) {
    if let Ok(request_id) = HeaderValue::try_from(context_of(request).request_id) {
        headers.insert(REQUEST_ID, request_id);
    }
    if let Ok(date) = HeaderValue::try_from(httpdate::fmt_http_date(std::time::SystemTime::now())) {
        headers.insert(header::DATE, date);
    }
    let budget = Budget::new(edge.config().requests_per_minute);
    budget.note(remaining);
    budget.write(headers);
    protect(headers, EVENTS_PATH);
}

/// Counts a stream that did not come through the router.
pub fn count_stream() {
    counter!("edge_requests_total", "method" => "GET", "route" => EVENTS_PATH, "status" => "200").increment(1);
}

fn report(method: &Method, route: &Arc<str>, response: &Response, started: Instant) {
    let (status, elapsed) = (response.status(), started.elapsed());
    let elapsed_ms = elapsed.as_millis() as u64;
    if status.is_server_error() || *method != Method::GET {
        tracing::info!(%method, %route, status = status.as_u16(), elapsed_ms, "answered");
    } else {
        tracing::debug!(%method, %route, status = status.as_u16(), elapsed_ms, "answered");
    }
    let (method, route) = (method_label(method), route.to_string());
    counter!("edge_requests_total", "method" => method, "route" => route.clone(), "status" => status.as_str().to_owned())
        .increment(1);
    histogram!("edge_request_seconds", "method" => method, "route" => route).record(elapsed.as_secs_f64());
}

/// A client can invent methods; a label must not.
fn method_label(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::DELETE => "DELETE",
        _ => "other",
    }
}

fn protect(headers: &mut HeaderMap, path: &str) {
    for (name, value) in SECURITY {
        headers.insert(name, value);
    }
    let policy = match path {
        path if path.starts_with("/api/docs") => DOCS_POLICY,
        path if path.starts_with("/api/") || path.starts_with(log::PREFIX) => API_POLICY,
        path if CONSOLE_PATHS.contains(&path) => CONSOLE_POLICY,
        _ => PAGE_POLICY,
    };
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    headers.entry(header::CACHE_CONTROL).or_insert(NO_STORE);
}

/// The client's own request id and trace, if they are of the right form.
fn context_of(headers: &HeaderMap) -> RequestContext {
    let mut context = RequestContext::generate();
    let request_id = headers.get(REQUEST_ID).and_then(|value| value.to_str().ok());
    if let Some(request_id) = request_id.filter(|id| is_request_id(id)) {
        context.request_id = request_id.to_owned();
    }
    if let Some(traceparent) = traceparent_of(headers) {
        context.traceparent = traceparent.to_owned();
    }
    context
}

fn traceparent_of(headers: &HeaderMap) -> Option<&str> {
    headers.get(TRACEPARENT)?.to_str().ok().filter(|parent| is_traceparent(parent))
}

fn is_request_id(text: &str) -> bool {
    let allowed = |octet: u8| octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'_' | b'.');
    !text.is_empty() && text.len() <= REQUEST_ID_CHARS_MAX && text.bytes().all(allowed)
}

/// `00-<32 hex>-<16 hex>-<2 hex>` (W3C Trace Context).
fn is_traceparent(text: &str) -> bool {
    let lengths = [2, 32, 16, 2];
    let parts: Vec<_> = text.split('-').collect();
    let hex = |part: &str| part.bytes().all(|octet| matches!(octet, b'0'..=b'9' | b'a'..=b'f'));
    parts.len() == lengths.len() && parts[0] == "00" && parts.iter().zip(lengths).all(|(part, len)| part.len() == len && hex(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_well_formed_contexts_are_taken_over() {
        assert!(is_traceparent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"));
        for bad in [
            "",
            "00-0af7-b7ad-01",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-0AF7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        ] {
            assert!(!is_traceparent(bad), "{bad}");
        }
        assert!(is_request_id("a-B_9."));
        assert!(!is_request_id("a b") && !is_request_id("") && !is_request_id(&"a".repeat(65)));
    }
}
