//! SQL of attachments, without their octets.

use sealcast_contracts::{AttachmentId, Base64, RoomId, UserId, attachments::Attachment};
use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::rooms::store::number;

/// An attachment as it is announced.
pub(super) struct NewAttachment {
    pub attachment_id: AttachmentId,
    pub room_id: RoomId,
    pub uploaded_by: UserId,
    pub octets: i64,
    pub chunks: i32,
    pub at: OffsetDateTime,
}

/// What an account has uploaded lately.
pub(super) struct Used {
    pub octets: i64,
    pub unfinished: i64,
}

/// Announces an attachment; `false` when the id is taken.
pub(super) async fn insert(conn: &mut PgConnection, new: &NewAttachment) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "insert into attachments (attachment_id, room_id, uploaded_by, octets, chunks, begun_at)
         values ($1, $2, $3, $4, $5, $6) on conflict do nothing",
        new.attachment_id.0,
        new.room_id.0,
        new.uploaded_by.0,
        new.octets,
        new.chunks,
        new.at,
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

pub(super) async fn find(
    conn: &mut PgConnection,
    room_id: RoomId,
    attachment_id: AttachmentId,
) -> sqlx::Result<Option<Attachment>> {
    let row = sqlx::query!(
        "select uploaded_by, octets, chunks, begun_at, sha256, completed_at
         from attachments where attachment_id = $1 and room_id = $2",
        attachment_id.0,
        room_id.0,
    )
    .fetch_optional(conn)
    .await?;
    row.map(|row| {
        Ok(Attachment {
            attachment_id,
            room_id,
            uploaded_by: UserId(row.uploaded_by),
            octets: u64::try_from(row.octets).map_err(|error| sqlx::Error::Decode(error.into()))?,
            chunks: number(row.chunks)?,
            sha256: row.sha256.map(Base64),
            begun_at: row.begun_at,
            completed_at: row.completed_at,
        })
    })
    .transpose()
}

/// What an account has uploaded since then; further announcements of it wait until the transaction ends.
pub(super) async fn used(conn: &mut PgConnection, user_id: UserId, since: OffsetDateTime) -> sqlx::Result<Used> {
    sqlx::query!("select user_id from people where user_id = $1 for no key update", user_id.0).fetch_optional(&mut *conn).await?;
    sqlx::query_as!(
        Used,
        r#"select coalesce(sum(octets), 0)::bigint as "octets!", count(*) filter (where completed_at is null) as "unfinished!"
         from attachments where uploaded_by = $1 and begun_at > $2"#,
        user_id.0,
        since,
    )
    .fetch_one(conn)
    .await
}

/// Marks an attachment as complete; `false` when it is already.
pub(super) async fn complete(
    conn: &mut PgConnection,
    attachment_id: AttachmentId,
    sha256: &[u8],
    at: OffsetDateTime,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "update attachments set sha256 = $2, completed_at = $3 where attachment_id = $1 and completed_at is null",
        attachment_id.0,
        sha256,
        at,
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Takes an incomplete attachment of an account away, with its chunks.
pub(super) async fn delete(
    conn: &mut PgConnection,
    room_id: RoomId,
    attachment_id: AttachmentId,
    user_id: UserId,
) -> sqlx::Result<()> {
    sqlx::query!(
        "delete from attachments where attachment_id = $1 and room_id = $2 and uploaded_by = $3 and completed_at is null",
        attachment_id.0,
        room_id.0,
        user_id.0,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Takes what nobody completed away.
pub(super) async fn delete_unfinished(conn: &mut PgConnection, before: OffsetDateTime) -> sqlx::Result<u64> {
    let done = sqlx::query!("delete from attachments where completed_at is null and begun_at < $1", before).execute(conn).await?;
    Ok(done.rows_affected())
}
