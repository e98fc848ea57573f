//! What a batch adds to the archive: new rows, nothing for redeliveries, quarantine for what cannot be archived.

use std::collections::HashMap;

use sealcast_bus::consume::Delivery;
use sealcast_contracts::{
    EventId,
    stream::{ENVELOPES, EVENTS, StreamMessage},
};
use sealcast_merkle::leaf::MessageDigests;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{
    decode::{decode_event, decode_message},
    rejected::{Rejected, conflict, malformed},
};
use crate::store::{self, MessageKey, NewEvent, StoreError};

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
        let like: Vec<_> = decoded.iter().flatten().map(|(_, digests)| (digests.id, key(digests))).collect();
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
        let twice =
            |row: &Planned| matches!(row, Planned::Rejected(other) if other.seq == *seq && other.payload_sha256 == *payload_sha256);
        if self.rows.iter().any(twice) || store::is_quarantined(conn, stream, *seq, payload_sha256).await? {
            self.redelivered += 1;
        } else {
            self.rows.push(Planned::Rejected(rejected));
        }
        Ok(())
    }
}

fn key(digests: &MessageDigests) -> MessageKey {
    (digests.room_id, digests.sender, digests.cid)
}

/// The stored messages that a batch may meet again.
#[derive(Default)]
struct Known {
    by_id: HashMap<EventId, MessageDigests>,
    by_key: HashMap<MessageKey, MessageDigests>,
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
        self.by_key.insert(key(&digests), digests);
    }

    fn compare(&self, digests: &MessageDigests) -> Comparison {
        match (self.by_id.get(&digests.id), self.by_key.get(&key(digests))) {
            (None, None) => Comparison::New,
            (Some(stored), _) if stored == digests => Comparison::Same,
            _ => Comparison::Different,
        }
    }
}
