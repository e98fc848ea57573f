//! Signals to every edge over core NATS: at most once, so each is a hint and the truth is read again on reconnect.

use serde::{Deserialize, Serialize};

use crate::{EventId, RoomId, SessionId, UserId, audit::Checkpoint, chat::ReadMarker};

/// All of them; what an edge subscribes to.
pub const ALL: &str = "ctl.edge.>";

/// A signal with the one subject it travels on.
pub trait Signal: Serialize + serde::de::DeserializeOwned + Send + Sync + 'static {
    const SUBJECT: &'static str;
}

/// Sessions ended: their streams close within a second on every edge, and cached verdicts are dropped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionsRevoked {
    pub user_id: UserId,
    pub session_ids: Vec<SessionId>,
}
impl Signal for SessionsRevoked {
    const SUBJECT: &'static str = "ctl.edge.sessions_revoked";
}

/// An account has another role: what was believed of its sessions is asked again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleChanged {
    pub user_id: UserId,
}
impl Signal for RoleChanged {
    const SUBJECT: &'static str = "ctl.edge.role_changed";
}

/// An account joined or left a room: its live streams start or stop carrying it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MembershipChanged {
    pub user_id: UserId,
    pub room_id: RoomId,
    pub member: bool,
}
impl Signal for MembershipChanged {
    const SUBJECT: &'static str = "ctl.edge.membership_changed";
}

/// Something about a room is worth reading again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomChanged {
    pub room_id: RoomId,
    pub change: RoomChange,
    /// Whom it concerns; absent when it is all members.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<UserId>,
}
impl Signal for RoomChanged {
    const SUBJECT: &'static str = "ctl.edge.room_changed";
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum RoomChange {
    Created,
    Members,
    Epoch,
    /// The account in `user_id` got a grant.
    Grant,
    /// Somebody waits for approval.
    Request,
    Invites,
    /// What newcomers read.
    Settings,
}

/// An account has read on in a room, on one of its clients.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadMarked {
    pub user_id: UserId,
    pub marker: ReadMarker,
}
impl Signal for ReadMarked {
    const SUBJECT: &'static str = "ctl.edge.read_marked";
}

/// A message was stored that may not have been republished: look at the stream's tail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TailAdvanced {
    pub seq: u64,
}
impl Signal for TailAdvanced {
    const SUBJECT: &'static str = "ctl.edge.tail_advanced";
}

/// The log has a new checkpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckpointPublished {
    pub checkpoint: Checkpoint,
    /// Everything up to it is stored.
    pub covers: EventId,
}
impl Signal for CheckpointPublished {
    const SUBJECT: &'static str = "ctl.edge.checkpoint_published";
}
