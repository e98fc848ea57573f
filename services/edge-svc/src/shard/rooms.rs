//! Which streams of a shard carry which room, and what of a room is still to be delivered.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::{Bytes, BytesMut};
use sealcast_contracts::RoomId;

use super::{CHUNK_OCTETS, news::Edition, queue::Queue};
use crate::streams::Frame;

/// A room is busy when a round through its streams takes this part of the time between two messages.
const BUSY: f64 = 0.6;
/// A wait that is shorter than the time between two messages saves nothing; the estimate of that may be off by this much.
const GAP_TOLERANCE: f64 = 1.1;
/// What a new round weighs in the estimate of how long they take.
const ROUND_WEIGHT: u32 = 4;
/// How fast the estimate of a room's rate forgets, seconds.
const RATE_MEMORY_S: f64 = 1.0;

/// A stream's place in a room.
#[derive(Clone, Copy, Debug)]
pub(super) struct Subscription {
    pub room: u32,
    /// Where the room's list has the stream.
    pub position: u32,
}

#[derive(Debug, Default)]
pub(super) struct Rooms {
    indices: HashMap<RoomId, u32>,
    rooms: Vec<Room>,
    free: Vec<u32>,
}

#[derive(Debug, Default)]
pub(super) struct Room {
    id: Option<RoomId>,
    /// The streams that carry it.
    pub streams: Vec<u32>,
    /// The streams that still miss a message.
    pub due: Queue,
    /// Whether the shard's turns have it on their list.
    pub active: bool,
    /// What the streams in `due` may miss.
    batch: VecDeque<Arc<Frame>>,
    joined: [Option<Joined>; 2],
    rate: Rate,
    /// When the present round through `due` began, and how long they take of late.
    begun: Option<Instant>,
    round: Duration,
}

/// Several events as one plaintext, shared by all streams that miss the same.
#[derive(Debug)]
struct Joined {
    after: u64,
    news: Option<(u64, u64)>,
    plain: Plain,
}

/// What is written to one stream at once.
#[derive(Clone, Debug)]
pub(super) struct Plain {
    pub octets: Bytes,
    pub frames: u32,
    /// The stream has everything up to here, then.
    pub up_to: u64,
    /// There was more than fits.
    pub more: bool,
}

#[derive(Debug, Default)]
struct Rate {
    per_second: f64,
    at: Option<Instant>,
}

impl Rooms {
    pub fn index_of(&self, room_id: RoomId) -> Option<u32> {
        self.indices.get(&room_id).copied()
    }

    pub fn get(&self, index: u32) -> &Room {
        &self.rooms[index as usize]
    }

    pub fn get_mut(&mut self, index: u32) -> &mut Room {
        &mut self.rooms[index as usize]
    }

    /// Adds a stream to a room.
    pub fn join(&mut self, room_id: RoomId, stream: u32) -> Subscription {
        let room = *self.indices.entry(room_id).or_insert_with(|| match self.free.pop() {
            Some(index) => index,
            None => {
                self.rooms.push(Room::default());
                self.rooms.len() as u32 - 1
            }
        });
        let entry = &mut self.rooms[room as usize];
        entry.id = Some(room_id);
        entry.streams.push(stream);
        Subscription { room, position: entry.streams.len() as u32 - 1 }
    }

    /// Removes a stream from a room. Gives the stream that took over its position, if one did.
    pub fn part(&mut self, subscription: Subscription) -> Option<u32> {
        let room = &mut self.rooms[subscription.room as usize];
        let position = subscription.position as usize;
        room.streams.swap_remove(position);
        let moved = room.streams.get(position).copied();
        if room.streams.is_empty() {
            if let Some(id) = room.id.take() {
                self.indices.remove(&id);
            }
            room.clear();
            // A room on the turns' list is given again when it has left it.
            if !room.active {
                self.retire(subscription.room);
            }
        }
        moved
    }

    /// A room has left the turns' list: nobody misses anything of it.
    pub fn settle(&mut self, index: u32) {
        let room = &mut self.rooms[index as usize];
        room.active = false;
        if let Some(begun) = room.begun.take() {
            room.round = (room.round * (ROUND_WEIGHT - 1) + begun.elapsed()) / ROUND_WEIGHT;
        }
        room.clear();
        if room.id.is_none() {
            self.retire(index);
        }
    }

    /// Nobody misses anything of any room.
    pub fn clear(&mut self) {
        self.rooms.iter_mut().for_each(Room::clear);
    }

    fn retire(&mut self, index: u32) {
        self.rooms[index as usize] = Room::default();
        self.free.push(index);
    }
}

impl Room {
    /// Takes the next message. Gives how long it may wait for further ones.
    pub fn push(&mut self, frame: &Arc<Frame>, now: Instant, window_max: Duration) -> Duration {
        self.batch.push_back(frame.clone());
        // What was joined before ends before this one.
        self.joined = [None, None];
        window(self.rate.note(now), self.round, window_max)
    }

