//! What happens at a time: heartbeats from a timer wheel, deadlines, ends.

use std::{
    cmp::Reverse,
    collections::{BinaryHeap, VecDeque},
    time::Duration,
};

use sealcast_contracts::sse;

use super::{
    ConnectionRef, Ending, Shard, TURN_WRITES,
    connection::Failure,
    stream::{Phase, Stream},
    stream_token,
};
use crate::streams::{HEARTBEAT, event};

/// The clock's step.
pub(super) const TICK: Duration = Duration::from_millis(100);
const TICKS_PER_SECOND: u32 = 10;
const HEARTBEAT_TICKS: u32 = sse::HEARTBEAT_S as u32 * TICKS_PER_SECOND;
/// How long a reader may not read before its stream is cut.
const STALL: u32 = 10 * TICKS_PER_SECOND;
/// How long a reader has for the last event before its connection ends.
const LAST_WORDS: u32 = 5;
/// How long a closed connection stays for its client to read what is on the way.
pub(super) const LINGER: u32 = TICKS_PER_SECOND;
/// An aged stream's client comes back within this time; streams age at different times anyway.
const AGED_SPREAD_MS: u32 = 2_000;

/// Deadlines that a heap has room for whatever was there.
const HEAP_KEPT: usize = 64;

/// A time span in ticks, rounded up.
pub(super) fn ticks(span: Duration) -> u32 {
    span.as_millis().div_ceil(TICK.as_millis()) as u32
}

/// A stream's place, and its serial there.
type Watched = (u32, u32);

#[derive(Debug, Default)]
pub(super) struct Timers {
    /// By tick from `turned` on: the streams to look at then. One that was written to meanwhile moves on.
    wheel: VecDeque<Vec<Watched>>,
    turned: u32,
    /// Streams whose time has come.
    ripe: Vec<Watched>,
    deadlines: BinaryHeap<Reverse<(u32, Deadline, u32, u32)>>,
    connections: BinaryHeap<Reverse<(u32, u32, u32)>>,
    shard: u16,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Deadline {
    /// Its reader has not read since.
    Stall,
    /// It has ended, and its reader has not taken note.
    Kill,
    /// It ends with the node.
    End,
}

impl Timers {
    /// Looks at a stream when it must have been written to, or is too old.
    pub fn watch(&mut self, now: u32, stream: &Stream, index: u32) {
        let due = (stream.wrote_at + HEARTBEAT_TICKS).min(stream.old_at);
        let offset = due.saturating_sub(self.turned + 1).min(now.saturating_sub(self.turned) + HEARTBEAT_TICKS) as usize;
        if self.wheel.len() <= offset {
            self.wheel.resize_with(offset + 1, Vec::new);
        }
        self.wheel[offset].push((index, stream.serial));
    }

    pub fn watch_stall(&mut self, now: u32, stream: &Stream, index: u32) {
        if stream.blocked_since() == Some(now) {
            self.deadlines.push(Reverse((now + STALL, Deadline::Stall, index, stream.serial)));
        }
    }

    pub fn kill_at(&mut self, now: u32, index: u32, serial: u32) {
        self.deadlines.push(Reverse((now + LAST_WORDS, Deadline::Kill, index, serial)));
    }

    pub fn end_at(&mut self, at: u32, index: u32, serial: u32) {
        self.deadlines.push(Reverse((at, Deadline::End, index, serial)));
    }

    /// A connection must have got further by then.
    pub fn expect(&mut self, at: u32, connection: ConnectionRef) {
        self.shard = connection.shard;
        self.connections.push(Reverse((at, connection.index, connection.serial)));
    }

    /// A connection that should have got further by `now`.
    pub fn overdue_connection(&mut self, now: u32) -> Option<ConnectionRef> {
        let Reverse((at, ..)) = self.connections.peek()?;
        if *at > now {
            return None;
        }
        let Reverse((_, index, serial)) = self.connections.pop()?;
        Some(ConnectionRef { shard: self.shard, index, serial })
    }

    fn overdue(&mut self, now: u32) -> Option<(Deadline, Watched)> {
        let Reverse((at, ..)) = self.deadlines.peek()?;
        if *at > now {
            return None;
        }
        let Reverse((_, deadline, index, serial)) = self.deadlines.pop()?;
        Some((deadline, (index, serial)))
    }

