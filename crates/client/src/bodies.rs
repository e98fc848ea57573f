//! REST bodies that are not part of `contracts`, because only edge-svc and its clients see them.

use sealcast_contracts::{
    Base64, ClientMessageId, EventId, InviteId, RoomId, UserId,
    audit::{AccessAction, Scope},
    auth::{Account, Kdf, Proof, Recovery, Role, Session},
    chat::{ComplianceRotation, NewEpoch, NewGrant, Organisation, RoomKind},
};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// What a server says about itself before anybody logs in.
#[derive(Clone, Debug, Deserialize)]
pub struct ServerInfo {
    pub version: String,
    pub organisation: Organisation,
    #[serde(with = "time::serde::rfc3339")]
    pub time: OffsetDateTime,
}

#[derive(Serialize)]
pub(crate) struct PreloginRequest<'a> {
    pub username: &'a str,
}

#[derive(Serialize)]
pub(crate) struct InviteAuth {
    pub auth: Base64,
}

#[derive(Serialize)]
pub(crate) struct InviteProof {
    pub invite_id: InviteId,
    pub auth: Base64,
}

#[derive(Serialize)]
pub(crate) struct RegisterRequest<'a> {
    pub username: &'a str,
    pub auth: Base64,
    pub kdf: Kdf,
    pub certificate: Base64,
    pub locked_key: Base64,
    pub recovery: Recovery,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bootstrap_token: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub invite: Option<InviteProof>,
    pub session: &'static str,
}

#[derive(Serialize)]
pub(crate) struct LoginRequest<'a> {
    pub username: &'a str,
    pub proof: Proof,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device: Option<String>,
    pub session: &'static str,
}

#[derive(Serialize)]
pub(crate) struct SecondFactorRequest {
    pub proof: Proof,
}

#[derive(Serialize)]
pub(crate) struct SecondFactorConfirmation<'a> {
    pub code: &'a str,
}

#[derive(Serialize)]
pub(crate) struct SecondFactorRemoval<'a> {
    pub proof: Proof,
    pub code: &'a str,
}

/// How programs ask for their session: as a bearer token.
pub(crate) const TOKEN: &str = "token";

#[derive(Deserialize)]
pub(crate) struct LoginReply {
    pub token: Option<String>,
    pub session: Session,
    pub account: Account,
    pub locked_key: Base64,
    pub device: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct RefreshReply {
    pub token: Option<String>,
    pub session: Session,
}

#[derive(Serialize)]
pub(crate) struct RoleRequest {
    pub role: Role,
}

#[derive(Serialize)]
pub(crate) struct LockRequest<'a> {
    pub reason: &'a str,
}

#[derive(Serialize)]
pub(crate) struct ComplianceRequest {
    pub certificate: Base64,
}

#[derive(Serialize)]
pub(crate) struct ComplianceRotationRequest<'a> {
    pub certificate: &'a Base64,
    #[serde(flatten)]
    pub rotation: &'a ComplianceRotation,
}

#[derive(Serialize)]
pub(crate) struct RoomRequest<'a> {
    pub room_id: sealcast_contracts::RoomId,
    pub name: &'a str,
    pub kind: RoomKind,
    pub admission: sealcast_contracts::chat::Admission,
    pub epoch: NewEpoch,
    pub grant: NewGrant,
}

#[derive(Serialize)]
pub(crate) struct DirectRequest {
    pub room_id: sealcast_contracts::RoomId,
    pub epoch: NewEpoch,
    pub grants: Vec<NewGrant>,
}

#[derive(Serialize)]
pub(crate) struct EpochRequest {
    pub epoch: NewEpoch,
    pub grants: Vec<NewGrant>,
}

#[derive(Serialize)]
pub(crate) struct GrantsRequest {
    pub grants: Vec<NewGrant>,
}

#[derive(Serialize)]
pub(crate) struct JoinDecision {
    pub approve: bool,
    pub grants: Vec<NewGrant>,
}

/// A message as it is posted (docs/protocol.md section 3).
#[derive(Clone, Debug, Serialize)]
pub struct NewMessage {
    pub cid: ClientMessageId,
    pub epoch: u32,
    pub env: Base64,
    pub sig: Base64,
}

#[derive(Serialize)]
pub(crate) struct CaseClosing<'a> {
    pub note: &'a str,
}

#[derive(Serialize)]
pub(crate) struct ApprovalRequest<'a> {
    pub action: AccessAction,
    pub reason: &'a str,
}

#[derive(Serialize)]
pub(crate) struct ApprovalDecision<'a> {
    pub granted: bool,
    pub reason: &'a str,
    #[serde(with = "time::serde::rfc3339::option")]
    pub valid_until: Option<OffsetDateTime>,
}

#[derive(Serialize)]
pub(crate) struct DecryptionRequest<'a> {
    pub ids: &'a [EventId],
}

#[derive(Serialize)]
pub(crate) struct ExportRequest {
    pub room_id: Option<RoomId>,
    pub sender: Option<UserId>,
    #[serde(with = "time::serde::rfc3339::option")]
    pub from: Option<OffsetDateTime>,
    #[serde(with = "time::serde::rfc3339::option")]
    pub to: Option<OffsetDateTime>,
}

#[derive(Serialize)]
pub(crate) struct Retention {
    pub room_id: Option<RoomId>,
    pub days: Option<u32>,
}

#[derive(Serialize)]
pub(crate) struct HoldRequest<'a> {
    pub scope: &'a Scope,
    pub reason: &'a str,
}

#[derive(Serialize)]
pub(crate) struct Reason<'a> {
    pub reason: &'a str,
}