    /// Its streams get what they miss from now on.
    pub fn begin(&mut self) {
        self.begun.get_or_insert_with(Instant::now);
    }

    /// What a stream misses behind `after`, with the news that it has not seen, as far as it fits.
    pub fn plain(&mut self, after: u64, news: Option<&Edition>) -> Option<&Plain> {
        let edition = news.map(|news| news.span);
        let joined = &mut self.joined[usize::from(news.is_some())];
        if joined.as_ref().is_none_or(|joined| (joined.after, joined.news) != (after, edition)) {
            let start = self.batch.partition_point(|frame| frame.id.seq <= after);
            let plain = join(self.batch.iter().skip(start), news.map(|news| &news.octets))?;
            *joined = Some(Joined { after, news: edition, plain });
        }
        joined.as_ref().map(|joined| &joined.plain)
    }

    /// How many messages the streams in `due` may miss.
    pub fn batched(&self) -> usize {
        self.batch.len()
    }

    /// Forgets what nobody misses any longer.
    pub fn trim(&mut self) {
        let Some(after) = self.due.after() else { return };
        while self.batch.front().is_some_and(|frame| frame.id.seq <= after) {
            self.batch.pop_front();
        }
    }

    fn clear(&mut self) {
        self.due.clear();
        self.batch.clear();
        self.joined = [None, None];
    }
}

/// Joins events to one plaintext of at most a chunk, at least one of them. `None`: there is none.
pub(super) fn join<'a>(frames: impl Iterator<Item = &'a Arc<Frame>>, news: Option<&Bytes>) -> Option<Plain> {
    let mut frames = frames.peekable();
    let first = frames.next()?;
    let mut plain = Plain { octets: first.octets.clone(), frames: 1, up_to: first.id.seq, more: false };
    if news.is_none() && frames.peek().is_none() {
        return Some(plain);
    }
    let mut octets = BytesMut::with_capacity(first.octets.len() * 2);
    if let Some(news) = news {
        octets.extend_from_slice(news);
    }
    octets.extend_from_slice(&first.octets);
    for frame in frames {
        if octets.len() + frame.octets.len() > CHUNK_OCTETS {
            plain.more = true;
            break;
        }
        octets.extend_from_slice(&frame.octets);
        (plain.frames, plain.up_to) = (plain.frames + 1, frame.id.seq);
    }
    plain.octets = octets.freeze();
    Some(plain)
}

/// How long a room waits for further messages that go out in the same records: not at all while there is time for a round with
/// each message, or if none would come in that time.
fn window(per_second: f64, round: Duration, window_max: Duration) -> Duration {
    // The estimate has the message that has just come in full, which stands for half the time around it.
    let gap_s = 1.0 / (per_second - 0.5).max(f64::MIN_POSITIVE);
    let is_busy = round.as_secs_f64() > BUSY * gap_s;
    let joins_some = window_max.as_secs_f64() * GAP_TOLERANCE > gap_s;
    if is_busy && joins_some { window_max } else { Duration::ZERO }
}

impl Rate {
    /// Counts an event; gives how many there are in a second, as far as can be told.
    fn note(&mut self, now: Instant) -> f64 {
        let passed_s = self.at.map_or(f64::INFINITY, |at| (now - at).as_secs_f64());
        self.at = Some(now);
        self.per_second = self.per_second * (-passed_s / RATE_MEMORY_S).exp() + 1.0 / RATE_MEMORY_S;
        self.per_second
    }
}

#[cfg(test)]
mod tests {
    use proptest::{prelude::*, test_runner::TestCaseError};
    use sealcast_contracts::{ClientMessageId, EventId, UserId};

    use super::*;

    fn frame(seq: u64, octets: usize) -> Arc<Frame> {
        let (room_id, cid, sender) = (RoomId::generate(), ClientMessageId::generate(), UserId::generate());
        let octets = vec![seq as u8; octets].into();
        Arc::new(Frame { id: EventId { stream_epoch: 1, seq }, room_id, cid, sender, octets })
    }

