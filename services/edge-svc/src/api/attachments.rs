//! Attachments: sealed by the client, stored and handed out in chunks.

use axum::{
    Json,
    extract::State,
    http::{StatusCode, header},
    response::IntoResponse,
};
use sealcast_contracts::{
    AttachmentId, Base64, RoomId,
    attachments::{Attachment, BeginAttachment, CompleteAttachment, DropAttachment, GetAttachment, GetChunk, PutChunk},
};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    document::Problems,
    extract::{Body, OCTET_STREAM, Octets, Path},
};
use crate::{Edge, problems::Problem, sessions::Signed};

/// An attachment that is going to be uploaded.
#[derive(Debug, Deserialize, ToSchema)]
pub struct NewAttachment {
    pub attachment_id: AttachmentId,
    /// All sealed chunks together: each has 131,072 octets and a tag of 16, but the last one may be shorter; at most 200.
    pub octets: u64,
}

/// What was uploaded.
#[derive(Debug, Deserialize, ToSchema)]
pub struct CompletedAttachment {
    /// SHA-256 over the SHA-256 of each sealed chunk, in order.
    pub sha256: Base64,
}

/// Announces an attachment. One that is not complete a day later is taken away.
#[utoipa::path(post, path = "/rooms/{room_id}/attachments", tag = "messages", params(("room_id" = RoomId, Path)),
    request_body = NewAttachment, responses((status = 201, body = Attachment), Problems))]
pub async fn begin_attachment(
    State(edge): State<Edge>,
    signed: Signed,
    Path(room_id): Path<RoomId>,
    Body(body): Body<NewAttachment>,
) -> Result<(StatusCode, Json<Attachment>), Problem> {
    let NewAttachment { attachment_id, octets } = body;
    let call = BeginAttachment { caller: signed.caller(), room_id, attachment_id, octets };
    Ok((StatusCode::CREATED, Json(edge.ask(&call).await?)))
}

/// Stores one sealed chunk, in any order. Repeating it with the same octets is harmless.
#[utoipa::path(put, path = "/rooms/{room_id}/attachments/{attachment_id}/chunks/{index}", tag = "messages",
    params(("room_id" = RoomId, Path), ("attachment_id" = AttachmentId, Path), ("index" = u32, Path, maximum = 199)),
    request_body(content = String, content_type = "application/octet-stream"), responses((status = 204), Problems))]
pub async fn put_chunk(
    State(edge): State<Edge>,
    signed: Signed,
    Path((room_id, attachment_id, index)): Path<(RoomId, AttachmentId, u32)>,
    Octets(octets): Octets,
) -> Result<StatusCode, Problem> {
    let octets = Base64(octets.into());
    edge.ask(&PutChunk { caller: signed.caller(), room_id, attachment_id, index, octets }).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Says that all chunks are there. From then on the members of the room can read it, and it stays.
#[utoipa::path(put, path = "/rooms/{room_id}/attachments/{attachment_id}/completion", tag = "messages",
    params(("room_id" = RoomId, Path), ("attachment_id" = AttachmentId, Path)), request_body = CompletedAttachment,
    responses((status = 200, body = Attachment), Problems))]
pub async fn complete_attachment(
    State(edge): State<Edge>,
    signed: Signed,
    Path((room_id, attachment_id)): Path<(RoomId, AttachmentId)>,
    Body(body): Body<CompletedAttachment>,
) -> Result<Json<Attachment>, Problem> {
    let call = CompleteAttachment { caller: signed.caller(), room_id, attachment_id, sha256: body.sha256 };
    Ok(Json(edge.ask(&call).await?))
}

/// Takes an attachment back that is not complete.
#[utoipa::path(delete, path = "/rooms/{room_id}/attachments/{attachment_id}", tag = "messages",
    params(("room_id" = RoomId, Path), ("attachment_id" = AttachmentId, Path)), responses((status = 204), Problems))]
pub async fn drop_attachment(
    State(edge): State<Edge>,
    signed: Signed,
    Path((room_id, attachment_id)): Path<(RoomId, AttachmentId)>,
) -> Result<StatusCode, Problem> {
    edge.ask(&DropAttachment { caller: signed.caller(), room_id, attachment_id }).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What the server knows of a complete attachment. An auditor's reading is an event in the log before it is answered.
#[utoipa::path(get, path = "/rooms/{room_id}/attachments/{attachment_id}", tag = "messages",
    params(("room_id" = RoomId, Path), ("attachment_id" = AttachmentId, Path)),
    responses((status = 200, body = Attachment), Problems))]
pub async fn get_attachment(
    State(edge): State<Edge>,
    signed: Signed,
    Path((room_id, attachment_id)): Path<(RoomId, AttachmentId)>,
) -> Result<Json<Attachment>, Problem> {
    Ok(Json(edge.ask(&GetAttachment { caller: signed.caller(), room_id, attachment_id }).await?))
}

/// One sealed chunk of a complete attachment. An auditor's reading is an event in the log before it is answered.
#[utoipa::path(get, path = "/rooms/{room_id}/attachments/{attachment_id}/chunks/{index}", tag = "messages",
    params(("room_id" = RoomId, Path), ("attachment_id" = AttachmentId, Path), ("index" = u32, Path, maximum = 199)),
    responses((status = 200, body = String, content_type = "application/octet-stream"), Problems))]
pub async fn get_chunk(
    State(edge): State<Edge>,
    signed: Signed,
    Path((room_id, attachment_id, index)): Path<(RoomId, AttachmentId, u32)>,
) -> Result<impl IntoResponse, Problem> {
    let octets = edge.ask(&GetChunk { caller: signed.caller(), room_id, attachment_id, index }).await?;
    Ok(([(header::CONTENT_TYPE, OCTET_STREAM)], octets.0))
}
