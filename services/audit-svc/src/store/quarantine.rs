use sqlx::PgExecutor;
use uuid::Uuid;

use super::{StoreError, to_bigint};

/// Something that lay in a stream and is not archived.
#[derive(Clone, Debug)]
pub struct NewQuarantine {
    pub stream: &'static str,
    pub seq: u64,
    pub subject: String,
    pub reason: String,
    pub payload_sha256: [u8; 32],
    pub sealed: Vec<u8>,
    pub dek_id: Uuid,
}

/// Whether this very payload is in quarantine already.
///
/// # Errors
/// See [`StoreError`].
pub async fn is_quarantined(
    conn: impl PgExecutor<'_>,
    stream: &str,
    seq: u64,
    payload_sha256: &[u8; 32],
) -> Result<bool, StoreError> {
    let found = sqlx::query_scalar!(
        r#"select exists (select from audit.quarantine where stream = $1 and seq = $2 and payload_sha256 = $3) as "found!""#,
        stream,
        to_bigint(seq)?,
        payload_sha256.as_slice()
    )
    .fetch_one(conn)
    .await?;
    Ok(found)
}

/// Stores one.
///
/// # Errors
/// See [`StoreError`].
pub async fn insert_quarantine(conn: impl PgExecutor<'_>, new: &NewQuarantine) -> Result<(), StoreError> {
    sqlx::query!(
        "insert into audit.quarantine (stream, seq, subject, reason, payload_sha256, sealed, dek_id) values ($1, $2, $3, $4, $5, $6, $7)",
        new.stream,
        to_bigint(new.seq)?,
        new.subject,
        new.reason,
        new.payload_sha256.as_slice(),
        new.sealed,
        new.dek_id
    )
    .execute(conn)
    .await?;
    Ok(())
}
