//! The keys of rooms: every epoch's certificate, and the secret key of those that were granted.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use aws_lc_rs::digest;
use sealcast_contracts::{
    RoomId, UserId,
    chat::{Epoch, Grant, Room, RoomKeys},
    context::{EPOCH_NOTATION, GRANT_NOTATION, epoch_statement, grant_statement},
};
use sealcast_pgp::{SessionKey, certificate::Certificate, epoch::open_blob, keyring::SecretKey, signature::verify_past};
use time::OffsetDateTime;

use crate::{Error, Session, directory::Directory};

/// The value of the notation of epochs and grants.
pub(crate) const STATEMENT_VERSION: &str = "v1";

/// A room's keys, checked.
#[derive(Clone)]
pub(crate) struct Ring {
    pub room: Room,
    pub epochs: BTreeMap<u32, EpochKey>,
}

/// One epoch, checked.
#[derive(Clone)]
pub(crate) struct EpochKey {
    pub certificate: Certificate,
    pub blob_sha256: [u8; 32],
    /// Absent without a grant.
    pub opened: Option<OpenedEpoch>,
}

/// What a grant gives.
#[derive(Clone)]
pub(crate) struct OpenedEpoch {
    pub blob_key: SessionKey,
    pub secret: Arc<SecretKey>,
}

impl Ring {
    /// The room's current epoch, opened.
    pub fn current(&self) -> Result<(u32, &EpochKey, &OpenedEpoch), Error> {
        let key =
            self.epochs.get(&self.room.epoch).ok_or_else(|| Error::Protocol("the room's current epoch is missing".to_owned()))?;
        Ok((self.room.epoch, key, key.opened.as_ref().ok_or(Error::NoRoomKey)?))
    }
}

/// The rings read so far.
pub(crate) struct Rings {
    session: Session,
    key: Arc<SecretKey>,
    directory: Directory,
    rings: tokio::sync::Mutex<HashMap<RoomId, Arc<Ring>>>,
}

impl Rings {
    pub fn new(session: Session, key: Arc<SecretKey>, directory: Directory) -> Self {
        Self { session, key, directory, rings: tokio::sync::Mutex::default() }
    }

    /// The ring of a room, from memory if it is known.
    pub async fn get(&self, room_id: RoomId) -> Result<Arc<Ring>, Error> {
        let mut rings = self.rings.lock().await;
        if let Some(ring) = rings.get(&room_id) {
            return Ok(Arc::clone(ring));
        }
        let ring = Arc::new(self.load(room_id).await?);
        rings.insert(room_id, Arc::clone(&ring));
        Ok(ring)
    }

    /// Reads the ring again.
    pub async fn reload(&self, room_id: RoomId) -> Result<Arc<Ring>, Error> {
        self.forget(room_id).await;
        self.get(room_id).await
    }

    /// Something about the room has changed.
    pub async fn forget(&self, room_id: RoomId) {
        self.rings.lock().await.remove(&room_id);
    }

    /// Checks an epoch's certificate and its opener's signature.
    pub async fn check_epoch(&self, room_id: RoomId, epoch: &Epoch) -> Result<EpochKey, Error> {
        let wrong = |what: &str| Error::Verification(format!("epoch {} of room {room_id}: {what}", epoch.epoch));
        let certificate = Certificate::parse_room(epoch.cert.as_slice(), OffsetDateTime::now_utc())
            .map_err(|error| wrong(&format!("the certificate: {error}")))?;
        if certificate.key.fingerprint != epoch.fingerprint {
            return Err(wrong("the fingerprint is another certificate's"));
        }
        let blob_sha256 = sha256(epoch.blob.as_slice());
        let statement = epoch_statement(room_id, epoch.epoch, &epoch.fingerprint, &blob_sha256, epoch.prev_fp.as_ref());
        self.check_statement(epoch.opened_by, epoch.opener_fp, epoch.sig.as_slice(), &statement, EPOCH_NOTATION)
            .await
            .map_err(|error| in_context(error, wrong))?;
        Ok(EpochKey { certificate, blob_sha256, opened: None })
    }

