//! The organisation's compliance key: made offline, kept in a file, never given to a server.

use std::sync::{Arc, Mutex, PoisonError};

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use sealcast_contracts::{
    Base64, Fingerprint,
    chat::{ComplianceRotation, Organisation},
    context::{COMPLIANCE_NOTATION, MessageContext},
    limits::PKESK_OCTETS,
    sse,
};
use sealcast_pgp::{
    certificate::{Certificate, Validity},
    keyring::SecretKey,
    message::open,
    rotation,
};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use zeroize::Zeroizing;

use crate::{
    Client, Content, Error, Session,
    account::key_error,
    directory::{Directory, Known},
    gossip::Gossip,
    log::{self, Checked},
    reading::{Reading, Unreadable, open_with, signed_context},
    shares::SECRET_OCTETS,
    succession::Succession,
    trust::Trust,
};

/// Opens every message of the organisation.
pub struct ComplianceKey(SecretKey);

/// Reads messages with compliance keys, for an auditor who is in none of the rooms.
pub struct Disclosed {
    keys: Vec<ComplianceKey>,
    directory: Directory,
    session: Session,
    trust: Arc<Mutex<Trust>>,
    gossip: Gossip,
    /// What an organisation's other certificates are told by: those that follow a key at hand or a pin.
    chain: Option<Succession>,
    pin: Option<Fingerprint>,
    pins_before: Vec<Fingerprint>,
}

/// What a look at a message with the keys at hand found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Probe {
    /// It opens for compliance as it does for its readers.
    Opens,
    /// It is for this compliance key of the organisation, which is not at hand.
    NotLoaded(Fingerprint),
    /// It does not, and should.
    Broken(String),
}

/// A compliance key's word for the certificate after it, as it is carried from the offline machine to an admin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rotation {
    /// The key that signed.
    pub old: Fingerprint,
    pub fingerprint: Fingerprint,
    pub certificate: Base64,
    #[serde(flatten)]
    pub rotation: ComplianceRotation,
}

impl Rotation {
    /// Checks that it follows the organisation's newest certificate.
    ///
    /// # Errors
    /// [`Error::Usage`] with the reason.
    pub fn check(&self, organisation: &Organisation) -> Result<(), Error> {
        let newest = Succession::verify(organisation, OffsetDateTime::now_utc())?
            .and_then(|chain| chain.steps().last().map(|step| step.certificate.key.clone()))
            .ok_or_else(|| Error::Usage("the organisation has no compliance certificate yet".to_owned()))?;
        if newest.fingerprint == self.fingerprint {
            return Ok(());
        }
        if newest.fingerprint != self.old {
            let text = format!("it is signed by {}, but the newest compliance key is {}", self.old, newest.fingerprint);
            return Err(Error::Usage(text));
        }
        let new = (&self.fingerprint, self.certificate.as_slice());
        rotation::verify(&newest, new, self.rotation.effective_at, self.rotation.sig.as_slice())
            .map(drop)
            .map_err(|error| Error::Usage(format!("the statement's signature: {error}")))
    }
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

