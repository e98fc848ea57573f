use sealcast_contracts::RoomId;
use sqlx::PgExecutor;
use time::Date;
use uuid::Uuid;

use super::{StoreError, to_u32};
use crate::sealing::{KeyScope, WrappedKey};

struct Row {
    dek_id: Uuid,
    room_id: Uuid,
    day: Date,
    wrapped: Vec<u8>,
    kek_version: i64,
}

/// The keys of these rooms and days, as far as there are any.
///
/// # Errors
/// See [`StoreError`].
pub async fn find_data_keys(conn: impl PgExecutor<'_>, scopes: &[KeyScope]) -> Result<Vec<WrappedKey>, StoreError> {
    let rooms: Vec<Uuid> = scopes.iter().map(|scope| scope.room_id.0).collect();
    let days: Vec<Date> = scopes.iter().map(|scope| scope.day).collect();
    let rows = sqlx::query_as!(
        Row,
        "select dek_id, room_id, day, wrapped, kek_version from audit.data_keys
         where (room_id, day) in (select * from unnest($1::uuid[], $2::date[]))",
        &rooms,
        &days
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(WrappedKey::try_from).collect()
}

/// The keys with these identities; a shredded one is absent.
///
/// # Errors
/// See [`StoreError`].
pub async fn read_data_keys(conn: impl PgExecutor<'_>, dek_ids: &[Uuid]) -> Result<Vec<WrappedKey>, StoreError> {
    let rows = sqlx::query_as!(
        Row,
        "select dek_id, room_id, day, wrapped, kek_version from audit.data_keys where dek_id = any($1)",
        dek_ids
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(WrappedKey::try_from).collect()
}

/// Stores new keys. Where a room and day has a key already, that one stays.
///
/// # Errors
/// See [`StoreError`].
pub async fn insert_data_keys(conn: impl PgExecutor<'_>, keys: &[WrappedKey]) -> Result<(), StoreError> {
    let ids: Vec<Uuid> = keys.iter().map(|key| key.dek_id).collect();
    let rooms: Vec<Uuid> = keys.iter().map(|key| key.scope.room_id.0).collect();
    let days: Vec<Date> = keys.iter().map(|key| key.scope.day).collect();
    let wrapped: Vec<Vec<u8>> = keys.iter().map(|key| key.wrapped.clone()).collect();
    let versions: Vec<i64> = keys.iter().map(|key| i64::from(key.kek_version)).collect();
    sqlx::query!(
        "insert into audit.data_keys (dek_id, room_id, day, wrapped, kek_version)
         select * from unnest($1::uuid[], $2::uuid[], $3::date[], $4::bytea[], $5::bigint[]) on conflict (room_id, day) do nothing",
        &ids,
        &rooms,
        &days,
        &wrapped,
        &versions
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Some keys that an older key-encryption key wraps.
///
/// # Errors
/// See [`StoreError`].
pub async fn data_keys_before(conn: impl PgExecutor<'_>, kek_version: u32, limit: i64) -> Result<Vec<WrappedKey>, StoreError> {
    let rows = sqlx::query_as!(
        Row,
        "select dek_id, room_id, day, wrapped, kek_version from audit.data_keys where kek_version < $1 order by dek_id limit $2",
        i64::from(kek_version),
        limit
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(WrappedKey::try_from).collect()
}

/// Puts a key's new wrapping in the place of the old one; for the owner. False when it was shredded meanwhile.
///
/// # Errors
/// See [`StoreError`].
pub async fn replace_wrapping(conn: impl PgExecutor<'_>, key: &WrappedKey) -> Result<bool, StoreError> {
    let done = sqlx::query!(
        "update audit.data_keys set wrapped = $2, kek_version = $3 where dek_id = $1",
        key.dek_id,
        &key.wrapped,
        i64::from(key.kek_version)
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

impl TryFrom<Row> for WrappedKey {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let scope = KeyScope { room_id: RoomId(row.room_id), day: row.day };
        Ok(Self { dek_id: row.dek_id, scope, wrapped: row.wrapped, kek_version: to_u32(row.kek_version)? })
    }
}
