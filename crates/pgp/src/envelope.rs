//! The structure of an envelope, checked without any secret: framing by hand first, then sequoia's parser.
//!
//! sequoia alone accepts lengths of encrypted session keys that nobody can decrypt; the framing check does not. Nothing
//! that passes the framing check is refused by sequoia, so its verdict is a cross-check of ours.

use sealcast_contracts::{
    Fingerprint,
    limits::{ENVELOPE_OCTETS_MAX, PKESK_OCTETS},
};

use crate::{
    framing::{Frame, FramingError, tag},
    packets, pkesk,
    pkesk::PkeskError,
};

/// AES-256 in RFC 9580 section 9.3.
const CIPHER_AES256: u8 = 9;
/// The largest chunk-size octet that RFC 9580 section 5.13.2 allows: 4 MiB.
const CHUNK_SIZE_MAX: u8 = 16;
/// Version, cipher, mode and chunk size, then the salt.
const SEIPD_HEADER_OCTETS: usize = 4 + 32;
/// Chunk tag and final tag.
const SEIPD_TAG_OCTETS: usize = 16 + 16;

/// The AEAD mode of an envelope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aead {
    Ocb,
    Gcm,
}

/// What an envelope shows without being opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EnvelopeInfo {
    pub aead: Aead,
    /// The chunk-size octet: chunks have `2^(6 + n)` octets.
    pub chunk_size: u8,
    /// Octets of ciphertext with its tags.
    pub ciphertext_octets: usize,
}

/// The first rule of the profile that the octets break.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EnvelopeError {
    #[error("it is empty")]
    Empty,
    #[error("it is larger than {max} octets")]
    TooLarge { max: usize },
    #[error("it is not binary OpenPGP with new-format packet headers")]
    NotBinary,
    #[error("a partial body length stands where the profile allows none")]
    PartialLength,
    #[error("it ends inside a packet")]
    Truncated,
    #[error("a packet type that the profile does not have")]
    PacketType,
    #[error("it is not encrypted")]
    Plaintext,
    #[error("it is encrypted to a password")]
    PasswordRecipient,
    #[error("a recipient packet is not version 6")]
    RecipientVersion,
    #[error("a recipient packet is not X25519 of 111 octets")]
    RecipientForm,
    #[error("a recipient is anonymous")]
    RecipientAnonymous,
    #[error("a recipient is neither the room nor the compliance certificate")]
    RecipientUnexpected,
    #[error("a recipient is named twice")]
    RecipientDuplicate,
    #[error("the compliance certificate is not a recipient")]
    ComplianceRecipientMissing,
    #[error("the room's certificate is not a recipient")]
    RoomRecipientMissing,
    #[error("no encrypted data packet")]
    DataMissing,
    #[error("the encrypted data packet is not version 2")]
    DataVersion,
    #[error("the cipher is not AES-256")]
    Cipher,
    #[error("the AEAD mode is not GCM or OCB")]
    AeadMode,
    #[error("the chunk size is above 4 MiB")]
    ChunkSize,
    #[error("the ciphertext is too short to hold anything")]
    TooShort,
    #[error("octets follow the encrypted data packet")]
    Trailing,
    /// Framing found nothing wrong, sequoia did.
    #[error("it does not parse as OpenPGP")]
    Unparsable,
}

impl EnvelopeError {
    /// A stable name for refusals, logs and metrics.
    pub fn rule(&self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::TooLarge { .. } => "too-large",
            Self::NotBinary => "not-binary",
            Self::PartialLength => "partial-length",
            Self::Truncated => "truncated",
            Self::PacketType => "packet-type",
            Self::Plaintext => "plaintext",
            Self::PasswordRecipient => "password-recipient",
            Self::RecipientVersion => "recipient-version",
            Self::RecipientForm => "recipient-form",
            Self::RecipientAnonymous => "recipient-anonymous",
            Self::RecipientUnexpected => "recipient-unexpected",
            Self::RecipientDuplicate => "recipient-duplicate",
            Self::ComplianceRecipientMissing => "compliance-recipient-missing",
            Self::RoomRecipientMissing => "room-recipient-missing",
            Self::DataMissing => "data-missing",
            Self::DataVersion => "data-version",
            Self::Cipher => "cipher",
            Self::AeadMode => "aead-mode",
            Self::ChunkSize => "chunk-size",
            Self::TooShort => "too-short",
            Self::Trailing => "trailing",
            Self::Unparsable => "unparsable",
        }
    }
}

impl From<FramingError> for EnvelopeError {
    fn from(error: FramingError) -> Self {
        match error {
            FramingError::Header => Self::NotBinary,
            FramingError::PartialLength => Self::PartialLength,
            FramingError::Truncated => Self::Truncated,
        }
    }
}

