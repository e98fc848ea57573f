//! The events of `GET /api/v1/events`. The SSE `event:` field is the name given with each type.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::{Base64, ClientMessageId, EventId, Fingerprint, RoomId, UserId, control::RoomChange};

/// `event: hello`: always first. Says whether the stream continues exactly where the client left it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Hello {
    /// The edge node.
    pub node: String,
    /// The newest message that the edge knows; a client without history starts here.
    pub head: EventId,
    pub resume: Resume,
    /// The rooms that the stream carries.
    pub rooms: Vec<RoomId>,
    #[serde(with = "time::serde::rfc3339")]
    pub server_time: OffsetDateTime,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Resume {
    /// No `Last-Event-ID` was given: live from `head` on.
    Fresh,
    /// Every message after the `Last-Event-ID` follows.
    Exact,
    /// Too much was missed: a `gap` follows, then live. Refetch by REST.
    Gap,
    /// The id is of another stream epoch, or from the future: a `reset` follows. Reload the history.
    Reset,
}

/// `event: message`, with the SSE id `<stream epoch>-<seq>`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Message {
    pub id: EventId,
    pub room_id: RoomId,
    pub cid: ClientMessageId,
    pub sender: UserId,
    pub sender_fp: Fingerprint,
    pub epoch: u32,
    pub env: Base64,
    pub sig: Base64,
    #[serde(with = "time::serde::rfc3339")]
    pub accepted_at: OffsetDateTime,
}

/// `event: gap`: messages in `(after, up_to]` are not in this stream; refetch them by REST.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Gap {
    pub after: EventId,
    pub up_to: EventId,
}

/// `event: reset`: ids known to the client mean nothing any more; reload the history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Reset {
    pub head: EventId,
}

/// `event: room`: something about a room is worth reading again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RoomNotice {
    pub room_id: RoomId,
    pub change: RoomChange,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<UserId>,
}

/// `event: checkpoint`: the log covers every message up to `covers`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CheckpointNotice {
    pub size: u64,
    pub root: Base64,
    pub covers: EventId,
}

/// `event: revoke`: the session ended; the stream closes and is not reopened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Revoke {
    pub reason: String,
}

/// `event: drain`: the node goes away or the stream is old; reconnect at a random time within `spread_ms`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Drain {
    pub spread_ms: u32,
}

/// `event: slow`: the reader did not keep up; reconnect with the last id. It comes if the reader reads again in time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Slow {
    /// Messages of its rooms that it had not taken.
    pub missed: u32,
}

/// Seconds between comments on a silent stream.
pub const HEARTBEAT_S: u64 = 15;

/// Names of the SSE `event:` field.
pub mod name {
    pub const HELLO: &str = "hello";
    pub const MESSAGE: &str = "message";
    pub const GAP: &str = "gap";
    pub const RESET: &str = "reset";
    pub const PRESENCE: &str = "presence";
    pub const TYPING: &str = "typing";
    pub const ROOM: &str = "room";
    /// The data is a [`crate::chat::ReadMarker`], for the account's own streams alone.
    pub const READ: &str = "read";
    pub const CHECKPOINT: &str = "checkpoint";
    pub const REVOKE: &str = "revoke";
    pub const DRAIN: &str = "drain";
    pub const SLOW: &str = "slow";
}
