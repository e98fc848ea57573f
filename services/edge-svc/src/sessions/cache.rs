use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use aws_lc_rs::digest::{SHA256, digest};
use sealcast_contracts::{SessionId, auth::Session};
use time::OffsetDateTime;

/// How long auth-svc's verdict is believed. A revocation signal ends it at once; this bounds a lost signal.
const BELIEVED: Duration = Duration::from_secs(10);
/// Verdicts that are kept; past it all stale ones go, and if none is stale, all.
const SESSIONS_MAX: usize = 100_000;

type TokenHash = [u8; 32];

/// Verified sessions by the hash of their token, each believed for at most [`BELIEVED`].
#[derive(Debug, Default)]
pub struct SessionCache {
    known: Mutex<Known>,
}

/// When a verification began: its verdict is not kept if a revocation came meanwhile.
#[derive(Clone, Copy, Debug)]
pub struct Asking(u64);

#[derive(Debug, Default)]
struct Known {
    sessions: HashMap<TokenHash, (Session, Instant)>,
    /// Rises with every revocation.
    revocations: u64,
}

impl SessionCache {
    /// The session of a token, if it was verified a moment ago and has not ended.
    pub fn get(&self, token: &str) -> Option<Session> {
        let known = self.lock();
        let (session, verified_at) = known.sessions.get(&hash(token))?;
        let fresh = verified_at.elapsed() < BELIEVED && session.expires_at > OffsetDateTime::now_utc();
        fresh.then(|| session.clone())
    }

    /// To be taken before auth-svc is asked, and given to [`Self::put`].
    pub fn asking(&self) -> Asking {
        Asking(self.lock().revocations)
    }

    /// Keeps a verdict, unless a revocation came while it was on its way.
    pub fn put(&self, asked: Asking, token: &str, session: &Session) {
        let mut known = self.lock();
        if known.revocations != asked.0 {
            return;
        }
        if known.sessions.len() >= SESSIONS_MAX {
            known.sessions.retain(|_, (_, verified_at)| verified_at.elapsed() < BELIEVED);
            if known.sessions.len() >= SESSIONS_MAX {
                known.sessions.clear();
            }
        }
        known.sessions.insert(hash(token), (session.clone(), Instant::now()));
    }

    /// Gives the memory of verdicts that are no longer believed back.
    pub fn forget_stale(&self) {
        let mut known = self.lock();
        known.sessions.retain(|_, (_, verified_at)| verified_at.elapsed() < BELIEVED);
        known.sessions.shrink_to_fit();
    }

    /// A session ended here: the next request with its token asks auth-svc again.
    pub fn forget_token(&self, token: &str) {
        let mut known = self.lock();
        known.revocations += 1;
        known.sessions.remove(&hash(token));
    }

    /// Sessions ended somewhere.
    pub fn forget(&self, ended: &[SessionId]) {
        let mut known = self.lock();
        known.revocations += 1;
        known.sessions.retain(|_, (session, _)| !ended.contains(&session.session_id));
    }

    /// Signals may have been missed.
    pub fn forget_all(&self) {
        let mut known = self.lock();
        known.revocations += 1;
        known.sessions.clear();
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        // Every change is one insertion or removal: a panic elsewhere leaves nothing half done.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn hash(token: &str) -> TokenHash {
    let mut octets = [0; 32];
    octets.copy_from_slice(digest(&SHA256, token.as_bytes()).as_ref());
    octets
}

#[cfg(test)]
mod tests {
    use sealcast_contracts::{Fingerprint, UserId, auth::Role};

    use super::*;

    fn session() -> Session {
        Session {
            session_id: SessionId::generate(),
            user_id: UserId::generate(),
            username: "ada".to_owned(),
            role: Role::Member,
            fingerprint: Fingerprint([1; 32]),
            expires_at: OffsetDateTime::now_utc() + time::Duration::hours(1),
        }
    }

    #[test]
    fn a_verdict_is_kept_until_its_session_ends() {
        let (cache, session) = (SessionCache::default(), session());
        cache.put(cache.asking(), "token", &session);
        assert_eq!(cache.get("token"), Some(session.clone()));
        assert_eq!(cache.get("other"), None);
        cache.forget(&[session.session_id]);
        assert_eq!(cache.get("token"), None);
    }

    #[test]
    fn a_verdict_older_than_a_revocation_is_not_kept() {
        let (cache, session) = (SessionCache::default(), session());
        let asked = cache.asking();
        cache.forget(&[session.session_id]);
        cache.put(asked, "token", &session);
        assert_eq!(cache.get("token"), None);
    }

    #[test]
    fn an_expired_session_is_not_given() {
        let cache = SessionCache::default();
        let session = Session { expires_at: OffsetDateTime::now_utc() - time::Duration::seconds(1), ..session() };
        cache.put(cache.asking(), "token", &session);
        assert_eq!(cache.get("token"), None);
    }
    #[test]
    fn only_stale_verdicts_are_forgotten() {
        let (cache, session) = (SessionCache::default(), session());
        for token in ["new", "old"] {
            cache.put(cache.asking(), token, &session);
        }
        let before = Instant::now().checked_sub(BELIEVED).unwrap();
        cache.lock().sessions.get_mut(&hash("old")).unwrap().1 = before;
        cache.forget_stale();
        assert_eq!(cache.lock().sessions.keys().collect::<Vec<_>>(), [&hash("new")]);
        assert_eq!(cache.get("new"), Some(session));
    }
}
