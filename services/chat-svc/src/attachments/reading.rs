use std::time::Instant;

use sealcast_contracts::{
    AttachmentId, Base64, Caller, RoomId, UserId,
    attachments::{Attachment, GetAttachment, GetChunk},
    auth::Role,
    chat::ChatRefusal,
    events::AuditEventKind,
};
use sqlx::PgConnection;

use super::{chunks, store};
use crate::{
    Chat,
    cache::Cache,
    error::{Failure, commit},
    events, limits, members, rooms,
};

/// Which auditor's reading of which attachment has been recorded lately: one file of many chunks is one event.
pub(crate) struct AuditedReads(Cache<(UserId, AttachmentId), Instant>);

impl AuditedReads {
    pub(crate) fn new() -> Self {
        Self(Cache::new(limits::AUDITED_READS_MAX))
    }
}

impl Chat {
    /// What is known of an attachment.
    pub(crate) async fn get_attachment(&self, call: GetAttachment) -> Result<Attachment, Failure> {
        self.meet(&call.caller).await?;
        self.find_readable(&call.caller, call.room_id, call.attachment_id).await
    }

    /// One sealed chunk.
    pub(crate) async fn get_chunk(&self, call: GetChunk) -> Result<Base64, Failure> {
        self.meet(&call.caller).await?;
        let attachment = self.find_readable(&call.caller, call.room_id, call.attachment_id).await?;
        let index = i32::try_from(call.index).map_err(|_| ChatRefusal::NotFound)?;
        let mut conn = self.pool.acquire().await?;
        let octets = chunks::get(&mut conn, attachment.attachment_id, index).await?;
        octets.map(Base64).ok_or_else(|| ChatRefusal::NotFound.into())
    }

    /// A complete attachment, for a member of its room; for an auditor who is not, after that has been recorded.
    async fn find_readable(&self, caller: &Caller, room_id: RoomId, attachment_id: AttachmentId) -> Result<Attachment, Failure> {
        let mut conn = self.pool.acquire().await?;
        let room = rooms::store::find(&mut conn, room_id, caller.user_id).await?;
        let outsider = match members::require_member(room) {
            Ok(_) => false,
            Err(_) if caller.role == Role::Auditor => true,
            Err(failure) => return Err(failure),
        };
        let attachment = store::find(&mut conn, room_id, attachment_id).await?;
        let attachment = attachment.filter(|found| found.completed_at.is_some()).ok_or(ChatRefusal::NotFound)?;
        if outsider {
            self.record_reading(&mut conn, caller.user_id, &attachment).await?;
        }
        Ok(attachment)
    }

    async fn record_reading(&self, conn: &mut PgConnection, auditor: UserId, attachment: &Attachment) -> Result<(), Failure> {
        let key = (auditor, attachment.attachment_id);
        if self.audited_reads.0.get(&key).is_some_and(|at| at.elapsed() < limits::AUDITED_READ_AGE) {
            return Ok(());
        }
        let mut tx = sqlx::Connection::begin(conn).await?;
        let what = AuditEventKind::AttachmentRead { attachment_id: attachment.attachment_id, room_id: attachment.room_id };
        events::record(&mut tx, auditor, self.now(), what).await?;
        commit(tx).await?;
        self.audited_reads.0.put(key, Instant::now());
        Ok(())
    }
}
