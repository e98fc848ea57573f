//! chat-svc: attachments of messages. Clients seal them in chunks; the key stands in the envelope of the message.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::{AttachmentId, Base64, Caller, RoomId, UserId, call, chat::ChatRefusal, chat::Done, limits};

/// An attachment as the server knows it: neither its name nor its type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Attachment {
    pub attachment_id: AttachmentId,
    pub room_id: RoomId,
    pub uploaded_by: UserId,
    /// Of all sealed chunks together.
    pub octets: u64,
    pub chunks: u32,
    /// SHA-256 over the SHA-256 of each sealed chunk, in order; absent until it is complete.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<Base64>,
    #[serde(with = "time::serde::rfc3339")]
    pub begun_at: OffsetDateTime,
    #[serde(default, with = "time::serde::rfc3339::option", skip_serializing_if = "Option::is_none")]
    pub completed_at: Option<OffsetDateTime>,
}

/// How many chunks so many sealed octets are; `None` when no attachment has that size.
pub fn chunk_count(octets: u64) -> Option<u32> {
    let sealed_chunk = limits::ATTACHMENT_CHUNK_OCTETS + limits::ATTACHMENT_TAG_OCTETS;
    let chunks = u32::try_from(octets.div_ceil(sealed_chunk)).ok()?;
    let last = octets.checked_sub(u64::from(chunks.checked_sub(1)?) * sealed_chunk)?;
    // Only an empty file has an empty chunk.
    let fits = last > limits::ATTACHMENT_TAG_OCTETS || (chunks == 1 && last == limits::ATTACHMENT_TAG_OCTETS);
    (fits && chunks <= limits::ATTACHMENT_CHUNKS_MAX).then_some(chunks)
}

/// The octets of one sealed chunk among so many in all.
pub fn chunk_octets(octets: u64, index: u32) -> Option<u64> {
    let sealed_chunk = limits::ATTACHMENT_CHUNK_OCTETS + limits::ATTACHMENT_TAG_OCTETS;
    let before = u64::from(index) * sealed_chunk;
    octets.checked_sub(before).filter(|left| *left > 0).map(|left| left.min(sealed_chunk))
}

/// Announces an attachment. Repeating it is harmless.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct BeginAttachment {
    pub caller: Caller,
    pub room_id: RoomId,
    pub attachment_id: AttachmentId,
    pub octets: u64,
}
call!(BeginAttachment, "sealcast.v1.chat.begin_attachment", Attachment, ChatRefusal);

/// Stores one chunk, in any order. Repeating it with the same octets is harmless.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PutChunk {
    pub caller: Caller,
    pub room_id: RoomId,
    pub attachment_id: AttachmentId,
    pub index: u32,
    pub octets: Base64,
}
call!(PutChunk, "sealcast.v1.chat.put_chunk", Done, ChatRefusal);

/// Says that all chunks are there. From then on others read it, and it stays.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CompleteAttachment {
    pub caller: Caller,
    pub room_id: RoomId,
    pub attachment_id: AttachmentId,
    pub sha256: Base64,
}
call!(CompleteAttachment, "sealcast.v1.chat.complete_attachment", Attachment, ChatRefusal);

/// Takes an attachment back that is not complete. Repeating it is harmless.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DropAttachment {
    pub caller: Caller,
    pub room_id: RoomId,
    pub attachment_id: AttachmentId,
}
call!(DropAttachment, "sealcast.v1.chat.drop_attachment", Done, ChatRefusal);

/// What the server knows of a complete attachment; members of its room and auditors.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct GetAttachment {
    pub caller: Caller,
    pub room_id: RoomId,
    pub attachment_id: AttachmentId,
}
call!(GetAttachment, "sealcast.v1.chat.get_attachment", Attachment, ChatRefusal);

/// One sealed chunk of a complete attachment; members of its room and auditors.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct GetChunk {
    pub caller: Caller,
    pub room_id: RoomId,
    pub attachment_id: AttachmentId,
    pub index: u32,
}
call!(GetChunk, "sealcast.v1.chat.get_chunk", Base64, ChatRefusal);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_chunks_fit_each_other() {
        let sealed = 131_088;
        for (octets, chunks) in [(16, 1), (17, 1), (sealed, 1), (sealed + 17, 2), (200 * sealed, 200)] {
            assert_eq!(chunk_count(octets), Some(chunks), "{octets}");
            let sum: u64 = (0..chunks).map(|index| chunk_octets(octets, index).unwrap()).sum();
            assert_eq!((sum, chunk_octets(octets, chunks)), (octets, None));
        }
        for octets in [0, 1, 15, sealed + 1, sealed + 16, 200 * sealed + 17, u64::MAX] {
            assert_eq!(chunk_count(octets), None, "{octets}");
        }
    }
}
