//! How far the caller has read, sealed for its other clients.

use axum::{Json, extract::State, http::StatusCode};
use sealcast_contracts::{
    Base64, RoomId,
    chat::{ListReadMarkers, ReadMarker, SetReadMarker},
};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    document::Problems,
    extract::{Body, Path},
};
use crate::{Edge, problems::Problem, sessions::Signed};

#[derive(Debug, Deserialize, ToSchema)]
pub struct NewReadMarker {
    /// 60 octets that only the caller's own clients open.
    pub sealed: Base64,
}

/// The caller's read markers, one for each room where it left one.
#[utoipa::path(get, path = "/me/read-markers", tag = "rooms", responses((status = 200, body = Vec<ReadMarker>), Problems))]
pub async fn list_read_markers(State(edge): State<Edge>, signed: Signed) -> Result<Json<Vec<ReadMarker>>, Problem> {
    Ok(Json(edge.ask(&ListReadMarkers { caller: signed.caller() }).await?))
}

/// Keeps how far the caller has read in a room. Its other clients hear of it on their streams (`read`); nobody else does.
#[utoipa::path(put, path = "/rooms/{room_id}/read-marker", tag = "rooms", params(("room_id" = RoomId, Path)),
    request_body = NewReadMarker, responses((status = 204), Problems))]
pub async fn set_read_marker(
    State(edge): State<Edge>,
    signed: Signed,
    Path(room_id): Path<RoomId>,
    Body(body): Body<NewReadMarker>,
) -> Result<StatusCode, Problem> {
    let marker = ReadMarker { room_id, sealed: body.sealed };
    edge.ask(&SetReadMarker { caller: signed.caller(), marker }).await?;
    Ok(StatusCode::NO_CONTENT)
}
