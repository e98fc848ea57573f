use sealcast_contracts::EventId;
use sealcast_merkle::{Hash, checkpoint::TreeHead};
use sqlx::PgExecutor;

use super::{StoreError, event_id, from_bigint, to_bigint, to_hash};

/// A signed tree head as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredCheckpoint {
    pub size: u64,
    pub root: Hash,
    pub note: String,
    /// Every message up to it is stored.
    pub covers: Option<EventId>,
}

struct Row {
    size: i64,
    root: Vec<u8>,
    note: String,
    covers_stream_epoch: Option<i64>,
    covers_seq: Option<i64>,
}

/// The checkpoint of the largest log, and of those the newest.
///
/// # Errors
/// See [`StoreError`].
pub async fn latest_checkpoint(conn: impl PgExecutor<'_>) -> Result<Option<StoredCheckpoint>, StoreError> {
    let row = sqlx::query_as!(
        Row,
        "select size, root, note, covers_stream_epoch, covers_seq from audit.checkpoints
         order by size desc, checkpoint_id desc limit 1"
    )
    .fetch_optional(conn)
    .await?;
    row.map(StoredCheckpoint::try_from).transpose()
}

/// The newest checkpoint of a size.
///
/// # Errors
/// See [`StoreError`].
pub async fn checkpoint_of_size(conn: impl PgExecutor<'_>, size: u64) -> Result<Option<StoredCheckpoint>, StoreError> {
    let row = sqlx::query_as!(
        Row,
        "select size, root, note, covers_stream_epoch, covers_seq from audit.checkpoints where size = $1
         order by checkpoint_id desc limit 1",
        to_bigint(size)?
    )
    .fetch_optional(conn)
    .await?;
    row.map(StoredCheckpoint::try_from).transpose()
}

/// All checkpoints of at least `from` leaves, smallest first, at most `limit`.
///
/// # Errors
/// See [`StoreError`].
pub async fn read_checkpoints(conn: impl PgExecutor<'_>, after_size: u64, limit: i64) -> Result<Vec<StoredCheckpoint>, StoreError> {
    let rows = sqlx::query_as!(
        Row,
        r#"select size, root, note, covers_stream_epoch, covers_seq from audit.checkpoints
           where size in (select distinct size from audit.checkpoints where size > $1 order by size limit $2)
           order by size, checkpoint_id"#,
        to_bigint(after_size)?,
        limit
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(StoredCheckpoint::try_from).collect()
}

/// The sizes of some checkpoints that were stored after a larger one.
///
/// # Errors
/// See [`StoreError`].
pub async fn checkpoints_out_of_order(conn: impl PgExecutor<'_>, limit: i64) -> Result<Vec<u64>, StoreError> {
    let sizes = sqlx::query_scalar!(
        "select size from (select size, lag(size) over (order by checkpoint_id) as before from audit.checkpoints) as ordered
         where size < before order by size limit $1",
        limit
    )
    .fetch_all(conn)
    .await?;
    sizes.into_iter().map(from_bigint).collect()
}

/// Stores a checkpoint.
///
/// # Errors
/// See [`StoreError`].
pub async fn insert_checkpoint(
    conn: impl PgExecutor<'_>,
    head: &TreeHead,
    note: &str,
    covers: Option<EventId>,
) -> Result<(), StoreError> {
    sqlx::query!(
        "insert into audit.checkpoints (size, root, note, covers_stream_epoch, covers_seq) values ($1, $2, $3, $4, $5)",
        to_bigint(head.size)?,
        head.root.as_slice(),
        note,
        covers.map(|id| i64::from(id.stream_epoch)),
        covers.map(|id| to_bigint(id.seq)).transpose()?
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The newest stored message of the newest stream epoch, up to a stream sequence.
///
/// # Errors
/// See [`StoreError`].
pub async fn newest_record_up_to(conn: impl PgExecutor<'_>, seq: u64) -> Result<Option<EventId>, StoreError> {
    let row = sqlx::query!(
        "select stream_epoch, seq from audit.records
         where position <= (select stream_epoch from audit.records order by position desc limit 1) * 281474976710656 + $1
           and position > (select stream_epoch from audit.records order by position desc limit 1) * 281474976710656
         order by position desc limit 1",
        to_bigint(seq)?
    )
    .fetch_optional(conn)
    .await?;
    row.map(|row| event_id(row.stream_epoch, row.seq)).transpose()
}

impl TryFrom<Row> for StoredCheckpoint {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let covers = row.covers_stream_epoch.zip(row.covers_seq).map(|(stream_epoch, seq)| event_id(stream_epoch, seq));
        Ok(Self { size: from_bigint(row.size)?, root: to_hash(&row.root)?, note: row.note, covers: covers.transpose()? })
    }
}