impl From<PkeskError> for EnvelopeError {
    fn from(error: PkeskError) -> Self {
        match error {
            PkeskError::Version => Self::RecipientVersion,
            PkeskError::Anonymous => Self::RecipientAnonymous,
            PkeskError::Recipient => Self::RecipientUnexpected,
            PkeskError::Form | PkeskError::Unparsable => Self::RecipientForm,
        }
    }
}

/// Checks an envelope: exactly the room's and the compliance certificate's encryption subkeys as recipients (fingerprints
/// of the *subkeys*), one SEIPD v2 with AES-256 in GCM or OCB, nothing else, at most 65,536 octets.
///
/// # Errors
/// The first broken rule.
pub fn check(env: &[u8], room: &Fingerprint, compliance: &Fingerprint) -> Result<EnvelopeInfo, EnvelopeError> {
    let info = check_framing(env, room, compliance)?;
    packets::confirm_encrypted(env, &[room, compliance]).map_err(|_| EnvelopeError::Unparsable)?;
    Ok(info)
}

/// The half of [`check`] that is done by hand.
///
/// # Errors
/// The first broken rule.
pub fn check_framing(env: &[u8], room: &Fingerprint, compliance: &Fingerprint) -> Result<EnvelopeInfo, EnvelopeError> {
    check_size(env, ENVELOPE_OCTETS_MAX)?;
    let (mut room_seen, mut compliance_seen) = (false, false);
    let mut rest = env;
    while !rest.is_empty() {
        let (frame, after) = Frame::next(rest)?;
        let octets = rest.len() - after.len();
        rest = after;
        if frame.tag != tag::PKESK {
            // The data packet's own faults come before a missing recipient: they say more about what this is.
            let info = data_packet(&frame, rest)?;
            return match (compliance_seen, room_seen) {
                (true, true) => Ok(info),
                (false, _) => Err(EnvelopeError::ComplianceRecipientMissing),
                (true, false) => Err(EnvelopeError::RoomRecipientMissing),
            };
        }
        let recipient = pkesk::recipient(&frame)?;
        // The same body under a longer length: legal OpenPGP, but not the one form of the profile.
        if octets != PKESK_OCTETS {
            return Err(EnvelopeError::RecipientForm);
        }
        let seen = match recipient {
            fp if fp == *room => &mut room_seen,
            fp if fp == *compliance => &mut compliance_seen,
            _ => return Err(EnvelopeError::RecipientUnexpected),
        };
        if std::mem::replace(seen, true) {
            return Err(EnvelopeError::RecipientDuplicate);
        }
    }
    Err(EnvelopeError::DataMissing)
}

pub(crate) fn check_size(octets: &[u8], max: usize) -> Result<(), EnvelopeError> {
    match octets.len() {
        0 => Err(EnvelopeError::Empty),
        len if len > max => Err(EnvelopeError::TooLarge { max }),
        _ => Ok(()),
    }
}

/// Checks the one SEIPD v2 packet, which must be the last.
pub(crate) fn data_packet(frame: &Frame<'_>, rest: &[u8]) -> Result<EnvelopeInfo, EnvelopeError> {
    match frame.tag {
        tag::SEIPD => {}
        tag::SKESK => return Err(EnvelopeError::PasswordRecipient),
        tag::LITERAL | tag::COMPRESSED | tag::ONE_PASS_SIGNATURE | tag::SIGNATURE => return Err(EnvelopeError::Plaintext),
        _ => return Err(EnvelopeError::PacketType),
    }
    let Some(&[version, cipher, mode, chunk_size]) = frame.head().first_chunk() else { return Err(EnvelopeError::TooShort) };
    if version != 2 {
        return Err(EnvelopeError::DataVersion);
    }
    if cipher != CIPHER_AES256 {
        return Err(EnvelopeError::Cipher);
    }
    let aead = match mode {
        2 => Aead::Ocb,
        3 => Aead::Gcm,
        _ => return Err(EnvelopeError::AeadMode),
    };
    if chunk_size > CHUNK_SIZE_MAX {
        return Err(EnvelopeError::ChunkSize);
    }
    if frame.len() <= SEIPD_HEADER_OCTETS + SEIPD_TAG_OCTETS {
        return Err(EnvelopeError::TooShort);
    }
    if !rest.is_empty() {
        return Err(EnvelopeError::Trailing);
    }
    Ok(EnvelopeInfo { aead, chunk_size, ciphertext_octets: frame.len() - SEIPD_HEADER_OCTETS })
}
