use sealcast_contracts::{UserId, auth::Kdf};
use sqlx::{PgConnection, PgPool};
use time::OffsetDateTime;

/// What proves an account, and the keys that the proofs unlock.
pub(crate) struct Credentials {
    pub password_hash: String,
    pub locked_key: Vec<u8>,
    pub recovery_hash: String,
    pub recovery_locked_key: Vec<u8>,
}

/// A password as a client sets it.
pub(crate) struct NewPassword<'a> {
    pub hash: &'a str,
    pub kdf: &'a Kdf,
    pub locked_key: &'a [u8],
}

/// The second way in.
pub(crate) struct NewRecovery<'a> {
    pub hash: &'a str,
    pub locked_key: &'a [u8],
}

pub(crate) async fn insert(
    connection: &mut PgConnection,
    user_id: UserId,
    password: &NewPassword<'_>,
    recovery: &NewRecovery<'_>,
    at: OffsetDateTime,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into auth.credentials
           (user_id, password_hash, kdf_m_kib, kdf_t, kdf_salt, locked_key, recovery_hash, recovery_locked_key, changed_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        user_id.0,
        password.hash,
        password.kdf.m_kib.cast_signed(),
        password.kdf.t.cast_signed(),
        password.kdf.salt.as_slice(),
        password.locked_key,
        recovery.hash,
        recovery.locked_key,
        at,
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(crate) async fn find(pool: &PgPool, user_id: UserId) -> sqlx::Result<Option<Credentials>> {
    sqlx::query_as!(
        Credentials,
        "select password_hash, locked_key, recovery_hash, recovery_locked_key from auth.credentials where user_id = $1",
        user_id.0,
    )
    .fetch_optional(pool)
    .await
}

/// The parameters of the key derivation in an account's clients.
pub(crate) async fn find_kdf(pool: &PgPool, username: &str) -> sqlx::Result<Option<Kdf>> {
    let row = sqlx::query!(
        "select kdf_m_kib, kdf_t, kdf_salt from auth.credentials join auth.accounts using (user_id) where username = $1",
        username,
    )
    .fetch_optional(pool)
    .await?;
    Ok(row.map(|row| Kdf { m_kib: row.kdf_m_kib.cast_unsigned(), t: row.kdf_t.cast_unsigned(), p: 1, salt: row.kdf_salt.into() }))
}

pub(crate) async fn set_password(
    connection: &mut PgConnection,
    user_id: UserId,
    password: &NewPassword<'_>,
    at: OffsetDateTime,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update auth.credentials
         set password_hash = $2, kdf_m_kib = $3, kdf_t = $4, kdf_salt = $5, locked_key = $6, changed_at = $7 where user_id = $1",
        user_id.0,
        password.hash,
        password.kdf.m_kib.cast_signed(),
        password.kdf.t.cast_signed(),
        password.kdf.salt.as_slice(),
        password.locked_key,
        at,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Puts a hash of higher costs in the place of `old`, unless another one stands there by now.
pub(crate) async fn replace_hash(connection: &mut PgConnection, user_id: UserId, old: &str, new: &str) -> sqlx::Result<()> {
    sqlx::query!(
        "update auth.credentials
         set password_hash = case when password_hash = $2 then $3 else password_hash end,
             recovery_hash = case when recovery_hash = $2 then $3 else recovery_hash end
         where user_id = $1",
        user_id.0,
        old,
        new,
    )
    .execute(connection)
    .await?;
    Ok(())
}
