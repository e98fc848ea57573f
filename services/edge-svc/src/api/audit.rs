//! The archive, the log of it, and the proofs.

use axum::{Json, extract::State};
use sealcast_contracts::{
    EventId, Page, RoomId, UserId,
    audit::{
        Checkpoint, ConsistencyProof, GetCheckpoint, GetConsistencyProof, GetInclusionProof, InclusionProof, MessageFilter,
        MessagePage, Order, QueryEvents, QueryMessages, StoredEvent,
    },
};
use serde::Deserialize;
use time::OffsetDateTime;
use utoipa::IntoParams;

use super::{
    document::Problems,
    extract::{Path, Query},
    paging,
};
use crate::{Edge, problems::Problem, sessions::Signed};

/// Which stored messages; every field narrows.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct MessagesQuery {
    #[param(nullable = false)]
    pub room_id: Option<RoomId>,
    #[param(nullable = false)]
    pub sender: Option<UserId>,
    /// Accepted at or after this time.
    #[serde(default, with = "time::serde::rfc3339::option")]
    #[param(nullable = false)]
    pub from: Option<OffsetDateTime>,
    /// Accepted before this time.
    #[serde(default, with = "time::serde::rfc3339::option")]
    #[param(nullable = false)]
    pub to: Option<OffsetDateTime>,
    /// Exclusive.
    #[param(nullable = false)]
    pub after: Option<EventId>,
    /// Exclusive.
    #[param(nullable = false)]
    pub before: Option<EventId>,
    #[param(nullable = false)]
    pub order: Option<Order>,
    #[param(nullable = false)]
    pub cursor: Option<String>,
    #[param(nullable = false, minimum = 1, maximum = 200)]
    pub limit: Option<u32>,
}

/// Which logged events; every field narrows.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct EventsQuery {
    /// An event name such as `session_opened`.
    #[param(nullable = false)]
    pub kind: Option<String>,
    #[param(nullable = false)]
    pub actor: Option<UserId>,
    /// At or after this time.
    #[serde(default, with = "time::serde::rfc3339::option")]
    #[param(nullable = false)]
    pub from: Option<OffsetDateTime>,
    /// Before this time.
    #[serde(default, with = "time::serde::rfc3339::option")]
    #[param(nullable = false)]
    pub to: Option<OffsetDateTime>,
    #[param(nullable = false)]
    pub order: Option<Order>,
    #[param(nullable = false)]
    pub cursor: Option<String>,
    #[param(nullable = false, minimum = 1, maximum = 200)]
    pub limit: Option<u32>,
}

/// Two sizes of the log.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SizesQuery {
    pub from: u64,
    pub to: u64,
}

/// Stored messages. Members see their rooms, auditors see all; an auditor's query is itself logged before the answer goes out.
#[utoipa::path(get, path = "/audit/messages", tag = "audit", params(MessagesQuery), responses((status = 200, body = MessagePage), Problems))]
pub async fn query_messages(
    State(edge): State<Edge>,
    signed: Signed,
    Query(query): Query<MessagesQuery>,
) -> Result<Json<MessagePage>, Problem> {
    let MessagesQuery { room_id, sender, from, to, after, before, order, cursor, limit } = query;
    let (cursor, limit) = paging::bounded(cursor, limit)?;
    let filter = MessageFilter { room_id, sender, from, to, after, before };
    let call = QueryMessages { caller: signed.caller(), filter, order: order.unwrap_or_default(), cursor, limit };
    Ok(Json(edge.ask(&call).await?))
}

/// Logged events; auditors only, and itself logged.
#[utoipa::path(get, path = "/audit/events", tag = "audit", params(EventsQuery),
    responses((status = 200, body = Page<StoredEvent>), Problems))]
pub async fn query_events(
    State(edge): State<Edge>,
    signed: Signed,
    Query(query): Query<EventsQuery>,
) -> Result<Json<Page<StoredEvent>>, Problem> {
    let EventsQuery { kind, actor, from, to, order, cursor, limit } = query;
    let (cursor, limit) = paging::bounded(cursor, limit)?;
    let call = QueryEvents { caller: signed.caller(), kind, actor, from, to, order: order.unwrap_or_default(), cursor, limit };
    Ok(Json(edge.ask(&call).await?))
}

/// The newest signed checkpoint.
#[utoipa::path(get, path = "/audit/checkpoint", tag = "audit", responses((status = 200, body = Checkpoint), Problems))]
pub async fn get_checkpoint(State(edge): State<Edge>, _: Signed) -> Result<Json<Checkpoint>, Problem> {
    Ok(Json(edge.ask(&GetCheckpoint {}).await?))
}

/// The proof that a message is in the log.
#[utoipa::path(get, path = "/audit/proofs/{id}", tag = "audit", params(("id" = EventId, Path)),
    responses((status = 200, body = InclusionProof), Problems))]
pub async fn get_inclusion_proof(
    State(edge): State<Edge>,
    signed: Signed,
    Path(id): Path<EventId>,
) -> Result<Json<InclusionProof>, Problem> {
    Ok(Json(edge.ask(&GetInclusionProof { caller: signed.caller(), id }).await?))
}

/// The proof that a later log extends an earlier one.
#[utoipa::path(get, path = "/audit/consistency", tag = "audit", params(SizesQuery),
    responses((status = 200, body = ConsistencyProof), Problems))]
pub async fn get_consistency_proof(
    State(edge): State<Edge>,
    _: Signed,
    Query(sizes): Query<SizesQuery>,
) -> Result<Json<ConsistencyProof>, Problem> {
    Ok(Json(edge.ask(&GetConsistencyProof { from: sizes.from, to: sizes.to }).await?))
}
