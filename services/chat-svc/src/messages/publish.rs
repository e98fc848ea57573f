use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use bytes::Bytes;
use sealcast_bus::log::{PublishError, Published};
use sealcast_contracts::{
    EventId,
    chat::{AcceptedMessage, ChatRefusal},
    control::TailAdvanced,
    stream::{ENVELOPES, StreamMessage, room_subject},
};
use tokio::time::Instant;

use crate::{Chat, checks, error::Failure, limits};

impl Chat {
    /// Publishes a checked message and answers with its identity: its own, or that of the same message before.
    pub(super) async fn publish_message(&self, message: StreamMessage, floor: u64) -> Result<AcceptedMessage, Failure> {
        let published = self.publish_until_known(&message).await?;
        if published.duplicate {
            // What was stored before may have been stored by a server that died before it republished.
            self.hint(&TailAdvanced { seq: published.seq }).await;
            return self.same_as_stored(&message, published.seq).await;
        }
        if published.seq <= floor {
            self.stream.distrust();
            tracing::error!(seq = published.seq, floor, "the stream gives sequences out again");
            return Err(Failure::Unknown(anyhow::anyhow!("the stream lost its tail")));
        }
        let id = EventId { stream_epoch: message.stream_epoch, seq: published.seq };
        Ok(AcceptedMessage { id, cid: message.cid, accepted_at: to_ms(message.accepted_at) })
    }

    /// Publishes with the same id until the stream answers. After one lost acknowledgement nothing but an answer of the
    /// stream says whether the message is stored.
    async fn publish_until_known(&self, message: &StreamMessage) -> Result<Published, Failure> {
        let (subject, id, payload) = (room_subject(message.room_id), message_id(message), Bytes::from(message.payload()));
        let headers = message.headers();
        let started = Instant::now();
        let deadline = started + limits::PUBLISH_DEADLINE;
        let mut perhaps_stored = false;
        loop {
            let error = match self.bus.publish(subject.clone(), &id, &headers, payload.clone(), limits::ACK_TIMEOUT).await {
                Ok(published) => {
                    metrics::histogram!("chat_publish_seconds").record(started.elapsed().as_secs_f64());
                    return Ok(published);
                }
                Err(error) => error,
            };
            perhaps_stored |= matches!(error, PublishError::Unknown(_));
            if Instant::now() + limits::PUBLISH_PAUSE >= deadline {
                let error = anyhow::Error::new(error).context("publishing a message");
                return Err(if perhaps_stored { Failure::Unknown(error) } else { Failure::Unavailable(error) });
            }
            tokio::time::sleep(limits::PUBLISH_PAUSE).await;
        }
    }

    /// The stream knows the id: the same octets get the same answer, others are a conflict.
    async fn same_as_stored(&self, message: &StreamMessage, seq: u64) -> Result<AcceptedMessage, Failure> {
        let stored = self.read_stored(seq).await?;
        if stored.env != message.env || stored.sig != message.sig || stored.epoch != message.epoch {
            return Err(ChatRefusal::IdempotencyConflict.into());
        }
        let id = EventId { stream_epoch: stored.stream_epoch, seq };
        Ok(AcceptedMessage { id, cid: stored.cid, accepted_at: stored.accepted_at })
    }

    async fn read_stored(&self, seq: u64) -> Result<StreamMessage, Failure> {
        for _ in 0..limits::READ_TRIES {
            if let Ok(Some(received)) = self.bus.read_one(ENVELOPES, seq).await {
                // A direct read carries the subject in a header: the reply's own subject is our inbox.
                let subject = received.header("Nats-Subject").unwrap_or(&received.subject);
                return StreamMessage::decode(subject, |name| received.header(name), &received.payload)
                    .map_err(|error| Failure::Bug(anyhow::Error::new(error).context("reading a stored message")));
            }
            tokio::time::sleep(limits::PUBLISH_PAUSE).await;
        }
        Err(Failure::Unknown(anyhow::anyhow!("the stored message {seq} was not read")))
    }
}

/// Per sender and room: the stream's deduplication is not, and one member must not swallow another's message.
fn message_id(message: &StreamMessage) -> String {
    let ids = [message.sender.0.as_bytes(), message.room_id.0.as_bytes(), message.cid.0.as_bytes()];
    BASE64_URL_SAFE_NO_PAD.encode(checks::sha256(&ids.map(|id| &id[..]).concat()))
}

/// The precision that the stream keeps, so that a repetition gets the same answer.
fn to_ms(at: time::OffsetDateTime) -> time::OffsetDateTime {
    at.replace_nanosecond(u32::from(at.millisecond()) * 1_000_000).unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use sealcast_contracts::{ClientMessageId, Fingerprint, RoomId, UserId};

    use super::*;

    fn message() -> StreamMessage {
        StreamMessage {
            room_id: RoomId(uuid::Uuid::from_u128(2)),
            stream_epoch: 1,
            sender: UserId(uuid::Uuid::from_u128(1)),
            sender_fp: Fingerprint([7; 32]),
            cid: ClientMessageId(uuid::Uuid::from_u128(3)),
            epoch: 1,
            accepted_at: time::macros::datetime!(2026-11-24 01:02:03.456_789 UTC),
            env: Vec::new(),
            sig: Vec::new(),
        }
    }

    #[test]
    fn message_id_depends_on_sender_room_and_cid() {
        let id = message_id(&message());
        assert_eq!(id.len(), 43);
        let other_sender = StreamMessage { sender: UserId(uuid::Uuid::from_u128(9)), ..message() };
        let other_room = StreamMessage { room_id: RoomId(uuid::Uuid::from_u128(9)), ..message() };
        let other_cid = StreamMessage { cid: ClientMessageId(uuid::Uuid::from_u128(9)), ..message() };
        for other in [other_sender, other_room, other_cid] {
            assert_ne!(message_id(&other), id);
        }
        assert_eq!(message_id(&StreamMessage { epoch: 2, env: vec![1], ..message() }), id);
    }

    #[test]
    fn accepted_at_is_what_the_stream_keeps() {
        assert_eq!(to_ms(message().accepted_at), time::macros::datetime!(2026-11-24 01:02:03.456 UTC));
    }
}
