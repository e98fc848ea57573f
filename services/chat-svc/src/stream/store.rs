//! SQL of the stream epoch.

use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::rooms::store::number;

/// What Postgres remembers of the stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Remembered {
    pub epoch: u32,
    pub created_at: OffsetDateTime,
    pub last_seq: u64,
}

pub(crate) async fn get(conn: &mut PgConnection, stream: &str) -> sqlx::Result<Option<Remembered>> {
    let row = sqlx::query!("select epoch, stream_created_at, last_seq from stream_epoch where stream = $1", stream)
        .fetch_optional(conn)
        .await?;
    row.map(|row| {
        Ok(Remembered {
            epoch: number(row.epoch)?,
            created_at: row.stream_created_at,
            last_seq: u64::try_from(row.last_seq).map_err(|error| sqlx::Error::Decode(error.into()))?,
        })
    })
    .transpose()
}

/// Remembers the stream under an epoch; the provisioner alone may.
pub(crate) async fn put(conn: &mut PgConnection, stream: &str, now: Remembered, at: OffsetDateTime) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into stream_epoch (stream, epoch, stream_created_at, last_seq, seen_at) values ($1, $2, $3, $4, $5)
         on conflict (stream) do update set epoch = excluded.epoch, stream_created_at = excluded.stream_created_at,
            last_seq = excluded.last_seq, seen_at = excluded.seen_at",
        stream,
        i32::try_from(now.epoch).unwrap_or(i32::MAX),
        now.created_at,
        i64::try_from(now.last_seq).unwrap_or(i64::MAX),
        at,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Raises the highest sequence seen in an epoch; it never falls.
pub(crate) async fn raise(conn: &mut PgConnection, stream: &str, epoch: u32, seq: u64, at: OffsetDateTime) -> sqlx::Result<()> {
    sqlx::query!(
        "update stream_epoch set last_seq = $3, seen_at = $4 where stream = $1 and epoch = $2 and last_seq < $3",
        stream,
        i32::try_from(epoch).unwrap_or(i32::MAX),
        i64::try_from(seq).unwrap_or(i64::MAX),
        at,
    )
    .execute(conn)
    .await?;
    Ok(())
}
