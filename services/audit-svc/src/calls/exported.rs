use sealcast_bus::ServeError;
use sealcast_contracts::{Caller, ExportId, RoomId, audit::AuditRefusal, events::AuditEventKind};
use sealcast_merkle::leaf::MessageDigests;
use time::OffsetDateTime;

use super::{
    Archive, CallFailure, case_failure, malformed,
    narrowed::{Narrowed, within},
    require_auditor, store_failure,
};
use crate::{cases, journal, store};

/// What an export may hand out, as its leaf says: one room's messages of some time, as far as the log had come.
#[derive(Debug)]
pub struct Exported {
    pub room_id: RoomId,
    pub since: Option<OffsetDateTime>,
    pub until: Option<OffsetDateTime>,
    /// The checkpoint's size.
    pub size: u64,
}

impl Exported {
    /// Whether a message belongs to it.
    pub fn holds(&self, message: &MessageDigests) -> bool {
        let at = message.accepted_at;
        message.room_id == self.room_id && self.since.is_none_or(|since| at >= since) && self.until.is_none_or(|until| at < until)
    }
}

/// The export that the caller began, while its case is open.
pub async fn find(archive: &Archive, caller: &Caller, export_id: ExportId) -> Result<Exported, CallFailure> {
    require_auditor(caller)?;
    let event = store::find_export(&archive.pool, export_id).await.map_err(store_failure)?.ok_or(AuditRefusal::NotFound)?;
    if event.actor != Some(caller.user_id) {
        return Err(AuditRefusal::NotFound.into());
    }
    let AuditEventKind::ExportStarted { filter, size, access, .. } = journal::what(&event).map_err(ServeError::Bug)? else {
        return Err(AuditRefusal::NotFound.into());
    };
    let mut conn = archive.pool.acquire().await.map_err(|error| store_failure(error.into()))?;
    let case = cases::find(&mut conn, access.case_id).await.map_err(case_failure)?.ok_or(AuditRefusal::NotFound)?;
    cases::require_open(&case, OffsetDateTime::now_utc())?;
    let narrowed = within(&case.scope, &filter)?;
    Ok(Exported { room_id: the_room(&narrowed)?, since: narrowed.from, until: narrowed.to, size })
}

/// The one room whose leaves can be exported.
pub fn the_room(narrowed: &Narrowed) -> Result<RoomId, CallFailure> {
    let Some([room]) = narrowed.rooms.as_deref() else {
        return Err(malformed("room_id", "the leaves of one room can be exported"));
    };
    if narrowed.senders.is_some() {
        return Err(malformed(
            "sender",
            "leaves of everybody in the room are exported, or none: open a case that names rooms only",
        ));
    }
    Ok(RoomId(*room))
}
