//! Invite links. The secret after `#` never comes here; what is derived from it does.

use axum::{Json, extract::State, http::StatusCode};
use sealcast_contracts::{
    Base64, InviteId, RoomId,
    chat::{
        CreateInvite, Invite, InvitePreview, ListInvites, NewInvite, PreviewInvite, RedeemInvite, RedeemedInvite, RevokeInvite,
    },
};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    document::Problems,
    extract::{Body, Path},
};
use crate::{Edge, problems::Problem, sessions::Signed};

/// Proof of the link's secret.
#[derive(Debug, Deserialize, ToSchema)]
pub struct InviteAuth {
    /// Derived from the link's secret; 32 octets.
    pub auth: Base64,
}

/// The invites of a room.
#[utoipa::path(get, path = "/rooms/{room_id}/invites", tag = "rooms", params(("room_id" = RoomId, Path)),
    responses((status = 200, body = Vec<Invite>), Problems))]
pub async fn list_invites(
    State(edge): State<Edge>,
    signed: Signed,
    Path(room_id): Path<RoomId>,
) -> Result<Json<Vec<Invite>>, Problem> {
    Ok(Json(edge.ask(&ListInvites { caller: signed.caller(), room_id }).await?))
}

/// Registers an invite link.
#[utoipa::path(post, path = "/rooms/{room_id}/invites", tag = "rooms", params(("room_id" = RoomId, Path)), request_body = NewInvite,
    responses((status = 201, body = Invite), Problems))]
pub async fn create_invite(
    State(edge): State<Edge>,
    signed: Signed,
    Path(room_id): Path<RoomId>,
    Body(invite): Body<NewInvite>,
) -> Result<(StatusCode, Json<Invite>), Problem> {
    Ok((StatusCode::CREATED, Json(edge.ask(&CreateInvite { caller: signed.caller(), room_id, invite }).await?)))
}

/// Ends an invite.
#[utoipa::path(delete, path = "/rooms/{room_id}/invites/{invite_id}", tag = "rooms",
    params(("room_id" = RoomId, Path), ("invite_id" = InviteId, Path)), responses((status = 204), Problems))]
pub async fn revoke_invite(
    State(edge): State<Edge>,
    signed: Signed,
    Path((room_id, invite_id)): Path<(RoomId, InviteId)>,
) -> Result<StatusCode, Problem> {
    edge.ask(&RevokeInvite { caller: signed.caller(), room_id, invite_id }).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What an invite leads to, for somebody who has the link and perhaps no account yet.
#[utoipa::path(post, path = "/invites/{invite_id}/preview", tag = "rooms", security(()), params(("invite_id" = InviteId, Path)),
    request_body = InviteAuth, responses((status = 200, body = InvitePreview), Problems))]
pub async fn preview_invite(
    State(edge): State<Edge>,
    Path(invite_id): Path<InviteId>,
    Body(body): Body<InviteAuth>,
) -> Result<Json<InvitePreview>, Problem> {
    Ok(Json(edge.ask(&PreviewInvite { invite_id, auth: body.auth }).await?))
}

/// Makes the caller a member and hands it what the link's secret unlocks. Repeating it is harmless.
#[utoipa::path(post, path = "/invites/{invite_id}/redeem", tag = "rooms", params(("invite_id" = InviteId, Path)),
    request_body = InviteAuth, responses((status = 200, body = RedeemedInvite), Problems))]
pub async fn redeem_invite(
    State(edge): State<Edge>,
    signed: Signed,
    Path(invite_id): Path<InviteId>,
    Body(body): Body<InviteAuth>,
) -> Result<Json<RedeemedInvite>, Problem> {
    Ok(Json(edge.ask(&RedeemInvite { caller: signed.caller(), invite_id, auth: body.auth }).await?))
}
