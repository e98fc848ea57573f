//! Cases: why officers look at other people's messages, who consented, and what they take along.

use axum::{Json, extract::State, http::StatusCode};
use sealcast_contracts::{
    ApprovalId, CaseId, EventId, Page, RoomId, UserId,
    audit::{
        AccessAction, AccessReceipt, Approval, Case, CloseCase, DecideApproval, Export, GetCase, GrantDecryption, ListCases,
        MessageFilter, NewCase, OpenCase, RequestApproval, StartExport,
    },
};
use serde::Deserialize;
use time::OffsetDateTime;
use utoipa::ToSchema;

use super::{
    document::Problems,
    extract::{Body, Path, Query},
    paging::PageQuery,
};
use crate::{Edge, problems::Problem, sessions::Signed};

/// Why a case ends.
#[derive(Debug, Deserialize, ToSchema)]
pub struct CaseClosing {
    pub note: String,
}

/// What a second officer is asked to consent to, and why.
#[derive(Debug, Deserialize, ToSchema)]
pub struct ApprovalRequest {
    pub action: AccessAction,
    pub reason: String,
}

/// The second officer's answer.
#[derive(Debug, Deserialize, ToSchema)]
pub struct ApprovalDecision {
    pub granted: bool,
    pub reason: String,
    /// When the consent ends; with the case when absent.
    #[serde(default, with = "time::serde::rfc3339::option")]
    pub valid_until: Option<OffsetDateTime>,
}

/// Messages that are about to be opened with the compliance key.
#[derive(Debug, Deserialize, ToSchema)]
pub struct DecryptionRequest {
    #[schema(min_items = 1, max_items = 200)]
    pub ids: Vec<EventId>,
}

/// Which messages of the case; every field narrows.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
pub struct ExportRequest {
    pub room_id: Option<RoomId>,
    pub sender: Option<UserId>,
    #[serde(with = "time::serde::rfc3339::option")]
    pub from: Option<OffsetDateTime>,
    #[serde(with = "time::serde::rfc3339::option")]
    pub to: Option<OffsetDateTime>,
}

/// Cases, newest first; auditors only.
#[utoipa::path(get, path = "/audit/cases", tag = "audit", params(PageQuery), responses((status = 200, body = Page<Case>), Problems))]
pub async fn list_cases(
    State(edge): State<Edge>,
    signed: Signed,
    Query(page): Query<PageQuery>,
) -> Result<Json<Page<Case>>, Problem> {
    let (cursor, limit) = page.bounded()?;
    Ok(Json(edge.ask(&ListCases { caller: signed.caller(), cursor, limit }).await?))
}

/// Opens a case; auditors only.
#[utoipa::path(post, path = "/audit/cases", tag = "audit", request_body = NewCase,
    responses((status = 201, body = Case), Problems))]
pub async fn open_case(
    State(edge): State<Edge>,
    signed: Signed,
    Body(case): Body<NewCase>,
) -> Result<(StatusCode, Json<Case>), Problem> {
    Ok((StatusCode::CREATED, Json(edge.ask(&OpenCase { caller: signed.caller(), case }).await?)))
}

/// One case with its approvals; auditors only.
#[utoipa::path(get, path = "/audit/cases/{case_id}", tag = "audit", params(("case_id" = CaseId, Path)),
    responses((status = 200, body = Case), Problems))]
pub async fn get_case(State(edge): State<Edge>, signed: Signed, Path(case_id): Path<CaseId>) -> Result<Json<Case>, Problem> {
    Ok(Json(edge.ask(&GetCase { caller: signed.caller(), case_id }).await?))
}

/// Ends a case; what was logged under it stays.
#[utoipa::path(post, path = "/audit/cases/{case_id}/close", tag = "audit", params(("case_id" = CaseId, Path)),
    request_body = CaseClosing, responses((status = 200, body = Case), Problems))]
pub async fn close_case(
    State(edge): State<Edge>,
    signed: Signed,
    Path(case_id): Path<CaseId>,
    Body(body): Body<CaseClosing>,
) -> Result<Json<Case>, Problem> {
    Ok(Json(edge.ask(&CloseCase { caller: signed.caller(), case_id, note: body.note }).await?))
}

/// Asks for a second officer's consent.
#[utoipa::path(post, path = "/audit/cases/{case_id}/approvals", tag = "audit", params(("case_id" = CaseId, Path)),
    request_body = ApprovalRequest, responses((status = 201, body = Approval), Problems))]
pub async fn request_approval(
    State(edge): State<Edge>,
    signed: Signed,
    Path(case_id): Path<CaseId>,
    Body(body): Body<ApprovalRequest>,
) -> Result<(StatusCode, Json<Approval>), Problem> {
    let ApprovalRequest { action, reason } = body;
    let approval = edge.ask(&RequestApproval { caller: signed.caller(), case_id, action, reason }).await?;
    Ok((StatusCode::CREATED, Json(approval)))
}

/// Grants or refuses consent. Whoever asked is refused (`same-officer`).
#[utoipa::path(post, path = "/audit/cases/{case_id}/approvals/{approval_id}", tag = "audit",
    params(("case_id" = CaseId, Path), ("approval_id" = ApprovalId, Path)),
    request_body = ApprovalDecision, responses((status = 200, body = Approval), Problems))]
pub async fn decide_approval(
    State(edge): State<Edge>,
    signed: Signed,
    Path((case_id, approval_id)): Path<(CaseId, ApprovalId)>,
    Body(body): Body<ApprovalDecision>,
) -> Result<Json<Approval>, Problem> {
    let ApprovalDecision { granted, reason, valid_until } = body;
    let call = DecideApproval { caller: signed.caller(), case_id, approval_id, granted, reason, valid_until };
    Ok(Json(edge.ask(&call).await?))
}

/// Logs which messages are about to be opened with the compliance key, and tells the people concerned. Clients ask before
/// they open anything.
#[utoipa::path(post, path = "/audit/cases/{case_id}/decryptions", tag = "audit", params(("case_id" = CaseId, Path)),
    request_body = DecryptionRequest, responses((status = 201, body = AccessReceipt), Problems))]
pub async fn grant_decryption(
    State(edge): State<Edge>,
    signed: Signed,
    Path(case_id): Path<CaseId>,
    Body(body): Body<DecryptionRequest>,
) -> Result<(StatusCode, Json<AccessReceipt>), Problem> {
    let receipt = edge.ask(&GrantDecryption { caller: signed.caller(), case_id, ids: body.ids }).await?;
    Ok((StatusCode::CREATED, Json(receipt)))
}

/// Begins an export: one leaf for all that it will hand out.
#[utoipa::path(post, path = "/audit/cases/{case_id}/exports", tag = "audit", params(("case_id" = CaseId, Path)),
    request_body = ExportRequest, responses((status = 201, body = Export), Problems))]
pub async fn start_export(
    State(edge): State<Edge>,
    signed: Signed,
    Path(case_id): Path<CaseId>,
    Body(body): Body<ExportRequest>,
) -> Result<(StatusCode, Json<Export>), Problem> {
    let ExportRequest { room_id, sender, from, to } = body;
    let filter = MessageFilter { room_id, sender, from, to, ..MessageFilter::default() };
    let export = edge.ask(&StartExport { caller: signed.caller(), case_id, filter }).await?;
    Ok((StatusCode::CREATED, Json(export)))
}
