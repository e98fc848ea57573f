use sealcast_contracts::{
    AttachmentId, Caller, Fingerprint, RoomId,
    attachments::{Attachment, BeginAttachment, CompleteAttachment, DropAttachment, PutChunk, chunk_count, chunk_octets},
    chat::{ChatRefusal, Done},
    events::AuditEventKind,
};
use sqlx::PgConnection;

use super::{
    chunks,
    store::{self, NewAttachment},
};
use crate::{
    Chat, checks,
    error::{Failure, commit, malformed},
    events, limits, members, rooms,
};

impl Chat {
    /// Announces an attachment, within what its uploader may store.
    pub(crate) async fn begin_attachment(&self, call: BeginAttachment) -> Result<Attachment, Failure> {
        self.meet(&call.caller).await?;
        let (room_id, attachment_id, user_id) = (call.room_id, call.attachment_id, call.caller.user_id);
        let chunks = chunk_count(call.octets).ok_or_else(|| malformed("octets", SIZES))?;
        let octets = i64::try_from(call.octets).map_err(|_| malformed("octets", SIZES))?;
        let now = self.now();
        let mut tx = self.pool.begin().await?;
        members::require_member(rooms::store::find(&mut tx, room_id, user_id).await?)?;
        if let Some(begun) = store::find(&mut tx, room_id, attachment_id).await? {
            let same = begun.uploaded_by == user_id && begun.octets == call.octets;
            return if same { Ok(begun) } else { Err(ChatRefusal::Conflict.into()) };
        }
        let used = store::used(&mut tx, user_id, now - time::Duration::DAY).await?;
        let mib_per_day = self.attachments.mib_per_day;
        if used.octets + octets > i64::from(mib_per_day) * 1_048_576 {
            return Err(ChatRefusal::LimitReached { what: "MiB of attachments a day".into(), limit: mib_per_day }.into());
        }
        if used.unfinished >= i64::from(limits::ATTACHMENTS_UNFINISHED_MAX) {
            let limit = limits::ATTACHMENTS_UNFINISHED_MAX;
            return Err(ChatRefusal::LimitReached { what: "unfinished attachments".into(), limit }.into());
        }
        let chunks = chunks.cast_signed();
        let new = NewAttachment { attachment_id, room_id, uploaded_by: user_id, octets, chunks, at: now };
        if !store::insert(&mut tx, &new).await? {
            return Err(ChatRefusal::Conflict.into());
        }
        let begun = store::find(&mut tx, room_id, attachment_id).await?.ok_or(ChatRefusal::NotFound)?;
        commit(tx).await?;
        Ok(begun)
    }

    pub(crate) async fn put_chunk(&self, call: PutChunk) -> Result<Done, Failure> {
        self.meet(&call.caller).await?;
        let (attachment_id, octets) = (call.attachment_id, call.octets.as_slice());
        let mut conn = self.pool.acquire().await?;
        let attachment = require_own(&mut conn, &call.caller, call.room_id, attachment_id).await?;
        let expected = chunk_octets(attachment.octets, call.index).ok_or_else(|| malformed("index", "there is no such chunk"))?;
        if octets.len() as u64 != expected {
            return Err(malformed("octets", format!("this chunk has {expected}")));
        }
        let index = call.index.cast_signed();
        let sha256 = checks::sha256(octets);
        // What is complete takes no chunk that is not there already.
        let fresh = attachment.completed_at.is_none() && chunks::put(&mut conn, attachment_id, index, &sha256, octets).await?;
        if !fresh && chunks::hash_of(&mut conn, attachment_id, index).await?.as_deref() != Some(&sha256[..]) {
            return Err(ChatRefusal::Conflict.into());
        }
        Ok(Done {})
    }

    pub(crate) async fn complete_attachment(&self, call: CompleteAttachment) -> Result<Attachment, Failure> {
        self.meet(&call.caller).await?;
        let (room_id, attachment_id, now) = (call.room_id, call.attachment_id, self.now());
        let mut tx = self.pool.begin().await?;
        let attachment = require_own(&mut tx, &call.caller, room_id, attachment_id).await?;
        let held = chunks::held(&mut tx, attachment_id).await?;
        if held.chunks != i64::from(attachment.chunks) || held.octets.cast_unsigned() != attachment.octets {
            return Err(malformed("sha256", format!("{} of {} chunks are here", held.chunks, attachment.chunks)));
        }
        let sha256 = checks::sha256(&held.hashes);
        if call.sha256.as_slice() != sha256 {
            return Err(malformed("sha256", "it is not that of what arrived"));
        }
        if store::complete(&mut tx, attachment_id, &sha256, now).await? {
            let (octets, sha256) = (attachment.octets, Fingerprint(sha256).to_string());
            let what = AuditEventKind::AttachmentStored { attachment_id, room_id, octets, sha256 };
            events::record(&mut tx, call.caller.user_id, now, what).await?;
            metrics::counter!("chat_attachment_octets_total").increment(octets);
        }
        let complete = store::find(&mut tx, room_id, attachment_id).await?.ok_or(ChatRefusal::NotFound)?;
        commit(tx).await?;
        Ok(complete)
    }

    pub(crate) async fn drop_attachment(&self, call: DropAttachment) -> Result<Done, Failure> {
        self.meet(&call.caller).await?;
        let mut conn = self.pool.acquire().await?;
        members::require_member(rooms::store::find(&mut conn, call.room_id, call.caller.user_id).await?)?;
        store::delete(&mut conn, call.room_id, call.attachment_id, call.caller.user_id).await?;
        Ok(Done {})
    }
}

const SIZES: &str = "no attachment has this size: chunks of 131,072 octets, each with a tag of 16, at most 200";

/// The attachment, if the caller is in its room and uploads it; to others it does not exist.
async fn require_own(
    conn: &mut PgConnection,
    caller: &Caller,
    room_id: RoomId,
    attachment_id: AttachmentId,
) -> Result<Attachment, Failure> {
    members::require_member(rooms::store::find(conn, room_id, caller.user_id).await?)?;
    let attachment = store::find(conn, room_id, attachment_id).await?;
    attachment.filter(|found| found.uploaded_by == caller.user_id).ok_or_else(|| ChatRefusal::NotFound.into())
}
