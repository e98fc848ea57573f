//! SQL of read markers.

use sealcast_contracts::{Base64, RoomId, UserId, chat::ReadMarker, limits::ROOMS_PER_USER_MAX};
use sqlx::PgConnection;

/// Keeps a member's marker; `false` when the account is not in the room.
pub(crate) async fn set(conn: &mut PgConnection, user_id: UserId, marker: &ReadMarker) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "insert into read_markers (user_id, room_id, sealed)
         select user_id, room_id, $3 from members where user_id = $1 and room_id = $2 for key share
         on conflict (user_id, room_id) do update set sealed = excluded.sealed",
        user_id.0,
        marker.room_id.0,
        marker.sealed.as_slice(),
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

pub(crate) async fn list(conn: &mut PgConnection, user_id: UserId) -> sqlx::Result<Vec<ReadMarker>> {
    let rows = sqlx::query!(
        "select room_id, sealed from read_markers where user_id = $1 order by room_id limit $2",
        user_id.0,
        ROOMS_PER_USER_MAX as i64,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| ReadMarker { room_id: RoomId(row.room_id), sealed: Base64(row.sealed) }).collect())
}
