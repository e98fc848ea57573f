//! Sending a message, the history of a room, typing.

use std::time::Duration;

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode},
};
use sealcast_contracts::{
    Base64, ClientMessageId, EventId, RoomId,
    audit::{MessageFilter, MessagePage, Order, QueryMessages},
    chat::{AcceptMessage, AcceptedMessage},
};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::{
    document::Problems,
    extract::{Body, Path, Query},
    paging,
};
use crate::{
    Edge,
    problems::{self, Problem},
    sessions::Signed,
};

/// chat-svc repeats a publication that is not acknowledged for up to 8.5 s before it says that the outcome is unknown; nobody
/// waits longer than 10 s for an answer.
const ACCEPT_TIMEOUT: Duration = Duration::from_millis(9_500);
const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// An envelope and its detached signature (docs/protocol.md, "Message").
#[derive(Debug, Deserialize, ToSchema)]
pub struct NewMessage {
    pub cid: ClientMessageId,
    /// The key epoch that `env` is encrypted to.
    pub epoch: u32,
    pub env: Base64,
    pub sig: Base64,
}

/// Which part of a room's history.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct HistoryQuery {
    /// Exclusive.
    #[param(nullable = false)]
    pub before: Option<EventId>,
    /// Exclusive.
    #[param(nullable = false)]
    pub after: Option<EventId>,
    #[param(nullable = false)]
    pub order: Option<Order>,
    #[param(nullable = false)]
    pub cursor: Option<String>,
    #[param(nullable = false, minimum = 1, maximum = 200)]
    pub limit: Option<u32>,
}

/// Sends a message. 202 means durable; 4xx, or 503 with `Sealcast-Outcome: rejected`, means certainly not stored;
/// anything else means unknown: repeat with the same key and the same octets.
#[utoipa::path(post, path = "/rooms/{room_id}/messages", tag = "messages",
    params(("room_id" = RoomId, Path), ("Idempotency-Key" = ClientMessageId, Header, description = "Equal to the body's `cid`")),
    request_body = NewMessage, responses((status = 202, body = AcceptedMessage), Problems))]
pub async fn send_message(
    State(edge): State<Edge>,
    signed: Signed,
    Path(room_id): Path<RoomId>,
    headers: HeaderMap,
    Body(body): Body<NewMessage>,
) -> Result<(StatusCode, Json<AcceptedMessage>), Problem> {
    check_key(&headers, body.cid)?;
    let NewMessage { cid, epoch, env, sig } = body;
    let call = AcceptMessage { caller: signed.caller(), room_id, cid, epoch, env, sig };
    let accepted = edge.ask_within(&call, ACCEPT_TIMEOUT).await?;
    Ok((StatusCode::ACCEPTED, Json(accepted)))
}

/// The stored messages of a room that the caller is in.
#[utoipa::path(get, path = "/rooms/{room_id}/messages", tag = "messages", params(("room_id" = RoomId, Path), HistoryQuery),
    responses((status = 200, body = MessagePage), Problems))]
pub async fn list_messages(
    State(edge): State<Edge>,
    signed: Signed,
    Path(room_id): Path<RoomId>,
    Query(query): Query<HistoryQuery>,
) -> Result<Json<MessagePage>, Problem> {
    let HistoryQuery { before, after, order, cursor, limit } = query;
    let (cursor, limit) = paging::bounded(cursor, limit)?;
    let filter = MessageFilter { room_id: Some(room_id), after, before, ..MessageFilter::default() };
    let call = QueryMessages { caller: signed.caller(), filter, order: order.unwrap_or_default(), cursor, limit, case_id: None };
    Ok(Json(edge.ask(&call).await?))
}

/// Says that the caller is writing. Best effort; the notice ends after 6 s.
#[utoipa::path(post, path = "/rooms/{room_id}/typing", tag = "messages", params(("room_id" = RoomId, Path)),
    responses((status = 204), Problems))]
pub async fn start_typing(State(edge): State<Edge>, signed: Signed, Path(room_id): Path<RoomId>) -> Result<StatusCode, Problem> {
    if !edge.streams().is_member(signed.session.user_id, room_id).await? {
        return Err(problems::not_found());
    }
    edge.presence().typing(signed.session.user_id, room_id).await;
    Ok(StatusCode::NO_CONTENT)
}

fn check_key(headers: &HeaderMap, cid: ClientMessageId) -> Result<(), Problem> {
    let key = headers.get(IDEMPOTENCY_KEY).ok_or_else(problems::idempotency_key_missing)?;
    let key: Option<ClientMessageId> = key.to_str().ok().and_then(|key| key.parse().ok());
    if key == Some(cid) { Ok(()) } else { Err(problems::idempotency_key_mismatch()) }
}
