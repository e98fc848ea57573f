//! Server-Sent Events, encoded once and shared by every stream that carries them.

use bytes::Bytes;
use sealcast_bus::Received;
use sealcast_contracts::{
    Base64, ClientMessageId, EventId, RoomId, UserId, sse,
    stream::{DecodeError, StreamMessage},
};
use serde::Serialize;

/// Kept on a silent stream, so that both ends notice a dead connection.
pub const HEARTBEAT: Bytes = Bytes::from_static(b":\n\n");

/// A message of the log, ready to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    pub id: EventId,
    pub room_id: RoomId,
    /// With the room, what makes a message itself: a sequence can be given out twice after a loss.
    pub cid: ClientMessageId,
    pub sender: UserId,
    pub octets: Bytes,
}

impl Frame {
    /// Encodes a message as it came live or was read from the log.
    ///
    /// # Errors
    /// It is not a message of this format; names the part.
    pub fn decode(received: &Received) -> Result<Self, DecodeError> {
        let seq = received.sequence().ok_or(DecodeError("sequence header"))?;
        // What is read from the log comes on an inbox; the subject that it is stored under stands in a header.
        let subject = received.header("Nats-Subject").unwrap_or(&received.subject);
        let message = StreamMessage::decode(subject, |name| received.header(name), &received.payload)?;
        Ok(Self::encode(message, seq))
    }

    fn encode(message: StreamMessage, seq: u64) -> Self {
        let StreamMessage { room_id, stream_epoch, sender, sender_fp, cid, epoch, accepted_at, env, sig } = message;
        let id = EventId { stream_epoch, seq };
        let (env, sig) = (Base64(env), Base64(sig));
        let data = sse::Message { id, room_id, cid, sender, sender_fp, epoch, env, sig, accepted_at };
        Self { id, room_id, cid, sender, octets: encode(sse::name::MESSAGE, Some(id), &data) }
    }
}

/// An event without an id: it does not move the client's position.
pub fn event(name: &str, data: &impl Serialize) -> Bytes {
    encode(name, None, data)
}

fn encode(name: &str, id: Option<EventId>, data: &impl Serialize) -> Bytes {
    let id = id.map(|id| format!("id: {id}\n")).unwrap_or_default();
    // The types of `contracts::sse` are structs of strings and numbers, which always encode, on one line.
    let data = serde_json::to_string(data).unwrap_or_default();
    format!("event: {name}\n{id}data: {data}\n\n").into()
}

#[cfg(test)]
mod tests {
    use sealcast_contracts::Fingerprint;

    use super::*;

    #[test]
    fn messages_carry_their_id_and_signals_do_not() {
        let message = StreamMessage {
            room_id: RoomId::generate(),
            stream_epoch: 2,
            sender: UserId::generate(),
            sender_fp: Fingerprint([7; 32]),
            cid: ClientMessageId::generate(),
            epoch: 1,
            accepted_at: time::macros::datetime!(2026-11-24 01:02:03 UTC),
            env: vec![1, 2, 3],
            sig: vec![4],
        };
        let frame = Frame::encode(message, 9);
        let text = std::str::from_utf8(&frame.octets).unwrap();
        assert!(text.starts_with("event: message\nid: 2-9\ndata: {\"id\":\"2-9\","), "{text}");
        assert!(text.ends_with("}\n\n"));
        assert_eq!(text.lines().count(), 4);
        assert_eq!(event("drain", &sse::Drain { spread_ms: 5 }), "event: drain\ndata: {\"spread_ms\":5}\n\n");
    }
}
