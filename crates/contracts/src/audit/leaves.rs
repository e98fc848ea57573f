//! The log's leaves in order, for exports: with them a verifier sees that nothing was left out.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{AuditRefusal, Checkpoint};
use crate::{Base64, Caller, ExportId, Page, RoomId, UserId, call};

/// How far a range reaches beyond the times asked for, seconds: a leaf may come into the log a little out of order, never by
/// more than a message may be repeated ([`crate::stream::DUPLICATE_WINDOW_S`]).
pub const RANGE_MARGIN_S: i64 = 600;

/// The events that tell who was in which room, and under which keys. An export holds all of them in its range.
pub const ROOM_EVENT_KINDS: [&str; 6] =
    ["room_created", "member_joined", "member_left", "member_removed", "epoch_opened", "grant_added"];

/// What an export holds, and which leaves show that it is all; only whoever began it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FindLeafRange {
    pub caller: Caller,
    pub export_id: ExportId,
}
call!(FindLeafRange, "sealcast.v1.audit.find_leaf_range", LeafRange, AuditRefusal);

/// A range of leaves and what ties it to the checkpoint that the export reaches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LeafRange {
    pub export_id: ExportId,
    pub room_id: RoomId,
    /// The messages of the export: accepted at or after this time, as far as the case reaches.
    #[serde(default, with = "time::serde::rfc3339::option", skip_serializing_if = "Option::is_none")]
    pub since: Option<OffsetDateTime>,
    /// And before this one.
    #[serde(default, with = "time::serde::rfc3339::option", skip_serializing_if = "Option::is_none")]
    pub until: Option<OffsetDateTime>,
    /// The first leaf.
    pub from: u64,
    /// One behind the last leaf.
    pub to: u64,
    /// The roots of the full subtrees before `from`, left to right: with the leaves they give the root at `to`.
    pub frontier: Vec<Base64>,
    /// The consistency proof from size `to` to the checkpoint's.
    pub consistency: Vec<Base64>,
    pub checkpoint: Checkpoint,
}

/// The leaves `[from, to)`, or as many of them as a reply holds. The leaf of the export speaks for all of them.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ReadLeaves {
    pub caller: Caller,
    pub export_id: ExportId,
    pub from: u64,
    pub to: u64,
}
call!(ReadLeaves, "sealcast.v1.audit.read_leaves", LeafPage, AuditRefusal);

/// Leaves without a gap, the first asked for in front.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LeafPage {
    pub items: Vec<LogLeaf>,
}

/// One leaf as the log shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LogLeaf {
    pub leaf_index: u64,
    /// Its text (docs/protocol.md section 8).
    pub leaf: String,
    /// The content, when it is a message of the export and its day was not shredded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<LeafContent>,
    /// The body, octet for octet, when it is one of [`ROOM_EVENT_KINDS`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
}

/// What a message's leaf has the digests of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LeafContent {
    pub env: Base64,
    pub sig: Base64,
}

/// What happened to the room's membership and keys before a leaf, oldest first, with proofs for the export's checkpoint.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ListRoomEvents {
    pub caller: Caller,
    pub export_id: ExportId,
    /// Only events whose leaf is before this one.
    pub before: u64,
    pub cursor: Option<String>,
    pub limit: u32,
}
call!(ListRoomEvents, "sealcast.v1.audit.list_room_events", Page<ProvenEvent>, AuditRefusal);

/// An event with its exact body and the proof that the log has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProvenEvent {
    pub leaf_index: u64,
    pub event_id: Uuid,
    pub kind: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<UserId>,
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    /// Octet for octet as the leaf covers it.
    pub body: String,
    /// The audit path in the tree of the export's checkpoint.
    pub path: Vec<Base64>,
}
