use std::{collections::HashMap, sync::Arc};

use sealcast_contracts::{
    SessionId, UserId,
    auth::{
        AuthRefusal, CheckSessions, ListSessions, RefreshSession, RefreshedSession, RevokeScope, RevokeSessions, RevokedSessions,
        Session, SessionInfo, VerifySession, VerifySessions,
    },
    control::SessionsRevoked,
    events::AuditEventKind,
    limits::BATCH_MAX,
};
use time::Duration;

use super::{
    store::{self, TokenHash},
    token,
};
use crate::{
    Auth,
    events::happened,
    failure::{self, Answer, commit, malformed},
};

/// Sessions in one [`CheckSessions`].
const CHECK_MAX: usize = 1_000;
/// A use within this time of the last one noted is not written.
const TOUCH_INTERVAL: Duration = Duration::minutes(1);

/// The session of a token. Its use moves the expiry.
///
/// # Errors
/// [`AuthRefusal::SessionInvalid`].
pub async fn verify_session(auth: Arc<Auth>, call: VerifySession) -> Answer<Session> {
    let token = token::hash(&call.token)?;
    let mut open = verify(&auth, &[token]).await?;
    open.remove(&token).ok_or_else(|| AuthRefusal::SessionInvalid.into())
}

/// The sessions of many tokens, in their order. Their use moves the expiries.
///
/// # Errors
/// [`AuthRefusal::Malformed`].
pub async fn verify_sessions(auth: Arc<Auth>, call: VerifySessions) -> Answer<Vec<Option<Session>>> {
    if call.tokens.len() > BATCH_MAX {
        return Err(malformed("tokens", "at most 256"));
    }
    let tokens: Vec<Option<TokenHash>> = call.tokens.iter().map(|token| token::hash(token).ok()).collect();
    let known: Vec<TokenHash> = tokens.iter().flatten().copied().collect();
    let open = verify(&auth, &known).await?;
    Ok(tokens.into_iter().map(|token| open.get(&token?).cloned()).collect())
}

async fn verify(auth: &Auth, tokens: &[TokenHash]) -> Answer<HashMap<TokenHash, Session>> {
    let now = auth.clock.now();
    let touch = store::Touch { now, noted_by: now - TOUCH_INTERVAL, expires_at: auth.sessions.idle_expiry(now) };
    let found = store::verify(&auth.pool, tokens, &touch).await.map_err(failure::store("verifying sessions"))?;
    Ok(found.into_iter().map(|(token, found)| (token, auth.in_force(found))).collect())
}

/// Which sessions are open; no use of them.
///
/// # Errors
/// [`AuthRefusal::Malformed`].
pub async fn check_sessions(auth: Arc<Auth>, call: CheckSessions) -> Answer<Vec<SessionId>> {
    if call.session_ids.len() > CHECK_MAX {
        return Err(malformed("session_ids", "at most 1,000"));
    }
    store::open_among(&auth.pool, &call.session_ids, auth.clock.now()).await.map_err(failure::store("checking sessions"))
}

/// Replaces the token of a session and moves its expiry.
///
/// # Errors
/// [`AuthRefusal::SessionInvalid`].
pub async fn refresh_session(auth: Arc<Auth>, call: RefreshSession) -> Answer<RefreshedSession> {
    let (now, old) = (auth.clock.now(), token::hash(&call.token)?);
    let found = store::find(&auth.pool, old, now).await.map_err(failure::store("finding a session"))?;
    let found = found.ok_or(AuthRefusal::SessionInvalid)?;
    let expires_at = auth.sessions.expiry(now, found.ends_at);
    let session = Session { expires_at, ..auth.in_force(found) };
    let (token, new) = token::generate()?;
    // Of two refreshes with one token a single one wins.
    let replaced =
        store::replace_token(&auth.pool, old, new, now, session.expires_at).await.map_err(failure::store("replacing a token"))?;
    if !replaced {
        return Err(AuthRefusal::SessionInvalid.into());
    }
    tracing::debug!(user_id = %session.user_id, session_id = %session.session_id, "session refreshed");
    Ok(RefreshedSession { token, session })
}

/// The open sessions of the caller.
///
/// # Errors
/// None of its own.
pub async fn list_sessions(auth: Arc<Auth>, call: ListSessions) -> Answer<Vec<SessionInfo>> {
    store::list(&auth.pool, call.caller.user_id, call.caller.session_id, auth.clock.now())
        .await
        .map_err(failure::store("listing sessions"))
}

/// Ends sessions of the caller, and tells the edges.
///
/// # Errors
/// [`AuthRefusal::NotFound`] for a session that is not the caller's.
pub async fn revoke_sessions(auth: Arc<Auth>, call: RevokeSessions) -> Answer<RevokedSessions> {
    let RevokeSessions { caller, scope, logout } = call;
    let (now, user_id) = (auth.clock.now(), caller.user_id);
    let mut tx = auth.pool.begin().await.map_err(failure::store("beginning"))?;
    let ended = store::end(&mut tx, user_id, caller.session_id, &scope).await.map_err(failure::store("ending sessions"))?;
    if ended.is_empty() {
        // A logout that is repeated has reached what it wanted.
        return match scope {
            RevokeScope::One(_) if !logout => Err(AuthRefusal::NotFound.into()),
            _ => Ok(RevokedSessions { revoked: 0 }),
        };
    }
    let what = if logout && ended == [caller.session_id] {
        AuditEventKind::LoggedOut { session_id: caller.session_id }
    } else {
        AuditEventKind::SessionsRevoked { user_id, session_ids: ended.clone() }
    };
    happened(&mut tx, now, Some(user_id), what).await?;
    commit(tx).await?;
    tracing::info!(%user_id, revoked = ended.len(), logout, "sessions revoked");
    Ok(announce(&auth, user_id, ended).await)
}

/// Tells the edges that sessions ended. It is a hint: an edge that misses it finds out when it checks its sessions.
pub(crate) async fn announce(auth: &Auth, user_id: UserId, session_ids: Vec<SessionId>) -> RevokedSessions {
    let revoked = u32::try_from(session_ids.len()).unwrap_or(u32::MAX);
    if revoked > 0
        && let Err(error) = auth.bus.signal(&SessionsRevoked { user_id, session_ids }).await
    {
        tracing::warn!(error = format!("{error:#}"), "edges were not told that sessions ended");
    }
    RevokedSessions { revoked }
}

/// Deletes expired sessions from time to time, until the shutdown.
pub(crate) async fn sweep(auth: Arc<Auth>, shutdown: tokio_util::sync::CancellationToken) {
    let interval = std::time::Duration::from_secs(auth.sessions.sweep_interval_s);
    while shutdown.run_until_cancelled(tokio::time::sleep(interval)).await.is_some() {
        match store::sweep(&auth.pool, auth.clock.now()).await {
            Ok(0) => {}
            Ok(swept) => tracing::debug!(swept, "expired sessions deleted"),
            Err(error) => tracing::warn!(%error, "expired sessions were not deleted"),
        }
    }
}
