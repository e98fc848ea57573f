//! Presence and typing over Redis pub/sub: sampled, droppable, never an error for anybody.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::{RoomId, UserId};

/// Channel of [`PresenceChanged`].
pub const PRESENCE_CHANNEL: &str = "signal:presence";
/// Channel of [`TypingStarted`].
pub const TYPING_CHANNEL: &str = "signal:typing";
/// Sorted set: account → Unix seconds of its last heartbeat. Online means younger than [`ONLINE_S`].
pub const SEEN_KEY: &str = "presence:seen";
pub const ONLINE_S: i64 = 45;
/// An edge refreshes the accounts it holds this often, seconds.
pub const HEARTBEAT_S: u64 = 15;
/// Last-seen times are kept this long, seconds.
pub const SEEN_KEPT_S: i64 = 30 * 86_400;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Presence {
    Online,
    Offline,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PresenceChanged {
    pub user_id: UserId,
    pub state: Presence,
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
}

/// Somebody is writing in a room; it ends by itself after [`TYPING_S`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TypingStarted {
    pub user_id: UserId,
    pub room_id: RoomId,
}

pub const TYPING_S: u64 = 6;
