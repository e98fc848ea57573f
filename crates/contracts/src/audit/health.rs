//! How the log is doing, as far as its own server can say; what proves it is the checkpoint.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::AuditRefusal;
use crate::{Caller, call};

/// How many of the newest messages are looked at for gaps.
pub const GAP_WINDOW: u32 = 10_000;

/// For auditors.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct GetLogHealth {
    pub caller: Caller,
}
call!(GetLogHealth, "sealcast.v1.audit.get_log_health", LogHealth, AuditRefusal);

/// What waits for the log, and what did not get into it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LogHealth {
    /// When the newest checkpoint was signed.
    #[serde(default, with = "time::serde::rfc3339::option", skip_serializing_if = "Option::is_none")]
    pub signed_at: Option<OffsetDateTime>,
    /// Accepted messages that are not in the log yet.
    pub waiting_messages: u64,
    /// Events that are not in the log yet.
    pub waiting_events: u64,
    /// The newest messages that the checkpoint covers, at most [`GAP_WINDOW`]: they were looked at for gaps.
    pub looked_at: u64,
    /// Those of them that are neither in the log nor kept apart.
    pub missing: u64,
    /// Messages and events that are not of their format, or in conflict with what is stored.
    pub kept_apart: u64,
    /// Messages that came with a number, or an id, that another has: events of the log.
    pub conflicts: u64,
    /// Times that a witness saw another log: events of the log.
    pub witness_alarms: u64,
}
