//! The organisation's compliance key: made offline, kept in a file, never given to a server.

use std::sync::{Arc, Mutex};

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use sealcast_contracts::{Base64, Fingerprint, context::MessageContext, limits::PKESK_OCTETS, sse};
use sealcast_pgp::{keyring::SecretKey, message::open};
use time::OffsetDateTime;
use zeroize::Zeroizing;

use crate::{
    Client, Content, Error, Session,
    account::key_error,
    directory::{Directory, Known},
    reading::{Reading, Unreadable, open_with, signed_context},
    shares::SECRET_OCTETS,
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

/// A message as the compliance key shows it, checked as readers check it.
pub struct Opened {
    /// It opens this message and no other.
    pub session_key: Base64,
    /// Whether it is the one that the sender's signature commits to.
    commitment: [u8; 32],
}

impl Opened {
    /// Whether the sender's signature commits to this session key.
    pub fn is_committed(&self, context: &MessageContext) -> bool {
        self.commitment == context.skc
    }
}

impl ComplianceKey {
    /// Opens an envelope.
    ///
    /// # Errors
    /// Why it does not open with this key.
    pub fn open(&self, env: &[u8]) -> Result<Opened, String> {
        let ours = self.0.certificate().encryption.fingerprint;
        let room = other_recipient(env, &ours).ok_or("it is not encrypted to this compliance certificate")?;
        let opened = open(env, &room, &ours, &self.0).map_err(|error| error.to_string())?;
        let session_key = Base64(opened.session_key.as_octets().to_vec());
        Ok(Opened { session_key, commitment: opened.session_key.commitment() })
    }

    /// The secret key, locked under a secret that is kept elsewhere, for example in shares.
    ///
    /// # Errors
    /// [`Error::Key`].
    pub fn lock(&self, secret: &[u8; SECRET_OCTETS]) -> Result<Vec<u8>, Error> {
        self.0.lock(&passphrase(secret)).map_err(key_error)
    }

    /// Opens what [`Self::lock`] made.
    ///
    /// # Errors
    /// [`Error::Usage`] when the secret or the file is another one.
    pub fn unlock(locked: &[u8], secret: &[u8; SECRET_OCTETS]) -> Result<Self, Error> {
        SecretKey::unlock(locked, &passphrase(secret))
            .map(Self)
            .map_err(|error| Error::Usage(format!("the shares do not open this key: {error}")))
    }
}

fn passphrase(secret: &[u8; SECRET_OCTETS]) -> Zeroizing<String> {
    Zeroizing::new(BASE64_URL_SAFE_NO_PAD.encode(secret))
}

impl Disclosed {
    /// Prepares reading through an auditor's session.
    pub fn new(session: Session, key: ComplianceKey, trust: Trust) -> Self {
        Self { key, directory: Directory::new(session, Arc::new(Mutex::new(trust))) }
    }

    /// Goes on with a newer session of the same account.
    pub fn follow(&mut self, session: Session) {
        self.directory.follow(session);
    }

    /// Whether a message opens for compliance as it does for its readers; a reason when it does not.
    ///
    /// # Errors
    /// As [`Client::read`].
    pub async fn probe(&self, message: &sse::Message) -> Result<Result<(), String>, Error> {
        let sender = match self.directory.by_fingerprint(message.sender_fp).await {
            Ok(known) => known,
            Err(Error::Verification(what)) => return Ok(Err(what)),
            Err(error) => return Err(error),
        };
        let opened = signed_context(message, &sender).and_then(|context| {
            let opened = self.key.open(message.env.as_slice())?;
            let committed = opened.is_committed(&context);
            if committed { Ok(()) } else { Err("the session key for compliance is not the one for the room".to_owned()) }
        });
        Ok(opened)
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
    /// Publishes the certificate of a compliance key; admins only, once.
    ///
    /// # Errors
    /// As every request.
    pub async fn publish_compliance(&self, key: &ComplianceKey) -> Result<(), Error> {
        self.publish_compliance_certificate(&key.certificate()?).await
    }

    /// Publishes a compliance certificate whose key was made offline, on another machine; admins only, once.
    ///
    /// # Errors
    /// As every request.
    pub async fn publish_compliance_certificate(&self, certificate: &Base64) -> Result<(), Error> {
        self.session().set_compliance(certificate.clone()).await?;
        self.adopt_compliance(certificate)
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
