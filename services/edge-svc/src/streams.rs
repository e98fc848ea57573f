//! The live streams, behind a narrow seam: open one, tell something to all or to a room, drain.
//!
//! One subscription brings every message of the log to the node ([`feed`]). The [`hub`] puts it in order with everything else
//! that happens to streams and hands it to the shards ([`crate::shard`]), which have the streams. A stream that resumes catches
//! up from the ring of recent messages, and from the log for what is older ([`history`]); then it is live.

mod admission;
mod control;
mod feed;
mod frame;
mod history;
mod hub;
mod log_state;
mod members;
mod resume;
mod ring;
mod tail;
mod upkeep;

use std::{collections::HashSet, sync::Arc, thread, time::Duration};

use anyhow::Context as _;
use axum::body::Body;
use bytes::Bytes;
use sealcast_bus::Bus;
use sealcast_contracts::{
    EventId, RoomId, UserId,
    auth::Session,
    chat::{ListMemberships, ListMembershipsOf},
    limits::BATCH_MAX,
    sse,
};
use sealcast_runtime::{Readiness, Tasks};
use tokio::sync::{Notify, mpsc, oneshot};
use tokio_util::sync::CancellationToken;

pub use self::{
    admission::Admissions,
    frame::{Frame, HEARTBEAT, event},
    hub::{Arrival, Hub, ShardLimits},
    ring::Ring,
};
use self::{hub::Refused, log_state::LogState};
use crate::{
    config::{ListenConfig, StreamsConfig},
    listener::{self, Desk, Gate},
    problems::{self, Problem},
    sessions::SessionCache,
    shard::{Command, Handover, Shard},
};

/// Arrivals that wait for the presence board.
const ARRIVALS_MAX: usize = 4_096;
/// How soon a client that finds the node full or draining may come back, seconds.
const RETRY_AFTER_S: u32 = 2;
/// How long a drain waits for the last readers to take note.
const DRAIN_SLACK: Duration = Duration::from_secs(2);
/// How often a drain looks whether all streams have ended.
const DRAIN_POLL: Duration = Duration::from_millis(20);
/// Best-effort events wait for a message or a heartbeat to go along with: a millisecond for each stream that they would cost a
/// write of its own, within these bounds.
const NEWS_WITHIN_MIN: Duration = Duration::from_millis(200);
const NEWS_WITHIN_MAX: Duration = Duration::from_secs(sse::HEARTBEAT_S);

/// The open streams of this node. Cheap to clone.
#[derive(Clone)]
pub struct Streams {
    engine: Arc<Engine>,
}

struct Engine {
    node: String,
    config: StreamsConfig,
    bus: Bus,
    hub: Arc<Hub>,
    /// Wakes the look at the log's tail.
    nudge: Notify,
    log_state: LogState,
}

/// Who wants a stream, and from where on.
pub struct StreamRequest {
    pub session: Session,
    pub last_event_id: Option<EventId>,
    /// Ends the connection that carries the stream.
    pub kill: CancellationToken,
}

/// What [`Streams::start`] gives.
pub struct Started {
    pub streams: Streams,
    pub arrivals: mpsc::Receiver<Arrival>,
    pub address: std::net::SocketAddr,
    /// What the shards do not keep for themselves.
    pub handovers: mpsc::UnboundedReceiver<Handover>,
    pub admissions: Admissions,
}

