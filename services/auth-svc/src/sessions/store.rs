use sealcast_contracts::{
    Fingerprint, SessionId, UserId,
    auth::{RevokeScope, Session, SessionInfo},
};
use sqlx::{PgConnection, PgPool};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::accounts::store::{fingerprint, role};

/// Sessions of a list; an account cannot have more (`sessions.per_account_max`).
const LIST_MAX: i64 = 200;
/// Expired sessions that one statement of the sweep deletes.
const SWEEP_MAX: i64 = 1_000;

/// A session as it begins.
pub(crate) struct NewSession<'a> {
    pub session_id: SessionId,
    pub user_id: UserId,
    pub token_hash: [u8; 32],
    pub device: &'a str,
    pub address: String,
    pub at: OffsetDateTime,
    pub expires_at: OffsetDateTime,
    pub ends_at: OffsetDateTime,
}

pub(crate) async fn insert(connection: &mut PgConnection, session: &NewSession<'_>) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into auth.sessions (session_id, user_id, token_hash, device, address, created_at, last_seen_at, expires_at, ends_at)
         values ($1, $2, $3, $4, $5, $6, $6, $7, $8)",
        session.session_id.0,
        session.user_id.0,
        &session.token_hash[..],
        session.device,
        session.address,
        session.at,
        session.expires_at,
        session.ends_at,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Ends the sessions of an account beyond the newest `kept`, which were used longest ago.
pub(crate) async fn end_surplus(connection: &mut PgConnection, user_id: UserId, kept: i64) -> sqlx::Result<Vec<SessionId>> {
    let ended = sqlx::query_scalar!(
        "delete from auth.sessions where session_id in
           (select session_id from auth.sessions where user_id = $1 order by last_seen_at desc, session_id desc offset $2)
         returning session_id",
        user_id.0,
        kept,
    )
    .fetch_all(connection)
    .await?;
    Ok(ended.into_iter().map(SessionId).collect())
}

/// A session as a token finds it.
pub(crate) struct Found {
    pub session: Session,
    pub last_seen_at: OffsetDateTime,
    pub ends_at: OffsetDateTime,
}

struct SessionRow {
    session_id: Uuid,
    user_id: Uuid,
    username: String,
    role: String,
    fingerprint: Vec<u8>,
    last_seen_at: OffsetDateTime,
    expires_at: OffsetDateTime,
    ends_at: OffsetDateTime,
}

/// The session of a token, unless it has expired.
pub(crate) async fn find(pool: &PgPool, token_hash: [u8; 32], now: OffsetDateTime) -> sqlx::Result<Option<Found>> {
    let row = sqlx::query_as!(
        SessionRow,
        "select s.session_id, s.user_id, a.username, a.role, c.fingerprint, s.last_seen_at, s.expires_at, s.ends_at
         from auth.sessions s join auth.accounts a using (user_id) join auth.certificates c using (user_id)
         where s.token_hash = $1 and s.expires_at > $2",
        &token_hash[..],
        now,
    )
    .fetch_optional(pool)
    .await?;
    row.map(Found::try_from).transpose()
}

impl TryFrom<SessionRow> for Found {
    type Error = sqlx::Error;

    fn try_from(row: SessionRow) -> sqlx::Result<Self> {
        let fingerprint: Fingerprint = fingerprint(&row.fingerprint)?;
        let session = Session {
            session_id: SessionId(row.session_id),
            user_id: UserId(row.user_id),
            username: row.username,
            role: role(&row.role)?,
            fingerprint,
            expires_at: row.expires_at,
        };
        Ok(Self { session, last_seen_at: row.last_seen_at, ends_at: row.ends_at })
    }
}

/// Notes a use and moves the expiry.
pub(crate) async fn touch(pool: &PgPool, id: SessionId, now: OffsetDateTime, expires_at: OffsetDateTime) -> sqlx::Result<()> {
    sqlx::query!("update auth.sessions set last_seen_at = $2, expires_at = $3 where session_id = $1", id.0, now, expires_at)
        .execute(pool)
        .await?;
    Ok(())
}

/// Replaces the token. False when the old one ended meanwhile.
pub(crate) async fn replace_token(
    pool: &PgPool,
    old: [u8; 32],
    new: [u8; 32],
    now: OffsetDateTime,
    expires_at: OffsetDateTime,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "update auth.sessions set token_hash = $2, last_seen_at = $3, expires_at = $4 where token_hash = $1 and expires_at > $3",
        &old[..],
        &new[..],
        now,
        expires_at,
    )
    .execute(pool)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// The open sessions of an account, the last used first.
pub(crate) async fn list(
    pool: &PgPool,
    user_id: UserId,
    current: SessionId,
    now: OffsetDateTime,
) -> sqlx::Result<Vec<SessionInfo>> {
    let rows = sqlx::query!(
        "select session_id, device, address, created_at, last_seen_at, expires_at from auth.sessions
         where user_id = $1 and expires_at > $2 order by last_seen_at desc, session_id desc limit $3",
        user_id.0,
        now,
        LIST_MAX,
    )
    .fetch_all(pool)
    .await?;
    let info = rows.into_iter().map(|row| SessionInfo {
        session_id: SessionId(row.session_id),
        device: row.device,
        address: row.address,
        created_at: row.created_at,
        last_seen_at: row.last_seen_at,
        expires_at: row.expires_at,
        current: row.session_id == current.0,
    });
    Ok(info.collect())
}

/// Which of these are open.
pub(crate) async fn open_among(pool: &PgPool, ids: &[SessionId], now: OffsetDateTime) -> sqlx::Result<Vec<SessionId>> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let open =
        sqlx::query_scalar!("select session_id from auth.sessions where session_id = any($1) and expires_at > $2", &ids, now)
            .fetch_all(pool)
            .await?;
    Ok(open.into_iter().map(SessionId).collect())
}

/// Ends sessions of an account; `current` is the one that [`RevokeScope::Others`] spares.
pub(crate) async fn end(
    connection: &mut PgConnection,
    user_id: UserId,
    current: SessionId,
    scope: &RevokeScope,
) -> sqlx::Result<Vec<SessionId>> {
    let (one, spared) = match scope {
        RevokeScope::One(id) => (Some(id.0), None),
        RevokeScope::Others => (None, Some(current.0)),
        RevokeScope::All => (None, None),
    };
    let ended = sqlx::query_scalar!(
        "delete from auth.sessions
         where user_id = $1 and ($2::uuid is null or session_id = $2) and ($3::uuid is null or session_id <> $3)
         returning session_id",
        user_id.0,
        one,
        spared,
    )
    .fetch_all(connection)
    .await?;
    Ok(ended.into_iter().map(SessionId).collect())
}

/// Deletes some sessions that have expired, and says how many.
pub(crate) async fn sweep(pool: &PgPool, now: OffsetDateTime) -> sqlx::Result<u64> {
    let done = sqlx::query!(
        "delete from auth.sessions where session_id in (select session_id from auth.sessions where expires_at <= $1 limit $2)",
        now,
        SWEEP_MAX,
    )
    .execute(pool)
    .await?;
    Ok(done.rows_affected())
}
