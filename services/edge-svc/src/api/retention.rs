//! How long content stays, and what must stay longer.

use axum::{Json, extract::State, http::StatusCode};
use sealcast_contracts::{
    CaseId, HoldId, Page, RoomId,
    audit::{Hold, ListHolds, ListRetention, PlaceHold, ReleaseHold, RetentionRule, Scope, SetRetention},
};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    document::Problems,
    extract::{Body, Path, Query},
    paging::PageQuery,
};
use crate::{Edge, problems::Problem, sessions::Signed};

/// How long messages stay readable.
#[derive(Debug, Deserialize, ToSchema)]
pub struct RetentionRequest {
    /// Of one room; of the organisation when absent.
    #[serde(default)]
    pub room_id: Option<RoomId>,
    /// Days after the day of acceptance. `null`: a room follows the organisation, the organisation keeps for ever.
    pub days: Option<u32>,
}

/// What is to be kept, and why.
#[derive(Debug, Deserialize, ToSchema)]
pub struct HoldRequest {
    #[serde(default)]
    pub scope: Scope,
    pub reason: String,
}

/// Why a hold ends.
#[derive(Debug, Deserialize, ToSchema)]
pub struct HoldReleaseRequest {
    pub reason: String,
}

/// All retention rules, the organisation's first.
#[utoipa::path(get, path = "/audit/retention", tag = "audit", responses((status = 200, body = Vec<RetentionRule>), Problems))]
pub async fn list_retention(State(edge): State<Edge>, signed: Signed) -> Result<Json<Vec<RetentionRule>>, Problem> {
    Ok(Json(edge.ask(&ListRetention { caller: signed.caller() }).await?))
}

/// Sets a retention rule; admins only.
#[utoipa::path(put, path = "/audit/retention", tag = "audit", request_body = RetentionRequest,
    responses((status = 200, body = RetentionRule), Problems))]
pub async fn set_retention(
    State(edge): State<Edge>,
    signed: Signed,
    Body(body): Body<RetentionRequest>,
) -> Result<Json<RetentionRule>, Problem> {
    let RetentionRequest { room_id, days } = body;
    Ok(Json(edge.ask(&SetRetention { caller: signed.caller(), room_id, days }).await?))
}

/// Places a legal hold within a case; auditors only. It beats retention and gives nobody access.
#[utoipa::path(post, path = "/audit/cases/{case_id}/holds", tag = "audit", params(("case_id" = CaseId, Path)),
    request_body = HoldRequest, responses((status = 201, body = Hold), Problems))]
pub async fn place_hold(
    State(edge): State<Edge>,
    signed: Signed,
    Path(case_id): Path<CaseId>,
    Body(body): Body<HoldRequest>,
) -> Result<(StatusCode, Json<Hold>), Problem> {
    let HoldRequest { scope, reason } = body;
    let hold = edge.ask(&PlaceHold { caller: signed.caller(), case_id, scope, reason }).await?;
    Ok((StatusCode::CREATED, Json(hold)))
}

/// All holds, newest first; auditors only.
#[utoipa::path(get, path = "/audit/holds", tag = "audit", params(PageQuery), responses((status = 200, body = Page<Hold>), Problems))]
pub async fn list_holds(
    State(edge): State<Edge>,
    signed: Signed,
    Query(page): Query<PageQuery>,
) -> Result<Json<Page<Hold>>, Problem> {
    let (cursor, limit) = page.bounded()?;
    Ok(Json(edge.ask(&ListHolds { caller: signed.caller(), cursor, limit }).await?))
}

/// Ends a hold; where the policy says so, after a second officer's consent (`release_hold`) within its case.
#[utoipa::path(post, path = "/audit/holds/{hold_id}/release", tag = "audit", params(("hold_id" = HoldId, Path)),
    request_body = HoldReleaseRequest, responses((status = 200, body = Hold), Problems))]
pub async fn release_hold(
    State(edge): State<Edge>,
    signed: Signed,
    Path(hold_id): Path<HoldId>,
    Body(body): Body<HoldReleaseRequest>,
) -> Result<Json<Hold>, Problem> {
    Ok(Json(edge.ask(&ReleaseHold { caller: signed.caller(), hold_id, reason: body.reason }).await?))
}