impl Streams {
    /// Finds the log's tail, starts to follow it, and opens the public port on every shard. Waits for a log that is not there
    /// yet.
    ///
    /// `stop` ends what runs behind the streams; it comes after [`Self::drain`].
    ///
    /// # Errors
    /// The connection to NATS is closed for good, or the port is taken.
    pub async fn start(
        node: &str,
        (listen, config): (&ListenConfig, &StreamsConfig),
        (gate, desk): (Gate, Desk),
        bus: &Bus,
        sessions: &Arc<SessionCache>,
        (tasks, readiness): (&Tasks, &Readiness),
        stop: &CancellationToken,
    ) -> anyhow::Result<Started> {
        let (arrivals, arriving) = mpsc::channel(ARRIVALS_MAX);
        // The subscription stands before the tail is read: what comes in between is seen twice rather than never.
        let live = feed::subscribe(bus).await?;
        let head = feed::find_head(bus).await;
        let shards = shard_count(config.shards);
        let listeners = listener::bind(listen, shards)?;
        let address = listener::address_of(&listeners)?;
        let (polls, inboxes): (Vec<_>, Vec<_>) =
            (0..shards).map(|_| Shard::prepare()).collect::<Result<Vec<_>, _>>()?.into_iter().unzip();
        let hub = Arc::new(Hub::new(head, config, inboxes.clone(), arrivals));
        let gate = Arc::new(gate);
        for (id, ((poll, inbox), listener)) in polls.into_iter().zip(inboxes).zip(listeners).enumerate() {
            let shard = Shard::new(id as u16, gate.clone(), hub.clone(), inbox, poll, listener)?;
            spawn(shard, id, tasks)?;
        }
        let engine = Arc::new(Engine {
            node: node.to_owned(),
            config: config.clone(),
            bus: bus.clone(),
            hub,
            nudge: Notify::new(),
            log_state: LogState::default(),
        });
        let (reports, tail) = mpsc::channel(1);
        tasks.spawn_vital("feed", until(stop.clone(), feed::run(engine.clone(), live, tail)));
        tasks.spawn_vital("tail", until(stop.clone(), tail::run(engine.clone(), reports, readiness.clone())));
        let signals = control::subscribe(bus).await?;
        tasks.spawn_vital("control", until(stop.clone(), control::run(engine.clone(), sessions.clone(), signals)));
        tasks.spawn_vital("upkeep", until(stop.clone(), upkeep::run(engine.clone(), sessions.clone())));
        tasks.spawn_vital("history", until(stop.clone(), history::run(engine.clone(), desk.readings)));
        let (stopping, hub) = (stop.clone(), engine.hub.clone());
        tasks.spawn(async move {
            stopping.cancelled().await;
            hub.post_all(|| Command::Stop);
        });
        let admissions = Admissions::new(engine.clone(), desk.applicants);
        Ok(Started { streams: Self { engine }, arrivals: arriving, address, handovers: desk.handovers, admissions })
    }

    /// Opens a stream that hyper carries; its body ends when the stream does.
    ///
    /// # Errors
    /// Too many streams, a draining node, an ended session, or a part of the server that is away.
    pub async fn open(&self, request: StreamRequest) -> Result<Body, Problem> {
        let StreamRequest { session, last_event_id, kill } = request;
        self.engine.hub.check_place(session.user_id).map_err(|refused| self.engine.refused(&refused))?;
        let mark = self.engine.hub.membership_mark();
        let rooms = self.engine.memberships(session.user_id).await?;
        let plan = resume::plan(&self.engine, last_event_id).await?;
        admission::open_channel(&self.engine, &session, rooms, mark, plan, kill)
    }

    /// Whether an account is in a room.
    ///
    /// # Errors
    /// chat-svc does not answer.
    pub async fn is_member(&self, user_id: UserId, room_id: RoomId) -> Result<bool, Problem> {
        match self.engine.hub.carries(user_id, room_id) {
            Some(member) => Ok(member),
            None => Ok(self.engine.memberships(user_id).await?.contains(&room_id)),
        }
    }

    /// Offers a best-effort event to all streams: it goes along with the next message, or shares a write with others.
    pub fn tell_all(&self, name: &str, data: &impl serde::Serialize) {
        let within = Duration::from_millis(self.count() as u64).clamp(NEWS_WITHIN_MIN, NEWS_WITHIN_MAX);
        self.engine.hub.tell_all(&event(name, data), within);
    }

