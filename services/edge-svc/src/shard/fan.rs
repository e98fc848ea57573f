//! From one event to many streams, in turns.

use std::{sync::Arc, time::Instant};

use bytes::Bytes;
use metrics::counter;
use sealcast_contracts::{EventId, RoomId, sse};

use super::{
    Command, Ending, ROOM_WRITES, Shard, TURN_WRITES, Whom,
    rooms::{Plain, Room, Subscription, join},
    stream::{Due, Phase, Stream},
    stream_token,
    timers::ticks,
};
use crate::streams::{Frame, event};

/// Events beside messages that may wait for one reader.
const WAITING_MAX: usize = 256;

/// An event on its way to some streams.
#[derive(Debug)]
pub(super) struct Telling {
    targets: Targets,
    /// Nothing of its own: only the news.
    event: Option<Bytes>,
    droppable: bool,
}

/// What a stream was given.
pub(super) struct Delivered {
    frames: u32,
    /// It is still due, and keeps its place in the queue.
    misses_more: bool,
}

#[derive(Debug)]
enum Targets {
    /// All from this place on.
    All(u32),
    /// These, each with its serial.
    Some(Vec<(u32, u32)>),
}

impl Shard {
    /// The next message of the log: into the ring, and due for every live stream that carries its room.
    pub(super) fn publish(&mut self, frame: &Arc<Frame>) {
        self.ring.push(frame.clone());
        let Some(index) = self.rooms.index_of(frame.room_id) else { return };
        let room = self.rooms.get_mut(index);
        let now = Instant::now();
        let window = room.push(frame, now, self.limits.window_max);
        let mut slow = Vec::new();
        let Room { streams, due, .. } = room;
        for member in streams {
            let Some(Some(stream)) = self.streams.get_mut(*member as usize) else { continue };
            if !stream.is_live() {
                stream.missed.add(frame.octets.len());
                let missed = stream.missed;
                if missed.frames > self.limits.lag_frames_max || missed.octets > self.limits.lag_octets_max {
                    slow.push(*member);
                }
                continue;
            }
            match stream.due {
                Due::Nothing => {
                    (stream.cursor, stream.due) = (frame.id.seq - 1, Due::Room(index));
                    due.push(*member, stream.cursor);
                }
                Due::Room(other) if other != index => stream.due = Due::Several,
                Due::Room(_) | Due::Several => {}
            }
        }
        if room.due.is_empty() {
            if !room.active {
                self.rooms.settle(index);
            }
        } else if room.batched() > self.limits.lag_frames_max as usize {
            self.fall_back(index);
        } else if !room.active {
            room.active = true;
            if window.is_zero() {
                self.active.push_back(index);
            } else {
                self.waiting.push((now + window, index));
            }
        }
        slow.into_iter().for_each(|member| self.cut_slow(member));
    }

    /// One turn: every room with something to deliver gets its share, then the next.
    pub(super) fn fan_out(&mut self) {
        if !self.waiting.is_empty() {
            let now = Instant::now();
            let active = &mut self.active;
            self.waiting.retain(|(at, room)| {
                let over = *at <= now;
                if over {
                    active.push_back(*room);
                }
                !over
            });
        }
        let mut writes = 0;
        while writes < TURN_WRITES && !(self.active.is_empty() && self.tellings.is_empty()) {
            if let Some(index) = self.active.pop_front() {
                self.rooms.get_mut(index).begin();
                writes += self.deliver(index, ROOM_WRITES);
                let room = self.rooms.get_mut(index);
                if room.due.is_empty() {
                    self.rooms.settle(index);
                } else {
                    room.trim();
                    self.active.push_back(index);
                }
            }
            if let Some(mut telling) = self.tellings.pop_front() {
                let (looked, over) = self.tell_some(&mut telling, ROOM_WRITES);
                writes += looked;
                if !over {
                    self.tellings.push_back(telling);
                }
            }
        }
        self.send_staged();
    }

    /// Gives what they miss to some of the streams that a room is due to. Gives how many were written to.
    fn deliver(&mut self, index: u32, writes_max: usize) -> usize {
        let (mut writes, mut deliveries) = (0, 0);
        while writes < writes_max {
            let Some(member) = self.rooms.get_mut(index).due.pop() else { break };
            if let Some(delivered) = self.deliver_to(member) {
                writes += 1;
                deliveries += u64::from(delivered.frames);
                if delivered.misses_more {
                    self.rooms.get_mut(index).due.put_back(member);
                }
            }
        }
        if deliveries > 0 {
            counter!("edge_deliveries_total").increment(deliveries);
            counter!("edge_stream_writes_total").increment(writes as u64);
        }
        writes
    }

