//! What all shards share, and the order of things: messages, openings and changes reach every shard in the order in which they
//! happened here. Nothing of it is touched when a message goes from a shard to its streams.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use bytes::Bytes;
use metrics::{counter, gauge};
use sealcast_contracts::{EventId, RoomId, SessionId, UserId, control::MembershipChanged, sse};
use slab::Slab;
use tokio::sync::mpsc;

use super::{
    frame::{self, Frame},
    members::{Change, Members},
    resume::RESUMES,
    ring::Ring,
};
use crate::{
    config::StreamsConfig,
    shard::{Admission, Begin, Carrier, Command, Ending, Inbox, Key, Shard, Whom},
};

/// Ended sessions are remembered this long, for streams that were being opened at that moment.
const ENDED_KEPT: Duration = Duration::from_secs(60);
/// How late a checkpoint may be for those who wait for none: it rides with the next message.
const CHECKPOINT_WITHIN: Duration = Duration::from_secs(3);
/// Accounts that sent something since the last checkpoint, and get the next one at once.
const SENDERS_MAX: usize = 10_000;

/// Somebody's first stream on this node opened, or the last one closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrival {
    pub user_id: UserId,
    pub here: bool,
}

/// What a shard is bounded by.
#[derive(Clone, Copy, Debug)]
pub struct ShardLimits {
    /// Messages that a reader may be behind before its stream is cut.
    pub lag_frames_max: u32,
    pub lag_octets_max: u32,
    /// How long a busy room may wait for further messages.
    pub window_max: Duration,
    /// Whether it collects its writes.
    pub io_uring: bool,
}

/// See the module.
#[derive(Debug)]
pub struct Hub {
    state: Mutex<State>,
    inboxes: Vec<Arc<Inbox>>,
    arrivals: mpsc::Sender<Arrival>,
    limits: ShardLimits,
    ring_bounds: (usize, usize),
    streams_max: usize,
    streams_per_account_max: usize,
}

#[derive(Debug)]
struct State {
    ring: Ring,
    /// The streams of each shard, by their places there.
    streams: Vec<Slab<Owner>>,
    open: usize,
    members: Members,
    ended: VecDeque<(Instant, SessionId)>,
    senders: HashSet<UserId>,
    draining: bool,
}

#[derive(Clone, Copy, Debug)]
struct Owner {
    user_id: UserId,
    session_id: SessionId,
}

/// A stream that is about to be opened.
#[derive(Debug)]
pub struct Opening {
    pub carrier: Carrier,
    pub rooms: HashSet<RoomId>,
    /// When the rooms were asked for.
    pub mark: u64,
    pub begin: Begin,
    pub age_max: Duration,
}

/// Why a stream cannot be opened.
#[derive(Debug)]
pub enum Refused {
    SessionEnded,
    Draining,
    /// The node has as many streams as it may.
    Full,
    /// The account has as many here as it may.
    AccountFull,
}

impl Hub {
    /// # Panics
    /// Never: without shards nothing is opened.
    pub fn new(head: EventId, config: &StreamsConfig, inboxes: Vec<Arc<Inbox>>, arrivals: mpsc::Sender<Arrival>) -> Self {
        let ring_bounds = (config.ring_frames_max, config.ring_octets_max);
        let state = State {
            ring: Ring::new(head, ring_bounds.0, ring_bounds.1),
            streams: inboxes.iter().map(|_| Slab::new()).collect(),
            open: 0,
            members: Members::default(),
            ended: VecDeque::new(),
            senders: HashSet::new(),
            draining: false,
        };
        let limits = ShardLimits {
            lag_frames_max: config.lag_frames_max,
            lag_octets_max: config.lag_octets_max,
            window_max: Duration::from_millis(config.window_max_ms),
            io_uring: config.io_uring && may_use_io_uring(),
        };
        describe_metrics();
        let StreamsConfig { streams_max, streams_per_account_max, .. } = *config;
        Self { state: Mutex::new(state), inboxes, arrivals, limits, ring_bounds, streams_max, streams_per_account_max }
    }

    pub fn shard_limits(&self) -> ShardLimits {
        self.limits
    }

    /// An empty ring that goes on where the node's is now. Only for shards that have not been told anything yet.
    pub fn new_ring(&self) -> Ring {
        Ring::new(self.head(), self.ring_bounds.0, self.ring_bounds.1)
    }

