//! SQL of people, members and removals.

use sealcast_contracts::{
    RoomId, UserId,
    chat::{Member, RoomRole},
    events::JoinedBy,
};
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::rooms::store::{role, role_text};

/// Remembers an account and its user name.
pub(crate) async fn meet(conn: &mut PgConnection, user_id: UserId, username: &str, at: OffsetDateTime) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into people (user_id, username, first_seen_at) values ($1, $2, $3)
         on conflict (user_id) do update set username = excluded.username where people.username <> excluded.username",
        user_id.0,
        username,
        at,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Adds a member and counts it; `false` when it was one already.
pub(crate) async fn insert(
    conn: &mut PgConnection,
    room_id: RoomId,
    user_id: UserId,
    role: RoomRole,
    by: JoinedBy,
    at: OffsetDateTime,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "with joined as (
            insert into members (room_id, user_id, role, joined_by, joined_at) values ($1, $2, $3, $4, $5)
            on conflict do nothing returning room_id
         )
         update rooms set member_count = member_count + 1 from joined where rooms.room_id = joined.room_id",
        room_id.0,
        user_id.0,
        role_text(role),
        joined_by_text(by),
        at,
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Takes a member out and counts it; `false` when it was none.
pub(crate) async fn delete(conn: &mut PgConnection, room_id: RoomId, user_id: UserId) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "with gone as (delete from members where room_id = $1 and user_id = $2 returning room_id)
         update rooms set member_count = member_count - 1 from gone where rooms.room_id = gone.room_id",
        room_id.0,
        user_id.0,
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

pub(crate) async fn role_of(conn: &mut PgConnection, room_id: RoomId, user_id: UserId) -> sqlx::Result<Option<RoomRole>> {
    let text = sqlx::query_scalar!("select role from members where room_id = $1 and user_id = $2", room_id.0, user_id.0)
        .fetch_optional(conn)
        .await?;
    text.as_deref().map(role).transpose()
}

/// Which of the accounts are members.
pub(crate) async fn among(conn: &mut PgConnection, room_id: RoomId, user_ids: &[UserId]) -> sqlx::Result<Vec<UserId>> {
    let ids: Vec<uuid::Uuid> = user_ids.iter().map(|user_id| user_id.0).collect();
    let found = sqlx::query_scalar!("select user_id from members where room_id = $1 and user_id = any($2)", room_id.0, &ids)
        .fetch_all(conn)
        .await?;
    Ok(found.into_iter().map(UserId).collect())
}

/// Gives a room whose last admin went its longest-standing member as admin.
pub(crate) async fn promote_if_without_admin(conn: &mut PgConnection, room_id: RoomId) -> sqlx::Result<()> {
    sqlx::query!(
        "update members set role = 'admin' where room_id = $1
            and user_id = (select user_id from members where room_id = $1 order by joined_at, user_id limit 1)
            and not exists (select from members where room_id = $1 and role = 'admin')",
        room_id.0,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Members in the order of their ids, after `after`.
pub(crate) async fn list(conn: &mut PgConnection, room_id: RoomId, after: Option<UserId>, limit: i64) -> sqlx::Result<Vec<Member>> {
    let rows = sqlx::query!(
        r#"select m.user_id, p.username, m.role, m.joined_at,
            exists (select from grants g where g.room_id = m.room_id and g.epoch = r.epoch and g.to_user = m.user_id) as "granted!"
         from members m join people p using (user_id) join rooms r using (room_id)
         where m.room_id = $1 and ($2::uuid is null or m.user_id > $2) order by m.user_id limit $3"#,
        room_id.0,
        after.map(|user_id| user_id.0),
        limit,
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Member {
                user_id: UserId(row.user_id),
                username: row.username,
                role: role(&row.role)?,
                joined_at: row.joined_at,
                granted: row.granted,
            })
        })
        .collect()
}

pub(crate) async fn rooms_of(conn: &mut PgConnection, user_id: UserId) -> sqlx::Result<Vec<RoomId>> {
    let ids =
        sqlx::query_scalar!("select room_id from members where user_id = $1 order by room_id", user_id.0).fetch_all(conn).await?;
    Ok(ids.into_iter().map(RoomId).collect())
}

pub(crate) async fn rooms_of_all(conn: &mut PgConnection, user_ids: &[Uuid]) -> sqlx::Result<Vec<(UserId, RoomId)>> {
    let rows = sqlx::query!("select user_id, room_id from members where user_id = any($1) order by user_id, room_id", user_ids)
        .fetch_all(conn)
        .await?;
    Ok(rows.into_iter().map(|row| (UserId(row.user_id), RoomId(row.room_id))).collect())
}

/// Which of these accounts are in a room.
pub(crate) async fn members_among(conn: &mut PgConnection, room_id: RoomId, user_ids: &[Uuid]) -> sqlx::Result<Vec<UserId>> {
    let query = sqlx::query_scalar!("select user_id from members where room_id = $1 and user_id = any($2)", room_id.0, user_ids);
    Ok(query.fetch_all(conn).await?.into_iter().map(UserId).collect())
}

pub(crate) async fn count_rooms_of(conn: &mut PgConnection, user_id: UserId) -> sqlx::Result<i64> {
    sqlx::query_scalar!(r#"select count(*) as "count!" from members where user_id = $1"#, user_id.0).fetch_one(conn).await
}

/// Remembers that an account was removed while `epoch` was current.
pub(crate) async fn insert_removal(
    conn: &mut PgConnection,
    room_id: RoomId,
    user_id: UserId,
    epoch: i32,
    at: OffsetDateTime,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into removals (room_id, user_id, epoch, removed_at) values ($1, $2, $3, $4)
         on conflict (room_id, user_id) do update set epoch = excluded.epoch, removed_at = excluded.removed_at",
        room_id.0,
        user_id.0,
        epoch,
        at,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The epoch that was current when the account was removed last.
pub(crate) async fn removed_in_epoch(conn: &mut PgConnection, room_id: RoomId, user_id: UserId) -> sqlx::Result<Option<i32>> {
    sqlx::query_scalar!("select epoch from removals where room_id = $1 and user_id = $2", room_id.0, user_id.0)
        .fetch_optional(conn)
        .await
}

fn joined_by_text(by: JoinedBy) -> &'static str {
    match by {
        JoinedBy::Registration => "registration",
        JoinedBy::Creation => "creation",
        JoinedBy::Invite => "invite",
        JoinedBy::Approval => "approval",
    }
}
