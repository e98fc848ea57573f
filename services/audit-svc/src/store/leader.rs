use sqlx::{Connection as _, PgConnection, PgPool};

use super::StoreError;

/// Advisory lock of the one ingest writer ("audit" and a number in ASCII: the database is shared with other services).
const INGEST_LOCK: i64 = 0x6175_6469_7400_0001;

/// A leader whose machine is gone is noticed by the server in eleven seconds, not in the two hours of the default.
const KEEPALIVES: &str = "select set_config('tcp_keepalives_idle', '5', false), set_config('tcp_keepalives_interval', '2', false),
                                  set_config('tcp_keepalives_count', '3', false)";

/// Why this replica does not lead.
#[derive(Debug, thiserror::Error)]
pub enum LeadError {
    #[error("another replica leads")]
    Held,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Takes the ingest lock and returns the connection that holds it. Losing the connection loses the lock, so whatever is
/// written through it is written by the leader.
///
/// # Errors
/// [`LeadError::Held`] when another replica has the lock.
pub async fn lead(pool: &PgPool) -> Result<PgConnection, LeadError> {
    let mut conn = pool.acquire().await.map_err(StoreError::from)?.detach();
    sqlx::query(KEEPALIVES).execute(&mut conn).await.map_err(StoreError::from)?;
    let taken = sqlx::query_scalar!(r#"select pg_try_advisory_lock($1) as "taken!""#, INGEST_LOCK)
        .fetch_one(&mut conn)
        .await
        .map_err(StoreError::from)?;
    if taken {
        return Ok(conn);
    }
    let _ = conn.close().await;
    Err(LeadError::Held)
}
