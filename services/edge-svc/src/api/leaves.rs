//! What an export reads: the log's leaves in order.

use axum::{Json, extract::State};
use sealcast_contracts::{
    ExportId, Page,
    audit::leaves::{FindLeafRange, LeafPage, LeafRange, ListRoomEvents, ProvenEvent, ReadLeaves},
};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{
    document::Problems,
    extract::{Path, Query},
    paging,
};
use crate::{Edge, problems::Problem, sessions::Signed};

/// A part of the log.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct LeavesQuery {
    pub from: u64,
    /// Exclusive.
    pub to: u64,
}

/// The room's events before a leaf.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct RoomEventsQuery {
    /// Only events whose leaf is before this one.
    pub before: u64,
    #[param(nullable = false)]
    pub cursor: Option<String>,
    #[param(nullable = false, minimum = 1, maximum = 200)]
    pub limit: Option<u32>,
}

/// The range of leaves that shows that an export is complete, and what ties it to the export's checkpoint; whoever began it.
#[utoipa::path(get, path = "/audit/exports/{export_id}/range", tag = "audit", params(("export_id" = ExportId, Path)),
    responses((status = 200, body = LeafRange), Problems))]
pub async fn find_range(
    State(edge): State<Edge>,
    signed: Signed,
    Path(export_id): Path<ExportId>,
) -> Result<Json<LeafRange>, Problem> {
    Ok(Json(edge.ask(&FindLeafRange { caller: signed.caller(), export_id }).await?))
}

/// Leaves in order, as many as an answer holds, the messages of the export with their content; whoever began it.
#[utoipa::path(get, path = "/audit/exports/{export_id}/leaves", tag = "audit", params(("export_id" = ExportId, Path), LeavesQuery),
    responses((status = 200, body = LeafPage), Problems))]
pub async fn read_leaves(
    State(edge): State<Edge>,
    signed: Signed,
    Path(export_id): Path<ExportId>,
    Query(query): Query<LeavesQuery>,
) -> Result<Json<LeafPage>, Problem> {
    let LeavesQuery { from, to } = query;
    Ok(Json(edge.ask(&ReadLeaves { caller: signed.caller(), export_id, from, to }).await?))
}

/// What happened to the room's membership and keys before a leaf, with proofs; whoever began the export.
#[utoipa::path(get, path = "/audit/exports/{export_id}/room-events", tag = "audit",
    params(("export_id" = ExportId, Path), RoomEventsQuery), responses((status = 200, body = Page<ProvenEvent>), Problems))]
pub async fn list_room_events(
    State(edge): State<Edge>,
    signed: Signed,
    Path(export_id): Path<ExportId>,
    Query(query): Query<RoomEventsQuery>,
) -> Result<Json<Page<ProvenEvent>>, Problem> {
    let RoomEventsQuery { before, cursor, limit } = query;
    let (cursor, limit) = paging::bounded(cursor, limit)?;
    Ok(Json(edge.ask(&ListRoomEvents { caller: signed.caller(), export_id, before, cursor, limit }).await?))
}
