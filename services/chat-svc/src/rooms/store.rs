//! SQL of rooms.

use sealcast_contracts::{
    RoomId, UserId,
    chat::{Admission, History, Peer, Room, RoomKind, RoomRole},
};
use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::limits;

/// What a room is, without anybody's view of it.
#[derive(Clone, Debug)]
pub(crate) struct RoomState {
    pub name: String,
    pub kind: RoomKind,
    pub admission: Admission,
    pub epoch: u32,
}

/// A room as it is created.
pub(crate) struct NewRoom<'a> {
    pub room_id: RoomId,
    pub name: &'a str,
    pub kind: RoomKind,
    pub admission: Admission,
    pub created_by: UserId,
    pub at: OffsetDateTime,
}

/// Inserts a room without members at epoch 1; `false` when the id is taken.
pub(crate) async fn insert(conn: &mut PgConnection, room: &NewRoom<'_>) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "insert into rooms (room_id, name, kind, admission, epoch, member_count, created_by, created_at)
         values ($1, $2, $3, $4, 1, 0, $5, $6) on conflict do nothing",
        room.room_id.0,
        room.name,
        kind_text(room.kind),
        admission_text(room.admission),
        room.created_by.0,
        room.at,
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Reads a room and keeps every other change of it out until the transaction ends.
pub(crate) async fn lock(conn: &mut PgConnection, room_id: RoomId) -> sqlx::Result<Option<RoomState>> {
    let locked =
        sqlx::query!("select room_id from rooms where room_id = $1 for update", room_id.0).fetch_optional(&mut *conn).await?;
    match locked {
        Some(_) => get(conn, room_id).await,
        None => Ok(None),
    }
}

pub(crate) async fn get(conn: &mut PgConnection, room_id: RoomId) -> sqlx::Result<Option<RoomState>> {
    let row =
        sqlx::query!("select name, kind, admission, epoch from rooms where room_id = $1", room_id.0).fetch_optional(conn).await?;
    row.map(|row| {
        Ok(RoomState { name: row.name, kind: kind(&row.kind)?, admission: admission(&row.admission)?, epoch: number(row.epoch)? })
    })
    .transpose()
}

pub(crate) async fn set_epoch(conn: &mut PgConnection, room_id: RoomId, epoch: i32) -> sqlx::Result<()> {
    sqlx::query!("update rooms set epoch = $2 where room_id = $1", room_id.0, epoch).execute(conn).await?;
    Ok(())
}

pub(crate) async fn set_history(conn: &mut PgConnection, room_id: RoomId, history: History) -> sqlx::Result<()> {
    sqlx::query!("update rooms set history = $2 where room_id = $1", room_id.0, history_text(history)).execute(conn).await?;
    Ok(())
}

/// Lets what an account makes wait for each other, until the transaction ends: counts hold only so.
pub(crate) async fn hold_maker(conn: &mut PgConnection, user_id: UserId) -> sqlx::Result<()> {
    sqlx::query!("select pg_advisory_xact_lock(hashtextextended($1::uuid::text, 0))", user_id.0).execute(conn).await?;
    Ok(())
}

/// How many rooms an account created, direct conversations aside.
pub(crate) async fn count_created_by(conn: &mut PgConnection, user_id: UserId) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"select count(*) as "count!" from rooms r where created_by = $1 and kind <> 'lobby'
            and not exists (select from directs d where d.room_id = r.room_id)"#,
        user_id.0
    )
    .fetch_one(conn)
    .await
}

/// A room as an account sees it, also one that it must not know of: the caller decides by [`Room::role`].
pub(crate) async fn find(conn: &mut PgConnection, room_id: RoomId, user_id: UserId) -> sqlx::Result<Option<Room>> {
    let row = sqlx::query_as!(
        RoomRow,
        r#"select r.room_id, r.name, r.kind, r.admission, r.history, r.epoch, r.member_count, r.created_at, m.role as "role?",
            exists (select from grants g where g.room_id = r.room_id and g.epoch = r.epoch and g.to_user = $2) as "granted!",
            exists (select from join_requests q where q.room_id = r.room_id and q.user_id = $2) as "requested!",
            p.user_id as "peer?", p.username as "peer_name?"
         from rooms r left join members m on m.room_id = r.room_id and m.user_id = $2
            left join directs d on d.room_id = r.room_id
            left join people p on p.user_id = case d.low when $2 then d.high else d.low end
         where r.room_id = $1"#,
        room_id.0,
        user_id.0,
    )
    .fetch_optional(conn)
    .await?;
    row.map(Room::try_from).transpose()
}

