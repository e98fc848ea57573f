//! SQL of invites and their uses.

use sealcast_contracts::{
    InviteId, RoomId, UserId,
    chat::{Invite, NewInvite, OlderKey},
};
use sqlx::{PgConnection, types::Json};
use time::OffsetDateTime;

use crate::{limits, rooms::store::number};

/// An invite with what its link's secret must match.
pub(crate) struct StoredInvite {
    pub room_id: RoomId,
    pub auth_hash: Vec<u8>,
    pub locked: Vec<u8>,
    pub older: Vec<OlderKey>,
    pub invite: Invite,
}

/// Inserts an invite; `false` when the id is taken.
pub(crate) async fn insert(
    conn: &mut PgConnection,
    room_id: RoomId,
    invite: &NewInvite,
    created_by: UserId,
    at: OffsetDateTime,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "insert into invites (invite_id, room_id, epoch, auth_hash, locked, older, created_by, created_at, expires_at, uses_max)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict do nothing",
        invite.invite_id.0,
        room_id.0,
        i32::try_from(invite.epoch).unwrap_or(i32::MAX),
        invite.auth_hash.as_slice(),
        invite.locked.as_slice(),
        Json(&invite.older) as _,
        created_by.0,
        at,
        invite.expires_at,
        i32::try_from(invite.uses_max).unwrap_or(i32::MAX),
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

pub(crate) async fn find(conn: &mut PgConnection, invite_id: InviteId) -> sqlx::Result<Option<StoredInvite>> {
    let row = sqlx::query_as!(
        InviteRow,
        r#"select invite_id, room_id, epoch, auth_hash, locked, older as "older: Json<Vec<OlderKey>>", created_by, expires_at,
            uses_max, uses, revoked_at is not null as "revoked!" from invites where invite_id = $1"#,
        invite_id.0,
    )
    .fetch_optional(conn)
    .await?;
    row.map(StoredInvite::try_from).transpose()
}

/// Reads an invite and keeps every other use and change of it out until the transaction ends.
pub(crate) async fn lock(conn: &mut PgConnection, invite_id: InviteId) -> sqlx::Result<Option<StoredInvite>> {
    sqlx::query!("select invite_id from invites where invite_id = $1 for update", invite_id.0).fetch_optional(&mut *conn).await?;
    find(conn, invite_id).await
}

/// The room's invites, newest first.
pub(crate) async fn list(conn: &mut PgConnection, room_id: RoomId, created_by: Option<UserId>) -> sqlx::Result<Vec<Invite>> {
    let rows = sqlx::query_as!(
        InviteRow,
        r#"select invite_id, room_id, epoch, auth_hash, locked, '[]'::jsonb as "older!: Json<Vec<OlderKey>>", created_by, expires_at,
            uses_max, uses, revoked_at is not null as "revoked!"
         from invites where room_id = $1 and ($2::uuid is null or created_by = $2) order by created_at desc, invite_id limit $3"#,
        room_id.0,
        created_by.map(|user_id| user_id.0),
        limits::INVITES_LISTED_MAX,
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(|row| StoredInvite::try_from(row).map(|stored| stored.invite)).collect()
}

/// How many working invites of the current epoch a member has in the room.
pub(crate) async fn count_working(
    conn: &mut PgConnection,
    room_id: RoomId,
    created_by: UserId,
    epoch: i32,
    now: OffsetDateTime,
) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"select count(*) as "count!" from invites where room_id = $1 and created_by = $2 and epoch = $3
            and revoked_at is null and expires_at > $4 and uses < uses_max"#,
        room_id.0,
        created_by.0,
        epoch,
        now,
    )
    .fetch_one(conn)
    .await
}

/// Revokes an invite; `false` when it was revoked already.
pub(crate) async fn revoke(conn: &mut PgConnection, invite_id: InviteId, at: OffsetDateTime) -> sqlx::Result<bool> {
    let done = sqlx::query!("update invites set revoked_at = $2 where invite_id = $1 and revoked_at is null", invite_id.0, at)
        .execute(conn)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Revokes what a member made in a room; answers which.
pub(crate) async fn revoke_made_by(
    conn: &mut PgConnection,
    room_id: RoomId,
    user_id: UserId,
    at: OffsetDateTime,
) -> sqlx::Result<Vec<InviteId>> {
    let ids = sqlx::query_scalar!(
        "update invites set revoked_at = $3 where room_id = $1 and created_by = $2 and revoked_at is null returning invite_id",
        room_id.0,
        user_id.0,
        at,
    )
    .fetch_all(conn)
    .await?;
    Ok(ids.into_iter().map(InviteId).collect())
}

pub(crate) async fn was_used_by(conn: &mut PgConnection, invite_id: InviteId, user_id: UserId) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"select exists (select from invite_uses where invite_id = $1 and user_id = $2) as "exists!""#,
        invite_id.0,
        user_id.0,
    )
    .fetch_one(conn)
    .await
}

/// Counts a use. The caller holds the invite's lock and knows that the account has not used it.
pub(crate) async fn use_once(
    conn: &mut PgConnection,
    invite_id: InviteId,
    user_id: UserId,
    at: OffsetDateTime,
) -> sqlx::Result<()> {
    sqlx::query!(
        "with used as (insert into invite_uses (invite_id, user_id, used_at) values ($1, $2, $3) returning invite_id)
         update invites set uses = uses + 1 from used where invites.invite_id = used.invite_id",
        invite_id.0,
        user_id.0,
        at,
    )
    .execute(conn)
    .await?;
    Ok(())
}

struct InviteRow {
    invite_id: uuid::Uuid,
    room_id: uuid::Uuid,
    epoch: i32,
    auth_hash: Vec<u8>,
    locked: Vec<u8>,
    older: Json<Vec<OlderKey>>,
    created_by: uuid::Uuid,
    expires_at: OffsetDateTime,
    uses_max: i32,
    uses: i32,
    revoked: bool,
}

impl TryFrom<InviteRow> for StoredInvite {
    type Error = sqlx::Error;

    fn try_from(row: InviteRow) -> sqlx::Result<Self> {
        Ok(Self {
            room_id: RoomId(row.room_id),
            auth_hash: row.auth_hash,
            locked: row.locked,
            older: row.older.0,
            invite: Invite {
                invite_id: InviteId(row.invite_id),
                epoch: number(row.epoch)?,
                created_by: UserId(row.created_by),
                expires_at: row.expires_at,
                uses_max: number(row.uses_max)?,
                uses: number(row.uses)?,
                revoked: row.revoked,
            },
        })
    }
}
