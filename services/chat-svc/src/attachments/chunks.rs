//! Where sealed octets lie: rows of Postgres. An object store would take the place of this file and of nothing else.

use sealcast_contracts::AttachmentId;
use sqlx::PgConnection;

/// What lies there of an attachment.
pub(super) struct Held {
    pub chunks: i64,
    pub octets: i64,
    /// The SHA-256 of each chunk, in order, one after the other.
    pub hashes: Vec<u8>,
}

/// Stores a chunk; `false` when there is one already.
pub(super) async fn put(
    conn: &mut PgConnection,
    attachment_id: AttachmentId,
    index: i32,
    sha256: &[u8; 32],
    octets: &[u8],
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "insert into attachment_chunks (attachment_id, index, sha256, octets) values ($1, $2, $3, $4) on conflict do nothing",
        attachment_id.0,
        index,
        sha256,
        octets,
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

pub(super) async fn get(conn: &mut PgConnection, attachment_id: AttachmentId, index: i32) -> sqlx::Result<Option<Vec<u8>>> {
    sqlx::query_scalar!("select octets from attachment_chunks where attachment_id = $1 and index = $2", attachment_id.0, index)
        .fetch_optional(conn)
        .await
}

pub(super) async fn hash_of(conn: &mut PgConnection, attachment_id: AttachmentId, index: i32) -> sqlx::Result<Option<Vec<u8>>> {
    sqlx::query_scalar!("select sha256 from attachment_chunks where attachment_id = $1 and index = $2", attachment_id.0, index)
        .fetch_optional(conn)
        .await
}

pub(super) async fn held(conn: &mut PgConnection, attachment_id: AttachmentId) -> sqlx::Result<Held> {
    sqlx::query_as!(
        Held,
        r#"select count(*) as "chunks!", coalesce(sum(octet_length(octets)), 0) as "octets!",
            coalesce(string_agg(sha256, ''::bytea order by index), ''::bytea) as "hashes!"
         from attachment_chunks where attachment_id = $1"#,
        attachment_id.0,
    )
    .fetch_one(conn)
    .await
}
