use sealcast_contracts::audit::Cosignature;
use sqlx::PgExecutor;

use super::{StoreError, from_bigint, to_bigint};

/// Stores a cosignature that was verified. Another replica may have stored one for the size before.
///
/// # Errors
/// See [`StoreError`].
pub async fn insert_cosignature(conn: impl PgExecutor<'_>, witness: &str, size: u64, line: &str) -> Result<(), StoreError> {
    sqlx::query!(
        "insert into audit.cosignatures (witness, size, line) values ($1, $2, $3) on conflict do nothing",
        witness,
        to_bigint(size)?,
        line
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Leaves of the newest checkpoint that a witness cosigned; 0 before the first.
///
/// # Errors
/// See [`StoreError`].
pub async fn cosigned_up_to(conn: impl PgExecutor<'_>, witness: &str) -> Result<u64, StoreError> {
    let size = sqlx::query_scalar!("select max(size) from audit.cosignatures where witness = $1", witness).fetch_one(conn).await?;
    size.map_or(Ok(0), from_bigint)
}

/// What these witnesses said of the checkpoint of a size.
///
/// # Errors
/// See [`StoreError`].
pub async fn read_cosignatures(conn: impl PgExecutor<'_>, witnesses: &[String], size: u64) -> Result<Vec<Cosignature>, StoreError> {
    let rows = sqlx::query!(
        "select witness, line from audit.cosignatures where witness = any($1) and size = $2 order by witness",
        witnesses,
        to_bigint(size)?
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| Cosignature { vkey: row.witness, line: row.line }).collect())
}

/// The newest size that all of these witnesses cosigned.
///
/// # Errors
/// See [`StoreError`].
pub async fn cosigned_by_all(conn: impl PgExecutor<'_>, witnesses: &[String]) -> Result<Option<u64>, StoreError> {
    let size = sqlx::query_scalar!(
        "select c.size from audit.cosignatures c
         where c.witness = $1
           and not exists (select from unnest($2::text[]) as w (witness)
                           where not exists (select from audit.cosignatures o where o.witness = w.witness and o.size = c.size))
         order by c.size desc limit 1",
        witnesses.first().map(String::as_str),
        witnesses
    )
    .fetch_optional(conn)
    .await?;
    size.map(from_bigint).transpose()
}
