//! Which streams are open, what each carries, and the ring: everything that must change together, under one lock.

mod telling;

use std::{
    collections::{HashMap, HashSet, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use bytes::Bytes;
use metrics::{counter, gauge};
use sealcast_contracts::{EventId, RoomId, SessionId, UserId, control::MembershipChanged, sse};
use tokio::sync::mpsc;

use super::{
    frame::{self, Frame},
    members::Members,
    outlet::{Ending, Outlet},
    ring::Ring,
};

/// Ended sessions are remembered this long, for streams that were being opened at that moment.
const ENDED_KEPT: Duration = Duration::from_secs(60);
/// Octets of one step of catching up from the ring.
const STEP_OCTETS_MAX: usize = 256 * 1024;

/// Somebody's first stream on this node opened, or the last one closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrival {
    pub user_id: UserId,
    pub here: bool,
}

/// See the module.
pub struct Hub {
    state: Mutex<State>,
    arrivals: mpsc::Sender<Arrival>,
}

struct State {
    ring: Ring,
    outlets: HashMap<u64, Arc<Outlet>>,
    members: Members,
    ended: VecDeque<(Instant, SessionId)>,
    draining: bool,
}

/// One step of catching up.
pub enum CatchUp {
    /// The next messages of the ring; with `live`, the last before they come by themselves.
    Messages { frames: Vec<Bytes>, position: u64, live: bool },
    /// The ring is complete only behind this sequence.
    Older { up_to: u64 },
}

/// Where a stream begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Begin {
    Live,
    After(u64),
}

/// Why a stream cannot be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    SessionEnded,
    Draining,
}

