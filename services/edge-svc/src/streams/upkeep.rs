//! What repairs lost signals: sessions and memberships are asked for again, now and then and after every reconnect.

use std::{collections::HashSet, sync::Arc, time::Duration};

use futures::StreamExt as _;
use sealcast_contracts::{SessionId, UserId, auth::CheckSessions, chat::ListMemberships};

use super::Engine;
use crate::sessions::SessionCache;

const SESSIONS_INTERVAL: Duration = Duration::from_secs(20);
const MEMBERSHIPS_INTERVAL: Duration = Duration::from_secs(300);
/// How soon a question that was not answered is asked again.
const RETRY_INTERVAL: Duration = Duration::from_secs(2);
/// Sessions of one question, and how long the processor is left to others before the next.
const SESSIONS_PER_CALL: usize = 1_000;
const PAUSE: Duration = Duration::from_millis(20);
/// Memberships that are asked for at the same time.
const MEMBERSHIPS_IN_FLIGHT: usize = 16;
/// What a client reads when its session is found to have ended.
const ENDED: &str = "session ended";

/// Runs as long as the node.
pub async fn run(engine: Arc<Engine>, sessions: Arc<SessionCache>) {
    tokio::join!(check_sessions(&engine, &sessions), resync_memberships(&engine));
}

async fn check_sessions(engine: &Engine, cache: &SessionCache) {
    let mut reconnections = engine.bus.reconnections();
    let mut wait = SESSIONS_INTERVAL;
    loop {
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            Ok(()) = reconnections.changed() => cache.forget_all(),
        }
        wait = SESSIONS_INTERVAL;
        for (nth, session_ids) in engine.hub.sessions().chunks(SESSIONS_PER_CALL).enumerate() {
            if nth > 0 {
                tokio::time::sleep(PAUSE).await;
            }
            match engine.bus.call(&CheckSessions { session_ids: session_ids.to_vec() }).await {
                Ok(valid) => end_missing(engine, cache, session_ids, &valid),
                Err(error) => {
                    tracing::warn!(%error, "sessions could not be checked");
                    wait = RETRY_INTERVAL;
                }
            }
        }
    }
}

fn end_missing(engine: &Engine, cache: &SessionCache, asked: &[SessionId], valid: &[SessionId]) {
    let valid: HashSet<_> = valid.iter().collect();
    let ended: Vec<_> = asked.iter().filter(|session_id| !valid.contains(session_id)).copied().collect();
    if !ended.is_empty() {
        cache.forget(&ended);
        engine.hub.revoke(&ended, ENDED);
    }
}

/// Accounts whose memberships could not be read are asked for again soon, the others at the next turn.
async fn resync_memberships(engine: &Engine) {
    let mut reconnections = engine.bus.reconnections();
    let mut unanswered = Vec::new();
    loop {
        let wait = if unanswered.is_empty() { MEMBERSHIPS_INTERVAL } else { RETRY_INTERVAL };
        let users = tokio::select! {
            () = tokio::time::sleep(wait), if !unanswered.is_empty() => std::mem::take(&mut unanswered),
            () = tokio::time::sleep(wait) => engine.hub.users(),
            Ok(()) = reconnections.changed() => engine.hub.users(),
        };
        let answers = futures::stream::iter(users).map(|user_id| async move { resync(engine, user_id).await.err() });
        unanswered = answers.buffer_unordered(MEMBERSHIPS_IN_FLIGHT).filter_map(std::future::ready).collect().await;
        if !unanswered.is_empty() {
            tracing::warn!(accounts = unanswered.len(), "memberships could not be read again");
        }
    }
}

/// # Errors
/// The account whose memberships are still not known.
async fn resync(engine: &Engine, user_id: UserId) -> Result<(), UserId> {
    let mark = engine.hub.membership_mark();
    let rooms = engine.bus.call(&ListMemberships { user_id }).await.map_err(|_| user_id)?;
    engine.hub.replace_rooms(user_id, rooms.into_iter().collect(), mark);
    Ok(())
}
