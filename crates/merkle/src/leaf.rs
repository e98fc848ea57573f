//! What the log's leaves say. Both sides build these texts: audit-svc when it stores, a client when it checks.

mod reading;

use std::fmt;

use aws_lc_rs::digest;
pub use reading::{EventDigest, LeafText, read};
use sealcast_contracts::{ClientMessageId, EventId, Fingerprint, RoomId, UserId, audit::StoredMessage};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::Hash;

/// The leaf of an accepted message; its text is what [`fmt::Display`] writes.
#[derive(Clone, Copy, Debug)]
pub struct MessageLeaf<'a> {
    pub id: EventId,
    pub room_id: RoomId,
    pub epoch: u32,
    pub cid: ClientMessageId,
    pub sender: UserId,
    pub sender_fp: Fingerprint,
    pub accepted_at: OffsetDateTime,
    /// The envelope; only its SHA-256 enters the leaf.
    pub env: &'a [u8],
    /// The detached signature; only its SHA-256 enters the leaf.
    pub sig: &'a [u8],
}

impl<'a> From<&'a StoredMessage> for MessageLeaf<'a> {
    fn from(message: &'a StoredMessage) -> Self {
        Self {
            id: message.id,
            room_id: message.room_id,
            epoch: message.epoch,
            cid: message.cid,
            sender: message.sender,
            sender_fp: message.sender_fp,
            accepted_at: message.accepted_at,
            env: message.env.as_slice(),
            sig: message.sig.as_slice(),
        }
    }
}

impl MessageLeaf<'_> {
    /// The same leaf by the digests that it holds: what is left of a message whose content was shredded.
    pub fn digests(&self) -> MessageDigests {
        let Self { id, room_id, epoch, cid, sender, sender_fp, accepted_at, .. } = *self;
        let (env_sha256, sig_sha256) = (sha256(self.env).0, sha256(self.sig).0);
        MessageDigests { id, room_id, epoch, cid, sender, sender_fp, accepted_at, env_sha256, sig_sha256 }
    }
}

impl fmt::Display for MessageLeaf<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.digests().fmt(f)
    }
}

/// The leaf of an accepted message, without its content; its text is what [`fmt::Display`] writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MessageDigests {
    pub id: EventId,
    pub room_id: RoomId,
    pub epoch: u32,
    pub cid: ClientMessageId,
    pub sender: UserId,
    pub sender_fp: Fingerprint,
    pub accepted_at: OffsetDateTime,
    /// SHA-256 of the envelope.
    pub env_sha256: Hash,
    /// SHA-256 of the detached signature.
    pub sig_sha256: Hash,
}

impl fmt::Display for MessageDigests {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, room_id, epoch, cid, sender, sender_fp, .. } = self;
        write!(
            f,
            "sealcast/v1/message\nid={id}\nroom={room_id}\nepoch={epoch}\ncid={cid}\nsender={sender}\nsender_fp={sender_fp}\n"
        )?;
        let (env, sig) = (Fingerprint(self.env_sha256), Fingerprint(self.sig_sha256));
        write!(f, "at={}\nenv={env}\nsig={sig}\n", unix_ms(self.accepted_at))
    }
}

/// The leaf of a significant event; its text is what [`fmt::Display`] writes.
#[derive(Clone, Copy, Debug)]
pub struct EventLeaf<'a> {
    pub event_id: Uuid,
    /// The event's name, for example `session_opened`.
    pub kind: &'a str,
    pub actor: Option<UserId>,
    pub at: OffsetDateTime,
    /// The body as it is stored; only its SHA-256 enters the leaf.
    pub body: &'a [u8],
}

impl fmt::Display for EventLeaf<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { event_id, kind, .. } = self;
        write!(f, "sealcast/v1/event\nid={event_id}\nkind={kind}\nactor=")?;
        match self.actor {
            Some(actor) => write!(f, "{actor}")?,
            None => f.write_str("-")?,
        }
        write!(f, "\nat={}\nbody={}\n", unix_ms(self.at), sha256(self.body))
    }
}

/// The RFC 6962 leaf hash of a leaf's text.
pub fn hash(text: &str) -> Hash {
    tlog_tiles::record_hash(text.as_bytes()).0
}

fn unix_ms(at: OffsetDateTime) -> i128 {
    at.unix_timestamp_nanos().div_euclid(1_000_000)
}

/// The digest as a [`Fingerprint`], because that is lower-case hex on the wire.
pub fn sha256(octets: &[u8]) -> Fingerprint {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest::digest(&digest::SHA256, octets).as_ref());
    Fingerprint(hash)
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    /// The texts of docs/protocol.md, octet for octet.
    #[test]
    fn texts_are_the_protocol_s() {
        let message = MessageLeaf {
            id: EventId { stream_epoch: 1, seq: 4711 },
            room_id: "01890a5d-ac96-774b-bcce-b302099a8057".parse().unwrap(),
            epoch: 3,
            cid: "01890a5d-ac96-774b-bcce-b302099a8058".parse().unwrap(),
            sender: "01890a5d-ac96-774b-bcce-b302099a8059".parse().unwrap(),
            sender_fp: Fingerprint([0xab; 32]),
            accepted_at: datetime!(2026-11-24 01:02:03.456_789 UTC),
            env: b"abc",
            sig: b"",
        };
        let expected = format!(
            "sealcast/v1/message\nid=1-4711\nroom=01890a5d-ac96-774b-bcce-b302099a8057\nepoch=3\n\
             cid=01890a5d-ac96-774b-bcce-b302099a8058\nsender=01890a5d-ac96-774b-bcce-b302099a8059\nsender_fp={}\n\
             at=1795482123456\nenv=ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\n\
             sig=e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\n",
            "ab".repeat(32)
        );
        assert_eq!(message.to_string(), expected);

        let event =
            EventLeaf { event_id: message.cid.0, kind: "session_opened", actor: None, at: message.accepted_at, body: b"abc" };
        let expected = "sealcast/v1/event\nid=01890a5d-ac96-774b-bcce-b302099a8058\nkind=session_opened\nactor=-\nat=1795482123456\n\
                        body=ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\n";
        assert_eq!(event.to_string(), expected);
        assert!(
            EventLeaf { actor: Some(message.sender), ..event }
                .to_string()
                .contains("\nactor=01890a5d-ac96-774b-bcce-b302099a8059\n")
        );
    }
}
