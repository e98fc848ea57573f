use sealcast_contracts::{ExportId, RoomId, audit::leaves::ROOM_EVENT_KINDS};
use sqlx::PgExecutor;
use time::OffsetDateTime;

use super::{NewEvent, StoreError, events::Row, from_bigint, to_bigint};

/// The leaf, below `bound` and as near to it as can be, of a message that was accepted before `at`. Of messages only: an event that
/// waited in its service's outbox stands long behind its time.
///
/// # Errors
/// See [`StoreError`].
pub async fn last_leaf_before(conn: impl PgExecutor<'_>, at: OffsetDateTime, bound: u64) -> Result<Option<u64>, StoreError> {
    let leaf = sqlx::query_scalar!(
        "select leaf_index from audit.records where accepted_at < $1 and leaf_index < $2 order by leaf_index desc limit 1",
        at,
        to_bigint(bound)?
    )
    .fetch_optional(conn)
    .await?;
    leaf.map(from_bigint).transpose()
}

/// The leaf in `[bound, size)`, as near to `bound` as can be, of a message that was accepted at or after `at`.
///
/// # Errors
/// See [`StoreError`].
pub async fn first_leaf_from(
    conn: impl PgExecutor<'_>,
    at: OffsetDateTime,
    bound: u64,
    size: u64,
) -> Result<Option<u64>, StoreError> {
    let leaf = sqlx::query_scalar!(
        "select leaf_index from audit.records where accepted_at >= $1 and leaf_index >= $2 and leaf_index < $3 order by leaf_index limit 1",
        at,
        to_bigint(bound)?,
        to_bigint(size)?
    )
    .fetch_optional(conn)
    .await?;
    leaf.map(from_bigint).transpose()
}

/// About where in the log a time lies: the leaf of the newest message before it.
///
/// # Errors
/// See [`StoreError`].
pub async fn leaf_near(conn: impl PgExecutor<'_>, at: OffsetDateTime) -> Result<Option<u64>, StoreError> {
    let leaf =
        sqlx::query_scalar!("select leaf_index from audit.records where accepted_at < $1 order by accepted_at desc limit 1", at)
            .fetch_optional(conn)
            .await?;
    leaf.map(from_bigint).transpose()
}

/// The first and the last leaf, below `size`, of a room's messages in `[from, to)`: also of those that were logged late.
///
/// # Errors
/// See [`StoreError`].
pub async fn room_span(
    conn: impl PgExecutor<'_>,
    room_id: RoomId,
    (from, to): (Option<OffsetDateTime>, Option<OffsetDateTime>),
    size: u64,
) -> Result<Option<(u64, u64)>, StoreError> {
    let row = sqlx::query!(
        r#"select min(leaf_index) as first, max(leaf_index) as last from audit.records
           where room_id = $1 and ($2::timestamptz is null or accepted_at >= $2) and ($3::timestamptz is null or accepted_at < $3)
             and leaf_index < $4"#,
        room_id.0,
        from,
        to,
        to_bigint(size)?
    )
    .fetch_one(conn)
    .await?;
    row.first.zip(row.last).map(|(first, last)| Ok((from_bigint(first)?, from_bigint(last)?))).transpose()
}

/// What happened to a room's membership and keys, with leaves in `(after, before)`, oldest first.
///
/// # Errors
/// See [`StoreError`].
pub async fn room_events(
    conn: impl PgExecutor<'_>,
    room_id: RoomId,
    (after, before): (Option<u64>, u64),
    limit: i64,
) -> Result<Vec<(NewEvent, u64)>, StoreError> {
    let kinds = ROOM_EVENT_KINDS.map(str::to_owned);
    let rows = sqlx::query_as!(
        Row,
        r#"select event_id, kind, actor, at, body::text as "body!", leaf_index from audit.events
           where kind = any($1) and body->>'room_id' = $2 and leaf_index > $3 and leaf_index < $4 order by leaf_index limit $5"#,
        &kinds[..],
        room_id.to_string(),
        after.map_or(Ok(-1), to_bigint)?,
        to_bigint(before)?,
        limit
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(super::events::with_leaf).collect()
}

/// The event that began an export.
///
/// # Errors
/// See [`StoreError`].
pub async fn find_export(conn: impl PgExecutor<'_>, export_id: ExportId) -> Result<Option<NewEvent>, StoreError> {
    let row = sqlx::query_as!(
        Row,
        r#"select event_id, kind, actor, at, body::text as "body!", leaf_index from audit.events
           where kind = 'export_started' and body->>'export_id' = $1 order by leaf_index limit 1"#,
        export_id.to_string()
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(NewEvent::from))
}
