//! Rooms and their members.

use axum::{Json, extract::State, http::StatusCode};
use sealcast_contracts::{
    Page, RoomId, UserId,
    chat::{
        Admission, CreateRoom, GetRoom, History, LeaveRoom, ListMembers, ListRooms, Member, NewEpoch, NewGrant, OpenDirect,
        RemoveMember, Room, RoomKeys, RoomKind, SetHistory,
    },
};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    document::Problems,
    extract::{Body, Path, Query},
    paging::PageQuery,
};
use crate::{Edge, problems::Problem, sessions::Signed};

/// A room with its first key epoch and its creator's own grant.
#[derive(Debug, Deserialize, ToSchema)]
pub struct NewRoom {
    pub room_id: RoomId,
    pub name: String,
    pub kind: RoomKind,
    pub admission: Admission,
    pub epoch: NewEpoch,
    pub grant: NewGrant,
}

/// A direct conversation as it begins: its room, the room's first key epoch, and a grant for each of the two.
#[derive(Debug, Deserialize, ToSchema)]
pub struct NewDirect {
    pub room_id: RoomId,
    pub epoch: NewEpoch,
    pub grants: Vec<NewGrant>,
}

#[derive(Debug, Deserialize, ToSchema)]
pub struct NewHistory {
    pub history: History,
}

/// The caller's rooms, and the public ones that it could join.
#[utoipa::path(get, path = "/rooms", tag = "rooms", responses((status = 200, body = Vec<Room>), Problems))]
pub async fn list_rooms(State(edge): State<Edge>, signed: Signed) -> Result<Json<Vec<Room>>, Problem> {
    Ok(Json(edge.ask(&ListRooms { caller: signed.caller() }).await?))
}

/// Creates a room. Repeating it with the same id and body is harmless.
#[utoipa::path(post, path = "/rooms", tag = "rooms", request_body = NewRoom, responses((status = 201, body = Room), Problems))]
pub async fn create_room(
    State(edge): State<Edge>,
    signed: Signed,
    Body(body): Body<NewRoom>,
) -> Result<(StatusCode, Json<Room>), Problem> {
    let NewRoom { room_id, name, kind, admission, epoch, grant } = body;
    let call = CreateRoom { caller: signed.caller(), room_id, name, kind, admission, epoch, grant };
    Ok((StatusCode::CREATED, Json(edge.ask(&call).await?)))
}

/// Opens the direct conversation with somebody. A pair has one: where it exists, it is the answer, and the body is dropped.
#[utoipa::path(put, path = "/direct/{user_id}", tag = "rooms", params(("user_id" = UserId, Path)), request_body = NewDirect,
    responses((status = 200, body = Room), Problems))]
pub async fn open_direct(
    State(edge): State<Edge>,
    signed: Signed,
    Path(with): Path<UserId>,
    Body(body): Body<NewDirect>,
) -> Result<Json<Room>, Problem> {
    let NewDirect { room_id, epoch, grants } = body;
    Ok(Json(edge.ask(&OpenDirect { caller: signed.caller(), with, room_id, epoch, grants }).await?))
}

/// A room, its key epochs, and the caller's grants.
#[utoipa::path(get, path = "/rooms/{room_id}", tag = "rooms", params(("room_id" = RoomId, Path)),
    responses((status = 200, body = RoomKeys), Problems))]
pub async fn get_room(State(edge): State<Edge>, signed: Signed, Path(room_id): Path<RoomId>) -> Result<Json<RoomKeys>, Problem> {
    Ok(Json(edge.ask(&GetRoom { caller: signed.caller(), room_id }).await?))
}

/// The members of a room.
#[utoipa::path(get, path = "/rooms/{room_id}/members", tag = "rooms", params(("room_id" = RoomId, Path), PageQuery),
    responses((status = 200, body = Page<Member>), Problems))]
pub async fn list_members(
    State(edge): State<Edge>,
    signed: Signed,
    Path(room_id): Path<RoomId>,
    Query(page): Query<PageQuery>,
) -> Result<Json<Page<Member>>, Problem> {
    let (cursor, limit) = page.bounded()?;
    Ok(Json(edge.ask(&ListMembers { caller: signed.caller(), room_id, cursor, limit }).await?))
}

/// Removes a member; room admins only. Who stays opens a new epoch, so that the one removed cannot read on.
#[utoipa::path(delete, path = "/rooms/{room_id}/members/{user_id}", tag = "rooms",
    params(("room_id" = RoomId, Path), ("user_id" = UserId, Path)), responses((status = 204), Problems))]
pub async fn remove_member(
    State(edge): State<Edge>,
    signed: Signed,
    Path((room_id, user_id)): Path<(RoomId, UserId)>,
) -> Result<StatusCode, Problem> {
    edge.ask(&RemoveMember { caller: signed.caller(), room_id, user_id }).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Leaves a room.
#[utoipa::path(post, path = "/rooms/{room_id}/leave", tag = "rooms", params(("room_id" = RoomId, Path)),
    responses((status = 204), Problems))]
pub async fn leave_room(State(edge): State<Edge>, signed: Signed, Path(room_id): Path<RoomId>) -> Result<StatusCode, Problem> {
    edge.ask(&LeaveRoom { caller: signed.caller(), room_id }).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Decides what newcomers get of the past; room admins only. The clients of members act on it: they hold the keys.
#[utoipa::path(put, path = "/rooms/{room_id}/history", tag = "rooms", params(("room_id" = RoomId, Path)),
    request_body = NewHistory, responses((status = 200, body = Room), Problems))]
pub async fn set_history(
    State(edge): State<Edge>,
    signed: Signed,
    Path(room_id): Path<RoomId>,
    Body(body): Body<NewHistory>,
) -> Result<Json<Room>, Problem> {
    Ok(Json(edge.ask(&SetHistory { caller: signed.caller(), room_id, history: body.history }).await?))
}
