//! SQL of join requests.

use sealcast_contracts::{RoomId, UserId, chat::JoinRequest};
use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::limits;

/// Records that an account waits; `false` when it did already.
pub(crate) async fn insert(conn: &mut PgConnection, room_id: RoomId, user_id: UserId, at: OffsetDateTime) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "insert into join_requests (room_id, user_id, requested_at) values ($1, $2, $3) on conflict do nothing",
        room_id.0,
        user_id.0,
        at,
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// After a rotation: every member without a grant of the new epoch waits again.
pub(crate) async fn insert_ungranted(conn: &mut PgConnection, room_id: RoomId, epoch: i32, at: OffsetDateTime) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into join_requests (room_id, user_id, requested_at)
         select m.room_id, m.user_id, $3 from members m where m.room_id = $1
            and not exists (select from grants g where g.room_id = m.room_id and g.epoch = $2 and g.to_user = m.user_id)
         on conflict do nothing",
        room_id.0,
        epoch,
        at,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Takes requests away; answers how many there were.
pub(crate) async fn delete(conn: &mut PgConnection, room_id: RoomId, user_ids: &[UserId]) -> sqlx::Result<u64> {
    let ids: Vec<uuid::Uuid> = user_ids.iter().map(|user_id| user_id.0).collect();
    let done =
        sqlx::query!("delete from join_requests where room_id = $1 and user_id = any($2)", room_id.0, &ids).execute(conn).await?;
    Ok(done.rows_affected())
}

pub(crate) async fn exists(conn: &mut PgConnection, room_id: RoomId, user_id: UserId) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"select exists (select from join_requests where room_id = $1 and user_id = $2) as "exists!""#,
        room_id.0,
        user_id.0,
    )
    .fetch_one(conn)
    .await
}

pub(crate) async fn count_of(conn: &mut PgConnection, user_id: UserId) -> sqlx::Result<i64> {
    sqlx::query_scalar!(r#"select count(*) as "count!" from join_requests where user_id = $1"#, user_id.0).fetch_one(conn).await
}

/// Who waits, oldest first.
pub(crate) async fn list(conn: &mut PgConnection, room_id: RoomId) -> sqlx::Result<Vec<JoinRequest>> {
    let rows = sqlx::query!(
        "select q.user_id, p.username, q.requested_at from join_requests q join people p using (user_id)
         where q.room_id = $1 order by q.requested_at, q.user_id limit $2",
        room_id.0,
        limits::REQUESTS_LISTED_MAX,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| JoinRequest { user_id: UserId(row.user_id), username: row.username, requested_at: row.requested_at })
        .collect())
}
