use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use aws_lc_rs::digest::{SHA256, digest};
use sealcast_contracts::{SessionId, UserId, auth::Session};
use time::OffsetDateTime;

/// How long a verdict stands in while auth-svc cannot say. Revocations end it at once: each comes as a signal, and whoever may
/// have missed one forgets everything.
const STANDS_IN: Duration = Duration::from_secs(120);
/// While auth-svc does not answer, it is asked again after this; others stand in meanwhile.
const ASK_AGAIN: Duration = Duration::from_secs(1);
/// Verdicts that are kept; past it all stale ones go, and if none is stale, all.
const SESSIONS_MAX: usize = 100_000;

type TokenHash = [u8; 32];

/// Verified sessions by the hash of their token.
#[derive(Debug)]
pub struct SessionCache {
    known: Mutex<Known>,
    /// How long auth-svc's verdict is believed. A revocation signal ends it at once; this bounds a lost signal.
    believed: Duration,
}

/// When a verification began. Its verdict is as old, and is not kept if a revocation came meanwhile.
#[derive(Clone, Copy, Debug)]
pub struct Asking {
    revocations: u64,
    at: Instant,
}

#[derive(Debug, Default)]
struct Known {
    sessions: HashMap<TokenHash, Verdict>,
    /// Rises with every revocation.
    revocations: u64,
    /// auth-svc did not answer; it is not asked before this by those who need not.
    away_until: Option<Instant>,
}

#[derive(Debug)]
struct Verdict {
    session: Session,
    verified_at: Instant,
    /// How long it is kept: a stream's is not needed again.
    kept: Duration,
}

/// What a session was verified for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    Request,
    Stream,
}

impl SessionCache {
    pub fn new(believed: Duration) -> Self {
        Self { known: Mutex::default(), believed }
    }

    /// The session of a token, if it was verified a moment ago and has not ended.
    pub fn get(&self, token: &str) -> Option<Session> {
        self.younger_than(token, self.believed)
    }

    /// The session of a token as it was some time ago, if it has not ended: only for a node that hears of revocations, while
    /// auth-svc does not answer.
    pub fn stand_in(&self, token: &str) -> Option<Session> {
        self.younger_than(token, STANDS_IN)
    }

    /// Whether a session that can stand in is asked about all the same: always while auth-svc answers, and once in a while
    /// when it does not.
    pub fn may_ask(&self, now: Instant) -> bool {
        let mut known = self.lock();
        match known.away_until {
            None => true,
            Some(until) if until <= now => {
                known.away_until = Some(now + ASK_AGAIN);
                true
            }
            Some(_) => false,
        }
    }

    /// auth-svc did not answer.
    pub fn went_away(&self, now: Instant) {
        self.lock().away_until = Some(now + ASK_AGAIN);
    }

    /// It answered.
    pub fn came_back(&self) {
        self.lock().away_until = None;
    }

    fn younger_than(&self, token: &str, age: Duration) -> Option<Session> {
        let known = self.lock();
        let verdict = known.sessions.get(&hash(token))?;
        let holds = verdict.verified_at.elapsed() < age && verdict.session.expires_at > OffsetDateTime::now_utc();
        holds.then(|| verdict.session.clone())
    }

    /// To be taken before auth-svc is asked, and given to [`Self::put`].
    pub fn asking(&self) -> Asking {
        Asking { revocations: self.lock().revocations, at: Instant::now() }
    }

    /// Keeps a verdict, unless a revocation came while it was on its way.
    pub fn put(&self, asked: Asking, token: &str, session: &Session, for_a: Use) {
        let mut known = self.lock();
        if known.revocations != asked.revocations {
            return;
        }
        if known.sessions.len() >= SESSIONS_MAX {
            known.sessions.retain(|_, verdict| verdict.verified_at.elapsed() < self.believed);
            if known.sessions.len() >= SESSIONS_MAX {
                known.sessions.clear();
            }
        }
        let kept = if for_a == Use::Request { STANDS_IN } else { self.believed };
        known.sessions.insert(hash(token), Verdict { session: session.clone(), verified_at: asked.at, kept });
    }