impl Hub {
    pub fn new(ring: Ring, arrivals: mpsc::Sender<Arrival>) -> Self {
        let state = State { ring, outlets: HashMap::new(), members: Members::default(), ended: VecDeque::new(), draining: false };
        Self { state: Mutex::new(state), arrivals }
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

    /// How many streams there are, in all and of one account.
    pub fn count(&self, user_id: UserId) -> (usize, usize) {
        let state = self.lock();
        (state.outlets.len(), state.members.streams_of(user_id))
    }

    /// How many streams are open.
    pub fn len(&self) -> usize {
        self.lock().outlets.len()
    }

    pub fn is_draining(&self) -> bool {
        self.lock().draining
    }

    /// To be taken before the memberships of a new stream are asked for.
    pub fn membership_mark(&self) -> u64 {
        self.lock().members.mark()
    }

    /// The rooms of an account that has a stream here.
    pub fn rooms_of(&self, user_id: UserId) -> Option<HashSet<RoomId>> {
        self.lock().members.rooms_of(user_id)
    }

    /// Opens a stream. Gives the head at that moment and the rooms.
    ///
    /// # Errors
    /// The session ended while the stream was being opened, or the node drains.
    pub fn open(
        &self,
        outlet: &Arc<Outlet>,
        rooms: HashSet<RoomId>,
        mark: u64,
        begin: Begin,
    ) -> Result<(EventId, Vec<RoomId>), Refused> {
        let mut state = self.lock();
        if state.draining {
            return Err(Refused::Draining);
        }
        if state.ended.iter().any(|(_, session_id)| *session_id == outlet.session_id) {
            return Err(Refused::SessionEnded);
        }
        let (rooms, first) = state.members.join(outlet, rooms, mark);
        state.outlets.insert(outlet.id, outlet.clone());
        if begin == Begin::Live {
            outlet.go_live();
        }
        gauge!("edge_sse_connections").set(state.outlets.len() as f64);
        if first {
            self.announce(Arrival { user_id: outlet.user_id, here: true });
        }
        Ok((state.ring.head(), rooms))
    }

    /// Forgets a stream whose reader is gone.
    pub fn close(&self, outlet: &Outlet) {
        let mut state = self.lock();
        if state.outlets.remove(&outlet.id).is_none() {
            return;
        }
        let last = state.members.part(outlet);
        gauge!("edge_sse_connections").set(state.outlets.len() as f64);
        let reason = outlet.ending().unwrap_or(Ending::Client).as_str();
        counter!("edge_sse_closed_total", "reason" => reason).increment(1);
        if last {
            self.announce(Arrival { user_id: outlet.user_id, here: false });
        }
    }

    /// The next messages behind `position` for a stream that is not live yet.
    pub fn catch_up(&self, outlet: &Outlet, position: u64) -> CatchUp {
        let state = self.lock();
        let Some(behind) = state.ring.behind(position) else { return CatchUp::Older { up_to: state.ring.after() } };
        let (mut frames, mut octets, mut position) = (Vec::new(), 0, position);
        for frame in behind {
            if octets > STEP_OCTETS_MAX {
                return CatchUp::Messages { frames, position, live: false };
            }
            if state.members.carries(outlet.user_id, frame.room_id) {
                octets += frame.octets.len();
                frames.push(frame.octets.clone());
            }
            position = frame.id.seq;
        }
        outlet.go_live();
        CatchUp::Messages { frames, position, live: true }
    }

    /// The next message of the log: into the ring, and to every live stream that carries its room.
    pub fn publish(&self, frame: Frame) {
        let mut state = self.lock();
        let frame = Arc::new(frame);
        state.ring.push(frame.clone());
        let mut deliveries = 0;
        for outlet in state.members.carrying(frame.room_id).filter(|outlet| outlet.is_live()) {
            outlet.push(frame.octets.clone());
            deliveries += 1;
        }
        counter!("edge_messages_total").increment(1);
        counter!("edge_deliveries_total").increment(deliveries);
    }

    /// Messages up to `seq` cannot be had: every live stream says so.
    pub fn skip_to(&self, seq: u64) {
        let mut state = self.lock();
        let after = state.ring.head();
        state.ring.skip_to(seq);
        let gap = frame::event(sse::name::GAP, &sse::Gap { after, up_to: state.ring.head() });
        state.outlets.values().filter(|outlet| outlet.is_live()).for_each(|outlet| outlet.push(gap.clone()));
    }

    /// The log is another one behind `head`: every stream starts anew.
    pub fn reset(&self, head: EventId) {
        let mut state = self.lock();
        state.ring.reset(head);
        let reset = frame::event(sse::name::RESET, &sse::Reset { head });
        for outlet in state.outlets.values() {
            // One that is catching up has nothing left to catch up with.
            outlet.go_live();
            outlet.push(reset.clone());
        }
    }

    /// Sessions ended: their streams say so and close.
    pub fn revoke(&self, ended: &[SessionId], reason: &str) {
        let mut state = self.lock();
        let now = Instant::now();
        while state.ended.front().is_some_and(|(at, _)| now - *at > ENDED_KEPT) {
            state.ended.pop_front();
        }
        state.ended.extend(ended.iter().map(|session_id| (now, *session_id)));
        let last = frame::event(sse::name::REVOKE, &sse::Revoke { reason: reason.to_owned() });
        for outlet in state.outlets.values().filter(|outlet| ended.contains(&outlet.session_id)) {
            outlet.end(Ending::Revoked, Some(last.clone()));
        }
    }

    /// Applies a membership signal.
    pub fn change_membership(&self, change: &MembershipChanged) {
        self.lock().members.change(change);
    }

    /// Replaces the rooms of an account by what chat-svc says, with what was signalled meanwhile.
    pub fn replace_rooms(&self, user_id: UserId, rooms: HashSet<RoomId>, mark: u64) {
        self.lock().members.replace(user_id, rooms, mark);
    }

    /// The accounts that have a stream here.
    pub fn users(&self) -> Vec<UserId> {
        self.lock().members.users()
    }

    /// The sessions that have a stream here.
    pub fn sessions(&self) -> Vec<SessionId> {
        let sessions: HashSet<_> = self.lock().outlets.values().map(|outlet| outlet.session_id).collect();
        sessions.into_iter().collect()
    }

    /// All streams; from now on none is opened.
    pub fn drain(&self) -> Vec<Arc<Outlet>> {
        let mut state = self.lock();
        state.draining = true;
        state.outlets.values().cloned().collect()
    }

    /// Ends the connections of streams that have ended and are not read.
    pub fn kill_stuck(&self, patience: Duration) {
        self.lock().outlets.values().for_each(|outlet| outlet.kill_if_stuck(patience));
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
