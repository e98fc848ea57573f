//! Certificates of the profile: exact packets, v6, Ed25519 and X25519, current. What comes out is small enough to cache.

use sealcast_contracts::{
    Fingerprint,
    limits::{CERTIFICATE_OCTETS_MAX, SIGNATURE_SKEW_S},
};
use sequoia_openpgp::{
    Cert, Packet,
    cert::amalgamation::ValidAmalgamation as _,
    crypto::mpi,
    types::{ReasonForRevocation, RevocationStatus, RevocationType},
};
use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

use crate::packets::{self, POLICY};

mod sequence;

/// The primary key of a certificate: verifies signatures, and knows when it may.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerifyingKey {
    /// The certificate's fingerprint.
    pub fingerprint: Fingerprint,
    pub ed25519: [u8; 32],
    #[serde(with = "time::serde::timestamp")]
    pub created: OffsetDateTime,
    #[serde(with = "time::serde::timestamp::option")]
    pub expires: Option<OffsetDateTime>,
    /// Since when it is revoked: its creation, when the reason is a compromise.
    #[serde(with = "time::serde::timestamp::option")]
    pub revoked: Option<OffsetDateTime>,
}

/// Whether a key may be used at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Validity {
    Current,
    NotYet,
    Expired,
    Revoked,
}

impl VerifyingKey {
    /// Whether the key is valid at `at`, as far as this certificate says.
    pub fn validity(&self, at: OffsetDateTime) -> Validity {
        if self.revoked.is_some_and(|revoked| revoked <= at) {
            Validity::Revoked
        } else if at < self.created {
            Validity::NotYet
        } else if self.expires.is_some_and(|expires| expires <= at) {
            Validity::Expired
        } else {
            Validity::Current
        }
    }
}

/// The encryption subkey of a certificate: what envelopes and grants are made to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EncryptionKey {
    /// The subkey's own fingerprint, which recipient packets name.
    pub fingerprint: Fingerprint,
    pub x25519: [u8; 32],
    #[serde(with = "time::serde::timestamp")]
    pub created: OffsetDateTime,
}

/// A certificate that follows the profile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificate {
    pub key: VerifyingKey,
    pub encryption: EncryptionKey,
    pub user_id: Option<String>,
}

/// The first rule of the profile that a certificate breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    #[error("it is larger than {CERTIFICATE_OCTETS_MAX} octets")]
    TooLarge,
    #[error("it is not binary OpenPGP with new-format packet headers")]
    Malformed,
    #[error("it does not have exactly the packets of the profile")]
    Packets,
    /// Somebody published what must stay with them.
    #[error("it contains a secret key")]
    SecretKey,
    #[error("a key or signature is not version 6")]
    Version,
    #[error("a key is not Ed25519 or X25519, or a signature not SHA-512")]
    Algorithm,
    #[error("the user id is not the user name")]
    UserId,
    #[error("a self-signature does not verify")]
    SelfSignature,
    #[error("the key flags are not certify and sign, and encrypt")]
    KeyFlags,
    #[error("it is not valid yet")]
    NotYetValid,
    #[error("it is expired")]
    Expired,
    #[error("it is revoked")]
    Revoked,
    #[error("a room's certificate has no expiry")]
    Expires,
}

impl CertificateError {
    /// A stable name for refusals, logs and metrics.
    pub fn rule(&self) -> &'static str {
        match self {
            Self::TooLarge => "too-large",
            Self::Malformed => "malformed",
            Self::Packets => "packets",
            Self::SecretKey => "secret-key",
            Self::Version => "version",
            Self::Algorithm => "algorithm",
            Self::UserId => "user-id",
            Self::SelfSignature => "self-signature",
            Self::KeyFlags => "key-flags",
            Self::NotYetValid => "not-yet-valid",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
            Self::Expires => "expires",
        }
    }
}

impl Certificate {
    /// A user's certificate, current at `now`; its one User ID is the user name.
    ///
    /// # Errors
    /// The first broken rule.
    pub fn parse_user(octets: &[u8], username: &str, now: OffsetDateTime) -> Result<Self, CertificateError> {
        Self::parse_sender(octets, username, now)?.current(now)
    }

    /// A user's certificate as a reader needs it: it may have expired or been revoked since, and says when. `now` is only
    /// the time at which its self-signatures are judged.
    ///
    /// # Errors
    /// The first broken rule of form.
    pub fn parse_sender(octets: &[u8], username: &str, now: OffsetDateTime) -> Result<Self, CertificateError> {
        let certificate = Self::parse(octets, true, now)?;
        if certificate.user_id.as_deref() == Some(username) { Ok(certificate) } else { Err(CertificateError::UserId) }
    }

    /// A room's certificate: no User ID, no expiry.
    ///
    /// # Errors
    /// The first broken rule.
    pub fn parse_room(octets: &[u8], now: OffsetDateTime) -> Result<Self, CertificateError> {
        let certificate = Self::parse(octets, false, now)?.current(now)?;
        if certificate.key.expires.is_some() { Err(CertificateError::Expires) } else { Ok(certificate) }
    }

