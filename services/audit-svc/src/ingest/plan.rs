//! What a batch adds to the archive: new rows, nothing for redeliveries, quarantine for what cannot be archived.

use std::collections::HashMap;

use aws_lc_rs::digest;
use sealcast_bus::consume::Delivery;
use sealcast_contracts::{
    ClientMessageId, EventId, Fingerprint, RoomId, UserId,
    events::AuditEventKind,
    limits::{ENVELOPE_OCTETS_MAX, SIGNATURE_OCTETS_MAX},
    stream::{ENVELOPES, EVENT_SUBJECT_PREFIX, EVENTS, StreamMessage, header},
};
use sealcast_merkle::leaf::{MessageDigests, MessageLeaf};
use serde::Deserialize;
use serde_json::value::RawValue;
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    journal,
    store::{self, NewEvent, StoreError},
};

/// Characters of an event's name.
const KIND_CHARS_MAX: usize = 64;
/// Octets of an event's body; a page of the query API must hold it.
const BODY_OCTETS_MAX: usize = 64 * 1024;
/// Headers that are kept with a quarantined message.
const HEADERS_KEPT: [&str; 7] =
    ["Nats-Msg-Id", header::SENDER, header::SENDER_FP, header::CID, header::EPOCH, header::ACCEPTED_AT, header::STREAM_EPOCH];

/// A stream that audit-svc consumes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    Envelopes,
    Events,
}

/// What becomes of a delivery once its batch is committed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disposition {
    /// Stored now or before.
    Stored,
    /// Kept apart; it is not to be delivered again.
    Quarantined,
}

/// One row to be written, in the order of its leaf.
#[derive(Debug)]
pub enum Planned {
    Message { message: StreamMessage, digests: MessageDigests },
    Event(NewEvent),
    Rejected(Rejected),
}

/// A delivery that goes to quarantine.
#[derive(Debug)]
pub struct Rejected {
    pub stream: &'static str,
    pub seq: u64,
    pub subject: String,
    pub reason: String,
    pub payload_sha256: [u8; 32],
    /// Headers and payload, to be sealed.
    pub evidence: Vec<u8>,
    /// The event that the log states it by.
    pub event: AuditEventKind,
}

/// What a batch adds, and what becomes of each delivery.
#[derive(Debug, Default)]
pub struct Plan {
    pub rows: Vec<Planned>,
    pub dispositions: Vec<Disposition>,
    pub redelivered: u64,
}

impl Source {
    /// The stream's name.
    pub fn stream(self) -> &'static str {
        match self {
            Self::Envelopes => ENVELOPES,
            Self::Events => EVENTS,
        }
    }
}

impl Plan {
    /// Compares a batch with what is stored. Only the leader plans, so nothing comes in between.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn make(conn: &mut PgConnection, source: Source, deliveries: &[Delivery]) -> Result<Self, StoreError> {
        let mut plan = Self::default();
        match source {
            Source::Envelopes => plan.messages(conn, deliveries).await?,
            Source::Events => plan.events(conn, deliveries).await?,
        }
        Ok(plan)
    }

    /// Quarantines a delivery that the database refuses.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn refuse(conn: &mut PgConnection, source: Source, delivery: &Delivery) -> Result<Self, StoreError> {
        let mut plan = Self::default();
        plan.reject(conn, malformed(source, delivery, "the database refused it")).await?;
        Ok(plan)
    }

    async fn messages(&mut self, conn: &mut PgConnection, deliveries: &[Delivery]) -> Result<(), StoreError> {
        let decoded: Vec<_> = deliveries.iter().map(decode_message).collect();
        let like: Vec<(EventId, RoomId, ClientMessageId)> =
            decoded.iter().flatten().map(|(_, digests)| (digests.id, digests.room_id, digests.cid)).collect();
        let mut known = Known::default();
        for record in store::find_records(&mut *conn, &like).await? {
            known.insert(record.digests);
        }
        for (delivery, decoded) in deliveries.iter().zip(decoded) {
            let (message, digests) = match decoded {
                Ok(decoded) => decoded,
                Err(reason) => {
                    self.reject(conn, malformed(Source::Envelopes, delivery, reason)).await?;
                    continue;
                }
            };
            match known.compare(&digests) {
                Comparison::New => {
                    known.insert(digests);
                    self.rows.push(Planned::Message { message, digests });
                    self.dispositions.push(Disposition::Stored);
                }
                Comparison::Same => self.absorb(),
                Comparison::Different => self.reject(conn, conflict(delivery, &digests)).await?,
            }
        }
        Ok(())
    }

    async fn events(&mut self, conn: &mut PgConnection, deliveries: &[Delivery]) -> Result<(), StoreError> {
        let decoded: Vec<_> = deliveries.iter().map(decode_event).collect();
        let ids: Vec<Uuid> = decoded.iter().flatten().map(|event| event.event_id).collect();
        let stored = store::find_events(&mut *conn, &ids).await?;
        let mut known: HashMap<Uuid, NewEvent> = stored.into_iter().map(|event| (event.event_id, event)).collect();
        for (delivery, decoded) in deliveries.iter().zip(decoded) {
            match decoded {
                Err(reason) => self.reject(conn, malformed(Source::Events, delivery, reason)).await?,
                Ok(event) => match known.get(&event.event_id) {
                    Some(stored) if *stored == event => self.absorb(),
                    Some(_) => self.reject(conn, malformed(Source::Events, delivery, "its id belongs to another event")).await?,
                    None => {
                        known.insert(event.event_id, event.clone());
                        self.rows.push(Planned::Event(event));
                        self.dispositions.push(Disposition::Stored);
                    }
                },
            }
        }
        Ok(())
    }

    fn absorb(&mut self) {
        self.redelivered += 1;
        self.dispositions.push(Disposition::Stored);
    }

    async fn reject(&mut self, conn: &mut PgConnection, rejected: Rejected) -> Result<(), StoreError> {
        self.dispositions.push(Disposition::Quarantined);
        let Rejected { stream, seq, payload_sha256, .. } = &rejected;
        let twice = |row: &Planned| matches!(row, Planned::Rejected(other) if other.seq == *seq && other.payload_sha256 == *payload_sha256);
        if self.rows.iter().any(twice) || store::is_quarantined(conn, stream, *seq, payload_sha256).await? {
            self.redelivered += 1;
        } else {
            self.rows.push(Planned::Rejected(rejected));
        }
        Ok(())
    }
}