    /// Gives the memory of verdicts that are of no more use back.
    pub fn forget_stale(&self) {
        let mut known = self.lock();
        known.sessions.retain(|_, verdict| verdict.verified_at.elapsed() < verdict.kept);
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
        known.sessions.retain(|_, verdict| !ended.contains(&verdict.session.session_id));
    }

    /// What an account may do has changed.
    pub fn forget_account(&self, user_id: UserId) {
        let mut known = self.lock();
        known.revocations += 1;
        known.sessions.retain(|_, verdict| verdict.session.user_id != user_id);
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
    use sealcast_contracts::{Fingerprint, auth::Role};

    use super::*;

    const BELIEVED: Duration = Duration::from_secs(10);

    fn cache() -> SessionCache {
        SessionCache::new(BELIEVED)
    }

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
        let (cache, session) = (cache(), session());
        cache.put(cache.asking(), "token", &session, Use::Request);
        assert_eq!(cache.get("token"), Some(session.clone()));
        assert_eq!(cache.get("other"), None);
        cache.forget(&[session.session_id]);
        assert_eq!(cache.get("token"), None);
    }

    #[test]
    fn a_verdict_older_than_a_revocation_is_not_kept() {
        let (cache, session) = (cache(), session());
        let asked = cache.asking();
        cache.forget(&[session.session_id]);
        cache.put(asked, "token", &session, Use::Request);
        assert_eq!(cache.get("token"), None);
    }

    #[test]
    fn a_verdict_is_asked_again_when_the_role_has_changed() {
        let (cache, changed, other) = (cache(), session(), session());
        for (token, session) in [("changed", &changed), ("other", &other)] {
            cache.put(cache.asking(), token, session, Use::Request);
        }
        let asked = cache.asking();
        cache.forget_account(changed.user_id);
        cache.put(asked, "changed", &changed, Use::Request);
        assert_eq!((cache.get("changed"), cache.get("other")), (None, Some(other)));
    }

    #[test]
    fn an_auth_svc_that_does_not_answer_is_asked_now_and_then() {
        let (cache, begun) = (cache(), Instant::now());
        let later = begun + ASK_AGAIN;
        assert!(cache.may_ask(begun) && cache.may_ask(begun));
        cache.went_away(begun);
        assert!(!cache.may_ask(begun));
        assert!(cache.may_ask(later) && !cache.may_ask(later), "one asks, others stand in");
        cache.came_back();
        assert!(cache.may_ask(later));
    }

    #[test]
    fn an_expired_session_is_not_given() {
        let cache = cache();
        let session = Session { expires_at: OffsetDateTime::now_utc() - time::Duration::seconds(1), ..session() };
        cache.put(cache.asking(), "token", &session, Use::Request);
        assert_eq!(cache.get("token"), None);
    }

    #[test]
    fn only_what_is_of_no_more_use_is_forgotten() {
        let (cache, session) = (cache(), session());
        for (token, for_a) in [("new", Use::Stream), ("old stream", Use::Stream), ("old request", Use::Request)] {
            cache.put(cache.asking(), token, &session, for_a);
        }
        for token in ["old stream", "old request"] {
            cache.lock().sessions.get_mut(&hash(token)).unwrap().verified_at = Instant::now().checked_sub(BELIEVED).unwrap();
        }
        cache.forget_stale();
        assert_eq!(cache.lock().sessions.len(), 2);
        assert_eq!(cache.get("new"), Some(session.clone()));
        assert_eq!((cache.get("old request"), cache.stand_in("old request")), (None, Some(session.clone())));
        cache.forget(&[session.session_id]);
        assert_eq!(cache.stand_in("old request"), None, "a revocation ends it");
    }

    #[test]
    fn a_verdict_does_not_stand_in_for_ever_and_not_after_missed_signals() {
        let (cache, session) = (cache(), session());
        for token in ["old", "missed"] {
            cache.put(cache.asking(), token, &session, Use::Request);
        }
        cache.lock().sessions.get_mut(&hash("old")).unwrap().verified_at = Instant::now().checked_sub(STANDS_IN).unwrap();
        assert_eq!((cache.stand_in("old"), cache.stand_in("missed")), (None, Some(session)));
        cache.forget_all();
        assert_eq!(cache.stand_in("missed"), None);
    }
}
