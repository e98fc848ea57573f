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

/// Leaves of the newest checkpoint that a witness is said to have cosigned; 0 before the first.
///
/// # Errors
/// See [`StoreError`].
pub async fn cosigned_up_to(conn: impl PgExecutor<'_>, witness: &str) -> Result<u64, StoreError> {
    let size = sqlx::query_scalar!(
        "select max(size) from audit.cosignatures where witness = $1 and size <= (select max(size) from audit.checkpoints)",
        witness
    )
    .fetch_one(conn)
    .await?;
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

/// The newest sizes of at most `limit` checkpoints for which there is a line of each of these witnesses.
///
/// # Errors
/// See [`StoreError`].
pub async fn cosigned_by_all(conn: impl PgExecutor<'_>, witnesses: &[String], limit: i64) -> Result<Vec<u64>, StoreError> {
    let sizes = sqlx::query_scalar!(
        "select distinct c.size from audit.cosignatures c
         where c.witness = $1 and c.size <= (select max(size) from audit.checkpoints)
           and not exists (select from unnest($2::text[]) as w (witness)
                           where not exists (select from audit.cosignatures o where o.witness = w.witness and o.size = c.size))
         order by c.size desc limit $3",
        witnesses.first().map(String::as_str),
        witnesses,
        limit
    )
    .fetch_all(conn)
    .await?;
    sizes.into_iter().map(from_bigint).collect()
}

/// A line of a witness beside the checkpoint that it speaks of.
#[derive(Clone, Debug)]
pub struct StoredCosignature {
    pub size: u64,
    pub cosignature: Cosignature,
    /// `None`: there is no checkpoint of that size.
    pub note: Option<String>,
}

/// The lines about checkpoints of more than `after` leaves, smallest first; as many sizes as `sizes` at most.
///
/// # Errors
/// See [`StoreError`].
pub async fn read_cosignatures_after(
    conn: impl PgExecutor<'_>,
    after: i64,
    sizes: i64,
) -> Result<Vec<StoredCosignature>, StoreError> {
    let rows = sqlx::query!(
        r#"select c.witness, c.size, c.line,
                  (select k.note from audit.checkpoints k where k.size = c.size order by k.checkpoint_id desc limit 1) as "note?"
           from audit.cosignatures c
           where c.size in (select distinct size from audit.cosignatures where size > $1 order by size limit $2)
           order by c.size, c.witness"#,
        after,
        sizes
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| {
            let cosignature = Cosignature { vkey: row.witness, line: row.line };
            Ok(StoredCosignature { size: from_bigint(row.size)?, cosignature, note: row.note })
        })
        .collect()
}
