use std::time::Duration;

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use bytes::Bytes;
use sealcast_bus::log::{PublishError, Published};
use sealcast_contracts::{
    ClientMessageId, EventId, RoomId, UserId,
    chat::{AcceptMessage, AcceptedMessage, ChatRefusal},
    control::TailAdvanced,
    stream::{ENVELOPES, StreamMessage, room_subject},
};
use tokio::time::Instant;

use crate::{Chat, checks, error::Failure, limits, stream::Entry};

impl Chat {
    /// Publishes a checked message and answers with its identity: its own, or that of the same message before.
    pub(super) async fn publish_message(
        &self,
        call: &AcceptMessage,
        message: &StreamMessage,
        floor: u64,
    ) -> Result<AcceptedMessage, Failure> {
        let published = self.publish_until_known(message).await?;
        if published.duplicate {
            // What was stored before may have been stored by a server that died before it republished.
            self.hint(&TailAdvanced { seq: published.seq }).await;
            return self.same_as_stored(call, published.seq).await;
        }
        if published.seq <= floor {
            self.stream.distrust();
            tracing::error!(seq = published.seq, floor, "the stream gives sequences out again");
            return Err(Failure::Unknown(anyhow::anyhow!("the stream lost its tail")));
        }
        let id = EventId { stream_epoch: message.stream_epoch, seq: published.seq };
        Ok(AcceptedMessage { id, cid: message.cid, accepted_at: to_ms(message.accepted_at) })
    }

    /// A refusal says "certainly not stored", so the stream is asked whether it knows the id: then the first answer holds.
    pub(super) async fn accepted_before(&self, call: &AcceptMessage, refusal: ChatRefusal) -> Result<AcceptedMessage, Failure> {
        let id = message_id(call.caller.user_id, call.room_id, call.cid);
        // Deduplication comes before this condition, which no stream can meet: nothing is ever stored by the question.
        let never = [("Nats-Expected-Last-Msg-Id", "none".to_owned())];
        match self.bus.publish(room_subject(call.room_id), &id, &never, Bytes::new(), limits::ACK_TIMEOUT).await {
            Ok(published) if published.duplicate => self.same_as_stored(call, published.seq).await,
            Err(PublishError::Rejected(reason)) if reason.contains("wrong last msg ID") => Err(refusal.into()),
            Ok(_) => Err(Failure::Bug(anyhow::anyhow!("the stream took a question for a message"))),
            Err(error) => Err(Failure::Unknown(anyhow::Error::new(error).context("asking for an earlier acceptance"))),
        }
    }

    /// Publishes with the same id until the stream answers. After one lost acknowledgement nothing but an answer of the
    /// stream says whether the message is stored. While the stream is silent, one message at a time finds out whether it
    /// still is; the others are not sent at all.
    async fn publish_until_known(&self, message: &StreamMessage) -> Result<Published, Failure> {
        let id = message_id(message.sender, message.room_id, message.cid);
        let (subject, payload) = (room_subject(message.room_id), Bytes::from(message.payload()));
        let headers = message.headers();
        let started = Instant::now();
        let patience = match self.silence.enter(started) {
            Entry::Open => limits::PUBLISH_DEADLINE,
            Entry::Asking => Duration::ZERO,
            Entry::Closed => return Err(Failure::Unavailable(anyhow::anyhow!("the stream takes no messages"))),
        };
        let deadline = started + patience;
        let mut perhaps_stored = false;
        loop {
            let error = match self.bus.publish(subject.clone(), &id, &headers, payload.clone(), limits::ACK_TIMEOUT).await {
                Ok(published) => {
                    if self.silence.took() {
                        tracing::info!("the stream takes messages again");
                    }
                    metrics::histogram!("chat_publish_seconds").record(started.elapsed().as_secs_f64());
                    return Ok(published);
                }
                Err(error) => error,
            };
            perhaps_stored |= matches!(error, PublishError::Unknown(_));
            // The message names the stream epoch: it must not enter a stream that another epoch has begun in.
            let same_stream = self.stream.sound().is_some_and(|sound| sound.epoch == message.stream_epoch);
            let over = Instant::now() + limits::PUBLISH_PAUSE >= deadline;
            // A refusal may be over in a moment; on a full disk some messages are refused for good, and others never answered.
            if (perhaps_stored || over) && self.silence.failed(Instant::now()) {
                tracing::warn!(%error, "the stream takes no messages");
            }
            if !same_stream || over {
                let error = anyhow::Error::new(error).context("publishing a message");
                return Err(if perhaps_stored { Failure::Unknown(error) } else { Failure::Unavailable(error) });
            }
            tokio::time::sleep(limits::PUBLISH_PAUSE).await;
        }
    }

    /// The stream knows the id: the same octets get the same answer, others are a conflict.
    async fn same_as_stored(&self, call: &AcceptMessage, seq: u64) -> Result<AcceptedMessage, Failure> {
        let stored = self.read_stored(seq).await?;
        if stored.env != call.env.0 || stored.sig != call.sig.0 || stored.epoch != call.epoch {
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
fn message_id(sender: UserId, room_id: RoomId, cid: ClientMessageId) -> String {
    let ids = [sender.0.as_bytes(), room_id.0.as_bytes(), cid.0.as_bytes()];
    BASE64_URL_SAFE_NO_PAD.encode(checks::sha256(&ids.map(|id| &id[..]).concat()))
}

/// The precision that the stream keeps, so that a repetition gets the same answer.
fn to_ms(at: time::OffsetDateTime) -> time::OffsetDateTime {
    at.replace_nanosecond(u32::from(at.millisecond()) * 1_000_000).unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn message_id_depends_on_sender_room_and_cid() {
        let id = |[sender, room, cid]: [u128; 3]| {
            message_id(UserId(Uuid::from_u128(sender)), RoomId(Uuid::from_u128(room)), ClientMessageId(Uuid::from_u128(cid)))
        };
        assert_eq!(id([1, 2, 3]).len(), 43);
        for other in [[9, 2, 3], [1, 9, 3], [1, 2, 9], [2, 1, 3]] {
            assert_ne!(id(other), id([1, 2, 3]));
        }
    }

    #[test]
    fn accepted_at_is_what_the_stream_keeps() {
        let at = time::macros::datetime!(2026-11-24 01:02:03.456_789 UTC);
        assert_eq!(to_ms(at), time::macros::datetime!(2026-11-24 01:02:03.456 UTC));
    }
}
