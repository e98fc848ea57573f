//! Key epochs: a room's key pair for a time, opened by a room admin.

mod calls;
pub(crate) mod store;

use std::collections::HashMap;

use sealcast_contracts::{
    Fingerprint, RoomId,
    chat::{ChatRefusal, NewEpoch},
    context::epoch_statement,
    events::AuditEventKind,
};
use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::{
    checks,
    directory::Person,
    error::{Failure, malformed},
    events,
    rooms::epoch_number,
};
use store::CheckedEpoch;

/// An epoch that somebody wants to open.
pub(crate) struct Opening<'a> {
    pub room_id: RoomId,
    pub epoch: &'a NewEpoch,
    /// The fingerprint of the epoch before, as the server knows it.
    pub prev_fp: Option<Fingerprint>,
}

/// Checks the certificate, the blob's structure and the opener's signature.
pub(crate) fn check<'a>(opening: &Opening<'a>, opener: &Person, now: OffsetDateTime) -> Result<CheckedEpoch<'a>, Failure> {
    let new = opening.epoch;
    if new.prev_fp != opening.prev_fp {
        // Another rotation came first, or the opener saw other keys than the server has.
        return Err(ChatRefusal::Conflict.into());
    }
    let certificate = checks::room_certificate(new.cert.as_slice(), now)?;
    checks::blob(new.blob.as_slice()).map_err(|rule| malformed("blob", rule))?;
    let blob_sha256 = checks::sha256(new.blob.as_slice());
    let statement = epoch_statement(opening.room_id, new.epoch, &certificate.key.fingerprint, &blob_sha256, new.prev_fp.as_ref());
    checks::epoch_signature(new.sig.as_slice(), &statement, opener, now)?;
    Ok(CheckedEpoch {
        epoch: epoch_number(new.epoch)?,
        fingerprint: certificate.key.fingerprint,
        encryption_fp: certificate.encryption.fingerprint,
        cert: new.cert.as_slice(),
        blob: new.blob.as_slice(),
        prev_fp: new.prev_fp,
        sig: new.sig.as_slice(),
        opened_by: opener.user_id,
        opener_fp: opener.certificate.key.fingerprint,
    })
}

/// The blobs, by epoch and as SHA-256, that grants of a request may be about.
pub(crate) type Blobs = HashMap<u32, [u8; 32]>;

pub(crate) fn blobs_of(epoch: &NewEpoch) -> Blobs {
    HashMap::from([(epoch.epoch, checks::sha256(epoch.blob.as_slice()))])
}

pub(crate) async fn record(
    conn: &mut PgConnection,
    room_id: RoomId,
    epoch: &CheckedEpoch<'_>,
    at: OffsetDateTime,
) -> Result<(), Failure> {
    let what = AuditEventKind::EpochOpened {
        room_id,
        epoch: epoch.epoch.unsigned_abs(),
        fingerprint: epoch.fingerprint,
        blob_sha256: checks::sha256_hex(epoch.blob),
    };
    events::record(conn, epoch.opened_by, at, what).await
}
