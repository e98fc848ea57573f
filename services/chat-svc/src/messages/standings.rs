//! What senders may send where, remembered for the time that Postgres is away.
//!
//! While Postgres is away nothing changes in it, so what was read before still holds. A change that comes before that is known
//! here by this process's own work or by the signal of another replica, and what was read before the change is not used any more.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use sealcast_bus::{Received, Subscription};
use sealcast_contracts::{
    RoomId, UserId,
    control::{MembershipChanged, RoomChanged, Signal},
};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::store::{self, Standing};
use crate::{Chat, cache::Cache, error::Failure, limits};

type Key = (RoomId, UserId, i32);

pub(crate) struct Standings {
    /// With the time at which the question was put.
    known: Cache<Key, (Instant, Arc<Standing>)>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// What was read of a room before this does not hold any more.
    changed: HashMap<RoomId, Instant>,
    /// Nor what was read of any room before this: signals may have been missed.
    blind_until: Option<Instant>,
    /// Postgres did not answer; it is not asked before this by those who need not.
    away_until: Option<Instant>,
}

impl Default for Standings {
    fn default() -> Self {
        Self { known: Cache::new(limits::STANDINGS_MAX), state: Mutex::default() }
    }
}

impl Standings {
    /// A room has changed: what was read of it before is forgotten.
    pub(crate) fn forget(&self, room_id: RoomId, now: Instant) {
        let mut state = self.lock();
        if state.changed.len() >= limits::STANDINGS_MAX {
            state.changed.retain(|_, at| now.duration_since(*at) < limits::STANDING_AGE_MAX);
        }
        state.changed.insert(room_id, now);
    }

    /// Signals may have been missed.
    fn forget_all(&self, now: Instant) {
        self.lock().blind_until = Some(now);
    }

    fn remember(&self, key: Key, asked_at: Instant, standing: Arc<Standing>) {
        self.lock().away_until = None;
        self.known.put(key, (asked_at, standing));
    }

    fn recall(&self, key: &Key, now: Instant) -> Option<Arc<Standing>> {
        let (asked_at, standing) = self.known.get(key)?;
        let state = self.lock();
        let last_change = state.changed.get(&key.0).copied().max(state.blind_until);
        let holds = last_change.is_none_or(|change| asked_at > change) && now.duration_since(asked_at) < limits::STANDING_AGE_MAX;
        holds.then_some(standing)
    }

    fn is_away(&self, now: Instant) -> bool {
        self.lock().away_until.is_some_and(|until| now < until)
    }

    fn went_away(&self, now: Instant) {
        self.lock().away_until = Some(now + limits::POSTGRES_ASK_AGAIN);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Every change is one assignment: a panic elsewhere leaves nothing half done.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Chat {
    /// What a sender may send where: from Postgres, or, while it is away, as it was read a short time before.
    pub(super) async fn standing(&self, room_id: RoomId, user_id: UserId, epoch: i32) -> Result<Arc<Standing>, Failure> {
        let (key, asked_at) = ((room_id, user_id, epoch), Instant::now());
        let recalled = self.standings.recall(&key, asked_at);
        if let Some(standing) = recalled.as_ref().filter(|_| self.standings.is_away(asked_at)) {
            return Ok(standing.clone());
        }
        let reading = async {
            let mut conn = self.pool.acquire().await?;
            store::standing(&mut conn, room_id, user_id, epoch).await
        };
        let error = match tokio::time::timeout(limits::POSTGRES_PATIENCE, reading).await {
            Ok(Ok(standing)) => {
                let standing = Arc::new(standing);
                self.standings.remember(key, asked_at, standing.clone());
                return Ok(standing);
            }
            Ok(Err(error)) => match Failure::from(error) {
                Failure::Unavailable(error) => error,
                other => return Err(other),
            },
            Err(_) => anyhow::anyhow!("Postgres did not answer in time"),
        };
        let now = Instant::now();
        self.standings.went_away(now);
        // A change that came while the question was open counts.
        let Some(standing) = self.standings.recall(&key, now) else { return Err(Failure::Unavailable(error)) };
        metrics::counter!("chat_standings_recalled_total").increment(1);
        tracing::debug!(error = format!("{error:#}"), "Postgres is away; what was read before holds");
        Ok(standing)
    }
}

/// The signals of the other replicas.
pub(crate) struct Changes {
    memberships: Subscription,
    rooms: Subscription,
}

impl Changes {
    pub(crate) async fn subscribe(chat: &Chat) -> anyhow::Result<Self> {
        let memberships = chat.bus.subscribe(MembershipChanged::SUBJECT).await?;
        Ok(Self { memberships, rooms: chat.bus.subscribe(RoomChanged::SUBJECT).await? })
    }

    /// Listens for as long as the process lives.
    pub(crate) async fn follow(mut self, chat: Arc<Chat>, shutdown: CancellationToken) {
        let mut reconnections = chat.bus.reconnections();
        loop {
            let changed = tokio::select! {
                () = shutdown.cancelled() => return,
                Ok(()) = reconnections.changed() => None,
                received = self.memberships.next() => match received {
                    Some(received) => room_of::<MembershipChanged>(&received, |changed| changed.room_id),
                    None => return,
                },
                received = self.rooms.next() => match received {
                    Some(received) => room_of::<RoomChanged>(&received, |changed| changed.room_id),
                    None => return,
                },
            };
            match changed {
                Some(room_id) => chat.standings.forget(room_id, Instant::now()),
                None => chat.standings.forget_all(Instant::now()),
            }
        }
    }
}

/// `None` for a signal that cannot be read: then anything may have changed.
fn room_of<S: Signal>(received: &Received, room_id: impl Fn(&S) -> RoomId) -> Option<RoomId> {
    serde_json::from_slice(&received.payload).ok().map(|signal| room_id(&signal))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const STEP: Duration = Duration::from_secs(1);

    fn key(room_id: RoomId) -> Key {
        (room_id, UserId::generate(), 1)
    }

    #[test]
    fn what_was_read_holds_until_its_room_changes() {
        let (standings, begun, room_id) = (Standings::default(), Instant::now(), RoomId::generate());
        let (ours, other) = (key(room_id), key(RoomId::generate()));
        for key in [ours, other] {
            standings.remember(key, begun, Arc::default());
        }
        standings.forget(room_id, begun + STEP);
        assert!(standings.recall(&ours, begun + STEP).is_none());
        assert!(standings.recall(&other, begun + STEP).is_some());
        standings.remember(ours, begun + 2 * STEP, Arc::default());
        assert!(standings.recall(&ours, begun + 2 * STEP).is_some(), "read again after the change");
        standings.forget_all(begun + 3 * STEP);
        assert!(standings.recall(&ours, begun + 3 * STEP).is_none() && standings.recall(&other, begun + 3 * STEP).is_none());
    }

    #[test]
    fn what_was_read_long_ago_does_not_hold() {
        let (standings, begun, key) = (Standings::default(), Instant::now(), key(RoomId::generate()));
        standings.remember(key, begun, Arc::default());
        assert!(standings.recall(&key, begun + limits::STANDING_AGE_MAX - STEP).is_some());
        assert!(standings.recall(&key, begun + limits::STANDING_AGE_MAX).is_none());
    }

    #[test]
    fn an_answer_ends_the_absence() {
        let (standings, begun) = (Standings::default(), Instant::now());
        standings.went_away(begun);
        assert!(standings.is_away(begun) && !standings.is_away(begun + limits::POSTGRES_ASK_AGAIN));
        standings.remember(key(RoomId::generate()), begun, Arc::default());
        assert!(!standings.is_away(begun));
    }
}