    #[derive(Clone, Copy, Debug)]
    enum Step {
        /// A message of so many octets.
        Publish(usize),
        /// The room's turn, with so many writes.
        Turn(usize),
        /// Something else is for this stream, which gets its messages before it.
        Tell(usize),
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            (1_usize..9_000).prop_map(Step::Publish),
            (1_usize..9).prop_map(Step::Turn),
            (0_usize..STREAMS).prop_map(Step::Tell),
        ]
    }

    const STREAMS: usize = 6;

    /// A room with its streams, served as a shard does.
    struct Model {
        room: Room,
        cursors: [u64; STREAMS],
        due: [bool; STREAMS],
        got: [Vec<u8>; STREAMS],
        seq: u64,
        sent: Vec<u8>,
    }

    impl Model {
        fn publish(&mut self, octets: usize) {
            self.seq += 1;
            self.room.push(&frame(self.seq, octets), Instant::now(), Duration::ZERO);
            self.sent.extend(std::iter::repeat_n(self.seq as u8, octets));
            for at in 0..STREAMS {
                if !std::mem::replace(&mut self.due[at], true) {
                    self.cursors[at] = self.seq - 1;
                    self.room.due.push(at as u32, self.seq - 1);
                }
            }
        }

        /// Whether it misses more.
        fn deliver(&mut self, at: usize) -> Result<bool, TestCaseError> {
            if !self.due[at] {
                return Ok(false);
            }
            let plain = self.room.plain(self.cursors[at], None).cloned().expect("what it misses is kept");
            prop_assert!(plain.octets.len() <= CHUNK_OCTETS || plain.frames == 1);
            self.got[at].extend_from_slice(&plain.octets);
            self.cursors[at] = if plain.more { plain.up_to } else { self.seq };
            self.due[at] = plain.more;
            Ok(plain.more)
        }

        fn turn(&mut self, writes: usize) -> Result<(), TestCaseError> {
            for _ in 0..writes {
                let Some(at) = self.room.due.pop() else { break };
                if self.deliver(at as usize)? {
                    self.room.due.put_back(at);
                }
            }
            self.room.trim();
            Ok(())
        }

        fn tell(&mut self, at: usize) -> Result<(), TestCaseError> {
            self.deliver(at).map(drop)
        }
    }

    proptest! {
        /// Whatever comes and goes meanwhile, every stream gets everything, once, in order, in records' measure.
        #[test]
        fn every_stream_gets_everything_in_order(steps in prop::collection::vec(step(), 1..120)) {
            let (cursors, due, got) = ([0; STREAMS], [false; STREAMS], Default::default());
            let mut model = Model { room: Room::default(), cursors, due, got, seq: 0, sent: Vec::new() };
            for step in steps {
                match step {
                    Step::Publish(octets) => model.publish(octets),
                    Step::Turn(writes) => model.turn(writes)?,
                    Step::Tell(at) => model.tell(at)?,
                }
            }
            while !model.room.due.is_empty() {
                model.turn(7)?;
            }
            for got in &model.got {
                prop_assert!(*got == model.sent);
            }
        }
    }

    #[test]
    fn a_busy_room_waits_if_that_joins_messages() {
        let ms = Duration::from_millis;
        let max = ms(100);
        // As `Rate` estimates a steady rate.
        let waits = |per_second: f64, round_ms: u64| window(per_second + 0.5, ms(round_ms), max);
        assert_eq!([1.0, 5.0, 10.0, 20.0, 50.0].map(|rate| waits(rate, 10)), [Duration::ZERO; 5], "there is time");
        assert_eq!([10.0, 20.0].map(|rate| waits(rate, 70)), [max; 2], "there is not");
        assert_eq!([1.0, 5.0, 8.0].map(|rate| waits(rate, 500)), [Duration::ZERO; 3], "nothing would come in time");
        assert_eq!(window(0.0, ms(500), max), Duration::ZERO);
        assert_eq!(window(50.0, ms(500), Duration::ZERO), Duration::ZERO, "waiting is off");
    }

    #[test]
    fn a_room_learns_how_long_a_round_takes() {
        let mut rooms = Rooms::default();
        let room = rooms.join(RoomId::generate(), 7).room;
        let round = |rooms: &mut Rooms, took: Duration| {
            rooms.get_mut(room).begun = Instant::now().checked_sub(took);
            rooms.settle(room);
            rooms.get(room).round
        };
        let took = Duration::from_millis(80);
        for _ in 0..20 {
            round(&mut rooms, took);
        }
        assert!(rooms.get(room).round.abs_diff(took) < took / 10);
        for _ in 0..20 {
            round(&mut rooms, Duration::ZERO);
        }
        assert!(rooms.get(room).round < took / 10);
    }

    #[test]
    fn a_rate_is_learnt_and_forgotten() {
        let (mut rate, start) = (Rate::default(), Instant::now());
        let steady = |rate: &mut Rate, from: Instant, gap_ms: u64, count: u32| {
            (1..=count).fold(0.0, |_, index| rate.note(from + Duration::from_millis(gap_ms) * index))
        };
        let one = steady(&mut rate, start, 1_000, 10);
        assert!((1.0..2.0).contains(&one), "{one}");
        let twenty = steady(&mut rate, start + Duration::from_secs(10), 50, 100);
        assert!((18.0..22.0).contains(&twenty), "{twenty}");
        let again = rate.note(start + Duration::from_secs(60));
        assert!(again < 1.1, "{again}");
    }

    #[test]
    fn whoever_takes_over_a_position_is_named() {
        let (mut rooms, room_id) = (Rooms::default(), RoomId::generate());
        let first = rooms.join(room_id, 7);
        let second = rooms.join(room_id, 8);
        assert_eq!(rooms.part(first), Some(8));
        assert_eq!(rooms.part(Subscription { position: 0, ..second }), None);
        assert_eq!(rooms.index_of(room_id), None);
        // Its number is given again.
        assert_eq!(rooms.join(RoomId::generate(), 9).room, first.room);
    }
}