    /// Names the certificate that follows this key's own, and from when: whole seconds.
    ///
    /// # Errors
    /// [`Error::Usage`] for octets that are no compliance certificate, or this key's own.
    pub fn name_successor(&self, certificate: Base64, effective_at: OffsetDateTime) -> Result<Rotation, Error> {
        let now = OffsetDateTime::now_utc();
        let effective_at = effective_at.replace_nanosecond(0).unwrap_or(effective_at);
        let new = Certificate::parse_compliance(certificate.as_slice(), now)
            .map_err(|error| Error::Usage(format!("the new certificate: {error}")))?;
        if new.key.validity(effective_at) != Validity::Current {
            return Err(Error::Usage("the new certificate does not hold any more when it comes into force".to_owned()));
        }
        let (old, fingerprint) = (self.fingerprint(), new.key.fingerprint);
        if old == fingerprint {
            return Err(Error::Usage("the new certificate is the old key's own".to_owned()));
        }
        let statement = rotation::statement(&old, &fingerprint, certificate.as_slice(), effective_at);
        let sig = self.0.sign(statement.as_bytes(), COMPLIANCE_NOTATION, rotation::VERSION, now).map_err(key_error)?;
        Ok(Rotation { old, fingerprint, certificate, rotation: ComplianceRotation { effective_at, sig: Base64(sig) } })
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
    /// Whether an envelope names it as a recipient.
    pub fn is_named_by(&self, env: &[u8]) -> bool {
        recipients(env).contains(&Some(self.0.certificate().encryption.fingerprint))
    }

    /// Opens an envelope.
    ///
    /// # Errors
    /// Why it does not open with this key.
    pub fn open(&self, env: &[u8]) -> Result<Opened, String> {
        let ours = self.0.certificate().encryption.fingerprint;
        let room = other_recipient(env, &ours).ok_or(NOT_OURS)?;
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
    ///
    /// # Errors
    /// As every request.
    pub async fn new(session: Session, keys: Vec<ComplianceKey>, trust: Trust) -> Result<Self, Error> {
        let (pin, pins_before) = (trust.compliance, trust.compliance_before().to_vec());
        let trust = Arc::new(Mutex::new(trust));
        let (directory, gossip) = (Directory::new(session.clone(), Arc::clone(&trust)), Gossip::new(Arc::clone(&trust)));
        let mut disclosed = Self { keys, directory, session, trust, gossip, chain: None, pin, pins_before };
        disclosed.refresh().await?;
        Ok(disclosed)
    }

    /// Goes on with a newer session of the same account.
    pub fn follow(&mut self, session: Session) {
        self.session = session.clone();
        self.directory.follow(session);
    }

    /// The pins as they are now, to be kept.
    pub fn trust(&self) -> Trust {
        self.trust.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The newest checkpoint, verified and pinned.
    ///
    /// # Errors
    /// As [`log::refresh_checkpoint`].
    pub async fn refresh_checkpoint(&self) -> Result<Checked, Error> {
        let mut trust = self.trust();
        let checked = log::refresh_checkpoint(&self.session, &mut trust).await?;
        self.trust.lock().unwrap_or_else(PoisonError::into_inner).merge(&trust);
        Ok(checked)
    }

    /// Compares the log with what the senders of the messages that were looked at have seen of it.
    ///
    /// # Errors
    /// As [`Client::compare_all`].
    pub async fn compare_all(&self) -> Result<(), Error> {
        self.gossip.finish(&self.session).await
    }

    /// Learns which compliance certificates the organisation has by now.
    ///
    /// # Errors
    /// As every request.
    pub async fn refresh(&mut self) -> Result<(), Error> {
        let info = self.session.server().info().await?;
        let chain = Succession::verify(&info.organisation, info.time).ok().flatten();
        // A chain that does not hold, or is of none of these keys, excuses nothing: what does not open is broken. So does what
        // stands before all that is known here.
        let holds = chain.filter(|chain| {
            chain.in_force(self.pin, info.time).is_ok() && self.keys.iter().any(|key| chain.place(&key.fingerprint()).is_some())
        });
        let keys = self.keys.iter().map(ComplianceKey::fingerprint);
        let known: Vec<_> = keys.chain(self.pin).chain(self.pins_before.iter().copied()).collect();
        self.chain = holds.and_then(|chain| chain.following(&known));
        Ok(())
    }

    /// Whether a message opens for compliance as it does for its readers.
    ///
    /// # Errors
    /// As [`Client::read`].
    pub async fn probe(&self, message: &sse::Message) -> Result<Probe, Error> {
        let sender = match self.directory.by_fingerprint(message.sender_fp).await {
            Ok(known) => known,
            Err(Error::Verification(what)) => return Ok(Probe::Broken(what)),
            Err(error) => return Err(error),
        };
        let context = match signed_context(message, &sender) {
            Ok(context) => context,
            Err(what) => return Ok(Probe::Broken(what)),
        };
        self.gossip.hear(&sender, context.cp);
        let env = message.env.as_slice();
        if let Some(other) = self.not_loaded(env) {
            return Ok(Probe::NotLoaded(other));
        }
        let opened = self.key(env).and_then(|key| key.open(env)).map(|opened| opened.is_committed(&context));
        Ok(match opened {
            Ok(true) => Probe::Opens,
            Ok(false) => Probe::Broken("the session key for compliance is not the one for the room".to_owned()),
            Err(what) => Probe::Broken(what),
        })
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
        let content = match self.not_loaded(message.env.as_slice()) {
            Some(other) => Err(Unreadable::OtherKey(other)),
            None => self.open(&message, &sender).map_err(Unreadable::Refused),
        };
        Ok(Reading::new(message, Some(sender.username.clone()), content))
    }

    /// The session key of an envelope, from whichever key opens it.
    ///
    /// # Errors
    /// Why none does.
    pub fn session_key(&self, env: &[u8]) -> Result<Base64, String> {
        if let Some(other) = self.not_loaded(env) {
            return Err(Unreadable::OtherKey(other).to_string());
        }
        self.key(env)?.open(env).map(|opened| opened.session_key)
    }

    fn open(&self, message: &sse::Message, sender: &Known) -> Result<Content, String> {
        let context = signed_context(message, sender)?;
        self.gossip.hear(sender, context.cp);
        let key = self.key(message.env.as_slice())?;
        let ours = key.0.certificate().encryption.fingerprint;
        let room = other_recipient(message.env.as_slice(), &ours).ok_or(NOT_OURS)?;
        open_with(message, &context, (&room, &ours), &key.0)
    }

    fn key(&self, env: &[u8]) -> Result<&ComplianceKey, String> {
        self.keys.iter().find(|key| key.is_named_by(env)).ok_or_else(|| NOT_OURS.to_owned())
    }

    /// The compliance key of the organisation that an envelope is for, when it is none of those at hand.
    fn not_loaded(&self, env: &[u8]) -> Option<Fingerprint> {
        if self.keys.iter().any(|key| key.is_named_by(env)) {
            return None;
        }
        let chain = self.chain.as_ref()?;
        let named = recipients(env).into_iter().flatten().find_map(|recipient| chain.of_recipient(&recipient))?;
        Some(named.certificate.key.fingerprint)
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
        self.reload_compliance().await
    }
}

const NOT_OURS: &str = "it is not encrypted to this compliance certificate";

/// The recipient beside `ours`. Only its place is used here; opening the envelope checks its form.
pub(crate) fn other_recipient(env: &[u8], ours: &Fingerprint) -> Option<Fingerprint> {
    match recipients(env) {
        [Some(first), Some(second)] if first == *ours && second != *ours => Some(second),
        [Some(first), Some(second)] if second == *ours && first != *ours => Some(first),
        _ => None,
    }
}

/// Whom the first two packets name, if they are recipient packets.
fn recipients(env: &[u8]) -> [Option<Fingerprint>; 2] {
    // Two octets of header, version, length, key version; then the fingerprint.
    let recipient = |at: usize| env.get(at * PKESK_OCTETS + 5..at * PKESK_OCTETS + 37)?.try_into().ok().map(Fingerprint);
    [recipient(0), recipient(1)]
}