    /// The compliance certificate: a user's, whose User ID is free.
    ///
    /// # Errors
    /// The first broken rule.
    pub fn parse_compliance(octets: &[u8], now: OffsetDateTime) -> Result<Self, CertificateError> {
        Self::parse(octets, true, now)?.current(now)
    }

    /// A compliance certificate of the past, as readers and auditors need it: it may have expired or been revoked since.
    ///
    /// # Errors
    /// The first broken rule of form.
    pub fn parse_past_compliance(octets: &[u8], now: OffsetDateTime) -> Result<Self, CertificateError> {
        Self::parse(octets, true, now)
    }

    fn parse(octets: &[u8], with_user_id: bool, now: OffsetDateTime) -> Result<Self, CertificateError> {
        if octets.len() > CERTIFICATE_OCTETS_MAX {
            return Err(CertificateError::TooLarge);
        }
        let packets = packets::read(octets).map_err(|_| CertificateError::Malformed)?;
        if !packets::is_canonical(&packets, octets) {
            return Err(CertificateError::Malformed);
        }
        Self::from_packets(packets, with_user_id, now)
    }

    pub(crate) fn from_packets(packets: Vec<Packet>, with_user_id: bool, now: OffsetDateTime) -> Result<Self, CertificateError> {
        sequence::check(&packets, with_user_id)?;
        let cert = Cert::from_packets(packets.into_iter()).map_err(|_| CertificateError::Packets)?;
        Self::from_cert(&cert, with_user_id, now)
    }

    /// Verifies the self-signatures and takes out what we keep.
    fn from_cert(cert: &Cert, with_user_id: bool, now: OffsetDateTime) -> Result<Self, CertificateError> {
        if cert.bad_signatures().count() > 0 {
            return Err(CertificateError::SelfSignature);
        }
        // A client's clock may be ahead of ours by as much as its signatures may be.
        let latest = now + Duration::seconds(SIGNATURE_SKEW_S.cast_signed());
        let created = OffsetDateTime::from(cert.primary_key().key().creation_time());
        if created > latest {
            return Err(CertificateError::NotYetValid);
        }
        let valid = cert.with_policy(&POLICY, packets::system_time(latest)).map_err(|_| CertificateError::SelfSignature)?;
        let mut subkeys = valid.keys().subkeys();
        let subkey = subkeys.next().ok_or(CertificateError::SelfSignature)?;
        let user_id = match (with_user_id, valid.userids().next()) {
            (false, _) => None,
            (true, None) => return Err(CertificateError::SelfSignature),
            (true, Some(user_id)) => {
                Some(std::str::from_utf8(user_id.userid().value()).map_err(|_| CertificateError::UserId)?.to_owned())
            }
        };
        if !valid.primary_key().for_signing() || !subkey.for_transport_encryption() || !subkey.for_storage_encryption() {
            return Err(CertificateError::KeyFlags);
        }
        let expiries = [valid.primary_key().key_expiration_time(), subkey.key_expiration_time()];
        let revocations = [revoked_since(&valid.revocation_status(), created), revoked_since(&subkey.revocation_status(), created)];
        let (mpi::PublicKey::Ed25519 { a }, mpi::PublicKey::X25519 { u }) = (cert.primary_key().key().mpis(), subkey.key().mpis())
        else {
            return Err(CertificateError::Algorithm);
        };
        Ok(Self {
            key: VerifyingKey {
                fingerprint: packets::fingerprint(&cert.fingerprint()).ok_or(CertificateError::Version)?,
                ed25519: *a,
                created,
                expires: expiries.into_iter().flatten().min().map(OffsetDateTime::from),
                revoked: revocations.into_iter().flatten().min(),
            },
            encryption: EncryptionKey {
                fingerprint: packets::fingerprint(&subkey.key().fingerprint()).ok_or(CertificateError::Version)?,
                x25519: *u,
                created: subkey.key().creation_time().into(),
            },
            user_id,
        })
    }

    fn current(self, now: OffsetDateTime) -> Result<Self, CertificateError> {
        match self.key.validity(now.max(self.key.created)) {
            Validity::Current => Ok(self),
            Validity::NotYet => Err(CertificateError::NotYetValid),
            Validity::Expired => Err(CertificateError::Expired),
            Validity::Revoked => Err(CertificateError::Revoked),
        }
    }
}

/// Since when a key is revoked. A compromised key was never trustworthy; a retired one was until then.
fn revoked_since(status: &RevocationStatus<'_>, created: OffsetDateTime) -> Option<OffsetDateTime> {
    let RevocationStatus::Revoked(signatures) = status else { return None };
    let since = signatures.iter().map(|signature| {
        let hard = signature.reason_for_revocation().is_none_or(|(reason, _)| is_hard(reason));
        match signature.signature_creation_time() {
            Some(at) if !hard => OffsetDateTime::from(at),
            _ => created,
        }
    });
    Some(since.min().unwrap_or(created))
}

fn is_hard(reason: ReasonForRevocation) -> bool {
    reason.revocation_type() == RevocationType::Hard
}
