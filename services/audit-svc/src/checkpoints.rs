//! Signed checkpoints: the log's promise about itself, at most one a second, when there is something new.

use std::time::Instant;

use sealcast_bus::{Bus, consume::Consumer};
use sealcast_contracts::{
    Base64, EventId,
    audit::{Checkpoint, Cosignature},
    control::CheckpointPublished,
};
use sealcast_merkle::checkpoint::{SigningKey, TreeHead};
use sqlx::PgConnection;

use crate::{
    appends::AppendKey,
    ingest::Source,
    store::{self, StoreError, StoredCheckpoint},
};

/// Signs, stores and announces checkpoints; only the leader does.
#[derive(Debug)]
pub struct Signer {
    key: SigningKey,
    append_key: AppendKey,
    bus: Bus,
    envelopes: Option<Consumer>,
    events: Option<Consumer>,
}

impl Signer {
    pub fn new(key: SigningKey, bus: Bus) -> Self {
        let append_key = AppendKey::of(&key);
        Self { key, append_key, bus, envelopes: None, events: None }
    }

    /// Whose acknowledgements say how far the archive is complete.
    pub fn watch(&mut self, source: Source, consumer: Consumer) {
        match source {
            Source::Envelopes => self.envelopes = Some(consumer),
            Source::Events => self.events = Some(consumer),
        }
    }

    /// Signs a checkpoint when the log has grown or covers more messages.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn sign_what_is_new(&self, conn: &mut PgConnection) -> Result<(), StoreError> {
        // First how far the archive is complete, then the size: each of those messages then has its leaf below the size.
        let floor = self.complete_up_to().await;
        let last = store::latest_checkpoint(&mut *conn).await?;
        let newest = match floor {
            Some(floor) => store::newest_record_up_to(&mut *conn, floor).await?,
            None => None,
        };
        let covers = newest.max(last.as_ref().and_then(|last| last.covers));
        // Only what audit-svc made: whoever can write to the database gets nothing signed.
        let frontier = store::own_edge(&mut *conn, &self.append_key).await?;
        let size = frontier.size();
        if last.as_ref().map_or((0, None), |last| (last.size, last.covers)) == (size, covers) {
            return Ok(());
        }
        let began = Instant::now();
        let head = TreeHead { size, root: frontier.root() };
        let note = self.key.sign(&head);
        store::insert_checkpoint(&mut *conn, &head, &note, covers).await?;
        metrics::counter!("audit_checkpoints_total").increment(1);
        metrics::histogram!("audit_checkpoint_seconds").record(began.elapsed().as_secs_f64());
        metrics::gauge!("audit_log_size").set(size as f64);
        if let Some(covers) = covers {
            self.announce(StoredCheckpoint { size, root: head.root, note, covers: Some(covers) }, covers).await;
        }
        Ok(())
    }

    /// The stream sequence up to which every message is acknowledged, and so stored.
    async fn complete_up_to(&self) -> Option<u64> {
        if let Some(Ok(state)) = state(self.events.as_ref()).await {
            metrics::gauge!("audit_lag_events").set(state.lag as f64);
        }
        match state(self.envelopes.as_ref()).await? {
            Ok(state) => {
                metrics::gauge!("audit_lag_messages").set(state.lag as f64);
                Some(state.ack_floor)
            }
            Err(error) => {
                tracing::warn!(error = format!("{error:#}"), "the stream does not say how far it is acknowledged");
                None
            }
        }
    }

    async fn announce(&self, stored: StoredCheckpoint, covers: EventId) {
        let signal = CheckpointPublished { checkpoint: to_contract(stored, self.key.vkey(), Vec::new()), covers };
        if let Err(error) = self.bus.signal(&signal).await {
            tracing::warn!(error = format!("{error:#}"), "a checkpoint was not announced");
        }
    }
}

/// A checkpoint as callers see it.
pub fn to_contract(stored: StoredCheckpoint, vkey: &str, cosignatures: Vec<Cosignature>) -> Checkpoint {
    let StoredCheckpoint { size, root, note, covers } = stored;
    Checkpoint { size, root: Base64(root.to_vec()), note, vkey: vkey.to_owned(), covers, cosignatures }
}

async fn state(consumer: Option<&Consumer>) -> Option<anyhow::Result<sealcast_bus::consume::ConsumerState>> {
    Some(consumer?.state().await)
}