    /// Opens an epoch's blob and compares what is in it with the certificate.
    pub fn open_epoch(key: &mut EpochKey, blob: &[u8], blob_key: SessionKey) -> Result<(), Error> {
        let secret = open_blob(blob, &blob_key).map_err(|error| Error::Verification(error.to_string()))?;
        if secret.fingerprint() != key.certificate.key.fingerprint {
            return Err(Error::Verification("the room key in the blob is not the certificate's".to_owned()));
        }
        key.opened = Some(OpenedEpoch { blob_key, secret: Arc::new(secret) });
        Ok(())
    }

    async fn load(&self, room_id: RoomId) -> Result<Ring, Error> {
        let RoomKeys { room, epochs, grants } = self.session.room_keys(room_id).await?;
        if room.room_id != room_id {
            return Err(Error::Verification("the server gave another room".to_owned()));
        }
        let mut keys = BTreeMap::<u32, EpochKey>::new();
        let mut before = None;
        for epoch in &epochs {
            // Epochs count from 1 without gaps, each naming the one before.
            if epoch.epoch != before.map_or(1, |(number, _)| number + 1)
                || epoch.prev_fp != before.map(|(_, fingerprint)| fingerprint)
            {
                return Err(Error::Verification(format!("the epochs of room {room_id} are not a chain")));
            }
            before = Some((epoch.epoch, epoch.fingerprint));
            let mut key = self.check_epoch(room_id, epoch).await?;
            if let Some(grant) = grants.iter().find(|grant| grant.epoch == epoch.epoch) {
                let blob_key = self.open_grant(room_id, &key, grant).await?;
                Self::open_epoch(&mut key, epoch.blob.as_slice(), blob_key)?;
            }
            keys.insert(epoch.epoch, key);
        }
        Ok(Ring { room, epochs: keys })
    }

    async fn open_grant(&self, room_id: RoomId, epoch: &EpochKey, grant: &Grant) -> Result<SessionKey, Error> {
        let wrong = |what: &str| Error::Verification(format!("the grant of epoch {} of room {room_id}: {what}", grant.epoch));
        let me = self.session.info().user_id;
        if grant.to != me || grant.to_fp != self.key.fingerprint() {
            return Err(wrong("it is somebody else's"));
        }
        let pkesk = sha256(grant.pkesk.as_slice());
        let statement = grant_statement(room_id, grant.epoch, me, &grant.to_fp, &pkesk, &epoch.blob_sha256);
        self.check_statement(grant.granted_by, grant.granter_fp, grant.sig.as_slice(), &statement, GRANT_NOTATION)
            .await
            .map_err(|error| in_context(error, wrong))?;
        self.key.open_pkesk(grant.pkesk.as_slice()).map_err(|error| wrong(&error.to_string()))
    }

    async fn check_statement(
        &self,
        signer: UserId,
        signer_fp: sealcast_contracts::Fingerprint,
        sig: &[u8],
        statement: &str,
        notation: &str,
    ) -> Result<(), Error> {
        let known = self.directory.by_fingerprint(signer_fp).await?;
        if known.user_id != signer {
            return Err(Error::Verification("the signer's certificate is another account's".to_owned()));
        }
        let verified = verify_past(&known.certificate.key, sig, statement.as_bytes(), notation)
            .map_err(|error| Error::Verification(format!("the signature: {error}")))?;
        if verified.notation == STATEMENT_VERSION {
            Ok(())
        } else {
            Err(Error::Verification("the signature is of another version".to_owned()))
        }
    }
}

fn in_context(error: Error, wrong: impl Fn(&str) -> Error) -> Error {
    match error {
        Error::Verification(what) => wrong(&what),
        other => other,
    }
}

pub(crate) fn sha256(octets: &[u8]) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest::digest(&digest::SHA256, octets).as_ref());
    hash
}