/// The account's rooms and the public ones, oldest first.
pub(crate) async fn list(conn: &mut PgConnection, user_id: UserId) -> sqlx::Result<Vec<Room>> {
    let rows = sqlx::query_as!(
        RoomRow,
        r#"with visible as (
            select room_id, true as own from members where user_id = $1
            union all
            select room_id, false from rooms p where p.kind = 'public'
                and not exists (select from members m where m.room_id = p.room_id and m.user_id = $1)
            order by own desc, room_id desc limit $2
         )
         select r.room_id, r.name, r.kind, r.admission, r.history, r.epoch, r.member_count, r.created_at, m.role as "role?",
            exists (select from grants g where g.room_id = r.room_id and g.epoch = r.epoch and g.to_user = $1) as "granted!",
            exists (select from join_requests q where q.room_id = r.room_id and q.user_id = $1) as "requested!",
            p.user_id as "peer?", p.username as "peer_name?"
         from visible join rooms r using (room_id) left join members m on m.room_id = r.room_id and m.user_id = $1
            left join directs d on d.room_id = r.room_id
            left join people p on p.user_id = case d.low when $1 then d.high else d.low end
         order by r.created_at, r.room_id"#,
        user_id.0,
        limits::ROOMS_LISTED_MAX,
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(Room::try_from).collect()
}

struct RoomRow {
    room_id: uuid::Uuid,
    name: String,
    kind: String,
    admission: String,
    history: String,
    epoch: i32,
    member_count: i32,
    created_at: OffsetDateTime,
    role: Option<String>,
    granted: bool,
    requested: bool,
    peer: Option<uuid::Uuid>,
    peer_name: Option<String>,
}

impl TryFrom<RoomRow> for Room {
    type Error = sqlx::Error;

    fn try_from(row: RoomRow) -> sqlx::Result<Self> {
        Ok(Self {
            room_id: RoomId(row.room_id),
            name: row.name,
            kind: kind(&row.kind)?,
            admission: admission(&row.admission)?,
            history: history(&row.history)?,
            epoch: number(row.epoch)?,
            member_count: number(row.member_count)?,
            role: row.role.as_deref().map(role).transpose()?,
            granted: row.granted,
            requested: row.requested,
            peer: row.peer.zip(row.peer_name).map(|(user_id, username)| Peer { user_id: UserId(user_id), username }),
            created_at: row.created_at,
        })
    }
}

/// A stored count or epoch; the schema's checks keep it in range.
pub(crate) fn number(value: i32) -> sqlx::Result<u32> {
    u32::try_from(value).map_err(|error| sqlx::Error::Decode(error.into()))
}

pub(crate) fn role(text: &str) -> sqlx::Result<RoomRole> {
    match text {
        "admin" => Ok(RoomRole::Admin),
        "member" => Ok(RoomRole::Member),
        _ => Err(unknown(text)),
    }
}

pub(crate) fn role_text(role: RoomRole) -> &'static str {
    match role {
        RoomRole::Admin => "admin",
        RoomRole::Member => "member",
    }
}

pub(crate) fn kind(text: &str) -> sqlx::Result<RoomKind> {
    match text {
        "lobby" => Ok(RoomKind::Lobby),
        "public" => Ok(RoomKind::Public),
        "private" => Ok(RoomKind::Private),
        _ => Err(unknown(text)),
    }
}

fn kind_text(kind: RoomKind) -> &'static str {
    match kind {
        RoomKind::Lobby => "lobby",
        RoomKind::Public => "public",
        RoomKind::Private => "private",
    }
}

fn admission(text: &str) -> sqlx::Result<Admission> {
    match text {
        "invite" => Ok(Admission::Invite),
        "approval" => Ok(Admission::Approval),
        "open" => Ok(Admission::Open),
        _ => Err(unknown(text)),
    }
}

fn admission_text(admission: Admission) -> &'static str {
    match admission {
        Admission::Invite => "invite",
        Admission::Approval => "approval",
        Admission::Open => "open",
    }
}

fn history(text: &str) -> sqlx::Result<History> {
    match text {
        "current_key" => Ok(History::CurrentKey),
        "everything" => Ok(History::Everything),
        _ => Err(unknown(text)),
    }
}

fn history_text(history: History) -> &'static str {
    match history {
        History::CurrentKey => "current_key",
        History::Everything => "everything",
    }
}

fn unknown(text: &str) -> sqlx::Error {
    sqlx::Error::Decode(format!("unknown value {text:?}").into())
}
