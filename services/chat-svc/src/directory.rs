//! Accounts and their certificates, asked of auth-svc and kept for a short time.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use sealcast_bus::{Bus, CallError};
use sealcast_contracts::{
    Caller, Fingerprint, UserId,
    auth::{Account, AccountKey, AuthRefusal, GetAccount},
    chat::ChatRefusal,
};
use sealcast_pgp::certificate::Certificate;
use time::OffsetDateTime;

use crate::{Chat, cache::Cache, error::Failure, limits};

/// An account as far as this service needs it: some 300 octets, where a parsed certificate takes 16 KiB.
#[derive(Clone, Debug)]
pub struct Person {
    pub user_id: UserId,
    pub username: String,
    pub certificate: Certificate,
}

/// The certificate directory.
pub struct Directory {
    bus: Bus,
    cache: Cache<UserId, (Instant, Arc<Person>)>,
}

impl Directory {
    pub fn new(bus: Bus) -> Self {
        Self { bus, cache: Cache::new(limits::DIRECTORY_CACHE_MAX) }
    }

    /// The account, at most [`limits::DIRECTORY_CACHE_AGE`] old; `None` when there is none.
    ///
    /// # Errors
    /// auth-svc is unavailable, or its answer is not what it checked.
    pub(crate) async fn find(&self, user_id: UserId, now: OffsetDateTime) -> Result<Option<Arc<Person>>, Failure> {
        match self.cached(user_id) {
            Some(person) => Ok(Some(person)),
            None => self.fetch(user_id, now).await,
        }
    }

    /// The account, read again when it is remembered with another certificate than `fingerprint`.
    ///
    /// # Errors
    /// As [`Directory::find`].
    pub(crate) async fn find_current(
        &self,
        user_id: UserId,
        fingerprint: &Fingerprint,
        now: OffsetDateTime,
    ) -> Result<Option<Arc<Person>>, Failure> {
        let is_current = |person: &Arc<Person>| person.certificate.key.fingerprint == *fingerprint;
        if let Some(person) = self.cached(user_id).filter(is_current) {
            return Ok(Some(person));
        }
        match self.fetch(user_id, now).await {
            // The session names the certificate, and its own validity is checked with each signature.
            Err(Failure::Unavailable(error)) => match self.younger_than(user_id, limits::DIRECTORY_STAND_IN_AGE).filter(is_current)
            {
                Some(person) => Ok(Some(person)),
                None => Err(Failure::Unavailable(error)),
            },
            outcome => outcome,
        }
    }

    fn cached(&self, user_id: UserId) -> Option<Arc<Person>> {
        self.younger_than(user_id, limits::DIRECTORY_CACHE_AGE)
    }

    fn younger_than(&self, user_id: UserId, age: Duration) -> Option<Arc<Person>> {
        let (at, person) = self.cache.get(&user_id)?;
        (at.elapsed() < age).then_some(person)
    }

    async fn fetch(&self, user_id: UserId, now: OffsetDateTime) -> Result<Option<Arc<Person>>, Failure> {
        let account = match self.bus.call(&GetAccount { key: AccountKey::UserId(user_id) }).await {
            Ok(account) => account,
            Err(CallError::Refused(AuthRefusal::NotFound)) => return Ok(None),
            Err(error @ (CallError::Refused(_) | CallError::Bug { .. })) => {
                return Err(Failure::Bug(anyhow::Error::new(error).context("asking for an account")));
            }
            // A question without an answer: whatever asked for it is certainly not done.
            Err(error) => return Err(Failure::Unavailable(anyhow::Error::new(error).context("asking for an account"))),
        };
        let person = Arc::new(person(account, now)?);
        self.cache.put(user_id, (Instant::now(), person.clone()));
        Ok(Some(person))
    }
}

impl Chat {
    /// The caller with its current certificate, for what it signed.
    pub(crate) async fn signer(&self, caller: &Caller) -> Result<Arc<Person>, Failure> {
        let person = self.directory.find_current(caller.user_id, &caller.fingerprint, self.now()).await?;
        person.ok_or_else(|| ChatRefusal::NotFound.into())
    }
}

/// An expired or revoked certificate is read as well: the signature check says so.
fn person(account: Account, now: OffsetDateTime) -> Result<Person, Failure> {
    let certificate = Certificate::parse_sender(account.certificate.as_slice(), &account.username, now)
        .map_err(|error| Failure::Bug(anyhow::Error::new(error).context("a certificate of the directory")))?;
    Ok(Person { user_id: account.user_id, username: account.username, certificate })
}
