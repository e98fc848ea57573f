//! audit-svc: the sealed archive, its Merkle log and its queries.

mod access;
mod cases;
pub mod health;
pub mod leaves;
mod retention;
mod scope;
mod tiles;

pub use access::{
    Access, AccessAction, AccessReceipt, Export, GetAccessProof, GetPolicy, GrantDecryption, ListAccesses, Policy, StartExport,
};
pub use cases::{Approval, Case, CloseCase, DecideApproval, Decision, GetCase, ListCases, NewCase, OpenCase, RequestApproval};
pub use health::{GetLogHealth, LogHealth};
pub use retention::{Hold, HoldRelease, ListHolds, ListRetention, PlaceHold, ReleaseHold, RetentionRule, SetRetention};
pub use scope::Scope;
use serde::{Deserialize, Serialize};
pub use tiles::{GetTile, TileOctets};
use time::OffsetDateTime;

use crate::{Base64, Caller, CaseId, ClientMessageId, EventId, Fingerprint, Page, RoomId, UserId, call};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Order {
    OldestFirst,
    #[default]
    NewestFirst,
}

/// Which stored messages; every field narrows. Bounds are exclusive for ids, half-open `[from, to)` for times.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MessageFilter {
    pub room_id: Option<RoomId>,
    pub sender: Option<UserId>,
    #[serde(default, with = "time::serde::rfc3339::option")]
    pub from: Option<OffsetDateTime>,
    #[serde(default, with = "time::serde::rfc3339::option")]
    pub to: Option<OffsetDateTime>,
    pub after: Option<EventId>,
    pub before: Option<EventId>,
}

/// Everybody sees the rooms that they are in. With a case an auditor sees what the case is about, and the query is a leaf
/// of the log before its answer goes out.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct QueryMessages {
    pub caller: Caller,
    pub filter: MessageFilter,
    pub order: Order,
    pub cursor: Option<String>,
    pub limit: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case_id: Option<CaseId>,
}
call!(QueryMessages, "sealcast.v1.audit.query_messages", MessagePage, AuditRefusal);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MessagePage {
    pub items: Vec<StoredMessage>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
    /// The newest message that the archive holds: everything up to it is stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stored_up_to: Option<EventId>,
}

/// A message as it was accepted: the envelope, its signature, and what the servers know about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StoredMessage {
    pub id: EventId,
    pub room_id: RoomId,
    pub cid: ClientMessageId,
    pub sender: UserId,
    /// The certificate that `sig` verifies with.
    pub sender_fp: Fingerprint,
    pub epoch: u32,
    pub env: Base64,
    pub sig: Base64,
    #[serde(with = "time::serde::rfc3339")]
    pub accepted_at: OffsetDateTime,
    /// The position of its leaf in the log.
    pub leaf_index: u64,
}

/// Significant events; auditors only, and itself a leaf.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct QueryEvents {
    pub caller: Caller,
    /// An event name such as `session_opened`.
    pub kind: Option<String>,
    pub actor: Option<UserId>,
    #[serde(default, with = "time::serde::rfc3339::option")]
    pub from: Option<OffsetDateTime>,
    #[serde(default, with = "time::serde::rfc3339::option")]
    pub to: Option<OffsetDateTime>,
    pub order: Order,
    pub cursor: Option<String>,
    pub limit: u32,
    /// Only what belongs to this case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case_id: Option<CaseId>,
}
call!(QueryEvents, "sealcast.v1.audit.query_events", Page<StoredEvent>, AuditRefusal);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StoredEvent {
    pub event_id: uuid::Uuid,
    pub kind: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<UserId>,
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    pub body: serde_json::Value,
    pub leaf_index: u64,
}

/// The newest signed checkpoint, or the newest that every configured witness has cosigned.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct GetCheckpoint {
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub witnessed: bool,
}
call!(GetCheckpoint, "sealcast.v1.audit.get_checkpoint", Checkpoint, AuditRefusal);

/// A signed tree head (C2SP tlog-checkpoint).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Checkpoint {
    /// Leaves that it covers.
    pub size: u64,
    /// RFC 6962 tree hash, 32 octets.
    pub root: Base64,
    /// The signed note.
    pub note: String,
    /// The log's verifier key (C2SP signed-note).
    pub vkey: String,
    /// The newest message that it covers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub covers: Option<EventId>,
    /// What witnesses say of it; each line can be appended to the note.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cosignatures: Vec<Cosignature>,
}

/// A witness's signature of a checkpoint (C2SP tlog-cosignature).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Cosignature {
    /// The witness's verifier key, as the server knows it; a client compares it with its own.
    pub vkey: String,
    /// One signature line of a signed note.
    pub line: String,
}

/// The proof that a message is in the log.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct GetInclusionProof {
    pub caller: Caller,
    pub id: EventId,
    /// Of somebody else's message only within a case; it is logged like a query.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case_id: Option<CaseId>,
    /// Up to the newest checkpoint that every configured witness has cosigned, instead of the newest.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub witnessed: bool,
}
call!(GetInclusionProof, "sealcast.v1.audit.get_inclusion_proof", InclusionProof, AuditRefusal);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct InclusionProof {
    pub leaf_index: u64,
    /// The leaf's text, as docs/protocol.md defines it: the verifier rebuilds it from the message and compares.
    pub leaf: String,
    /// RFC 6962 audit path, leaf first, 32 octets each.
    pub path: Vec<Base64>,
    pub checkpoint: Checkpoint,
}

/// The proof that the log of size `to` extends the log of size `from`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct GetConsistencyProof {
    pub from: u64,
    pub to: u64,
}
call!(GetConsistencyProof, "sealcast.v1.audit.get_consistency_proof", ConsistencyProof, AuditRefusal);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConsistencyProof {
    pub from: u64,
    pub to: u64,
    pub path: Vec<Base64>,
}

/// Why audit-svc says no.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum AuditRefusal {
    #[error("there is no such room, message or checkpoint")]
    NotFound,
    #[error("the caller's role does not allow this")]
    Forbidden,
    #[error("`{field}` is malformed: {reason}")]
    Malformed { field: String, reason: String },
    /// Accepted, but the newest checkpoint does not cover it yet.
    #[error("the message is not in the log yet; try again in {retry_after_s} s")]
    NotYetLogged { retry_after_s: u32 },
    /// An auditor is a plain member of the rooms it is in; everything else belongs to a case.
    #[error("this is not among your own rooms: name the case that it belongs to")]
    CaseRequired,
    #[error("the case is closed or has expired")]
    CaseClosed,
    #[error("`{field}` is outside of what the case is about")]
    OutOfScope { field: String },
    #[error("a second officer has to approve this action ({}) first", action.as_str())]
    ApprovalRequired { action: AccessAction },
    #[error("whoever asks does not decide: it takes a second officer")]
    SameOfficer,
    #[error("this was decided before")]
    AlreadyDecided,
    #[error("another case has this number")]
    NumberTaken,
    #[error("at most {limit} {what}")]
    LimitReached { what: String, limit: u32 },
}
