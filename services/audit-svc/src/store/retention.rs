use sealcast_contracts::RoomId;
use sqlx::PgExecutor;
use time::Date;
use uuid::Uuid;

use super::{
    NewEvent, StoreError,
    events::{Row, with_leaf},
    from_bigint,
};

/// A data key whose day is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DueKey {
    pub dek_id: Uuid,
    pub room_id: RoomId,
    pub day: Date,
    /// Messages that it opens.
    pub messages: u64,
}

/// The newest retention event of each room and of the organisation.
///
/// # Errors
/// See [`StoreError`].
pub async fn read_retention(conn: impl PgExecutor<'_>) -> Result<Vec<(NewEvent, u64)>, StoreError> {
    let rows = sqlx::query_as!(
        Row,
        r#"select distinct on (body ->> 'room_id') event_id, kind, actor, at, body::text as "body!", leaf_index
           from audit.events where kind = 'retention_set' order by body ->> 'room_id' nulls first, leaf_index desc"#
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(with_leaf).collect()
}

/// Data keys that retention demands the end of, and that no hold keeps, oldest first. `days` is the organisation's rule; a
/// room's own stands in `rooms`. A day is due when more than so many days have passed since. `among`: only of these.
///
/// # Errors
/// See [`StoreError`].
pub async fn due_keys(
    conn: impl PgExecutor<'_>,
    today: Date,
    days: Option<u32>,
    rooms: &[(RoomId, u32)],
    among: Option<&[Uuid]>,
    limit: i64,
) -> Result<Vec<DueKey>, StoreError> {
    let of_room: Vec<Uuid> = rooms.iter().map(|(room_id, _)| room_id.0).collect();
    let days_of_room: Vec<i32> = rooms.iter().map(|(_, days)| i32::try_from(*days).unwrap_or(i32::MAX)).collect();
    let rows = sqlx::query!(
        r#"select k.dek_id, k.room_id, k.day,
                  (select count(*) from audit.records r
                   where r.dek_id = k.dek_id and r.room_id = k.room_id
                     and r.accepted_at >= k.day::timestamp at time zone 'UTC'
                     and r.accepted_at < (k.day + 1)::timestamp at time zone 'UTC') as "messages!"
           from audit.data_keys k left join unnest($1::uuid[], $2::int[]) as own (room_id, days) on own.room_id = k.room_id
           where k.room_id <> '00000000-0000-0000-0000-000000000000'
             and $3::date - k.day > coalesce(own.days, $4::int)
             and ($6::uuid[] is null or k.dek_id = any($6))
             and not exists (select from audit.active_holds_on(k.room_id, k.day))
           order by k.day, k.dek_id limit $5"#,
        &of_room,
        &days_of_room,
        today,
        days.map(|days| i32::try_from(days).unwrap_or(i32::MAX)),
        limit,
        among
    )
    .fetch_all(conn)
    .await?;
    let due = rows.into_iter().map(|row| {
        let messages = from_bigint(row.messages)?;
        Ok(DueKey { dek_id: row.dek_id, room_id: RoomId(row.room_id), day: row.day, messages })
    });
    due.collect()
}

/// Destroys data keys, each after its destruction record. The database refuses a key without one, and one that is held.
///
/// # Errors
/// See [`StoreError`].
pub async fn delete_data_keys(conn: impl PgExecutor<'_>, dek_ids: &[Uuid]) -> Result<u64, StoreError> {
    let deleted = sqlx::query!("delete from audit.data_keys where dek_id = any($1)", dek_ids).execute(conn).await?;
    Ok(deleted.rows_affected())
}
