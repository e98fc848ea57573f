//! The organisation's compliance key: made offline, kept in a file, never given to a server.

use std::sync::{Arc, Mutex};

use sealcast_contracts::{Base64, Fingerprint, limits::PKESK_OCTETS, sse};
use sealcast_pgp::keyring::SecretKey;
use time::OffsetDateTime;
use zeroize::Zeroizing;

use crate::{
    Client, Content, Error, Session,
    account::key_error,
    directory::{Directory, Known},
    reading::{Reading, Unreadable, open_with, signed_context},
    trust::Trust,
};

/// Opens every message of the organisation.
pub struct ComplianceKey(SecretKey);

/// Reads messages with the compliance key, for an auditor who is in none of the rooms.
pub struct Disclosed {
    key: ComplianceKey,
    directory: Directory,
}

impl ComplianceKey {
    /// Makes one; `name` is its User ID.
    ///
    /// # Errors
    /// [`Error::Key`] when the system has no randomness.
    pub fn generate(name: &str) -> Result<Self, Error> {
        SecretKey::generate_user(name, OffsetDateTime::now_utc()).map(Self).map_err(key_error)
    }

    /// Reads a file that [`Self::to_octets`] made.
    ///
    /// # Errors
    /// [`Error::Usage`] for everything else.
    pub fn from_octets(octets: &[u8]) -> Result<Self, Error> {
        SecretKey::from_octets(octets).map(Self).map_err(|error| Error::Usage(format!("this is not a compliance key: {error}")))
    }

    /// The secret key, binary and not locked: for a file that only its owner reads.
    ///
    /// # Errors
    /// [`Error::Key`].
    pub fn to_octets(&self) -> Result<Zeroizing<Vec<u8>>, Error> {
        self.0.to_octets().map_err(key_error)
    }

    /// What is published.
    ///
    /// # Errors
    /// [`Error::Key`].
    pub fn certificate(&self) -> Result<Base64, Error> {
        self.0.certificate_octets().map(Base64).map_err(key_error)
    }

    /// What clients pin.
    pub fn fingerprint(&self) -> Fingerprint {
        self.0.fingerprint()
    }
}

impl Disclosed {
    /// Prepares reading through an auditor's session.
    pub fn new(session: Session, key: ComplianceKey, trust: Trust) -> Self {
        Self { key, directory: Directory::new(session, Arc::new(Mutex::new(trust))) }
    }

    /// Verifies and opens a message.
    ///
    /// # Errors
    /// As [`Client::read`].
    pub async fn read(&self, message: sse::Message) -> Result<Reading, Error> {
        let sender = match self.directory.by_fingerprint(message.sender_fp).await {
            Ok(known) => known,
            Err(Error::Verification(what)) => return Ok(Reading::new(message, None, Err(Unreadable::Refused(what)))),
            Err(error) => return Err(error),
        };
        let content = self.open(&message, &sender).map_err(Unreadable::Refused);
        Ok(Reading::new(message, Some(sender.username.clone()), content))
    }

    fn open(&self, message: &sse::Message, sender: &Known) -> Result<Content, String> {
        let context = signed_context(message, sender)?;
        let ours = self.key.0.certificate().encryption.fingerprint;
        let room = other_recipient(message.env.as_slice(), &ours).ok_or("it is not encrypted to the compliance certificate")?;
        open_with(message, &context, (&room, &ours), &self.key.0)
    }
}

impl Client {
    /// Publishes the compliance certificate; admins only, once.
    ///
    /// # Errors
    /// As every request.
    pub async fn publish_compliance(&self, key: &ComplianceKey) -> Result<(), Error> {
        let certificate = key.certificate()?;
        self.session().set_compliance(certificate.clone()).await?;
        self.adopt_compliance(&certificate)
    }
}

/// The recipient beside `ours`. Only its place is used here; opening the envelope checks its form.
fn other_recipient(env: &[u8], ours: &Fingerprint) -> Option<Fingerprint> {
    // Two octets of header, version, length, key version; then the fingerprint.
    let recipient = |pkesk: &[u8]| pkesk.get(5..37).and_then(|octets| octets.try_into().ok()).map(Fingerprint);
    let mut recipients = env.chunks_exact(PKESK_OCTETS).take(2).filter_map(recipient);
    let (first, second) = (recipients.next()?, recipients.next()?);
    match (first == *ours, second == *ours) {
        (true, false) => Some(second),
        (false, true) => Some(first),
        _ => None,
    }
}
