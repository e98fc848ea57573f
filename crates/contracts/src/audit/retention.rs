//! How long content stays, and what must stay longer.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::{AuditRefusal, Scope};
use crate::{Caller, CaseId, HoldId, RoomId, UserId, call};

/// Sets how long messages stay readable; admins only. It is an event of the log like everything here.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SetRetention {
    pub caller: Caller,
    /// Of one room; of the organisation when absent.
    pub room_id: Option<RoomId>,
    /// Days after the day of acceptance. `null`: a room follows the organisation, the organisation keeps for ever.
    pub days: Option<u32>,
}
call!(SetRetention, "sealcast.v1.audit.set_retention", RetentionRule, AuditRefusal);

/// How long messages stay readable; their leaves stay for ever.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RetentionRule {
    /// Absent: of the organisation, for rooms without a rule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub room_id: Option<RoomId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days: Option<u32>,
    pub set_by: UserId,
    #[serde(with = "time::serde::rfc3339")]
    pub set_at: OffsetDateTime,
    pub leaf_index: u64,
}

/// All rules, the organisation's first; for everybody.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ListRetention {
    pub caller: Caller,
}
call!(ListRetention, "sealcast.v1.audit.list_retention", Vec<RetentionRule>, AuditRefusal);

/// Keeps everything in a scope readable, whatever retention says; auditors only.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PlaceHold {
    pub caller: Caller,
    pub case_id: CaseId,
    pub scope: Scope,
    pub reason: String,
}
call!(PlaceHold, "sealcast.v1.audit.place_hold", Hold, AuditRefusal);

/// A legal hold. It gives nobody access.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Hold {
    pub hold_id: HoldId,
    pub case_id: CaseId,
    pub scope: Scope,
    pub reason: String,
    pub placed_by: UserId,
    #[serde(with = "time::serde::rfc3339")]
    pub placed_at: OffsetDateTime,
    /// The leaf of its placing.
    pub leaf_index: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub release: Option<HoldRelease>,
}

/// The end of a hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HoldRelease {
    pub reason: String,
    pub by: UserId,
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    pub leaf_index: u64,
}

/// All holds, newest first; auditors only.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ListHolds {
    pub caller: Caller,
    pub cursor: Option<String>,
    pub limit: u32,
}
call!(ListHolds, "sealcast.v1.audit.list_holds", crate::Page<Hold>, AuditRefusal);

/// Ends a hold; retention goes on where it stood.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ReleaseHold {
    pub caller: Caller,
    pub hold_id: HoldId,
    pub reason: String,
}
call!(ReleaseHold, "sealcast.v1.audit.release_hold", Hold, AuditRefusal);
