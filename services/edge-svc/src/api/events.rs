//! The live stream. Its inside is in [`crate::streams`].

use axum::{
    Extension,
    extract::State,
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};
use sealcast_contracts::EventId;

use super::document::Problems;
use crate::{
    Edge,
    listener::ConnectionKill,
    problems::{self, Problem},
    sessions::Signed,
    streams::StreamRequest,
};

const LAST_EVENT_ID: &str = "last-event-id";
/// The media type of a stream.
pub const EVENT_STREAM: &str = "text/event-stream";

/// Everything that happens in the caller's rooms, as Server-Sent Events.
///
/// `hello` comes first and says whether the stream continues exactly after `Last-Event-ID`. Each event's `data` is one JSON
/// object of the schema that `x-sse-events` names. A comment arrives every 15 s on a silent stream.
#[utoipa::path(get, path = "/events", tag = "messages",
    params(("Last-Event-ID" = Option<EventId>, Header, description = "The id of the last `message` that the client has")),
    responses((status = 200, body = String, content_type = "text/event-stream"), Problems),
    extensions(("x-sse-events" = json!({
        "hello": "#/components/schemas/Hello",
        "message": "#/components/schemas/Message",
        "gap": "#/components/schemas/Gap",
        "reset": "#/components/schemas/Reset",
        "presence": "#/components/schemas/PresenceChanged",
        "typing": "#/components/schemas/TypingStarted",
        "room": "#/components/schemas/RoomNotice",
        "read": "#/components/schemas/ReadMarker",
        "checkpoint": "#/components/schemas/CheckpointNotice",
        "revoke": "#/components/schemas/Revoke",
        "drain": "#/components/schemas/Drain"
    }))))]
pub async fn stream_events(
    State(edge): State<Edge>,
    signed: Signed,
    Extension(ConnectionKill(kill)): Extension<ConnectionKill>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let last_event_id = check(&headers)?;
    let body = edge.streams().open(StreamRequest { session: signed.session, last_event_id, kill }).await?;
    let mut headers = HeaderMap::new();
    describe(&mut headers);
    Ok((headers, body).into_response())
}

/// What a client must be able to take, and from where it wants to go on.
///
/// # Errors
/// It accepts no event stream, or its id is not one of ours.
pub fn check(headers: &HeaderMap) -> Result<Option<EventId>, Problem> {
    let accepts = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or("*/*");
    if !accepts.contains(EVENT_STREAM) && !accepts.contains("*/*") && !accepts.contains("text/*") {
        return Err(problems::not_acceptable());
    }
    last_event_id(headers)
}

/// The headers of the answer that are a stream's own.
pub fn describe(headers: &mut HeaderMap) {
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(EVENT_STREAM));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store, no-transform"));
    headers.insert(header::HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
}

/// An id that this server has never written is refused, rather than taken for "no id": the client would miss messages.
fn last_event_id(headers: &HeaderMap) -> Result<Option<EventId>, Problem> {
    match headers.get(LAST_EVENT_ID) {
        None => Ok(None),
        Some(id) if id.is_empty() => Ok(None),
        Some(id) => match id.to_str().ok().and_then(|id| id.parse().ok()) {
            Some(id) => Ok(Some(id)),
            None => Err(problems::parameter("Last-Event-ID", "is not an event id of this server")),
        },
    }
}