    fn turn(&mut self, now: u32) {
        while self.turned < now {
            self.turned += 1;
            self.ripe.extend(self.wheel.pop_front().unwrap_or_default());
        }
    }
}

/// Gives the memory that a crowd needed back.
fn shrink<T: Ord>(heap: &mut BinaryHeap<T>) {
    if heap.capacity() > HEAP_KEPT.max(4 * heap.len()) {
        heap.shrink_to(HEAP_KEPT.max(2 * heap.len()));
    }
}

impl Shard {
    pub(super) fn keep_time(&mut self) {
        let now = self.wire.now;
        while let Some(reference) = self.timers.overdue_connection(now) {
            self.expire(reference);
        }
        while let Some((deadline, (index, serial))) = self.timers.overdue(now) {
            self.enforce(deadline, index, serial);
        }
        shrink(&mut self.timers.connections);
        shrink(&mut self.timers.deadlines);
        self.timers.turn(now);
        for _ in 0..self.timers.ripe.len().min(TURN_WRITES) {
            let Some((index, serial)) = self.timers.ripe.pop() else { break };
            self.look_at(index, serial);
        }
        while self.lingering.front().is_some_and(|(until, _)| *until <= now) {
            self.lingering.pop_front();
        }
        self.spread_news();
    }

    /// A connection's time is up, unless it has got further meanwhile: then it has another deadline.
    fn expire(&mut self, reference: ConnectionRef) {
        let Some(connection) = self.connections.get(reference.index as usize) else { return };
        if connection.serial != reference.serial || connection.is_applying() {
            return;
        }
        if connection.due_at <= self.wire.now {
            self.end_connection(reference, Failure::Timeout);
        } else {
            self.timers.expect(connection.due_at, reference);
        }
    }

    fn enforce(&mut self, deadline: Deadline, index: u32, serial: u32) {
        let now = self.wire.now;
        let Some(stream) = self.stream(index).filter(|stream| stream.serial == serial) else { return };
        match (deadline, stream.phase) {
            (Deadline::Stall, Phase::Ending(_)) => {}
            (Deadline::Stall, _) => {
                if stream.blocked_since().is_some_and(|since| since + STALL <= now) {
                    self.cut_slow(index);
                }
            }
            (Deadline::Kill, Phase::Ending(ending)) => self.remove(index, ending),
            (Deadline::Kill, _) | (Deadline::End, Phase::Ending(_)) => {}
            (Deadline::End, _) => self.finish(index, Ending::Drained, None),
        }
    }

    /// Keeps a silent stream awake, and ends an old one.
    fn look_at(&mut self, index: u32, serial: u32) {
        let now = self.wire.now;
        let Some(Some(stream)) = self.streams.get_mut(index as usize) else { return };
        if stream.serial != serial || matches!(stream.phase, Phase::Ending(_)) {
            return;
        }
        if stream.old_at <= now {
            let drain = event(sse::name::DRAIN, &sse::Drain { spread_ms: AGED_SPREAD_MS });
            self.deliver_now(index);
            self.finish(index, Ending::Aged, Some(&drain));
            return;
        }
        if stream.wrote_at + HEARTBEAT_TICKS <= now {
            if stream.is_blocked() {
                stream.wrote_at = now;
            } else {
                let news = if stream.is_live() { self.news.behind(stream.news) } else { None };
                // News do as well as the comment.
                let beat = match news {
                    Some(news) => {
                        stream.news = news.span.1;
                        news.octets.clone()
                    }
                    None => HEARTBEAT,
                };
                stream.keep_up(self.ring.head().seq);
                let written = stream.write(&beat, stream_token(index), &mut self.wire);
                self.note(index, written);
            }
        }
        if let Some(Some(stream)) = self.streams.get(index as usize) {
            self.timers.watch(now, stream, index);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_crowd_needed_is_given_back() {
        let mut heap: BinaryHeap<u32> = (0..10_000).collect();
        while heap.len() > 10 {
            heap.pop();
            shrink(&mut heap);
        }
        assert!(heap.capacity() <= 2 * HEAP_KEPT, "{}", heap.capacity());
        assert_eq!(heap.len(), 10);
    }
}