    /// Writes what a stream misses, as far as it fits at once.
    pub(super) fn deliver_to(&mut self, member: u32) -> Option<Delivered> {
        self.send_staged_of(member);
        let stream = self.streams.get_mut(member as usize)?.as_mut()?;
        if !stream.is_live() {
            stream.due = Due::Nothing;
            return None;
        }
        let news = self.news.behind(stream.news);
        let gathered;
        let plain = match stream.due {
            Due::Nothing => return None,
            Due::Room(room) => self.rooms.get_mut(room).plain(stream.cursor, news),
            Due::Several => {
                let (rooms, ring, news) = (&self.rooms, &self.ring, news.map(|news| &news.octets));
                let carried = |frame: &&Arc<Frame>| rooms.index_of(frame.room_id).is_some_and(|room| stream.carries(room));
                gathered = ring.behind(stream.cursor).and_then(|frames| join(frames.filter(carried), news));
                gathered.as_ref()
            }
        };
        let Some(Plain { octets, frames, up_to, more }) = plain.cloned() else {
            // Nothing is left of it: the room was left, or the ring starts behind it.
            self.go_on_from_ring(member);
            return None;
        };
        (stream.was_live, stream.news) = (true, self.news.newest());
        if more {
            stream.cursor = up_to;
        } else {
            (stream.cursor, stream.due) = (self.ring.head().seq, Due::Nothing);
        }
        self.give(member, &octets);
        Some(Delivered { frames, misses_more: more })
    }

    /// Writes all that a stream misses before something else is written to it.
    pub(super) fn deliver_now(&mut self, index: u32) {
        while self.deliver_to(index).is_some_and(|delivered| delivered.misses_more) {}
        self.send_staged_of(index);
    }

    /// More is due than is kept for it: the streams go on from the ring.
    fn fall_back(&mut self, index: u32) {
        for member in self.rooms.get_mut(index).due.drain() {
            if self.stream(member).is_some_and(|stream| stream.due != Due::Nothing) {
                self.go_on_from_ring(member);
            }
        }
    }

    /// What is due to a stream comes from the ring, from its cursor on.
    fn go_on_from_ring(&mut self, index: u32) {
        let Some(Some(stream)) = self.streams.get_mut(index as usize) else { return };
        stream.due = Due::Nothing;
        if stream.phase == Phase::Live {
            stream.phase = Phase::CatchingUp;
            self.catching_up.push_back(index);
        }
    }

    /// Delivers all that is due, for an event that must come behind it.
    fn deliver_all(&mut self) {
        self.active.extend(std::mem::take(&mut self.waiting).into_iter().map(|(_, room)| room));
        while let Some(index) = self.active.pop_front() {
            while self.deliver(index, usize::MAX) > 0 {}
            self.rooms.settle(index);
        }
        self.send_staged();
    }

    /// Messages up to `up_to` cannot be had: every live stream says so. The others find out when they get there.
    pub(super) fn skip(&mut self, up_to: u64) {
        self.deliver_all();
        let after = self.ring.head();
        self.ring.skip_to(up_to);
        let gap = event(sse::name::GAP, &sse::Gap { after, up_to: self.ring.head() });
        for index in self.indices() {
            let Some(Some(stream)) = self.streams.get_mut(index as usize) else { continue };
            if stream.is_live() {
                stream.cursor = up_to;
                let written = stream.push(gap.clone(), stream_token(index), &mut self.wire);
                self.note(index, written);
            }
        }
    }

    /// The log is another one behind `head`: every stream starts anew.
    pub(super) fn reset(&mut self, head: EventId) {
        self.ring.reset(head);
        self.rooms.clear();
        let reset = event(sse::name::RESET, &sse::Reset { head });
        for index in self.indices() {
            let Some(Some(stream)) = self.streams.get_mut(index as usize) else { continue };
            if matches!(stream.phase, Phase::Ending(_)) {
                continue;
            }
            stream.due = Due::Nothing;
            stream.go_live(head.seq);
            stream.drop_events();
            let written = stream.push(reset.clone(), stream_token(index), &mut self.wire);
            self.note(index, written);
        }
    }

    pub(super) fn tell(&mut self, whom: Whom, event: Bytes) {
        let (targets, droppable) = match whom {
            Whom::Everybody { within } => return self.news.add(event, self.wire.now + ticks(within)),
            Whom::Streams(streams) => (streams, false),
            Whom::Room { room_id, except, droppable } => {
                let Some(room) = self.rooms.index_of(room_id) else { return };
                let others = |index: &u32| self.stream(*index).is_some_and(|stream| Some(stream.user_id) != except);
                (self.rooms.get(room).streams.iter().copied().filter(others).collect(), droppable)
            }
        };
        let serial = |index: u32| self.stream(index).map(|stream| (index, stream.serial));
        let targets = Targets::Some(targets.into_iter().rev().filter_map(serial).collect());
        self.tellings.push_back(Telling { targets, event: Some(event), droppable });
    }

