use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use anyhow::Context as _;
use sealcast_bus::consume::Delivery;
use sealcast_contracts::{EventId, RoomId};
use sealcast_merkle::leaf::MessageDigests;
use sqlx::{Connection as _, PgConnection};
use time::{OffsetDateTime, UtcOffset};
use uuid::Uuid;

use super::{
    plan::{Disposition, Plan, Planned, Source},
    rejected::Rejected,
};
use crate::{
    appends::AppendKey,
    data_keys::{DataKeyError, DataKeys},
    journal,
    sealing::{DataKey, KeyScope},
    store::{self, Append, NewEvent, NewQuarantine, NewRecord, StoreError},
};

/// Why a batch is not stored.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    DataKey(#[from] DataKeyError),
    #[error("sealing a row")]
    Seal(#[source] anyhow::Error),
}

/// Writes batches: rows, leaves and hashes in one transaction.
#[derive(Clone, Debug)]
pub struct Archivist {
    data_keys: Arc<DataKeys>,
    append_key: AppendKey,
}

type Keys = HashMap<KeyScope, Arc<DataKey>>;

/// A planned row, sealed.
enum Ready {
    Message { digests: MessageDigests, sealed: Vec<u8>, dek_id: Uuid },
    Event(NewEvent),
    Quarantine(NewQuarantine, NewEvent),
}

impl ArchiveError {
    /// Whether the database is away; otherwise the cause stays until somebody acts.
    pub fn is_unavailable(&self) -> bool {
        matches!(self, Self::Store(error) | Self::DataKey(DataKeyError::Store(error)) if error.is_unavailable())
    }

    /// Whether one row of the batch may be what the database refuses.
    fn blames_a_row(&self) -> bool {
        matches!(self, Self::Store(StoreError::Statement(_) | StoreError::Value(_)))
    }
}

impl Archivist {
    pub fn new(data_keys: Arc<DataKeys>, append_key: AppendKey) -> Self {
        Self { data_keys, append_key }
    }

    /// Stores a batch. When this returns it is durable, and each delivery may be acknowledged as its disposition says.
    ///
    /// # Errors
    /// Nothing of the batch is acknowledged; storing it again is harmless.
    pub async fn store(
        &self,
        conn: &mut PgConnection,
        source: Source,
        deliveries: &[Delivery],
    ) -> Result<Vec<Disposition>, ArchiveError> {
        match self.store_together(conn, source, deliveries).await {
            Err(error) if error.blames_a_row() => {
                tracing::error!(
                    error = format!("{:#}", anyhow::Error::new(error)),
                    "a batch was refused; storing its messages one by one"
                );
                self.store_singly(conn, source, deliveries).await
            }
            outcome => outcome,
        }
    }

    async fn store_together(
        &self,
        conn: &mut PgConnection,
        source: Source,
        deliveries: &[Delivery],
    ) -> Result<Vec<Disposition>, ArchiveError> {
        let plan = Plan::make(conn, source, deliveries).await?;
        self.commit(conn, plan).await
    }

    /// One message that the database refuses must not block the log.
    async fn store_singly(
        &self,
        conn: &mut PgConnection,
        source: Source,
        deliveries: &[Delivery],
    ) -> Result<Vec<Disposition>, ArchiveError> {
        let mut dispositions = Vec::new();
        for delivery in deliveries {
            let stored = match self.store_together(conn, source, std::slice::from_ref(delivery)).await {
                Err(error) if error.blames_a_row() => {
                    let plan = Plan::refuse(conn, source, delivery).await?;
                    self.commit(conn, plan).await?
                }
                outcome => outcome?,
            };
            dispositions.extend(stored);
        }
        Ok(dispositions)
    }