    /// The newest message known.
    pub fn head(&self) -> EventId {
        self.lock().ring.head()
    }

    /// The sequence behind which the ring is complete.
    pub fn ring_after(&self) -> u64 {
        self.lock().ring.after()
    }

    /// The message with this sequence, if the ring still has it.
    pub fn recent(&self, seq: u64) -> Option<Arc<Frame>> {
        self.lock().ring.get(seq).cloned()
    }

    /// How many streams are open.
    pub fn len(&self) -> usize {
        self.lock().open
    }

    /// Whether a stream would find a place now, for who does other work before it asks for one.
    ///
    /// # Errors
    /// The node drains or is full, or the account has enough streams.
    pub fn check_place(&self, user_id: UserId) -> Result<(), Refused> {
        self.check(&self.lock(), user_id)
    }

    /// To be taken before the memberships of a new stream are asked for.
    pub fn membership_mark(&self) -> u64 {
        self.lock().members.mark()
    }

    /// Whether an account that has a stream here is in a room.
    pub fn carries(&self, user_id: UserId, room_id: RoomId) -> Option<bool> {
        self.lock().members.rooms_of(user_id).map(|rooms| rooms.binary_search(&room_id).is_ok())
    }

    /// The shard with the fewest streams, for one that comes over no connection of a shard's own.
    pub fn quietest_shard(&self) -> u16 {
        let state = self.lock();
        let quietest = state.streams.iter().enumerate().min_by_key(|(_, streams)| streams.len());
        quietest.map_or(0, |(shard, _)| shard as u16)
    }

    /// Opens a stream on a shard; `first` makes its first octets from the head at that moment and the rooms. Gives its place.
    ///
    /// # Errors
    /// The session ended while the stream was being opened, the node drains or is full, or the account has enough streams.
    pub fn open(
        &self,
        shard: u16,
        (user_id, session_id): (UserId, SessionId),
        opening: impl FnOnce(Key) -> Opening,
        first: impl FnOnce(EventId, &[RoomId]) -> Bytes,
    ) -> Result<Key, Refused> {
        let mut state = self.lock();
        self.check(&state, user_id)?;
        if state.ended.iter().any(|(_, ended)| *ended == session_id) {
            return Err(Refused::SessionEnded);
        }
        let index = state.streams[usize::from(shard)].vacant_key() as u32;
        let key = Key { shard, index };
        let Opening { carrier, rooms, mark, begin, age_max } = opening(key);
        state.streams[usize::from(shard)].insert(Owner { user_id, session_id });
        state.open += 1;
        let (rooms, changes, first_stream) = state.members.join(key, user_id, rooms, mark);
        self.post_changes(changes);
        let first = first(state.ring.head(), &rooms);
        let admission = Admission { index, carrier, user_id, rooms, first, begin, age_max };
        self.inboxes[usize::from(shard)].post(Command::Admit(Box::new(admission)));
        gauge!("edge_sse_connections").set(state.open as f64);
        if first_stream {
            self.announce(Arrival { user_id, here: true });
        }
        Ok(key)
    }

    /// Forgets streams that have ended on a shard. Their places are given again.
    pub fn close(&self, shard: u16, ended: &[(u32, Ending)]) {
        let mut state = self.lock();
        for (index, ending) in ended {
            let Some(owner) = state.streams[usize::from(shard)].try_remove(*index as usize) else { continue };
            state.open -= 1;
            counter!("edge_sse_closed_total", "reason" => ending.as_str()).increment(1);
            if state.members.part(Key { shard, index: *index }, owner.user_id) {
                self.announce(Arrival { user_id: owner.user_id, here: false });
            }
        }
        gauge!("edge_sse_connections").set(state.open as f64);
    }

    /// The next message of the log.
    pub fn publish(&self, frame: Frame) {
        let mut state = self.lock();
        let frame = Arc::new(frame);
        state.ring.push(frame.clone());
        gauge!("edge_ring_octets").set(state.ring.octets() as f64);
        if state.senders.len() < SENDERS_MAX {
            state.senders.insert(frame.sender);
        }
        self.post_all(|| Command::Message(frame.clone()));
        counter!("edge_messages_total").increment(1);
    }

