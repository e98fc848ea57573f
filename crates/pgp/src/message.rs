//! Envelopes as clients make and open them.

use sealcast_contracts::{
    Fingerprint,
    limits::{ENVELOPE_OCTETS_MAX, PKESK_OCTETS},
};
use zeroize::Zeroizing;

pub use crate::payload::PayloadError;
use crate::{
    SessionKey,
    certificate::EncryptionKey,
    envelope::{self, EnvelopeError},
    keyring::{KeyError, SecretKey},
    payload,
};

/// An envelope and the session key that its signature commits to.
#[derive(Clone, Debug)]
pub struct Sealed {
    pub env: Vec<u8>,
    pub session_key: SessionKey,
}

/// What an envelope holds.
#[derive(Clone)]
pub struct Opened {
    pub plaintext: Zeroizing<Vec<u8>>,
    /// Compare its commitment with the signed context's `skc`.
    pub session_key: SessionKey,
}

impl std::fmt::Debug for Opened {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Opened({} octets)", self.plaintext.len())
    }
}

/// Why no envelope was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    #[error("the envelope would be larger than {ENVELOPE_OCTETS_MAX} octets")]
    TooLarge,
    #[error(transparent)]
    Payload(#[from] PayloadError),
}

/// Why an envelope is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    #[error("the envelope does not follow the profile: {0}")]
    Envelope(#[from] EnvelopeError),
    #[error("the key is not one of the envelope's recipients")]
    NotARecipient,
    #[error(transparent)]
    Key(#[from] KeyError),
    #[error("the envelope's content is refused: {0}")]
    Payload(#[from] PayloadError),
}

/// Encrypts to the room's and the compliance certificate, and to nobody else.
///
/// # Errors
/// [`SealError::TooLarge`], or the library's failure.
pub fn seal(room: &EncryptionKey, compliance: &EncryptionKey, plaintext: &[u8]) -> Result<Sealed, SealError> {
    if plaintext.len() > ENVELOPE_OCTETS_MAX {
        return Err(SealError::TooLarge);
    }
    let session_key = payload::new_session_key()?;
    let mut env = Vec::with_capacity(plaintext.len() + 1_024);
    payload::wrap(&session_key, room, &mut env)?;
    payload::wrap(&session_key, compliance, &mut env)?;
    payload::encrypt(plaintext, &session_key, &mut env)?;
    if env.len() > ENVELOPE_OCTETS_MAX {
        return Err(SealError::TooLarge);
    }
    Ok(Sealed { env, session_key })
}

/// Opens an envelope with its session key, which whoever opened it before may pass on: the signature commits to it.
///
/// # Errors
/// [`PayloadError`] when it does not decrypt, or when its inside is not of the profile.
pub fn open_disclosed(env: &[u8], session_key: &SessionKey) -> Result<Zeroizing<Vec<u8>>, PayloadError> {
    payload::open(env, session_key)
}

/// Opens an envelope with the room's or the compliance secret key. Everything that the server checks is checked again,
/// then the inside: one layer, one binary literal, no compression, no signature.
///
/// # Errors
/// The first rule that it breaks.
pub fn open(env: &[u8], room: &Fingerprint, compliance: &Fingerprint, key: &SecretKey) -> Result<Opened, OpenError> {
    envelope::check(env, room, compliance)?;
    let ours = key.certificate().encryption.fingerprint;
    // The check above found exactly two recipient packets in front, each of this size.
    let mut recipients = env.chunks_exact(PKESK_OCTETS).take(2);
    let pkesk = recipients.find(|pkesk| crate::pkesk::check(pkesk, &ours).is_ok()).ok_or(OpenError::NotARecipient)?;
    let session_key = key.open_pkesk(pkesk)?;
    let plaintext = payload::open(env, &session_key)?;
    Ok(Opened { plaintext, session_key })
}
