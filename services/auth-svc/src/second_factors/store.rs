use sealcast_contracts::{SessionId, UserId};
use sqlx::PgConnection;
use time::OffsetDateTime;

/// A stored second factor.
pub(crate) struct Stored {
    pub sealed: Vec<u8>,
    pub confirmed: bool,
    /// How often an admin has filled the account's budgets again.
    pub resets: i32,
}

pub(crate) async fn find(connection: &mut PgConnection, user_id: UserId) -> sqlx::Result<Option<Stored>> {
    sqlx::query_as!(
        Stored,
        r#"select f.secret as sealed, f.confirmed_at is not null as "confirmed!", c.login_resets as resets
           from auth.second_factors f join auth.credentials c using (user_id) where f.user_id = $1"#,
        user_id.0,
    )
    .fetch_optional(connection)
    .await
}

/// Keeps a secret that is not confirmed yet, in place of an earlier one. False when there is a confirmed one.
pub(crate) async fn begin(
    connection: &mut PgConnection,
    user_id: UserId,
    sealed: &[u8],
    now: OffsetDateTime,
) -> sqlx::Result<bool> {
    let kept = sqlx::query!(
        "insert into auth.second_factors as f (user_id, secret, begun_at) values ($1, $2, $3)
         on conflict (user_id) do update set secret = excluded.secret, begun_at = excluded.begun_at where f.confirmed_at is null",
        user_id.0,
        sealed,
        now,
    )
    .execute(connection)
    .await?;
    Ok(kept.rows_affected() > 0)
}

/// Puts a secret into force, if it still is the one that was read. False when it is not.
pub(crate) async fn confirm(
    connection: &mut PgConnection,
    user_id: UserId,
    sealed: &[u8],
    step: i64,
    now: OffsetDateTime,
) -> sqlx::Result<bool> {
    let confirmed = sqlx::query!(
        "update auth.second_factors set confirmed_at = $4, last_step = $3 where user_id = $1 and secret = $2 and confirmed_at is null",
        user_id.0,
        sealed,
        step,
        now,
    )
    .execute(connection)
    .await?;
    Ok(confirmed.rows_affected() > 0)
}

/// Takes the code of a time step. False when that, or a later one, was taken before.
pub(crate) async fn take_step(connection: &mut PgConnection, user_id: UserId, step: i64) -> sqlx::Result<bool> {
    let taken = sqlx::query!(
        "update auth.second_factors set last_step = $2 where user_id = $1 and confirmed_at is not null and last_step < $2",
        user_id.0,
        step,
    )
    .execute(connection)
    .await?;
    Ok(taken.rows_affected() > 0)
}

/// Forgets it, and which sessions had it. False when there was none in force.
pub(crate) async fn remove(connection: &mut PgConnection, user_id: UserId) -> sqlx::Result<bool> {
    // First: it waits for a login that takes a code at this moment, whose session is then seen below.
    let removed = sqlx::query_scalar!(
        r#"delete from auth.second_factors where user_id = $1 returning confirmed_at is not null as "confirmed!""#,
        user_id.0,
    );
    let removed = removed.fetch_optional(&mut *connection).await?.unwrap_or_default();
    sqlx::query!("update auth.sessions set second_factor = false where user_id = $1 and second_factor", user_id.0)
        .execute(connection)
        .await?;
    Ok(removed)
}

/// Whether a session had it.
pub(crate) async fn was_used(connection: &mut PgConnection, session_id: SessionId) -> sqlx::Result<bool> {
    let used = sqlx::query_scalar!("select second_factor from auth.sessions where session_id = $1", session_id.0);
    Ok(used.fetch_optional(connection).await?.unwrap_or_default())
}

/// Notes that a session has it.
pub(crate) async fn note_use(connection: &mut PgConnection, session_id: SessionId) -> sqlx::Result<()> {
    sqlx::query!("update auth.sessions set second_factor = true where session_id = $1", session_id.0).execute(connection).await?;
    Ok(())
}
