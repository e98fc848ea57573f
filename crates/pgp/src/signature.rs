//! Detached signatures of the profile. The digest is computed here and verified directly: sequoia's own verifiers keep
//! every success in a cache that is never evicted, 55 octets a message.

use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use sealcast_contracts::limits::{SIGNATURE_OCTETS_MAX, SIGNATURE_SKEW_S};
use sequoia_openpgp::{
    KeyHandle, Packet,
    crypto::{hash::Hash as _, mpi},
    packet::{
        Signature,
        signature::subpacket::{NotationData, SubpacketTag, SubpacketValue},
    },
    policy::{HashAlgoSecurity, Policy as _},
    types::{HashAlgorithm, PublicKeyAlgorithm, SignatureType},
};
use time::{Duration, OffsetDateTime};

use crate::{
    certificate::{Validity, VerifyingKey},
    packets::{self, POLICY},
};

/// What a signature says, once it has been verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedSignature {
    /// The value of its one notation.
    pub notation: String,
    pub created: OffsetDateTime,
}

/// The first rule of the profile that a signature breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    #[error("it is larger than {SIGNATURE_OCTETS_MAX} octets")]
    TooLarge,
    #[error("it is not binary OpenPGP with new-format packet headers")]
    Malformed,
    #[error("it is not exactly one signature packet")]
    Packets,
    #[error("it is not version 6")]
    Version,
    #[error("it is not a signature of binary data")]
    Type,
    #[error("it is not Ed25519 with SHA-512")]
    Algorithm,
    #[error("it carries something critical that is not understood, or a field twice")]
    Subpackets,
    #[error("it names another certificate")]
    Issuer,
    #[error("it was made more than {SIGNATURE_SKEW_S} s from the server's clock")]
    TimeSkew,
    #[error("it is expired")]
    Expired,
    #[error("the certificate was not valid yet")]
    KeyNotYetValid,
    #[error("the certificate is expired")]
    KeyExpired,
    #[error("the certificate is revoked")]
    KeyRevoked,
    #[error("it lacks the notation")]
    NotationMissing,
    #[error("it carries more than one notation")]
    NotationDuplicate,
    #[error("its notation has another name, or is critical or not text")]
    NotationForm,
    #[error("it does not verify")]
    Bad,
}

impl SignatureError {
    /// A stable name for refusals, logs and metrics.
    pub fn rule(&self) -> &'static str {
        match self {
            Self::TooLarge => "too-large",
            Self::Malformed => "malformed",
            Self::Packets => "packets",
            Self::Version => "version",
            Self::Type => "type",
            Self::Algorithm => "algorithm",
            Self::Subpackets => "subpackets",
            Self::Issuer => "issuer",
            Self::TimeSkew => "time-skew",
            Self::Expired => "expired",
            Self::KeyNotYetValid => "key-not-yet-valid",
            Self::KeyExpired => "key-expired",
            Self::KeyRevoked => "key-revoked",
            Self::NotationMissing => "notation-missing",
            Self::NotationDuplicate => "notation-duplicate",
            Self::NotationForm => "notation-form",
            Self::Bad => "bad",
        }
    }
}

/// Verifies a signature that was just made: signature and certificate are current at `now`, within 300 s.
///
/// # Errors
/// The first broken rule.
pub fn verify(
    key: &VerifyingKey,
    sig: &[u8],
    data: &[u8],
    notation_name: &str,
    now: OffsetDateTime,
) -> Result<VerifiedSignature, SignatureError> {
    let signature = parse(sig)?;
    let created = creation_time(&signature)?;
    if (now - created).abs() > Duration::seconds(SIGNATURE_SKEW_S.cast_signed()) {
        return Err(SignatureError::TimeSkew);
    }
    check_key(key, created)?;
    // A certificate that was made on a clock ahead of ours is as current as the signature.
    check_key(key, now.max(created))?;
    check_alive(&signature, now)?;
    check_content(&signature, key, data, notation_name, created)
}

/// Verifies a signature of the past, as readers and auditors do: the certificate was valid when it was made.
///
/// # Errors
/// The first broken rule.
pub fn verify_past(key: &VerifyingKey, sig: &[u8], data: &[u8], notation_name: &str) -> Result<VerifiedSignature, SignatureError> {
    let signature = parse(sig)?;
    let created = creation_time(&signature)?;
    check_key(key, created)?;
    check_alive(&signature, created)?;
    check_content(&signature, key, data, notation_name, created)
}

