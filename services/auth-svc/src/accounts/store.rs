use sealcast_contracts::{
    Fingerprint, UserId,
    auth::{Account, Role},
};
use sqlx::{PgConnection, PgPool};

use super::Username;

/// Any constant that no other lock of this schema uses: admins are made and unmade one at a time.
const ADMIN_LOCK: i64 = 0x5ea1_ca57;

/// Why an account was not stored.
pub(crate) enum InsertError {
    UsernameTaken,
    CertificateTaken,
    Database(sqlx::Error),
}

impl From<sqlx::Error> for InsertError {
    fn from(error: sqlx::Error) -> Self {
        match error.as_database_error().and_then(|error| error.constraint()) {
            Some("accounts_username_key" | "accounts_skeleton_key") => Self::UsernameTaken,
            Some("certificates_pkey") => Self::CertificateTaken,
            _ => Self::Database(error),
        }
    }
}

/// Stores an account and its certificate.
pub(crate) async fn insert(connection: &mut PgConnection, account: &Account, username: &Username) -> Result<(), InsertError> {
    sqlx::query!(
        "insert into auth.accounts (user_id, username, skeleton, role, created_at) values ($1, $2, $3, $4, $5)",
        account.user_id.0,
        username.as_str(),
        username.skeleton(),
        account.role.as_str(),
        account.created_at,
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(
        "insert into auth.certificates (fingerprint, user_id, certificate, published_at) values ($1, $2, $3, $4)",
        &account.fingerprint.0[..],
        account.user_id.0,
        account.certificate.as_slice(),
        account.created_at,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Whether a name, or one that looks like it, is taken.
pub(crate) async fn is_taken(pool: &PgPool, username: &Username) -> sqlx::Result<bool> {
    let taken = sqlx::query_scalar!(
        r#"select exists (select from auth.accounts where username = $1 or skeleton = $2) as "taken!""#,
        username.as_str(),
        username.skeleton(),
    );
    taken.fetch_one(pool).await
}

/// Counts the admins; the number stays true until the transaction ends.
pub(crate) async fn count_admins(connection: &mut PgConnection) -> sqlx::Result<i64> {
    hold_admins(&mut *connection).await?;
    sqlx::query_scalar!(r#"select count(*) as "count!" from auth.accounts where role = 'admin'"#).fetch_one(connection).await
}

/// Whether there is an admin beside this account who can log in; it stays true until the transaction ends.
pub(crate) async fn has_other_admin(connection: &mut PgConnection, user_id: UserId) -> sqlx::Result<bool> {
    hold_admins(&mut *connection).await?;
    let other = sqlx::query_scalar!(
        r#"select exists (
            select from auth.accounts a where role = 'admin' and user_id <> $1
               and not exists (select from auth.locks l where l.user_id = a.user_id)
         ) as "other!""#,
        user_id.0,
    );
    other.fetch_one(connection).await
}

/// Changes of who is an admin, and who of them is locked, wait for each other.
pub(crate) async fn hold_admins(connection: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::query!("select pg_advisory_xact_lock($1)", ADMIN_LOCK).execute(connection).await?;
    Ok(())
}

pub(crate) async fn role_of(connection: &mut PgConnection, user_id: UserId) -> sqlx::Result<Option<Role>> {
    let found =
        sqlx::query_scalar!("select role from auth.accounts where user_id = $1", user_id.0).fetch_optional(connection).await?;
    found.as_deref().map(role).transpose()
}

pub(crate) async fn set_role(connection: &mut PgConnection, user_id: UserId, role: Role) -> sqlx::Result<()> {
    sqlx::query!("update auth.accounts set role = $2 where user_id = $1", user_id.0, role.as_str()).execute(connection).await?;
    Ok(())
}

/// A role as it is stored.
pub(crate) fn role(text: &str) -> sqlx::Result<Role> {
    [Role::Member, Role::Admin, Role::Auditor]
        .into_iter()
        .find(|role| role.as_str() == text)
        .ok_or_else(|| sqlx::Error::Decode(format!("unknown role {text:?}").into()))
}

/// A fingerprint as it is stored.
pub(crate) fn fingerprint(octets: &[u8]) -> sqlx::Result<Fingerprint> {
    octets.try_into().map(Fingerprint).map_err(|_| sqlx::Error::Decode("a fingerprint has 32 octets".into()))
}