    /// Messages up to `up_to` cannot be had.
    pub fn skip_to(&self, up_to: u64) {
        let mut state = self.lock();
        state.ring.skip_to(up_to);
        gauge!("edge_ring_octets").set(0.0);
        self.post_all(|| Command::Skip { up_to });
    }

    /// The log is another one behind `head`: every stream starts anew.
    pub fn reset(&self, head: EventId) {
        let mut state = self.lock();
        state.ring.reset(head);
        gauge!("edge_ring_octets").set(0.0);
        self.post_all(|| Command::Reset { head });
    }

    /// Sessions ended: their streams say so and close.
    pub fn revoke(&self, ended: &[SessionId], reason: &str) {
        let mut state = self.lock();
        let now = Instant::now();
        while state.ended.front().is_some_and(|(at, _)| now - *at > ENDED_KEPT) {
            state.ended.pop_front();
        }
        state.ended.extend(ended.iter().map(|session_id| (now, *session_id)));
        let ended: HashSet<_> = ended.iter().collect();
        let last = frame::event(sse::name::REVOKE, &sse::Revoke { reason: reason.to_owned() });
        for (inbox, streams) in self.inboxes.iter().zip(&state.streams) {
            let streams = streams.iter().filter(|(_, owner)| ended.contains(&owner.session_id));
            let streams: Vec<_> = streams.map(|(index, _)| index as u32).collect();
            if !streams.is_empty() {
                inbox.post(Command::End { streams, ending: Ending::Revoked, last: last.clone() });
            }
        }
    }

    /// Applies a membership signal.
    pub fn change_membership(&self, change: &MembershipChanged) {
        let mut state = self.lock();
        let told = state.members.change(change);
        self.post_changes(told);
    }

    /// Replaces the rooms of an account by what chat-svc says, with what was signalled meanwhile.
    pub fn replace_rooms(&self, user_id: UserId, rooms: HashSet<RoomId>, mark: u64) {
        let mut state = self.lock();
        let changes = state.members.replace(user_id, rooms, mark);
        self.post_changes(changes);
    }

    /// An event to all streams, within some time.
    pub fn tell_all(&self, event: &Bytes, within: Duration) {
        let _order = self.lock();
        self.post_all(|| Command::news(event.clone(), within));
    }

    /// A checkpoint, to all streams: at once to those whose accounts sent something since the last one, for they wait for it.
    pub fn tell_checkpoint(&self, event: &Bytes) {
        let mut state = self.lock();
        let senders = std::mem::take(&mut state.senders);
        let keys: Vec<_> = senders.iter().flat_map(|user_id| state.members.streams_of(*user_id)).copied().collect();
        self.tell_streams(&keys, event);
        self.post_all(|| Command::news(event.clone(), CHECKPOINT_WITHIN));
    }

    /// An event to the streams that carry a room, except those of one account.
    pub fn tell_room(&self, room_id: RoomId, except: Option<UserId>, event: &Bytes, droppable: bool) {
        let _order = self.lock();
        let whom = Whom::Room { room_id, except, droppable };
        self.post_all(|| Command::Tell { whom: whom.clone(), event: event.clone() });
    }

    /// An event to the streams of one account.
    pub fn tell_user(&self, user_id: UserId, event: &Bytes) {
        let state = self.lock();
        let keys = state.members.streams_of(user_id).to_vec();
        self.tell_streams(&keys, event);
    }

    /// The accounts that have a stream here.
    pub fn users(&self) -> Vec<UserId> {
        self.lock().members.users()
    }

    /// The sessions that have a stream here.
    pub fn sessions(&self) -> Vec<SessionId> {
        let state = self.lock();
        let sessions: HashSet<_> = state.streams.iter().flatten().map(|(_, owner)| owner.session_id).collect();
        sessions.into_iter().collect()
    }

    /// From now on no stream is opened; those that are open are told so, and end over the spread.
    pub fn drain(&self, event: &Bytes, spread: Duration) {
        let mut state = self.lock();
        state.draining = true;
        self.post_all(|| Command::Drain { event: event.clone(), spread });
    }

    /// A command for one shard, or for all.
    pub fn post(&self, shard: u16, command: Command) {
        self.inboxes[usize::from(shard)].post(command);
    }

    pub fn post_all(&self, command: impl Fn() -> Command) {
        self.inboxes.iter().for_each(|inbox| inbox.post(command()));
    }

