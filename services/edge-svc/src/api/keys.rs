//! Key epochs and grants.

use axum::{Json, extract::State, http::StatusCode};
use sealcast_contracts::{
    RoomId,
    chat::{AddGrants, Epoch, NewEpoch, NewGrant, OpenEpoch},
};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    document::Problems,
    extract::{Body, Path},
};
use crate::{Edge, problems::Problem, sessions::Signed};

/// The next epoch with grants for those who stay.
#[derive(Debug, Deserialize, ToSchema)]
pub struct EpochRequest {
    pub epoch: NewEpoch,
    pub grants: Vec<NewGrant>,
}

/// At most 500 grants.
#[derive(Debug, Deserialize, ToSchema)]
pub struct GrantsRequest {
    pub grants: Vec<NewGrant>,
}

/// Opens the next key epoch; room admins only.
#[utoipa::path(post, path = "/rooms/{room_id}/epochs", tag = "rooms", params(("room_id" = RoomId, Path)), request_body = EpochRequest,
    responses((status = 201, body = Epoch), Problems))]
pub async fn open_epoch(
    State(edge): State<Edge>,
    signed: Signed,
    Path(room_id): Path<RoomId>,
    Body(body): Body<EpochRequest>,
) -> Result<(StatusCode, Json<Epoch>), Problem> {
    let EpochRequest { epoch, grants } = body;
    let opened = edge.ask(&OpenEpoch { caller: signed.caller(), room_id, epoch, grants }).await?;
    Ok((StatusCode::CREATED, Json(opened)))
}

/// Hands the room key to members.
#[utoipa::path(post, path = "/rooms/{room_id}/grants", tag = "rooms", params(("room_id" = RoomId, Path)), request_body = GrantsRequest,
    responses((status = 204), Problems))]
pub async fn add_grants(
    State(edge): State<Edge>,
    signed: Signed,
    Path(room_id): Path<RoomId>,
    Body(body): Body<GrantsRequest>,
) -> Result<StatusCode, Problem> {
    edge.ask(&AddGrants { caller: signed.caller(), room_id, grants: body.grants }).await?;
    Ok(StatusCode::NO_CONTENT)
}
