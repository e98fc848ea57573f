//! A logged-in account with its unlocked secret key.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use sealcast_contracts::{Base64, EventId, sse};
use sealcast_pgp::{certificate::Certificate, keyring::SecretKey};
use time::OffsetDateTime;

use crate::{
    Error, Feed, Session,
    directory::Directory,
    log::{self, Proven},
    rings::Rings,
    trust::Trust,
};

/// Everything that an account can do. Cheap to share behind an [`Arc`]; sends of one client follow one another.
pub struct Client {
    pub(crate) session: Session,
    pub(crate) key: Arc<SecretKey>,
    /// Absent until the organisation is set up.
    compliance: OnceLock<Certificate>,
    pub(crate) directory: Directory,
    pub(crate) rings: Rings,
    trust: Arc<Mutex<Trust>>,
    /// Held while a message is sent: each names the one before.
    pub(crate) sending: tokio::sync::Mutex<()>,
}

impl Client {
    /// Joins a session and its key, and checks the organisation's compliance certificate against the pins.
    ///
    /// # Errors
    /// [`Error::Verification`] when the key is not the account's or the compliance certificate is not the pinned one.
    pub async fn new(session: Session, key: SecretKey, mut trust: Trust) -> Result<Self, Error> {
        if key.fingerprint() != session.info().fingerprint {
            return Err(Error::Verification("the server's certificate for this account is not of this secret key".to_owned()));
        }
        trust.meet_account(session.info().user_id, key.fingerprint())?;
        let published = session.server().info().await?.organisation.compliance;
        let trust = Arc::new(Mutex::new(trust));
        let directory = Directory::new(session.clone(), Arc::clone(&trust));
        let key = Arc::new(key);
        let rings = Rings::new(session.clone(), Arc::clone(&key), directory.clone());
        let compliance = OnceLock::new();
        let client = Self { session, key, compliance, directory, rings, trust, sending: tokio::sync::Mutex::default() };
        if let Some(published) = published {
            client.adopt_compliance(&published.certificate)?;
        }
        Ok(client)
    }

    /// What needs no key.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// The pins as they are now, to be kept.
    pub fn trust(&self) -> Trust {
        self.trust_mut().clone()
    }

    /// The live stream without holes, from the message after `last` or from now on.
    pub fn feed(&self, last: Option<EventId>) -> Feed {
        Feed::new(self.session.clone(), last)
    }

    /// Sees the newest checkpoint: what is sent from now on vouches for it.
    ///
    /// # Errors
    /// As [`log::refresh_checkpoint`].
    pub async fn refresh_checkpoint(&self) -> Result<(), Error> {
        let mut trust = self.trust();
        log::refresh_checkpoint(&self.session, &mut trust).await?;
        self.trust_mut().merge(&trust);
        Ok(())
    }

    /// Proves that a message is in the log.
    ///
    /// # Errors
    /// As [`log::prove`].
    pub async fn prove(&self, message: &sse::Message) -> Result<Proven, Error> {
        let mut trust = self.trust();
        let proven = log::prove(&self.session, &mut trust, message.id, Some(message)).await?;
        self.trust_mut().merge(&trust);
        Ok(proven)
    }

    /// Parses the published compliance certificate and compares it with the pin.
    pub(crate) fn adopt_compliance(&self, published: &Base64) -> Result<(), Error> {
        let certificate = Certificate::parse_compliance(published.as_slice(), OffsetDateTime::now_utc())
            .map_err(|error| Error::Verification(format!("the compliance certificate: {error}")))?;
        self.trust_mut().meet_compliance(certificate.key.fingerprint)?;
        self.compliance.get_or_init(|| certificate);
        Ok(())
    }

    pub(crate) fn compliance(&self) -> Result<&Certificate, Error> {
        self.compliance.get().ok_or_else(|| Error::Usage("the organisation is not set up: run `sealcast org init`".to_owned()))
    }

    /// Never held across an await.
    pub(crate) fn trust_mut(&self) -> MutexGuard<'_, Trust> {
        self.trust.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