/// Exactly one signature packet of the profile's kind.
fn parse(sig: &[u8]) -> Result<Signature, SignatureError> {
    if sig.len() > SIGNATURE_OCTETS_MAX {
        return Err(SignatureError::TooLarge);
    }
    let read = packets::read(sig).map_err(|_| SignatureError::Malformed)?;
    if !packets::is_canonical(&read, sig) {
        return Err(SignatureError::Malformed);
    }
    let Ok([Packet::Signature(signature)]) = <[Packet; 1]>::try_from(read) else { return Err(SignatureError::Packets) };
    if signature.version() != 6 {
        return Err(SignatureError::Version);
    }
    if signature.typ() != SignatureType::Binary {
        return Err(SignatureError::Type);
    }
    if signature.pk_algo() != PublicKeyAlgorithm::Ed25519 || signature.hash_algo() != HashAlgorithm::SHA512 {
        return Err(SignatureError::Algorithm);
    }
    // Refuses unknown critical subpackets and notations.
    POLICY.signature(&signature, HashAlgoSecurity::CollisionResistance).map_err(|_| SignatureError::Subpackets)?;
    Ok(signature)
}

/// The one creation time: of two, implementations may take either.
fn creation_time(signature: &Signature) -> Result<OffsetDateTime, SignatureError> {
    if signature.hashed_area().subpackets(SubpacketTag::SignatureCreationTime).count() != 1 {
        return Err(SignatureError::Subpackets);
    }
    signature.signature_creation_time().map(OffsetDateTime::from).ok_or(SignatureError::Subpackets)
}

fn check_alive(signature: &Signature, at: OffsetDateTime) -> Result<(), SignatureError> {
    match signature.signature_expiration_time() {
        Some(expires) if OffsetDateTime::from(expires) <= at => Err(SignatureError::Expired),
        _ => Ok(()),
    }
}

fn check_key(key: &VerifyingKey, at: OffsetDateTime) -> Result<(), SignatureError> {
    match key.validity(at) {
        Validity::Current => Ok(()),
        Validity::NotYet => Err(SignatureError::KeyNotYetValid),
        Validity::Expired => Err(SignatureError::KeyExpired),
        Validity::Revoked => Err(SignatureError::KeyRevoked),
    }
}

fn check_content(
    signature: &Signature,
    key: &VerifyingKey,
    data: &[u8],
    notation_name: &str,
    created: OffsetDateTime,
) -> Result<VerifiedSignature, SignatureError> {
    check_issuer(signature, key)?;
    let notation = one_notation(signature, notation_name)?;
    let digest = digest(signature, data)?;
    let mpi::Signature::Ed25519 { s } = signature.mpis() else { return Err(SignatureError::Algorithm) };
    UnparsedPublicKey::new(&ED25519, key.ed25519).verify(&digest, s.as_slice()).map_err(|_| SignatureError::Bad)?;
    Ok(VerifiedSignature { notation, created })
}

fn check_issuer(signature: &Signature, key: &VerifyingKey) -> Result<(), SignatureError> {
    let issuers = signature.get_issuers();
    let is_ours = |handle: &KeyHandle| match handle {
        KeyHandle::Fingerprint(fingerprint) => packets::fingerprint(fingerprint) == Some(key.fingerprint),
        KeyHandle::KeyID(_) => false,
    };
    if !issuers.is_empty() && issuers.iter().all(is_ours) { Ok(()) } else { Err(SignatureError::Issuer) }
}

/// The value of the one notation, signed, human-readable and not critical.
fn one_notation(signature: &Signature, name: &str) -> Result<String, SignatureError> {
    let areas = [signature.hashed_area(), signature.unhashed_area()];
    let mut notations = areas.into_iter().flat_map(|area| area.subpackets(SubpacketTag::NotationData));
    let subpacket = notations.next().ok_or(SignatureError::NotationMissing)?;
    if notations.next().is_some() {
        return Err(SignatureError::NotationDuplicate);
    }
    let in_hashed_area = signature.hashed_area().subpacket(SubpacketTag::NotationData).is_some();
    let SubpacketValue::NotationData(notation) = subpacket.value() else { return Err(SignatureError::NotationForm) };
    if !in_hashed_area || subpacket.critical() || !is_text(notation) || notation.name() != name {
        return Err(SignatureError::NotationForm);
    }
    String::from_utf8(notation.value().to_vec()).map_err(|_| SignatureError::NotationForm)
}

fn is_text(notation: &NotationData) -> bool {
    notation.flags().human_readable() && notation.value().is_ascii()
}

/// RFC 9580 section 5.2.4: salt, document, then the signature's own fields.
fn digest(signature: &Signature, data: &[u8]) -> Result<Vec<u8>, SignatureError> {
    let mut context = signature.hash_algo().context().map_err(|_| SignatureError::Algorithm)?.for_signature(6);
    // A salt of another size does not parse.
    context.update(signature.salt().ok_or(SignatureError::Malformed)?);
    context.update(data);
    signature.hash(&mut context).map_err(|_| SignatureError::Malformed)?;
    context.into_digest().map_err(|_| SignatureError::Malformed)
}
