//! Who is there and who is writing: over Redis to every edge, best effort. Without Redis nobody gets an error.

mod board;
mod sampler;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use sealcast_contracts::{
    RoomId, UserId,
    presence::{self, Presence, PresenceChanged, TypingStarted},
    sse,
};
use sealcast_runtime::Tasks;
use sealcast_signals::{Signal, SignalReceiver, Signals, Unavailable};
use time::OffsetDateTime;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use self::{board::Board, sampler::Sampler};
use crate::streams::{Arrival, Streams};

/// Accounts that are kept on the board.
const ACCOUNTS_MAX: usize = 20_000;
/// Arrivals that are told to Redis together, and how many of them are signalled: in a storm the others show in the next sweep.
const ARRIVALS_PER_TURN: usize = 256;
const SIGNALS_PER_TURN: usize = 32;
/// Accounts that a sweep tells Redis together, and how long it then leaves the processor to others.
const SWEEP_ACCOUNTS: usize = 1_000;
const SWEEP_PAUSE: Duration = Duration::from_millis(20);
/// One account's typing in one room is passed on this often at most.
const TYPING_INTERVAL: Duration = Duration::from_secs(2);
/// Typing that is remembered for that; beyond it the old ones are forgotten.
const TYPING_MAX: usize = 10_000;

/// Presence as this node knows it. Cheap to clone.
#[derive(Clone)]
pub struct PresenceBoard {
    signals: Signals,
    streams: Streams,
    board: Arc<Mutex<Board>>,
    sampler: Arc<Mutex<Sampler>>,
    typed: Arc<Mutex<HashMap<(UserId, RoomId), Instant>>>,
}

impl PresenceBoard {
    /// Starts to listen and to sweep. Redis may be away.
    ///
    /// # Errors
    /// The configuration of Redis is unusable.
    pub fn start(
        signals: Signals,
        streams: &Streams,
        arrivals: mpsc::Receiver<Arrival>,
        tasks: &Tasks,
        stop: &CancellationToken,
    ) -> anyhow::Result<Self> {
        let receiver = signals.subscribe()?;
        let this =
            Self { signals, streams: streams.clone(), board: Arc::default(), sampler: Arc::default(), typed: Arc::default() };
        let (running, stop) = (this.clone(), stop.clone());
        tasks.spawn_vital("presence", async move {
            let _ = stop.run_until_cancelled(running.run(receiver, arrivals)).await;
        });
        Ok(this)
    }

    /// Everybody seen lately, newest first.
    pub fn list(&self) -> Vec<(UserId, Presence, OffsetDateTime)> {
        self.board().list(OffsetDateTime::now_utc())
    }

    /// Notes whether an account wants to be seen; it holds for all its streams, on every edge.
    ///
    /// # Errors
    /// Redis is away; nothing is noted.
    pub async fn show(&self, user_id: UserId, shown: bool) -> Result<(), Unavailable> {
        let at = OffsetDateTime::now_utc();
        self.signals.show(user_id, shown, at).await?;
        // Who wants to be seen again is seen by the next sweep of the edge that holds a stream of theirs.
        if !shown {
            let change = PresenceChanged { user_id, state: Presence::Offline, at };
            self.apply(&change);
            self.signals.publish_presence(&[change]).await?;
        }
        Ok(())
    }

    /// Somebody is writing.
    pub async fn typing(&self, user_id: UserId, room_id: RoomId) {
        if !self.is_due(user_id, room_id) {
            return;
        }
        let typing = TypingStarted { user_id, room_id };
        if let Err(error) = self.signals.publish_typing(&typing).await {
            tracing::debug!(%error, "typing reaches this node only");
            self.tell_typing(&typing);
        }
    }

    async fn run(self, mut receiver: SignalReceiver, mut arrivals: mpsc::Receiver<Arrival>) {
        let mut sweep = tokio::time::interval(Duration::from_secs(presence::HEARTBEAT_S));
        sweep.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut arrived = Vec::new();
        loop {
            tokio::select! {
                _ = arrivals.recv_many(&mut arrived, ARRIVALS_PER_TURN) => self.note(std::mem::take(&mut arrived)).await,
                signal = receiver.next() => match signal {
                    Some(Signal::Presence(change)) => self.apply(&change),
                    Some(Signal::Typing(typing)) => self.tell_typing(&typing),
                    Some(Signal::Resubscribed) => sweep.reset_immediately(),
                    None => return,
                },
                _ = sweep.tick() => self.sweep().await,
            }
        }
    }

