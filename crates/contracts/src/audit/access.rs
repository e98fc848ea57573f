//! Looking at other people's messages, and being told of it.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::{AuditRefusal, InclusionProof, MessageFilter};
use crate::{Caller, CaseId, EventId, ExportId, Page, UserId, call};

/// What an officer does within a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum AccessAction {
    /// Reading envelopes and who wrote when.
    Query,
    /// Opening envelopes with the compliance key.
    Decrypt,
    Export,
    /// Letting retention destroy what was held.
    ReleaseHold,
}

impl AccessAction {
    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::Decrypt => "decrypt",
            Self::Export => "export",
            Self::ReleaseHold => "release_hold",
        }
    }
}

/// What the organisation asks of its officers; for everybody.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct GetPolicy {}
call!(GetPolicy, "sealcast.v1.audit.get_policy", Policy, AuditRefusal);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Policy {
    /// What a second officer has to approve.
    pub four_eyes: Vec<AccessAction>,
    /// The longest that a case can be open.
    pub case_days_max: u32,
    /// The longest that people concerned are not told.
    pub sealed_days_max: u32,
    /// Verifier keys of the witnesses that the log asks.
    #[serde(default)]
    pub witnesses: Vec<String>,
}

/// The leaf that was written before an access.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AccessReceipt {
    pub event_id: uuid::Uuid,
    pub leaf_index: u64,
}

/// Says which messages an officer is about to open with the compliance key. Servers cannot open them and cannot see it
/// done: clients ask first.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct GrantDecryption {
    pub caller: Caller,
    pub case_id: CaseId,
    pub ids: Vec<EventId>,
}
call!(GrantDecryption, "sealcast.v1.audit.grant_decryption", AccessReceipt, AuditRefusal);

/// Begins an export: one leaf for all that it will hand out.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct StartExport {
    pub caller: Caller,
    pub case_id: CaseId,
    pub filter: MessageFilter,
}
call!(StartExport, "sealcast.v1.audit.start_export", Export, AuditRefusal);

/// What an export may hand out: the messages that match, as far as the log had come. Its leaves are read with its id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Export {
    pub export_id: ExportId,
    pub case_id: CaseId,
    pub filter: MessageFilter,
    /// Leaves of the log that it reaches.
    pub size: u64,
    /// Messages that match.
    pub messages: u64,
    /// The leaf of this export.
    pub leaf_index: u64,
}

/// When the caller's own messages were looked at, newest first. Nobody can switch this off.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ListAccesses {
    pub caller: Caller,
    pub cursor: Option<String>,
    pub limit: u32,
}
call!(ListAccesses, "sealcast.v1.audit.list_accesses", Page<Access>, AuditRefusal);

/// One look at somebody's messages, as the person concerned sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Access {
    pub leaf_index: u64,
    pub event_id: uuid::Uuid,
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    pub action: AccessAction,
    /// How many messages of this person.
    pub messages: u64,
    pub officer: UserId,
    /// The second officer who consented.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approver: Option<UserId>,
    pub case_number: String,
    pub legal_basis: String,
}

/// The proof that an access is in the log, for the person concerned.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct GetAccessProof {
    pub caller: Caller,
    pub leaf_index: u64,
}
call!(GetAccessProof, "sealcast.v1.audit.get_access_proof", InclusionProof, AuditRefusal);
