use sealcast_contracts::{Fingerprint, UserId, auth::Account};
use sqlx::PgPool;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::accounts::store::{fingerprint, role};

struct AccountRow {
    user_id: Uuid,
    username: String,
    role: String,
    fingerprint: Vec<u8>,
    certificate: Vec<u8>,
    created_at: OffsetDateTime,
}

impl TryFrom<AccountRow> for Account {
    type Error = sqlx::Error;

    fn try_from(row: AccountRow) -> sqlx::Result<Self> {
        Ok(Self {
            user_id: UserId(row.user_id),
            username: row.username,
            role: role(&row.role)?,
            fingerprint: fingerprint(&row.fingerprint)?,
            certificate: row.certificate.into(),
            created_at: row.created_at,
        })
    }
}

pub(crate) async fn by_id(pool: &PgPool, id: UserId) -> sqlx::Result<Option<Account>> {
    let row = sqlx::query_as!(
        AccountRow,
        "select a.user_id, a.username, a.role, c.fingerprint, c.certificate, a.created_at
         from auth.accounts a join auth.certificates c using (user_id) where a.user_id = $1",
        id.0,
    );
    row.fetch_optional(pool).await?.map(Account::try_from).transpose()
}

pub(crate) async fn by_fingerprint(pool: &PgPool, key: Fingerprint) -> sqlx::Result<Option<Account>> {
    let row = sqlx::query_as!(
        AccountRow,
        "select a.user_id, a.username, a.role, c.fingerprint, c.certificate, a.created_at
         from auth.accounts a join auth.certificates c using (user_id) where c.fingerprint = $1",
        &key.0[..],
    );
    row.fetch_optional(pool).await?.map(Account::try_from).transpose()
}

pub(crate) async fn by_username(pool: &PgPool, username: &str) -> sqlx::Result<Option<Account>> {
    let row = sqlx::query_as!(
        AccountRow,
        "select a.user_id, a.username, a.role, c.fingerprint, c.certificate, a.created_at
         from auth.accounts a join auth.certificates c using (user_id) where a.username = $1",
        username,
    );
    row.fetch_optional(pool).await?.map(Account::try_from).transpose()
}

/// Accounts after `after`, by id; with `name`, those whose user name holds it.
pub(crate) async fn list(pool: &PgPool, after: Option<Uuid>, name: Option<&str>, limit: i64) -> sqlx::Result<Vec<Account>> {
    let rows = sqlx::query_as!(
        AccountRow,
        "select a.user_id, a.username, a.role, c.fingerprint, c.certificate, a.created_at
         from auth.accounts a join auth.certificates c using (user_id)
         where ($1::uuid is null or a.user_id > $1) and ($2::text is null or strpos(a.username, $2) > 0)
         order by a.user_id limit $3",
        after,
        name,
        limit,
    );
    rows.fetch_all(pool).await?.into_iter().map(Account::try_from).collect()
}