    /// First streams of accounts opened: everybody learns it now. That a last one closed shows in the sweeps, since the account
    /// may hold another stream on another edge.
    async fn note(&self, arrivals: Vec<Arrival>) {
        let at = OffsetDateTime::now_utc();
        let (came, left): (Vec<_>, Vec<_>) = arrivals.into_iter().partition(|arrival| arrival.here);
        left.iter().for_each(|arrival| self.board().left(arrival.user_id, at));
        let came = self.seen_among(came.into_iter().map(|arrival| arrival.user_id).collect()).await;
        let changes = came.iter().map(|user_id| PresenceChanged { user_id: *user_id, state: Presence::Online, at });
        let changes: Vec<_> = changes.inspect(|change| self.apply(change)).collect();
        let told = match self.signals.heartbeat(&came, at).await {
            Ok(()) => self.signals.publish_presence(&changes[..changes.len().min(SIGNALS_PER_TURN)]).await,
            Err(error) => Err(error),
        };
        if let Err(error) = told {
            tracing::debug!(%error, "presence reaches this node only");
        }
    }

    /// Says that our accounts are here, reads who is, and tells what changed.
    async fn sweep(&self) {
        let now = OffsetDateTime::now_utc();
        match self.exchange(now).await {
            Ok((seen, ours)) => {
                let changes = self.board().replace(&seen, &ours, now);
                changes.iter().for_each(|change| self.tell(change));
            }
            Err(error) => tracing::debug!(%error, "presence is not known"),
        }
    }

    /// Who was seen lately, and who of them is ours.
    async fn exchange(&self, now: OffsetDateTime) -> Result<(HashMap<UserId, OffsetDateTime>, Vec<UserId>), Unavailable> {
        let mut ours = Vec::new();
        for (nth, users) in self.streams.users().chunks(SWEEP_ACCOUNTS).enumerate() {
            if nth > 0 {
                tokio::time::sleep(SWEEP_PAUSE).await;
            }
            let shown = self.seen_among(users.to_vec()).await;
            self.board().hold(&shown, now);
            self.signals.heartbeat(&shown, now).await?;
            ours.extend(shown);
        }
        Ok((self.signals.last_seen(ACCOUNTS_MAX).await?, ours))
    }

    /// Without those who do not want to be seen; nobody while that is not known, for a wish to be unseen outlives an outage.
    async fn seen_among(&self, mut users: Vec<UserId>) -> Vec<UserId> {
        match self.signals.hidden(&users).await {
            Ok(hidden) => users.retain(|user_id| !hidden.contains(user_id)),
            Err(error) => {
                tracing::debug!(%error, "who wants to be seen is not known");
                users.clear();
            }
        }
        users
    }

    fn apply(&self, change: &PresenceChanged) {
        if self.board().apply(change, OffsetDateTime::now_utc()) {
            self.tell(change);
        }
    }

    /// Beyond the budget a change is on the board only, for who asks.
    fn tell(&self, change: &PresenceChanged) {
        if self.may_tell() {
            self.streams.tell_all(sse::name::PRESENCE, change);
        }
    }

    fn may_tell(&self) -> bool {
        let mut sampler = self.sampler.lock().unwrap_or_else(PoisonError::into_inner);
        sampler.take(self.streams.count(), Instant::now())
    }

    fn tell_typing(&self, typing: &TypingStarted) {
        if !self.may_tell() {
            return;
        }
        self.streams.tell_room(typing.room_id, typing.user_id, sse::name::TYPING, typing);
    }

    fn is_due(&self, user_id: UserId, room_id: RoomId) -> bool {
        let mut typed = self.typed.lock().unwrap_or_else(PoisonError::into_inner);
        if typed.len() >= TYPING_MAX {
            typed.retain(|_, at| at.elapsed() < TYPING_INTERVAL);
        }
        let due = typed.get(&(user_id, room_id)).is_none_or(|at| at.elapsed() >= TYPING_INTERVAL);
        if due {
            typed.insert((user_id, room_id), Instant::now());
        }
        due
    }

    fn board(&self) -> MutexGuard<'_, Board> {
        self.board.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
