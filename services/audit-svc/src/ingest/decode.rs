use sealcast_bus::consume::Delivery;
use sealcast_contracts::{
    EventId, UserId,
    events::AuditEvent,
    limits::{ENVELOPE_OCTETS_MAX, SIGNATURE_OCTETS_MAX},
    stream::{EVENT_SUBJECT_PREFIX, StreamMessage},
};
use sealcast_merkle::leaf::{MessageDigests, MessageLeaf};
use serde::Deserialize;
use serde_json::value::RawValue;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{journal, store::NewEvent};

/// Characters of an event's name.
const KIND_CHARS_MAX: usize = 64;
/// Octets of an event's body; a page of the query API must hold it.
const BODY_OCTETS_MAX: usize = 64 * 1024;
/// Reads an accepted message.
pub fn decode_message(delivery: &Delivery) -> Result<(StreamMessage, MessageDigests), &'static str> {
    let received = &delivery.message;
    let message =
        StreamMessage::decode(&received.subject, |name| received.header(name), &received.payload).map_err(|error| error.0)?;
    if message.env.len() > ENVELOPE_OCTETS_MAX || message.sig.len() > SIGNATURE_OCTETS_MAX {
        return Err("it is larger than chat-svc accepts");
    }
    let leaf = MessageLeaf {
        id: EventId { stream_epoch: message.stream_epoch, seq: delivery.seq },
        room_id: message.room_id,
        epoch: message.epoch,
        cid: message.cid,
        sender: message.sender,
        sender_fp: message.sender_fp,
        accepted_at: message.accepted_at,
        env: &message.env,
        sig: &message.sig,
    };
    let digests = leaf.digests();
    Ok((message, digests))
}

/// Reads an event by its frame only: a newer service's kinds are archived as well.
pub fn decode_event(delivery: &Delivery) -> Result<NewEvent, &'static str> {
    #[derive(Deserialize)]
    struct Frame<'a> {
        event_id: Uuid,
        #[serde(default)]
        actor: Option<UserId>,
        #[serde(with = "time::serde::rfc3339")]
        at: OffsetDateTime,
        kind: String,
        #[serde(borrow, default)]
        body: Option<&'a RawValue>,
    }
    let frame: Frame<'_> = serde_json::from_slice(&delivery.message.payload).map_err(|_| "it is not an event")?;
    let letters = frame.kind.bytes().all(|octet| octet.is_ascii_lowercase() || octet.is_ascii_digit() || octet == b'_');
    if !letters || !frame.kind.starts_with(|first: char| first.is_ascii_lowercase()) || frame.kind.len() > KIND_CHARS_MAX {
        return Err("its kind is malformed");
    }
    if delivery.message.subject.strip_prefix(EVENT_SUBJECT_PREFIX).and_then(|rest| rest.strip_prefix('.'))
        != Some(frame.kind.as_str())
    {
        return Err("its kind is not its subject's");
    }
    if AuditEvent::OF_AUDIT.contains(&frame.kind.as_str()) {
        return Err("no other service writes events of this kind");
    }
    let body = frame.body.map_or("null", RawValue::get);
    if body.len() > BODY_OCTETS_MAX {
        return Err("its body is too large");
    }
    Ok(NewEvent {
        event_id: frame.event_id,
        kind: frame.kind,
        actor: frame.actor,
        at: journal::to_millisecond(frame.at),
        body: body.to_owned(),
    })
}
