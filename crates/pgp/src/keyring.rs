//! Secret keys: made, locked under a passphrase, unlocked, signed with.

use std::fmt;

use sealcast_contracts::{Fingerprint, limits::LOCKED_KEY_OCTETS_MAX};
use sequoia_openpgp::{
    Cert, Packet, Profile,
    cert::{CertBuilder, CipherSuite},
    crypto::KeyPair,
    packet::{
        PKESK,
        signature::{SignatureBuilder, subpacket::NotationDataFlags},
    },
    serialize::SerializeInto as _,
    types::{Features, HashAlgorithm, KeyFlags, SignatureType, SymmetricAlgorithm},
};
use time::{Duration, OffsetDateTime};
use zeroize::Zeroizing;

use crate::{
    SessionKey,
    certificate::{Certificate, CertificateError},
    packets, pkesk,
    pkesk::PkeskError,
};

mod lock;

/// Why something with a secret key failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    #[error("the secret key is larger than {LOCKED_KEY_OCTETS_MAX} octets")]
    TooLarge,
    #[error("it is not a binary OpenPGP secret key")]
    Malformed,
    #[error("its certificate does not follow the profile: {0}")]
    Certificate(#[from] CertificateError),
    #[error("it is locked where an unlocked key is expected, or the other way round")]
    LockState,
    #[error("it is locked in another way than iterated S2K with AEAD")]
    LockForm,
    #[error("the passphrase does not open it")]
    Passphrase,
    #[error("the recipient packet is refused: {0}")]
    Pkesk(#[from] PkeskError),
    #[error("the recipient packet does not open with this key")]
    Undecryptable,
    /// Random numbers or the crypto library failed.
    #[error("the OpenPGP library failed to {0}")]
    Library(&'static str),
}

/// An unlocked secret key with its certificate. The secrets are wiped when it is dropped.
#[derive(Clone)]
pub struct SecretKey {
    cert: Cert,
    certificate: Certificate,
}

impl SecretKey {
    /// Makes a user's key, also the compliance key: one User ID, no expiry.
    ///
    /// # Errors
    /// [`KeyError::Library`].
    pub fn generate_user(user_id: &str, now: OffsetDateTime) -> Result<Self, KeyError> {
        Self::generate(Some(user_id), now)
    }

    /// Makes a room's key for one epoch: no User ID, no expiry.
    ///
    /// # Errors
    /// [`KeyError::Library`].
    pub fn generate_room(now: OffsetDateTime) -> Result<Self, KeyError> {
        Self::generate(None, now)
    }

    /// Reads an unlocked transferable secret key; with or without a User ID.
    ///
    /// # Errors
    /// The first rule that it breaks.
    pub fn from_octets(octets: &[u8]) -> Result<Self, KeyError> {
        Self::from_cert(lock::read(octets)?)
    }

    /// The transferable secret key, not locked.
    ///
    /// # Errors
    /// [`KeyError::Library`].
    pub fn to_octets(&self) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        self.cert.as_tsk().to_vec().map(Zeroizing::new).map_err(|_| KeyError::Library("serialise a key"))
    }

    /// The transferable secret key, each secret locked under `passphrase` as docs/protocol.md section 2 says.
    ///
    /// # Errors
    /// [`KeyError::Library`].
    pub fn lock(&self, passphrase: &str) -> Result<Vec<u8>, KeyError> {
        lock::lock(&self.cert, passphrase)
    }

    /// Opens what [`Self::lock`] made. Other ways to lock are refused before any work is done for them.
    ///
    /// # Errors
    /// [`KeyError::Passphrase`] when only the passphrase is wrong.
    pub fn unlock(locked: &[u8], passphrase: &str) -> Result<Self, KeyError> {
        Self::from_cert(lock::unlock(lock::read(locked)?, passphrase)?)
    }

    /// The public half.
    ///
    /// # Errors
    /// [`KeyError::Library`].
    pub fn certificate_octets(&self) -> Result<Vec<u8>, KeyError> {
        self.cert.to_vec().map_err(|_| KeyError::Library("serialise a certificate"))
    }

    /// The public half, parsed.
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// The certificate's fingerprint.
    pub fn fingerprint(&self) -> Fingerprint {
        self.certificate.key.fingerprint
    }

    /// Makes a detached signature over `data` with one notation, as docs/protocol.md section 3 says.
    ///
    /// # Errors
    /// [`KeyError::Library`].
    pub fn sign(&self, data: &[u8], notation_name: &str, notation_value: &str, at: OffsetDateTime) -> Result<Vec<u8>, KeyError> {
        let failed = |_| KeyError::Library("sign");
        let secret = self.cert.primary_key().key().clone().parts_into_secret().map_err(failed)?;
        let mut pair: KeyPair = secret.into_keypair().map_err(failed)?;
        let signature = SignatureBuilder::new(SignatureType::Binary)
            .set_hash_algo(HashAlgorithm::SHA512)
            .set_signature_creation_time(packets::system_time(at))
            .and_then(|builder| {
                builder.add_notation(notation_name, notation_value, NotationDataFlags::empty().set_human_readable(), false)
            })
            .and_then(|builder| builder.sign_message(&mut pair, data))
            .map_err(failed)?;
        Packet::from(signature).to_vec().map_err(failed)
    }

    /// Opens a recipient packet that was made for this key.
    ///
    /// # Errors
    /// [`KeyError::Pkesk`] when it is not one for this key, [`KeyError::Undecryptable`] when it does not open.
    pub fn open_pkesk(&self, octets: &[u8]) -> Result<SessionKey, KeyError> {
        pkesk::check(octets, &self.certificate.encryption.fingerprint)?;
        let read = packets::read(octets).map_err(|_| PkeskError::Unparsable)?;
        let Ok([Packet::PKESK(PKESK::V6(pkesk))]) = <[Packet; 1]>::try_from(read) else {
            return Err(PkeskError::Unparsable.into());
        };
        let subkey = self.cert.keys().subkeys().next().ok_or(KeyError::Malformed)?.key().clone();
        let mut pair =
            subkey.parts_into_secret().and_then(|secret| secret.into_keypair()).map_err(|_| KeyError::Library("use a key"))?;
        let session_key = pkesk.decrypt(&mut pair, Some(SymmetricAlgorithm::AES256)).ok_or(KeyError::Undecryptable)?;
        SessionKey::of_sequoia(&session_key).ok_or(KeyError::Undecryptable)
    }

    fn generate(user_id: Option<&str>, now: OffsetDateTime) -> Result<Self, KeyError> {
        let failed = |_| KeyError::Library("generate a key");
        let mut builder = CertBuilder::new()
            .set_profile(Profile::RFC9580)
            .map_err(failed)?
            .set_cipher_suite(CipherSuite::Cv25519)
            .set_creation_time(packets::system_time(now))
            .set_primary_key_flags(KeyFlags::empty().set_certification().set_signing())
            .set_features(Features::empty().set_seipdv2())
            .map_err(failed)?
            .add_subkey(KeyFlags::empty().set_transport_encryption().set_storage_encryption(), None, None);
        if let Some(user_id) = user_id {
            builder = builder.add_userid(user_id);
        }
        // The revocation certificate that comes along is dropped: an account is disabled, a room's epoch superseded.
        let (cert, _) = builder.generate().map_err(failed)?;
        Self::from_cert(cert)
    }

    fn from_cert(cert: Cert) -> Result<Self, KeyError> {
        if !cert.keys().all(|key| key.key().has_unencrypted_secret()) {
            return Err(KeyError::LockState);
        }
        // These are the public packets; only a `TSK` gives out secrets.
        let public: Vec<Packet> = cert.clone().into_packets().collect();
        let with_user_id = cert.userids().next().is_some();
        // Judged at its own creation: whether it has expired since is for those who check signatures.
        let created = OffsetDateTime::from(cert.primary_key().key().creation_time());
        let certificate = Certificate::from_packets(public, with_user_id, created + Duration::DAY)?;
        Ok(Self { cert, certificate })
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SecretKey").field("fingerprint", &self.fingerprint()).finish_non_exhaustive()
    }
}
