//! A logged-in account with its unlocked secret key.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use sealcast_contracts::{EventId, Fingerprint, chat::Organisation, sse};
use sealcast_pgp::{certificate::Certificate, keyring::SecretKey};
use time::OffsetDateTime;

use crate::{
    Error, Feed, Session,
    directory::Directory,
    gossip::{Compared, Gossip},
    log::{self, Proven},
    rings::Rings,
    succession::Succession,
    trust::Trust,
};

/// How soon the organisation is asked for again because of a message to an unknown compliance certificate.
const ASK_AGAIN: Duration = Duration::from_secs(60);

/// Everything that an account can do. Cheap to share behind an [`Arc`]; sends of one client follow one another.
pub struct Client {
    pub(crate) session: Session,
    pub(crate) key: Arc<SecretKey>,
    compliance: Mutex<Compliance>,
    pub(crate) directory: Directory,
    pub(crate) rings: Rings,
    trust: Arc<Mutex<Trust>>,
    pub(crate) gossip: Gossip,
    /// Held while a message is sent: each names the one before.
    pub(crate) sending: tokio::sync::Mutex<()>,
}

/// What is known of the compliance certificates.
#[derive(Default)]
struct Compliance {
    /// Absent until the organisation is set up.
    chain: Option<Arc<Succession>>,
    /// What the server's clock said, and when: the pin follows it, so it must not jump as the system's clock may.
    told: Option<(OffsetDateTime, Instant)>,
    asked: Option<Instant>,
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
        let trust = Arc::new(Mutex::new(trust));
        let directory = Directory::new(session.clone(), Arc::clone(&trust));
        let key = Arc::new(key);
        let rings = Rings::new(session.clone(), Arc::clone(&key), directory.clone());
        let (compliance, gossip) = (Mutex::default(), Gossip::new(Arc::clone(&trust)));
        let client = Self { session, key, compliance, directory, rings, trust, gossip, sending: tokio::sync::Mutex::default() };
        client.reload_compliance().await?;
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

    /// Compares the log with what one of the senders whose messages were read has signed to have seen of it.
    ///
    /// # Errors
    /// [`Error::Verification`] when it was another log or the server has gone back; otherwise as every request, and it is
    /// compared the next time.
    pub async fn compare_next(&self) -> Result<Compared, Error> {
        self.gossip.turn(&self.session).await
    }

    /// Compares the log with what all of them have seen. What the server does not show yet is asked for again for some seconds.
    ///
    /// # Errors
    /// As [`Self::compare_next`], of the first that fails.
    pub async fn compare_all(&self) -> Result<(), Error> {
        self.gossip.finish(&self.session).await
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

    /// Reads the organisation's compliance certificates again.
    pub(crate) async fn reload_compliance(&self) -> Result<(), Error> {
        let info = self.session.server().info().await?;
        self.adopt_compliance(&info.organisation, info.time)
    }

    /// Checks the compliance certificates against the pin. Where they do not lead through it, those before stay.
    pub(crate) fn adopt_compliance(&self, organisation: &Organisation, server_time: OffsetDateTime) -> Result<(), Error> {
        let Some(chain) = Succession::verify(organisation, server_time)? else { return Ok(()) };
        self.trust_mut().meet_compliance(&chain, server_time)?;
        let now = Instant::now();
        *self.compliance_mut() = Compliance { chain: Some(Arc::new(chain)), told: Some((server_time, now)), asked: Some(now) };
        Ok(())
    }

    /// The certificate that messages are encrypted to now. The pin follows it.
    pub(crate) fn compliance(&self) -> Result<Certificate, Error> {
        let (chain, told) = {
            let known = self.compliance_mut();
            (known.chain.clone(), known.told)
        };
        let chain = chain.ok_or_else(|| Error::Usage("the organisation is not set up: run `sealcast org init`".to_owned()))?;
        let now = told.map_or_else(OffsetDateTime::now_utc, |(time, at)| time + at.elapsed());
        self.trust_mut().meet_compliance(&chain, now).cloned()
    }

    /// The recipient of a message beside its room: any compliance certificate of the organisation, for messages stay when
    /// certificates change. Anything else is compared with the one in force, and so refused.
    pub(crate) async fn compliance_recipient(&self, other: Option<Fingerprint>) -> Result<Fingerprint, Error> {
        let Some(other) = other else { return Ok(self.compliance()?.encryption.fingerprint) };
        let knows = || self.compliance_mut().chain.as_ref().is_some_and(|chain| chain.of_recipient(&other).is_some());
        if !knows() && self.compliance_mut().asked.is_none_or(|asked| asked.elapsed() > ASK_AGAIN) {
            self.compliance_mut().asked = Some(Instant::now());
            self.reload_compliance().await?;
        }
        if knows() { Ok(other) } else { Ok(self.compliance()?.encryption.fingerprint) }
    }

    fn compliance_mut(&self) -> MutexGuard<'_, Compliance> {
        self.compliance.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Never held across an await.
    pub(crate) fn trust_mut(&self) -> MutexGuard<'_, Trust> {
        self.trust.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
