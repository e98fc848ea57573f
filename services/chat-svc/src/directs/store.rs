//! SQL of direct conversations.

use sealcast_contracts::{RoomId, UserId};
use sqlx::PgConnection;
use time::OffsetDateTime;

/// Makes a room the conversation of two; `false` when they have one already.
pub(crate) async fn insert(conn: &mut PgConnection, room_id: RoomId, pair: [UserId; 2]) -> sqlx::Result<bool> {
    let [one, other] = pair.map(|user_id| user_id.0);
    let done = sqlx::query!(
        "insert into directs (room_id, low, high) values ($1, least($2::uuid, $3), greatest($2::uuid, $3))
         on conflict (low, high) do nothing",
        room_id.0,
        one,
        other,
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Conversations that an account has opened since a time.
pub(crate) async fn count_opened_by(conn: &mut PgConnection, user_id: UserId, since: OffsetDateTime) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"select count(*) as "count!" from directs d join rooms r using (room_id) where r.created_by = $1 and r.created_at > $2"#,
        user_id.0,
        since,
    )
    .fetch_one(conn)
    .await
}

pub(crate) async fn find(conn: &mut PgConnection, pair: [UserId; 2]) -> sqlx::Result<Option<RoomId>> {
    let [one, other] = pair.map(|user_id| user_id.0);
    let room_id = sqlx::query_scalar!(
        "select room_id from directs where low = least($1::uuid, $2) and high = greatest($1::uuid, $2)",
        one,
        other,
    )
    .fetch_optional(conn)
    .await?;
    Ok(room_id.map(RoomId))
}
