//! The JetStream streams and how a message lies in one.

use time::OffsetDateTime;

use crate::{ClientMessageId, Fingerprint, RoomId, UserId};

/// Accepted messages; its acknowledgement is the commit.
pub const ENVELOPES: &str = "ENVELOPES";
pub const ENVELOPE_SUBJECTS: &str = "room.>";
/// Where RePublish carries them, to every edge.
pub const LIVE_SUBJECT_PREFIX: &str = "live";
pub const LIVE_SUBJECTS: &str = "live.room.>";
/// Significant events.
pub const EVENTS: &str = "EVENTS";
pub const EVENT_SUBJECT_PREFIX: &str = "event";
pub const EVENT_SUBJECTS: &str = "event.>";
/// audit-svc's durable consumer on each of the two.
pub const AUDIT_CONSUMER: &str = "audit";
/// JetStream forgets a `Nats-Msg-Id` after this long, seconds.
pub const DUPLICATE_WINDOW_S: u64 = 600;
/// How long a stream keeps its messages, seconds: 30 days.
pub const STREAM_AGE_MAX_S: u64 = 30 * 86_400;
pub const ENVELOPES_OCTETS_MAX: i64 = 6 * 1024 * 1024 * 1024;
pub const EVENTS_OCTETS_MAX: i64 = 1024 * 1024 * 1024;
/// Envelope, signature and headers.
pub const STREAM_MESSAGE_OCTETS_MAX: i32 = 262_144;

/// Headers of a stored message beside JetStream's own.
pub mod header {
    pub const SENDER: &str = "Sealcast-Sender";
    pub const SENDER_FP: &str = "Sealcast-Sender-Fp";
    pub const CID: &str = "Sealcast-Cid";
    pub const EPOCH: &str = "Sealcast-Epoch";
    /// When chat-svc accepted it, Unix milliseconds.
    pub const ACCEPTED_AT: &str = "Sealcast-Accepted-At";
    /// The stream epoch that it was published in.
    pub const STREAM_EPOCH: &str = "Sealcast-Stream-Epoch";
    /// W3C trace context.
    pub const TRACEPARENT: &str = "traceparent";
    pub const REQUEST_ID: &str = "Sealcast-Request-Id";
}

/// The subject that a room's messages are stored under.
pub fn room_subject(room_id: RoomId) -> String {
    format!("room.{room_id}")
}

/// The room of a stored (`room.<id>`) or live (`live.room.<id>`) subject.
pub fn room_of_subject(subject: &str) -> Option<RoomId> {
    subject.strip_prefix("live.").unwrap_or(subject).strip_prefix("room.")?.parse().ok()
}

/// A message as it lies in the stream. The sequence is JetStream's and stands beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamMessage {
    pub room_id: RoomId,
    pub stream_epoch: u32,
    pub sender: UserId,
    pub sender_fp: Fingerprint,
    pub cid: ClientMessageId,
    pub epoch: u32,
    pub accepted_at: OffsetDateTime,
    pub env: Vec<u8>,
    pub sig: Vec<u8>,
}

/// The stored octets are not a message of this format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("stored message: {0}")]
pub struct DecodeError(pub &'static str);

impl StreamMessage {
    /// The payload: signature length as two octets, big endian, the signature, the envelope.
    ///
    /// # Panics
    /// When the signature is longer than 65,535 octets; chat-svc refuses far shorter ones.
    pub fn payload(&self) -> Vec<u8> {
        let sig_len = u16::try_from(self.sig.len()).expect("a signature is at most 1,024 octets");
        [&sig_len.to_be_bytes()[..], &self.sig, &self.env].concat()
    }

    /// The headers, without JetStream's own.
    pub fn headers(&self) -> [(&'static str, String); 6] {
        [
            (header::SENDER, self.sender.to_string()),
            (header::SENDER_FP, self.sender_fp.to_string()),
            (header::CID, self.cid.to_string()),
            (header::EPOCH, self.epoch.to_string()),
            (header::ACCEPTED_AT, (self.accepted_at.unix_timestamp_nanos() / 1_000_000).to_string()),
            (header::STREAM_EPOCH, self.stream_epoch.to_string()),
        ]
    }

    /// Reads a stored or live message; `header` looks one up by name.
    ///
    /// # Errors
    /// Names the part that is missing or malformed.
    pub fn decode<'h>(subject: &str, header: impl Fn(&str) -> Option<&'h str>, payload: &[u8]) -> Result<Self, DecodeError> {
        let (len, rest) = payload.split_first_chunk::<2>().ok_or(DecodeError("payload is too short"))?;
        let (sig, env) =
            rest.split_at_checked(usize::from(u16::from_be_bytes(*len))).ok_or(DecodeError("signature is cut short"))?;
        let accepted_at_ms: i64 = parse(&header, header::ACCEPTED_AT, "accepted-at header")?;
        Ok(Self {
            room_id: room_of_subject(subject).ok_or(DecodeError("subject"))?,
            stream_epoch: parse(&header, header::STREAM_EPOCH, "stream-epoch header")?,
            sender: parse(&header, header::SENDER, "sender header")?,
            sender_fp: parse(&header, header::SENDER_FP, "sender-fp header")?,
            cid: parse(&header, header::CID, "cid header")?,
            epoch: parse(&header, header::EPOCH, "epoch header")?,
            accepted_at: OffsetDateTime::from_unix_timestamp_nanos(i128::from(accepted_at_ms) * 1_000_000)
                .map_err(|_| DecodeError("accepted-at header"))?,
            env: env.to_vec(),
            sig: sig.to_vec(),
        })
    }
}

fn parse<'h, T: std::str::FromStr>(
    header: &impl Fn(&str) -> Option<&'h str>,
    name: &str,
    what: &'static str,
) -> Result<T, DecodeError> {
    header(name).and_then(|value| value.parse().ok()).ok_or(DecodeError(what))
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    #[test]
    fn message_survives_the_stream() {
        let message = StreamMessage {
            room_id: RoomId::generate(),
            stream_epoch: 3,
            sender: UserId::generate(),
            sender_fp: Fingerprint([7; 32]),
            cid: ClientMessageId::generate(),
            epoch: 2,
            accepted_at: time::macros::datetime!(2026-11-24 01:02:03.456 UTC),
            env: vec![1, 2, 3],
            sig: vec![9; 300],
        };
        let headers: HashMap<_, _> = message.headers().into_iter().collect();
        let header = |name: &str| headers.get(name).map(String::as_str);
        let subject = format!("live.{}", room_subject(message.room_id));
        let payload = message.payload();
        assert_eq!(StreamMessage::decode(&subject, header, &payload), Ok(message));
        assert!(StreamMessage::decode(&subject, header, &payload[..100]).is_err());
        assert!(StreamMessage::decode(&subject, |_| None, &payload).is_err());
        assert!(StreamMessage::decode("live.room.x", header, &payload).is_err());
    }
}