/// The stored messages that a batch may meet again.
#[derive(Default)]
struct Known {
    by_id: HashMap<EventId, MessageDigests>,
    by_cid: HashMap<(RoomId, ClientMessageId), MessageDigests>,
}

enum Comparison {
    New,
    /// A redelivery.
    Same,
    /// Its id or its client message id belongs to another message: the stream lost its tail, or somebody forges.
    Different,
}

impl Known {
    fn insert(&mut self, digests: MessageDigests) {
        self.by_id.insert(digests.id, digests);
        self.by_cid.insert((digests.room_id, digests.cid), digests);
    }

    fn compare(&self, digests: &MessageDigests) -> Comparison {
        match (self.by_id.get(&digests.id), self.by_cid.get(&(digests.room_id, digests.cid))) {
            (None, None) => Comparison::New,
            (Some(stored), _) if stored == digests => Comparison::Same,
            _ => Comparison::Different,
        }
    }
}

fn decode_message(delivery: &Delivery) -> Result<(StreamMessage, MessageDigests), &'static str> {
    let received = &delivery.message;
    let message = StreamMessage::decode(&received.subject, |name| received.header(name), &received.payload).map_err(|error| error.0)?;
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
fn decode_event(delivery: &Delivery) -> Result<NewEvent, &'static str> {
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
    if delivery.message.subject.strip_prefix(EVENT_SUBJECT_PREFIX).and_then(|rest| rest.strip_prefix('.')) != Some(frame.kind.as_str()) {
        return Err("its kind is not its subject's");
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

fn conflict(delivery: &Delivery, digests: &MessageDigests) -> Rejected {
    let event = AuditEventKind::LogConflict { id: digests.id, room_id: digests.room_id };
    rejected(Source::Envelopes, delivery, "its id or client message id belongs to another stored message", |_, _| event)
}

fn malformed(source: Source, delivery: &Delivery, reason: &str) -> Rejected {
    rejected(source, delivery, reason, |payload_sha256, reason| AuditEventKind::MessageQuarantined {
        stream: source.stream().to_owned(),
        seq: delivery.seq,
        payload_sha256,
        reason,
    })
}

fn rejected(source: Source, delivery: &Delivery, reason: &str, event: impl FnOnce(String, String) -> AuditEventKind) -> Rejected {
    let received = &delivery.message;
    let mut payload_sha256 = [0; 32];
    payload_sha256.copy_from_slice(digest::digest(&digest::SHA256, &received.payload).as_ref());
    // As on the wire: header lines, an empty line, the payload.
    let mut evidence = Vec::new();
    for name in HEADERS_KEPT {
        if let Some(value) = received.header(name) {
            evidence.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
        }
    }
    evidence.extend_from_slice(b"\r\n");
    evidence.extend_from_slice(&received.payload);
    Rejected {
        stream: source.stream(),
        seq: delivery.seq,
        subject: received.subject.clone(),
        reason: reason.to_owned(),
        payload_sha256,
        evidence,
        event: event(Fingerprint(payload_sha256).to_string(), reason.to_owned()),
    }
}
