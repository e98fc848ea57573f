use std::collections::BTreeMap;

use sqlx::PgPool;
use time::OffsetDateTime;

use crate::store::{self, NewEvent, SealedRecord, StoreError};

/// A row as the log sees it.
pub struct Leaf {
    /// How an operator finds it.
    pub name: String,
    /// The text that its leaf ought to have.
    pub text: String,
    /// The record, when it is one.
    pub record: Option<SealedRecord>,
    /// The event, when it is one.
    pub event: Option<NewEvent>,
}

impl Leaf {
    /// When it happened, as its leaf says.
    pub fn at(&self) -> Option<OffsetDateTime> {
        let message = self.record.as_ref().map(|record| record.digests.accepted_at);
        message.or(self.event.as_ref().map(|event| event.at))
    }
}

/// How many leaves the rows claim: one more than the highest index.
pub async fn count(pool: &PgPool) -> Result<u64, StoreError> {
    store::claimed_leaves(pool).await
}

/// The rows with leaves in `[from, to)`, by leaf.
pub async fn read(pool: &PgPool, from: u64, to: u64) -> Result<BTreeMap<u64, Vec<Leaf>>, StoreError> {
    let mut leaves: BTreeMap<u64, Vec<Leaf>> = BTreeMap::new();
    for record in store::read_records(pool, from, to).await? {
        let (name, text) = (format!("message {}", record.digests.id), record.digests.to_string());
        leaves.entry(record.leaf_index).or_default().push(Leaf { name, text, record: Some(record), event: None });
    }
    for (event, leaf_index) in store::read_events(pool, from, to).await? {
        let (name, text) = (format!("event {}", event.event_id), event.leaf());
        leaves.entry(leaf_index).or_default().push(Leaf { name, text, record: None, event: Some(event) });
    }
    Ok(leaves)
}
