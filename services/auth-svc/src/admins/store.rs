use sealcast_contracts::{
    UserId,
    admin::{AccountLock, ManagedAccount},
};
use sqlx::{PgConnection, PgPool};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::accounts::store::{fingerprint, role};

/// Which accounts of the listing.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Selection {
    /// Only this one.
    pub user_id: Option<UserId>,
    /// Only ones that come after this.
    pub after: Option<Uuid>,
    pub locked_only: bool,
}

/// Accounts as admins see them, by id.
pub(crate) async fn list(pool: &PgPool, which: Selection, now: OffsetDateTime, limit: i64) -> sqlx::Result<Vec<ManagedAccount>> {
    let rows = sqlx::query!(
        r#"select a.user_id, a.username, a.role, a.created_at, c.fingerprint, s.sessions as "sessions!", s.last_seen_at,
            l.locked_at as "locked_at?", l.locked_by as "locked_by?", l.reason as "reason?"
         from auth.accounts a join auth.certificates c using (user_id) left join auth.locks l using (user_id)
         cross join lateral (
            select count(*) as sessions, max(last_seen_at) as last_seen_at from auth.sessions
            where sessions.user_id = a.user_id and expires_at > $4
         ) s
         where ($1::uuid is null or a.user_id = $1) and ($2::uuid is null or a.user_id > $2)
            and (not $3 or l.user_id is not null)
         order by a.user_id limit $5"#,
        which.user_id.map(|id| id.0),
        which.after,
        which.locked_only,
        now,
        limit,
    )
    .fetch_all(pool)
    .await?;
    let accounts = rows.into_iter().map(|row| {
        let lock = match (row.locked_at, row.locked_by, row.reason) {
            (Some(at), Some(by), Some(reason)) => Some(AccountLock { at, by: UserId(by), reason }),
            _ => None,
        };
        Ok(ManagedAccount {
            user_id: UserId(row.user_id),
            username: row.username,
            role: role(&row.role)?,
            fingerprint: fingerprint(&row.fingerprint)?,
            created_at: row.created_at,
            sessions: u32::try_from(row.sessions).unwrap_or(u32::MAX),
            last_seen_at: row.last_seen_at,
            lock,
        })
    });
    accounts.collect()
}

/// Locks an account; false when it is locked already.
pub(crate) async fn lock(
    connection: &mut PgConnection,
    user_id: UserId,
    by: UserId,
    reason: &str,
    at: OffsetDateTime,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "insert into auth.locks (user_id, locked_at, locked_by, reason) values ($1, $2, $3, $4) on conflict do nothing",
        user_id.0,
        at,
        by.0,
        reason,
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Unlocks an account; false when it is not locked.
pub(crate) async fn unlock(connection: &mut PgConnection, user_id: UserId) -> sqlx::Result<bool> {
    let done = sqlx::query!("delete from auth.locks where user_id = $1", user_id.0).execute(connection).await?;
    Ok(done.rows_affected() == 1)
}

/// Whether an account is locked. Nobody locks or unlocks it before the transaction ends.
pub(crate) async fn is_locked(connection: &mut PgConnection, user_id: UserId) -> sqlx::Result<bool> {
    // A lock inserts a row that is not there to be locked, so both sides lock the account's own.
    sqlx::query!("select user_id from auth.accounts where user_id = $1 for share", user_id.0)
        .fetch_optional(&mut *connection)
        .await?;
    let locked = sqlx::query_scalar!(r#"select exists (select from auth.locks where user_id = $1) as "locked!""#, user_id.0);
    locked.fetch_one(connection).await
}

/// Makes logins to an account wait until the transaction ends, so that none slips past a lock.
pub(crate) async fn hold_logins(connection: &mut PgConnection, user_id: UserId) -> sqlx::Result<()> {
    sqlx::query!("select user_id from auth.accounts where user_id = $1 for update", user_id.0).fetch_optional(connection).await?;
    Ok(())
}

/// Begins new login budgets for an account; false when there is none.
pub(crate) async fn reset_login_limits(connection: &mut PgConnection, user_id: UserId) -> sqlx::Result<bool> {
    let done = sqlx::query!("update auth.credentials set login_resets = login_resets + 1 where user_id = $1", user_id.0);
    Ok(done.execute(connection).await?.rows_affected() == 1)
}
