//! Asking to join a room, and the members' answer.

use axum::{Json, extract::State, http::StatusCode};
use sealcast_contracts::{
    RoomId, UserId,
    chat::{DecideRequest, JoinOutcome, JoinRequest, JoinRoom, ListRequests, NewGrant},
};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    document::Problems,
    extract::{Body, Path},
};
use crate::{Edge, problems::Problem, sessions::Signed};

/// A member's answer. Approving carries the newcomer's grants.
#[derive(Debug, Deserialize, ToSchema)]
pub struct JoinDecision {
    pub approve: bool,
    #[serde(default)]
    pub grants: Vec<NewGrant>,
}

/// Asks to join a public room.
#[utoipa::path(post, path = "/rooms/{room_id}/join", tag = "rooms", params(("room_id" = RoomId, Path)),
    responses((status = 200, body = JoinOutcome), Problems))]
pub async fn join_room(
    State(edge): State<Edge>,
    signed: Signed,
    Path(room_id): Path<RoomId>,
) -> Result<Json<JoinOutcome>, Problem> {
    Ok(Json(edge.ask(&JoinRoom { caller: signed.caller(), room_id }).await?))
}

/// Who waits for the room key.
#[utoipa::path(get, path = "/rooms/{room_id}/requests", tag = "rooms", params(("room_id" = RoomId, Path)),
    responses((status = 200, body = Vec<JoinRequest>), Problems))]
pub async fn list_requests(
    State(edge): State<Edge>,
    signed: Signed,
    Path(room_id): Path<RoomId>,
) -> Result<Json<Vec<JoinRequest>>, Problem> {
    Ok(Json(edge.ask(&ListRequests { caller: signed.caller(), room_id }).await?))
}

/// Approves or refuses a request.
#[utoipa::path(post, path = "/rooms/{room_id}/requests/{user_id}", tag = "rooms",
    params(("room_id" = RoomId, Path), ("user_id" = UserId, Path)), request_body = JoinDecision, responses((status = 204), Problems))]
pub async fn decide_request(
    State(edge): State<Edge>,
    signed: Signed,
    Path((room_id, user_id)): Path<(RoomId, UserId)>,
    Body(body): Body<JoinDecision>,
) -> Result<StatusCode, Problem> {
    let JoinDecision { approve, grants } = body;
    edge.ask(&DecideRequest { caller: signed.caller(), room_id, user_id, approve, grants }).await?;
    Ok(StatusCode::NO_CONTENT)
}
