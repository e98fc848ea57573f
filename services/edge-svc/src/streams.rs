//! The live streams, behind a narrow seam: open one, tell something to all or to a room, drain.
//!
//! One subscription brings every message of the log to the node ([`feed`]). The [`hub`] keeps the newest of them, encoded, in
//! a ring and hands them to the streams that carry their room. A stream that resumes catches up from the ring, and from the log
//! for what is older ([`reader`]); then it is live. Nothing outside this module knows how.

mod control;
mod feed;
mod frame;
mod hub;
mod members;
mod outlet;
mod reader;
mod resume;
mod ring;
mod tail;
mod upkeep;

use std::{
    collections::HashSet,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use axum::body::Body;
use bytes::Bytes;
use sealcast_bus::Bus;
use sealcast_contracts::{EventId, RoomId, UserId, auth::Session, chat::ListMemberships, sse};
use sealcast_runtime::Tasks;
use time::OffsetDateTime;
use tokio::sync::{Notify, Semaphore, mpsc};
use tokio_util::sync::CancellationToken;

pub use self::hub::Arrival;
use self::{
    hub::{Hub, Refused},
    outlet::{Ending, Outlet, QueueLimits},
    reader::{Reader, Registration},
    resume::Plan,
    ring::Ring,
};
use crate::{
    chance,
    config::StreamsConfig,
    problems::{self, Problem},
    sessions::SessionCache,
};

/// Arrivals that wait for the presence board.
const ARRIVALS_MAX: usize = 4_096;
/// Resumes that read the log at the same time; further ones wait.
const REPLAYS_MAX: usize = 16;
/// How soon a client that finds the node full or draining may come back, seconds.
const RETRY_AFTER_S: u32 = 2;
/// How long a drain waits for the last readers to take note.
const DRAIN_SLACK: Duration = Duration::from_secs(2);
/// How often a drain looks whether all streams have ended.
const DRAIN_POLL: Duration = Duration::from_millis(20);

/// The open streams of this node. Cheap to clone.
#[derive(Clone)]
pub struct Streams {
    engine: Arc<Engine>,
}

struct Engine {
    node: String,
    config: StreamsConfig,
    bus: Bus,
    hub: Hub,
    /// Wakes the look at the log's tail.
    nudge: Notify,
    replays: Semaphore,
    ids: AtomicU64,
}

/// Who wants a stream, and from where on.
pub struct StreamRequest {
    pub session: Session,
    pub last_event_id: Option<EventId>,
    /// Ends the connection that carries the stream.
    pub kill: CancellationToken,
}

impl Streams {
    /// Finds the log's tail and starts to follow it. Waits for a log that is not there yet.
    ///
    /// `stop` ends what runs behind the streams; it comes after [`Self::drain`].
    ///
    /// # Errors
    /// The connection to NATS is closed for good.
    pub async fn start(
        node: &str,
        config: &StreamsConfig,
        bus: &Bus,
        sessions: &Arc<SessionCache>,
        tasks: &Tasks,
        stop: &CancellationToken,
    ) -> anyhow::Result<(Self, mpsc::Receiver<Arrival>)> {
        let (arrivals, arriving) = mpsc::channel(ARRIVALS_MAX);
        // The subscription stands before the tail is read: what comes in between is seen twice rather than never.
        let live = feed::subscribe(bus).await?;
        let head = feed::find_head(bus).await;
        let ring = Ring::new(head, config.ring_frames_max, config.ring_octets_max);
        let engine = Arc::new(Engine {
            node: node.to_owned(),
            config: config.clone(),
            bus: bus.clone(),
            hub: Hub::new(ring, arrivals),
            nudge: Notify::new(),
            replays: Semaphore::new(REPLAYS_MAX),
            ids: AtomicU64::new(0),
        });
        outlet::describe_metrics();
        let (reports, tail) = mpsc::channel(1);
        tasks.spawn_vital("feed", until(stop.clone(), feed::run(engine.clone(), live, tail)));
        tasks.spawn_vital("tail", until(stop.clone(), tail::run(engine.clone(), reports)));
        let signals = control::subscribe(bus).await?;
        tasks.spawn_vital("control", until(stop.clone(), control::run(engine.clone(), sessions.clone(), signals)));
        tasks.spawn_vital("upkeep", until(stop.clone(), upkeep::run(engine.clone(), sessions.clone())));
        Ok((Self { engine }, arriving))
    }

    /// Opens a stream; its body ends when the stream does.
    ///
    /// # Errors
    /// Too many streams, a draining node, an ended session, or a part of the server that is away.
    pub async fn open(&self, request: StreamRequest) -> Result<Body, Problem> {
        let engine = &self.engine;
        let StreamRequest { session, last_event_id, kill } = request;
        self.check_room(session.user_id)?;
        let mark = engine.hub.membership_mark();
        let rooms = engine.memberships(session.user_id).await?;
        let plan = resume::plan(engine, last_event_id).await?;
        let limits = QueueLimits { frames_max: engine.config.queue_frames_max, octets_max: engine.config.queue_octets_max };
        let id = engine.ids.fetch_add(1, Ordering::Relaxed);
        let outlet = Arc::new(Outlet::new(id, session.user_id, session.session_id, kill, limits));
        let (head, rooms) = engine.hub.open(&outlet, rooms, mark, plan.begin()).map_err(|refused| match refused {
            Refused::SessionEnded => problems::session_invalid(),
            Refused::Draining => problems::too_many_streams(RETRY_AFTER_S),
        })?;
        let registration = Registration::new(engine.clone(), outlet);
        let hello =
            sse::Hello { node: engine.node.clone(), head, resume: plan.resume(), rooms, server_time: OffsetDateTime::now_utc() };
        let mut first = vec![frame::event(sse::name::HELLO, &hello)];
        match plan {
            Plan::Fresh | Plan::Exact { .. } => {}
            Plan::Gap { after } => first.push(frame::event(sse::name::GAP, &sse::Gap { after, up_to: head })),
            Plan::Reset => first.push(frame::event(sse::name::RESET, &sse::Reset { head })),
        }
        let age_max = chance::around(Duration::from_secs(engine.config.age_max_s));
        Ok(Body::from_stream(Reader::new(registration, first, plan.begin(), age_max).frames()))
    }

    /// Whether an account is in a room.
    ///
    /// # Errors
    /// chat-svc does not answer.
    pub async fn is_member(&self, user_id: UserId, room_id: RoomId) -> Result<bool, Problem> {
        match self.engine.hub.rooms_of(user_id) {
            Some(rooms) => Ok(rooms.contains(&room_id)),
            None => Ok(self.engine.memberships(user_id).await?.contains(&room_id)),
        }
    }

    /// Offers a best-effort event to all streams.
    pub fn tell_all(&self, name: &str, data: &impl serde::Serialize) {
        self.engine.hub.tell_all(&frame::event(name, data), true);
    }

    /// Offers a best-effort event to the streams that carry a room, except those of one account.
    pub fn tell_room(&self, room_id: RoomId, except: UserId, name: &str, data: &impl serde::Serialize) {
        self.engine.hub.tell_room(room_id, Some(except), &frame::event(name, data), true);
    }

    /// How many streams are open.
    pub fn count(&self) -> usize {
        self.engine.hub.len()
    }

    /// The accounts that have a stream here.
    pub fn users(&self) -> Vec<UserId> {
        self.engine.hub.users()
    }

    /// Asks every client to go elsewhere, and ends the streams at random times over the spread.
    pub async fn drain(&self) {
        let spread_ms = self.engine.config.drain_spread_ms;
        let outlets = self.engine.hub.drain();
        let event = frame::event(sse::name::DRAIN, &sse::Drain { spread_ms });
        outlets.iter().for_each(|outlet| outlet.push(event.clone()));
        let spread = Duration::from_millis(u64::from(spread_ms));
        let mut ends: Vec<_> = outlets.into_iter().map(|outlet| (chance::within(spread), outlet)).collect();
        ends.sort_by_key(|(after, _)| *after);
        let start = tokio::time::Instant::now();
        for (after, outlet) in ends {
            tokio::time::sleep_until(start + after).await;
            outlet.finish(Ending::Drained);
        }
        let deadline = tokio::time::Instant::now() + DRAIN_SLACK;
        while self.engine.hub.len() > 0 && tokio::time::Instant::now() < deadline {
            tokio::time::sleep(DRAIN_POLL).await;
        }
    }

    fn check_room(&self, user_id: UserId) -> Result<(), Problem> {
        let (all, own) = self.engine.hub.count(user_id);
        if self.engine.hub.is_draining() || all >= self.engine.config.streams_max {
            return Err(problems::too_many_streams(RETRY_AFTER_S));
        }
        let own_max = self.engine.config.streams_per_account_max;
        if own >= own_max { Err(problems::too_many_own_streams(own_max)) } else { Ok(()) }
    }
}

impl Engine {
    async fn memberships(&self, user_id: UserId) -> Result<HashSet<RoomId>, Problem> {
        Ok(self.bus.call(&ListMemberships { user_id }).await?.into_iter().collect())
    }

    fn tell_members(&self, room_id: RoomId, event: &Bytes) {
        self.hub.tell_room(room_id, None, event, false);
    }
}

async fn until(stop: CancellationToken, work: impl Future<Output = ()>) {
    // Nothing to clean up: whatever the work holds goes with it.
    let _ = stop.run_until_cancelled(work).await;
}
