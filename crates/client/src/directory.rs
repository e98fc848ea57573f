//! Accounts and their certificates, each checked once.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use sealcast_contracts::{Fingerprint, UserId, auth::Account};
use sealcast_pgp::certificate::Certificate;
use time::OffsetDateTime;

use crate::{Error, Session, trust::Trust};

/// An account whose certificate is what its fingerprint says.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    pub user_id: UserId,
    pub username: String,
    pub certificate: Certificate,
}

/// The certificates met so far.
#[derive(Clone)]
pub(crate) struct Directory {
    session: Session,
    trust: Arc<Mutex<Trust>>,
    known: Arc<Mutex<HashMap<Fingerprint, Arc<Known>>>>,
}

impl Directory {
    pub fn new(session: Session, trust: Arc<Mutex<Trust>>) -> Self {
        Self { session, trust, known: Arc::default() }
    }

    /// Asks through another session of the same account from now on.
    pub fn follow(&mut self, session: Session) {
        self.session = session;
    }

    /// The account of a certificate.
    pub async fn by_fingerprint(&self, fingerprint: Fingerprint) -> Result<Arc<Known>, Error> {
        if let Some(known) = self.known.lock().unwrap_or_else(PoisonError::into_inner).get(&fingerprint) {
            return Ok(Arc::clone(known));
        }
        let account = self.session.account_of(fingerprint).await.map_err(|error| match error {
            Error::Refused(problem) if problem.status == 404 => {
                Error::Verification(format!("the directory has no certificate {fingerprint}"))
            }
            other => other,
        })?;
        let known = self.admit(&account)?;
        if known.certificate.key.fingerprint != fingerprint {
            return Err(Error::Verification(format!("the directory gave another certificate for {fingerprint}")));
        }
        Ok(known)
    }

    /// The certificate of an account.
    pub async fn by_user(&self, user_id: UserId) -> Result<Arc<Known>, Error> {
        let account = self.session.account(user_id).await?;
        if account.user_id != user_id {
            return Err(Error::Verification("the directory gave another account".to_owned()));
        }
        self.admit(&account)
    }

    fn admit(&self, account: &Account) -> Result<Arc<Known>, Error> {
        let Account { user_id, username, certificate, .. } = account;
        let certificate = Certificate::parse_sender(certificate.as_slice(), username, OffsetDateTime::now_utc())
            .map_err(|error| Error::Verification(format!("the certificate of `{username}`: {error}")))?;
        let fingerprint = certificate.key.fingerprint;
        self.trust.lock().unwrap_or_else(PoisonError::into_inner).meet_account(*user_id, fingerprint)?;
        let known = Arc::new(Known { user_id: *user_id, username: username.clone(), certificate });
        self.known.lock().unwrap_or_else(PoisonError::into_inner).insert(fingerprint, Arc::clone(&known));
        Ok(known)
    }
}
