//! What audit-svc asks of Postgres; all SQL stands below this module.

mod cases;
mod check;
mod checkpoints;
mod concerned;
mod cosignatures;
mod data_keys;
mod events;
mod holds;
mod leader;
mod leaves;
mod log;
mod quarantine;
mod records;
mod retention;
mod troubles;

pub use cases::{has_case_number, list_cases, read_case_events};
pub use check::{
    KeptApart, KeyTrace, StoredHold, Told, Trigger, key_traces, last_quarantined, read_functions, read_holds, read_quarantine,
    read_told, read_triggers, returned_keys, told_of_nothing,
};
pub use checkpoints::{
    StoredCheckpoint, checkpoint_of_size, checkpoints_out_of_order, insert_checkpoint, latest_checkpoint, newest_record_up_to,
    read_checkpoints,
};
pub use concerned::{SeenAccess, find_access, insert_concerned, list_accesses};
pub use cosignatures::{cosigned_by_all, cosigned_up_to, insert_cosignature, read_cosignatures, read_cosignatures_after};
pub use data_keys::{data_keys_before, find_data_keys, insert_data_keys, read_data_keys, replace_wrapping};
pub use events::{EventPage, NewEvent, find_events, insert_events, query_events, read_events};
pub use holds::{HeldScope, active_holds, find_hold, held, insert_hold, insert_hold_release, list_holds, read_events_at, wrote_on};
pub use leader::{LeadError, lead};
pub use leaves::{find_export, first_leaf_from, last_leaf_before, leaf_near, room_events, room_span};
pub use log::{
    Append, claimed_leaves, find_hash, leaf_of_hash, log_size, next_claimed, own_edge, read_appends, read_hash_range, read_hashes,
};
pub use quarantine::{NewQuarantine, insert_quarantine, is_quarantined};
pub use records::{
    MessageKey, MessagePageQuery, NewRecord, PageOrder, SealedRecord, Selection, count_by_sender, find_record, find_records,
    insert_records, query_records, read_records, read_records_by_id,
};
pub use retention::{DueKey, delete_data_keys, due_keys, read_retention};
use sealcast_contracts::EventId;
use sealcast_merkle::tree::TreeError;
pub use troubles::{Counted, count_troubles};

/// Why the database gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// It is away; retry.
    #[error("Postgres is away")]
    Unavailable(#[source] sqlx::Error),
    /// It refused a statement: a bug, or rows that somebody changed.
    #[error("a statement failed")]
    Statement(#[source] sqlx::Error),
    #[error("the stored tree is damaged")]
    Tree(#[from] TreeError),
    #[error("ALARM: the log's state of {size} leaves was not made by audit-svc: somebody wrote to the database")]
    Foreign { size: u64 },
    #[error("a stored value is out of range: {0}")]
    Value(&'static str),
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        if sealcast_runtime::postgres::is_unavailable(&error) { Self::Unavailable(error) } else { Self::Statement(error) }
    }
}

impl StoreError {
    /// Whether a retry can help.
    pub fn is_unavailable(&self) -> bool {
        matches!(self, Self::Unavailable(_))
    }
}

fn to_bigint(value: u64) -> Result<i64, StoreError> {
    i64::try_from(value).map_err(|_| StoreError::Value("bigint"))
}

fn from_bigint(value: i64) -> Result<u64, StoreError> {
    u64::try_from(value).map_err(|_| StoreError::Value("bigint"))
}

fn to_u32(value: i64) -> Result<u32, StoreError> {
    u32::try_from(value).map_err(|_| StoreError::Value("epoch"))
}

fn to_hash(octets: &[u8]) -> Result<[u8; 32], StoreError> {
    octets.try_into().map_err(|_| StoreError::Value("hash"))
}

fn event_id(stream_epoch: i64, seq: i64) -> Result<EventId, StoreError> {
    Ok(EventId { stream_epoch: to_u32(stream_epoch)?, seq: from_bigint(seq)? })
}
