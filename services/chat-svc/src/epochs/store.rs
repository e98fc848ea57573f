//! SQL of key epochs.

use sealcast_contracts::{Base64, Fingerprint, RoomId, UserId, chat::Epoch};
use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::{limits, rooms::store::number};

/// An epoch whose certificate and signature were checked.
pub(crate) struct CheckedEpoch<'a> {
    pub epoch: i32,
    pub fingerprint: Fingerprint,
    pub encryption_fp: Fingerprint,
    pub cert: &'a [u8],
    pub blob: &'a [u8],
    pub prev_fp: Option<Fingerprint>,
    pub sig: &'a [u8],
    pub opened_by: UserId,
    pub opener_fp: Fingerprint,
}

/// Inserts an epoch; `false` when its number or its certificate is taken.
pub(crate) async fn insert(
    conn: &mut PgConnection,
    room_id: RoomId,
    epoch: &CheckedEpoch<'_>,
    at: OffsetDateTime,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "insert into epochs (room_id, epoch, fingerprint, encryption_fp, cert, blob, prev_fp, sig, opened_by, opener_fp, opened_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) on conflict do nothing",
        room_id.0,
        epoch.epoch,
        &epoch.fingerprint.0,
        &epoch.encryption_fp.0,
        epoch.cert,
        epoch.blob,
        epoch.prev_fp.as_ref().map(|fp| &fp.0[..]),
        epoch.sig,
        epoch.opened_by.0,
        &epoch.opener_fp.0,
        at,
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

pub(crate) async fn find(conn: &mut PgConnection, room_id: RoomId, epoch: i32) -> sqlx::Result<Option<Epoch>> {
    let row = sqlx::query_as!(
        EpochRow,
        "select epoch, fingerprint, cert, blob, prev_fp, sig, opened_by, opener_fp, opened_at
         from epochs where room_id = $1 and epoch = $2",
        room_id.0,
        epoch,
    )
    .fetch_optional(conn)
    .await?;
    row.map(Epoch::try_from).transpose()
}

/// The newest epochs, oldest first, as many as fit an answer.
pub(crate) async fn list(conn: &mut PgConnection, room_id: RoomId) -> sqlx::Result<Vec<Epoch>> {
    let rows = sqlx::query_as!(
        EpochRow,
        "select epoch, fingerprint, cert, blob, prev_fp, sig, opened_by, opener_fp, opened_at
         from epochs where room_id = $1 order by epoch desc limit $2",
        room_id.0,
        limits::EPOCHS_LISTED_MAX,
    )
    .fetch_all(conn)
    .await?;
    let mut room_left = limits::EPOCHS_LISTED_OCTETS_MAX;
    let fits = |row: &EpochRow| {
        let octets = row.cert.len() + row.blob.len() + row.sig.len();
        let left = room_left.checked_sub(octets);
        room_left = left.unwrap_or(0);
        left.is_some()
    };
    let mut epochs = rows.into_iter().take_while(fits).map(Epoch::try_from).collect::<sqlx::Result<Vec<_>>>()?;
    epochs.reverse();
    Ok(epochs)
}

struct EpochRow {
    epoch: i32,
    fingerprint: Vec<u8>,
    cert: Vec<u8>,
    blob: Vec<u8>,
    prev_fp: Option<Vec<u8>>,
    sig: Vec<u8>,
    opened_by: uuid::Uuid,
    opener_fp: Vec<u8>,
    opened_at: OffsetDateTime,
}

impl TryFrom<EpochRow> for Epoch {
    type Error = sqlx::Error;

    fn try_from(row: EpochRow) -> sqlx::Result<Self> {
        Ok(Self {
            epoch: number(row.epoch)?,
            fingerprint: fingerprint(row.fingerprint)?,
            cert: Base64(row.cert),
            blob: Base64(row.blob),
            prev_fp: row.prev_fp.map(fingerprint).transpose()?,
            sig: Base64(row.sig),
            opened_by: UserId(row.opened_by),
            opener_fp: fingerprint(row.opener_fp)?,
            opened_at: row.opened_at,
        })
    }
}

/// A stored fingerprint; the schema's checks keep it at 32 octets.
pub(crate) fn fingerprint(octets: Vec<u8>) -> sqlx::Result<Fingerprint> {
    octets.try_into().map(Fingerprint).map_err(|_| sqlx::Error::Decode("a fingerprint is not 32 octets".into()))
}