    async fn commit(&self, conn: &mut PgConnection, plan: Plan) -> Result<Vec<Disposition>, ArchiveError> {
        metrics::counter!("audit_redelivered_total").increment(plan.redelivered);
        if plan.rows.is_empty() {
            return Ok(plan.dispositions);
        }
        let today = OffsetDateTime::now_utc().date();
        let scopes: BTreeSet<KeyScope> = plan.rows.iter().filter_map(|row| scope(row, today)).collect();
        let keys = self.data_keys.ensure(conn, &scopes).await?;
        let ready: Vec<Ready> =
            plan.rows.into_iter().map(|row| seal(row, &keys, today)).collect::<anyhow::Result<_>>().map_err(ArchiveError::Seal)?;
        let size = write(conn, &self.append_key, ready).await?;
        metrics::gauge!("audit_log_size").set(size as f64);
        Ok(plan.dispositions)
    }
}

fn scope(row: &Planned, today: time::Date) -> Option<KeyScope> {
    match row {
        Planned::Message { digests, .. } => {
            Some(KeyScope { room_id: digests.room_id, day: digests.accepted_at.to_offset(UtcOffset::UTC).date() })
        }
        Planned::Event(_) => None,
        Planned::Rejected(_) => Some(KeyScope { room_id: RoomId(Uuid::nil()), day: today }),
    }
}

fn seal(row: Planned, keys: &Keys, today: time::Date) -> anyhow::Result<Ready> {
    let key = scope(&row, today).map(|scope| keys.get(&scope).context("a data key is missing")).transpose()?;
    match (row, key) {
        (Planned::Message { message, digests }, Some(key)) => {
            Ok(Ready::Message { digests, sealed: key.seal_message(digests.id, &message.sig, &message.env)?, dek_id: key.dek_id })
        }
        (Planned::Rejected(rejected), Some(key)) => {
            let Rejected { stream, seq, subject, reason, payload_sha256, evidence, event } = rejected;
            let sealed = key.seal(EventId { stream_epoch: 0, seq }, &evidence)?;
            let row = NewQuarantine { stream, seq, subject, reason, payload_sha256, sealed, dek_id: key.dek_id };
            Ok(Ready::Quarantine(row, journal::event(None, event)?))
        }
        (Planned::Event(event), _) => Ok(Ready::Event(event)),
        (_, None) => anyhow::bail!("a data key is missing"),
    }
}

async fn write(conn: &mut PgConnection, key: &AppendKey, ready: Vec<Ready>) -> Result<u64, StoreError> {
    let mut append = Append::begin(conn.begin().await?, key).await?;
    let (mut records, mut events, mut quarantine) = (Vec::new(), Vec::new(), Vec::new());
    for row in ready {
        match row {
            Ready::Message { digests, sealed, dek_id } => {
                records.push(NewRecord { digests, sealed, dek_id, leaf_index: append.push(&digests.to_string()) });
            }
            Ready::Event(event) => {
                let leaf_index = append.push(&event.leaf());
                events.push((event, leaf_index));
            }
            Ready::Quarantine(row, event) => {
                let leaf_index = append.push(&event.leaf());
                events.push((event, leaf_index));
                quarantine.push(row);
            }
        }
    }
    if !records.is_empty() {
        store::insert_records(append.conn(), &records).await?;
    }
    if !events.is_empty() {
        store::insert_events(append.conn(), &events).await?;
    }
    for row in &quarantine {
        store::insert_quarantine(append.conn(), row).await?;
    }
    let size = append.commit().await?;
    metrics::counter!("audit_stored_messages_total").increment(records.len() as u64);
    metrics::counter!("audit_stored_events_total").increment(events.len() as u64);
    // Only now: what is not committed is planned, and alarmed, again.
    quarantine.iter().for_each(alarm);
    Ok(size)
}

fn alarm(row: &NewQuarantine) {
    metrics::counter!("audit_quarantined_total", "stream" => row.stream).increment(1);
    tracing::error!(
        stream = row.stream,
        seq = row.seq,
        subject = row.subject,
        reason = row.reason,
        "a stored message went to quarantine"
    );
}
