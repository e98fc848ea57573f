//! Cases and the consent of a second officer. Their state is derived from the log: each change is an event and a leaf.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::{AccessAction, AuditRefusal, Scope};
use crate::{ApprovalId, Caller, CaseId, Page, UserId, call};

/// Opens a case; auditors only.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct OpenCase {
    pub caller: Caller,
    pub case: NewCase,
}
call!(OpenCase, "sealcast.v1.audit.open_case", Case, AuditRefusal);

/// Why somebody looks at other people's messages, at which ones, and until when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewCase {
    /// As the organisation numbers its cases; no two have the same.
    pub number: String,
    pub reason: String,
    pub legal_basis: String,
    #[serde(with = "time::serde::rfc3339")]
    pub expires_at: OffsetDateTime,
    #[serde(default)]
    pub scope: Scope,
    /// Until then the people concerned are not told; afterwards they are, and nothing can change that.
    #[serde(default, with = "time::serde::rfc3339::option", skip_serializing_if = "Option::is_none")]
    pub sealed_until: Option<OffsetDateTime>,
}

/// A case with all that was asked and decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Case {
    pub case_id: CaseId,
    pub number: String,
    pub reason: String,
    pub legal_basis: String,
    pub scope: Scope,
    pub opened_by: UserId,
    #[serde(with = "time::serde::rfc3339")]
    pub opened_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339")]
    pub expires_at: OffsetDateTime,
    #[serde(default, with = "time::serde::rfc3339::option", skip_serializing_if = "Option::is_none")]
    pub sealed_until: Option<OffsetDateTime>,
    #[serde(default, with = "time::serde::rfc3339::option", skip_serializing_if = "Option::is_none")]
    pub closed_at: Option<OffsetDateTime>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_by: Option<UserId>,
    /// Oldest first.
    pub approvals: Vec<Approval>,
    /// The leaf of its opening.
    pub leaf_index: u64,
}

/// A request for a second officer's consent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Approval {
    pub approval_id: ApprovalId,
    pub action: AccessAction,
    pub reason: String,
    pub requested_by: UserId,
    #[serde(with = "time::serde::rfc3339")]
    pub requested_at: OffsetDateTime,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision: Option<Decision>,
}

/// What the second officer decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Decision {
    pub granted: bool,
    pub reason: String,
    pub by: UserId,
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    /// The consent ends then, at the latest with the case.
    #[serde(with = "time::serde::rfc3339")]
    pub valid_until: OffsetDateTime,
}

/// One case; auditors only.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct GetCase {
    pub caller: Caller,
    pub case_id: CaseId,
}
call!(GetCase, "sealcast.v1.audit.get_case", Case, AuditRefusal);

/// Cases, newest first; auditors only.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ListCases {
    pub caller: Caller,
    pub cursor: Option<String>,
    pub limit: u32,
}
call!(ListCases, "sealcast.v1.audit.list_cases", Page<Case>, AuditRefusal);

/// Ends a case; what was logged under it stays.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CloseCase {
    pub caller: Caller,
    pub case_id: CaseId,
    pub note: String,
}
call!(CloseCase, "sealcast.v1.audit.close_case", Case, AuditRefusal);

/// Asks for a second officer's consent to an action within a case.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RequestApproval {
    pub caller: Caller,
    pub case_id: CaseId,
    pub action: AccessAction,
    pub reason: String,
}
call!(RequestApproval, "sealcast.v1.audit.request_approval", Approval, AuditRefusal);

/// Grants or refuses. Whoever asked is refused, and whoever granted cannot use the consent.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DecideApproval {
    pub caller: Caller,
    pub case_id: CaseId,
    pub approval_id: ApprovalId,
    pub granted: bool,
    pub reason: String,
    /// When absent: with the case.
    #[serde(default, with = "time::serde::rfc3339::option")]
    pub valid_until: Option<OffsetDateTime>,
}
call!(DecideApproval, "sealcast.v1.audit.decide_approval", Approval, AuditRefusal);