    /// Everybody who has not seen the news gets them now.
    pub(super) fn spread_news(&mut self) {
        if self.news.is_due(self.wire.now) {
            self.tellings.push_back(Telling { targets: Targets::All(0), event: None, droppable: true });
        }
    }

    /// Gives an event to some of its streams: how many were looked at, and whether these were the last.
    fn tell_some(&mut self, telling: &mut Telling, looks_max: usize) -> (usize, bool) {
        for looked in 0..looks_max {
            let index = match &mut telling.targets {
                Targets::All(next) if *next as usize >= self.streams.len() => return (looked, true),
                Targets::All(next) => {
                    *next += 1;
                    *next - 1
                }
                Targets::Some(targets) => match targets.pop() {
                    None => return (looked, true),
                    Some((index, serial)) if self.stream(index).is_some_and(|stream| stream.serial == serial) => index,
                    Some(_) => continue,
                },
            };
            self.tell_one(index, telling);
        }
        (looks_max, false)
    }

    fn tell_one(&mut self, index: u32, telling: &Telling) {
        let Some(event) = &telling.event else { return self.give_news(index) };
        // A message that came before stands before it.
        self.deliver_now(index);
        let Some(Some(stream)) = self.streams.get_mut(index as usize) else { return };
        if matches!(stream.phase, Phase::Ending(_)) || (telling.droppable && !stream.is_live()) {
            return;
        }
        stream.keep_up(self.ring.head().seq);
        let written = stream.push(event.clone(), stream_token(index), &mut self.wire);
        let crowded = stream.waiting() > WAITING_MAX;
        self.note(index, written);
        if crowded {
            self.cut_slow(index);
        }
    }

    /// Gives a stream the news, unless a message will take them along.
    fn give_news(&mut self, index: u32) {
        let Some(Some(stream)) = self.streams.get_mut(index as usize) else { return };
        if !stream.is_live() || stream.due != Due::Nothing {
            return;
        }
        let Some(news) = self.news.behind(stream.news).map(|news| news.octets.clone()) else { return };
        stream.news = self.news.newest();
        self.send_staged_of(index);
        self.give(index, &news);
    }

    /// The reader does not keep up: it comes back and resumes.
    pub(super) fn cut_slow(&mut self, index: u32) {
        let Some(missed) = self.stream(index).map(|stream| stream.missed.frames) else { return };
        let last = event(sse::name::SLOW, &sse::Slow { missed });
        self.cut(index, Ending::Slow, Some(&last));
    }

    /// Streams carry a room from now on, or no longer.
    pub(super) fn change(&mut self, streams: &[u32], room_id: RoomId, member: bool) {
        for index in streams {
            let known = self.rooms.index_of(room_id);
            let Some(Some(stream)) = self.streams.get_mut(*index as usize) else { continue };
            let position = stream.subscriptions.iter().position(|subscription| Some(subscription.room) == known);
            match (position, member) {
                (None, true) => stream.subscriptions.push(self.rooms.join(room_id, *index)),
                (Some(position), false) => {
                    // What came before it is still for them, if they keep up; who is behind goes on with the rooms of then.
                    self.deliver_now(*index);
                    let Some(Some(stream)) = self.streams.get_mut(*index as usize) else { continue };
                    let subscription = stream.subscriptions.swap_remove(position);
                    self.leave(*index, subscription);
                }
                (Some(_), true) | (None, false) => {}
            }
        }
    }

    /// Takes a stream out of a room's list.
    pub(super) fn leave(&mut self, index: u32, subscription: Subscription) {
        let Some(moved) = self.rooms.part(subscription).filter(|moved| *moved != index) else { return };
        let Some(Some(stream)) = self.streams.get_mut(moved as usize) else { return };
        let same = |other: &&mut Subscription| other.room == subscription.room;
        if let Some(other) = stream.subscriptions.iter_mut().find(same) {
            other.position = subscription.position;
        }
    }

    pub(super) fn drain(&mut self, event: &Bytes, spread: std::time::Duration) {
        self.deliver_all();
        for index in self.indices() {
            let Some(Some(stream)) = self.streams.get_mut(index as usize) else { continue };
            stream.keep_up(self.ring.head().seq);
            let written = stream.push(event.clone(), stream_token(index), &mut self.wire);
            let at = self.wire.now + ticks(crate::chance::within(spread));
            self.timers.end_at(at, index, stream.serial);
            self.note(index, written);
        }
    }

    pub(super) fn stream(&self, index: u32) -> Option<&Stream> {
        self.streams.get(index as usize)?.as_ref()
    }

    fn indices(&self) -> std::ops::Range<u32> {
        0..self.streams.len() as u32
    }
}

impl Command {
    /// An event for everybody.
    pub fn news(event: Bytes, within: std::time::Duration) -> Self {
        Self::Tell { whom: Whom::Everybody { within }, event }
    }
}