    /// Offers a best-effort event to the streams that carry a room, except those of one account.
    pub fn tell_room(&self, room_id: RoomId, except: UserId, name: &str, data: &impl serde::Serialize) {
        self.engine.hub.tell_room(room_id, Some(except), &event(name, data), true);
    }

    /// How many streams are open.
    pub fn count(&self) -> usize {
        self.engine.hub.len()
    }

    /// The accounts that have a stream here.
    pub fn users(&self) -> Vec<UserId> {
        self.engine.hub.users()
    }

    /// Nothing new is accepted from now on.
    pub fn close(&self) {
        self.engine.hub.post_all(|| Command::Close);
    }

    /// A connection of hyper's may be about to ask for a stream.
    pub fn adopt(&self, handover: Handover) {
        let shard = self.engine.hub.quietest_shard();
        self.engine.hub.post(shard, Command::Adopt(Box::new(handover)));
    }

    /// Asks every client to go elsewhere, and ends the streams at random times over the spread.
    pub async fn drain(&self) {
        let spread_ms = self.engine.config.drain_spread_ms;
        let spread = Duration::from_millis(u64::from(spread_ms));
        let hub = &self.engine.hub;
        hub.drain(&event(sse::name::DRAIN, &sse::Drain { spread_ms }), spread);
        let deadline = tokio::time::Instant::now() + spread + DRAIN_SLACK;
        while hub.len() > 0 && tokio::time::Instant::now() < deadline {
            tokio::time::sleep(DRAIN_POLL).await;
        }
    }
}

impl Engine {
    async fn memberships(&self, user_id: UserId) -> Result<HashSet<RoomId>, Problem> {
        Ok(self.bus.call(&ListMemberships { user_id }).await?.into_iter().collect())
    }

    /// The rooms of each account, as far as chat-svc answers.
    async fn memberships_of(&self, user_ids: &[UserId]) -> Vec<HashSet<RoomId>> {
        let mut rooms = Vec::with_capacity(user_ids.len());
        while rooms.len() < user_ids.len() {
            let rest = &user_ids[rooms.len()..];
            let asking = ListMembershipsOf { user_ids: rest[..rest.len().min(BATCH_MAX)].to_vec() };
            match self.bus.call(&asking).await {
                // It answers some of the accounts, from the first on.
                Ok(answered) if !answered.is_empty() => rooms.extend(answered.into_iter().map(HashSet::from_iter)),
                Ok(_) => return rooms,
                Err(error) => {
                    tracing::warn!(%error, "memberships could not be read");
                    return rooms;
                }
            }
        }
        rooms
    }

    fn refused(&self, refused: &Refused) -> Problem {
        match refused {
            Refused::SessionEnded => problems::session_invalid(),
            Refused::Draining | Refused::Full => problems::too_many_streams(RETRY_AFTER_S),
            Refused::AccountFull => problems::too_many_own_streams(self.config.streams_per_account_max),
        }
    }

    fn tell_members(&self, room_id: RoomId, event: &Bytes) {
        self.hub.tell_room(room_id, None, event, false);
    }
}

fn shard_count(configured: usize) -> usize {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    if configured == 0 { cores } else { configured }.min(usize::from(u16::MAX))
}

/// Runs a shard on a thread of its own. A shard that ends by itself ends the node.
fn spawn(shard: Shard, id: usize, tasks: &Tasks) -> anyhow::Result<()> {
    let (running, ended) = oneshot::channel::<()>();
    thread::Builder::new()
        .name(format!("shard-{id}"))
        .spawn(move || {
            let _running = running;
            shard.run();
        })
        .context("starting a shard")?;
    tasks.spawn_vital("shard", async move {
        // Nothing is ever sent: it fails when the thread has ended.
        let _ = ended.await;
    });
    Ok(())
}

async fn until(stop: CancellationToken, work: impl Future<Output = ()>) {
    // Nothing to clean up: whatever the work holds goes with it.
    let _ = stop.run_until_cancelled(work).await;
}
