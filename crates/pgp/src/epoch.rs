//! Epochs: the blob that holds a room's secret key, and the grants that hand out its key.

use crate::{
    SessionKey, blob,
    certificate::EncryptionKey,
    envelope::EnvelopeError,
    keyring::{KeyError, SecretKey},
    payload::{self, PayloadError},
};

/// Why a blob is refused or was not made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BlobError {
    #[error("the blob does not follow the profile: {0}")]
    Structure(#[from] EnvelopeError),
    #[error("the blob's content is refused: {0}")]
    Payload(#[from] PayloadError),
    #[error("the blob's room key is refused: {0}")]
    Key(#[from] KeyError),
}

/// Encrypts a room's secret key under a fresh blob key.
///
/// # Errors
/// The library's failure.
pub fn seal_blob(room: &SecretKey) -> Result<(Vec<u8>, SessionKey), BlobError> {
    let blob_key = payload::new_session_key()?;
    let mut blob = Vec::with_capacity(1_024);
    payload::encrypt(&room.to_octets()?, &blob_key, &mut blob)?;
    Ok((blob, blob_key))
}

/// Opens a blob. The caller compares the key's fingerprint with the epoch's certificate and checks the epoch's signature.
///
/// # Errors
/// The first rule that it breaks.
pub fn open_blob(octets: &[u8], blob_key: &SessionKey) -> Result<SecretKey, BlobError> {
    blob::check(octets)?;
    Ok(SecretKey::from_octets(&payload::open(octets, blob_key)?)?)
}

/// Makes a grant: the blob key for one member, 111 octets. [`SecretKey::open_pkesk`] opens it.
///
/// # Errors
/// The library's failure.
pub fn grant(blob_key: &SessionKey, to: &EncryptionKey) -> Result<Vec<u8>, BlobError> {
    let mut pkesk = Vec::with_capacity(sealcast_contracts::limits::PKESK_OCTETS);
    payload::wrap(blob_key, to, &mut pkesk)?;
    Ok(pkesk)
}
