//! The archive, the log of it, and the proofs.

use axum::{Json, extract::State};
use sealcast_contracts::{
    CaseId, EventId, Page, RoomId, UserId,
    audit::{
        Checkpoint, ConsistencyProof, GetCheckpoint, GetConsistencyProof, GetInclusionProof, GetLogHealth, GetPolicy,
        InclusionProof, LogHealth, MessageFilter, MessagePage, Order, Policy, QueryEvents, QueryMessages, StoredEvent,
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
    /// The case that other people's messages are looked at for; auditors only.
    #[param(nullable = false)]
    pub case_id: Option<CaseId>,
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
    /// Only what belongs to this case.
    #[param(nullable = false)]
    pub case_id: Option<CaseId>,
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

/// Which checkpoint.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CheckpointQuery {
    /// The newest that every configured witness has cosigned, instead of the newest.
    #[param(nullable = false)]
    pub witnessed: Option<bool>,
}

/// What somebody else's message is looked at for, and up to which checkpoint.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ProofQuery {
    #[param(nullable = false)]
    pub case_id: Option<CaseId>,
    /// Up to the newest checkpoint that every configured witness has cosigned, instead of the newest.
    #[param(nullable = false)]
    pub witnessed: Option<bool>,
}

/// Two sizes of the log.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SizesQuery {
    pub from: u64,
    pub to: u64,
}

/// Stored messages of the caller's rooms; for an auditor who names a case, of what the case is about. Such a query is logged before the
/// answer goes out, and the people concerned are told.
#[utoipa::path(get, path = "/audit/messages", tag = "audit", params(MessagesQuery), responses((status = 200, body = MessagePage), Problems))]
pub async fn query_messages(
    State(edge): State<Edge>,
    signed: Signed,
    Query(query): Query<MessagesQuery>,
) -> Result<Json<MessagePage>, Problem> {
    let MessagesQuery { case_id, room_id, sender, from, to, after, before, order, cursor, limit } = query;
    let (cursor, limit) = paging::bounded(cursor, limit)?;
    let filter = MessageFilter { room_id, sender, from, to, after, before };
    let call = QueryMessages { caller: signed.caller(), filter, order: order.unwrap_or_default(), cursor, limit, case_id };
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
    let EventsQuery { kind, actor, case_id, from, to, order, cursor, limit } = query;
    let (cursor, limit) = paging::bounded(cursor, limit)?;
    let order = order.unwrap_or_default();
    let call = QueryEvents { caller: signed.caller(), kind, actor, from, to, order, cursor, limit, case_id };
    Ok(Json(edge.ask(&call).await?))
}

/// The newest signed checkpoint.
#[utoipa::path(get, path = "/audit/checkpoint", tag = "audit", params(CheckpointQuery),
    responses((status = 200, body = Checkpoint), Problems))]
pub async fn get_checkpoint(
    State(edge): State<Edge>,
    _: Signed,
    Query(query): Query<CheckpointQuery>,
) -> Result<Json<Checkpoint>, Problem> {
    Ok(Json(edge.ask(&GetCheckpoint { witnessed: query.witnessed.unwrap_or_default() }).await?))
}

/// What waits for the log, and what did not get into it; auditors only.
#[utoipa::path(get, path = "/audit/health", tag = "audit", responses((status = 200, body = LogHealth), Problems))]
pub async fn get_log_health(State(edge): State<Edge>, signed: Signed) -> Result<Json<LogHealth>, Problem> {
    Ok(Json(edge.ask(&GetLogHealth { caller: signed.caller() }).await?))
}

/// What the organisation asks of its officers.
#[utoipa::path(get, path = "/audit/policy", tag = "audit", responses((status = 200, body = Policy), Problems))]
pub async fn get_policy(State(edge): State<Edge>, _: Signed) -> Result<Json<Policy>, Problem> {
    Ok(Json(edge.ask(&GetPolicy {}).await?))
}

/// The proof that a message is in the log.
#[utoipa::path(get, path = "/audit/proofs/{id}", tag = "audit", params(("id" = EventId, Path), ProofQuery),
    responses((status = 200, body = InclusionProof), Problems))]
pub async fn get_inclusion_proof(
    State(edge): State<Edge>,
    signed: Signed,
    Path(id): Path<EventId>,
    Query(query): Query<ProofQuery>,
) -> Result<Json<InclusionProof>, Problem> {
    let ProofQuery { case_id, witnessed } = query;
    let call = GetInclusionProof { caller: signed.caller(), id, case_id, witnessed: witnessed.unwrap_or_default() };
    Ok(Json(edge.ask(&call).await?))
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