    /// The way to one shard.
    pub fn inbox(&self, shard: u16) -> Arc<Inbox> {
        self.inboxes[usize::from(shard)].clone()
    }

    fn check(&self, state: &State, user_id: UserId) -> Result<(), Refused> {
        if state.draining {
            Err(Refused::Draining)
        } else if state.open >= self.streams_max {
            Err(Refused::Full)
        } else if state.members.streams_of(user_id).len() >= self.streams_per_account_max {
            Err(Refused::AccountFull)
        } else {
            Ok(())
        }
    }

    fn tell_streams(&self, keys: &[Key], event: &Bytes) {
        for (shard, streams) in by_shard(keys) {
            self.inboxes[usize::from(shard)].post(Command::Tell { whom: Whom::Streams(streams), event: event.clone() });
        }
    }

    fn post_changes(&self, changes: impl IntoIterator<Item = Change>) {
        for Change { streams, room_id, member } in changes {
            for (shard, streams) in by_shard(&streams) {
                self.inboxes[usize::from(shard)].post(Command::Change { streams, room_id, member });
            }
        }
    }

    fn announce(&self, arrival: Arrival) {
        // Presence is best effort: its next sweep repairs what a full channel drops.
        let _ = self.arrivals.try_send(arrival);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // A panic under the lock would be a bug in plain map operations; the other streams go on.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn by_shard(keys: &[Key]) -> HashMap<u16, Vec<u32>> {
    let mut shards: HashMap<u16, Vec<u32>> = HashMap::new();
    keys.iter().for_each(|key| shards.entry(key.shard).or_default().push(key.index));
    shards
}

fn may_use_io_uring() -> bool {
    match Shard::probe_io_uring() {
        Ok(()) => true,
        Err(error) => {
            tracing::info!(%error, "io_uring is not allowed: each write is a call of its own (streams.io_uring)");
            false
        }
    }
}

/// Shows every metric of the streams from the start: one that appears with its first event cannot be watched for its absence.
fn describe_metrics() {
    gauge!("edge_sse_connections").set(0.0);
    gauge!("edge_ring_octets").set(0.0);
    for ending in Ending::ALL {
        counter!("edge_sse_closed_total", "reason" => ending.as_str()).increment(0);
    }
    for resume in RESUMES {
        counter!("edge_resumes_total", "resume" => resume).increment(0);
    }
    for name in ["edge_log_reads_total", "edge_resets_total", "edge_gaps_total", "edge_deliveries_total"] {
        counter!(name).increment(0);
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use tokio_util::sync::CancellationToken;

    use super::*;

    #[test]
    fn streams_that_are_opened_at_once_pass_no_limit() {
        let config: crate::config::Config = sealcast_runtime::load(crate::config::DEFAULTS).unwrap();
        let config = StreamsConfig { streams_max: 50, streams_per_account_max: 10, io_uring: false, ..config.streams };
        let (_poll, inbox) = Shard::prepare().unwrap();
        let head = EventId { stream_epoch: 1, seq: 0 };
        let hub = Hub::new(head, &config, vec![inbox], mpsc::channel(1).0);
        let open = |user_id| {
            let carrier = Carrier::Channel { sender: mpsc::channel(1).0, kill: CancellationToken::new() };
            let rooms = HashSet::new();
            let opening = |_| Opening { carrier, rooms, mark: 0, begin: Begin::Live, age_max: Duration::ZERO };
            hub.open(0, (user_id, SessionId::generate()), opening, |_, _| Bytes::new())
        };
        let crowd = |user_ids: [UserId; 8]| {
            thread::scope(|scope| {
                for user_id in user_ids {
                    scope.spawn(move || (0..20).for_each(|_| drop(open(user_id))));
                }
            });
        };
        let alice = UserId::generate();
        crowd([alice; 8]);
        assert_eq!(hub.len(), 10, "of one account");
        assert!(matches!(open(alice), Err(Refused::AccountFull)));
        crowd(std::array::from_fn(|_| UserId::generate()));
        assert_eq!(hub.len(), 50, "in all");
        assert!(matches!(open(UserId::generate()), Err(Refused::Full)));
        hub.close(0, &[(0, Ending::Client)]);
        assert!(open(UserId::generate()).is_ok());
    }
}
