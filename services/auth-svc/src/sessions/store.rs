use std::collections::HashMap;

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
    pub token_hash: TokenHash,
    pub device: &'a str,
    pub address: String,
    pub at: OffsetDateTime,
    pub expires_at: OffsetDateTime,
    pub ends_at: OffsetDateTime,
    pub second_factor: bool,
}

pub(crate) async fn insert(connection: &mut PgConnection, session: &NewSession<'_>) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into auth.sessions (session_id, user_id, token_hash, device, address, created_at, last_seen_at, expires_at, ends_at, second_factor)
         values ($1, $2, $3, $4, $5, $6, $6, $7, $8, $9)",
        session.session_id.0,
        session.user_id.0,
        &session.token_hash[..],
        session.device,
        session.address,
        session.at,
        session.expires_at,
        session.ends_at,
        session.second_factor,
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

/// How a stored token is found: the hash of its octets.
pub(crate) type TokenHash = [u8; 32];

/// How a use is noted.
pub(crate) struct Touch {
    pub now: OffsetDateTime,
    /// A session whose last use was noted by then is touched.
    pub noted_by: OffsetDateTime,
    /// Where the expiry of a touched session moves, at most to its end.
    pub expires_at: OffsetDateTime,
}

struct SessionRow {
    token_hash: Vec<u8>,
    session_id: Uuid,
    user_id: Uuid,
    username: String,
    role: String,
    fingerprint: Vec<u8>,
    expires_at: OffsetDateTime,
    ends_at: OffsetDateTime,
    second_factor: bool,
}

/// An open session as it is stored.
pub(crate) struct Found {
    /// Its role is the account's.
    pub session: Session,
    pub ends_at: OffsetDateTime,
    pub second_factor: bool,
}

/// The open sessions of these tokens; their use is noted in the same statement.
///
/// A row that somebody else changes at this moment is not touched: the next use does it, and two calls never wait for each other.
pub(crate) async fn verify(pool: &PgPool, tokens: &[TokenHash], touch: &Touch) -> sqlx::Result<HashMap<TokenHash, Found>> {
    let tokens: Vec<Vec<u8>> = tokens.iter().map(|token| token.to_vec()).collect();
    let rows = sqlx::query_as!(
        SessionRow,
        r#"with due as (
            select session_id from auth.sessions
            where token_hash = any($1) and expires_at > $2 and last_seen_at <= $3 for no key update skip locked
         ), touched as (
            update auth.sessions s set last_seen_at = $2, expires_at = least(s.ends_at, $4)
            from due where s.session_id = due.session_id returning s.session_id, s.expires_at
         )
         select s.token_hash, s.session_id, s.user_id, a.username, a.role, c.fingerprint,
            coalesce(t.expires_at, s.expires_at) as "expires_at!", s.ends_at, s.second_factor
         from auth.sessions s join auth.accounts a using (user_id) join auth.certificates c using (user_id)
         left join touched t on t.session_id = s.session_id
         where s.token_hash = any($1) and s.expires_at > $2"#,
        &tokens,
        touch.now,
        touch.noted_by,
        touch.expires_at,
    )
    .fetch_all(pool)
    .await?;
    rows.into_iter().map(|row| Ok((hash(&row.token_hash)?, found(row)?))).collect()
}

/// The session of a token, unless it has expired.
pub(crate) async fn find(pool: &PgPool, token: TokenHash, now: OffsetDateTime) -> sqlx::Result<Option<Found>> {
    let row = sqlx::query_as!(
        SessionRow,
        "select s.token_hash, s.session_id, s.user_id, a.username, a.role, c.fingerprint, s.expires_at, s.ends_at, s.second_factor
         from auth.sessions s join auth.accounts a using (user_id) join auth.certificates c using (user_id)
         where s.token_hash = $1 and s.expires_at > $2",
        &token[..],
        now,
    )
    .fetch_optional(pool)
    .await?;
    row.map(found).transpose()
}

fn found(row: SessionRow) -> sqlx::Result<Found> {
    let fingerprint: Fingerprint = fingerprint(&row.fingerprint)?;
    let session = Session {
        session_id: SessionId(row.session_id),
        user_id: UserId(row.user_id),
        username: row.username,
        role: role(&row.role)?,
        fingerprint,
        expires_at: row.expires_at,
    };
    Ok(Found { session, ends_at: row.ends_at, second_factor: row.second_factor })
}

fn hash(octets: &[u8]) -> sqlx::Result<TokenHash> {
    octets.try_into().map_err(|error| sqlx::Error::Decode(Box::new(error)))
}

/// Replaces the token. False when the old one ended meanwhile.
pub(crate) async fn replace_token(
    pool: &PgPool,
    old: TokenHash,
    new: TokenHash,
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

/// Lets no session of an account last longer than to a time.
pub(crate) async fn shorten(connection: &mut PgConnection, user_id: UserId, ends_at: OffsetDateTime) -> sqlx::Result<()> {
    sqlx::query!(
        "update auth.sessions set ends_at = least(ends_at, $2), expires_at = least(expires_at, $2) where user_id = $1",
        user_id.0,
        ends_at,
    )
    .execute(connection)
    .await?;
    Ok(())
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
