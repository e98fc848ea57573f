//! Streams that are behind: from the ring, and from the log for what is older.

use std::sync::Arc;

use metrics::counter;
use sealcast_contracts::{EventId, sse};

use super::{
    Key, Page, Shard, TURN_WRITES,
    rooms::{Plain, join},
    stream::Phase,
    stream_token,
};
use crate::streams::{Frame, event};

/// Messages of the ring that are looked at in one turn, most of them of other rooms: some milliseconds.
const TURN_FRAMES: usize = 64 * 1_024;

impl Shard {
    /// One turn: streams that are behind go one step each.
    pub(super) fn catch_up(&mut self) {
        let mut looked = 0;
        for _ in 0..self.catching_up.len().min(TURN_WRITES) {
            if looked >= TURN_FRAMES {
                return;
            }
            let Some(index) = self.catching_up.pop_front() else { return };
            looked += self.step(index);
        }
    }

    /// Gives how many messages it looked at.
    fn step(&mut self, index: u32) -> usize {
        let Some(Some(stream)) = self.streams.get_mut(index as usize) else { return 0 };
        if stream.phase != Phase::CatchingUp || stream.is_blocked() {
            return 0;
        }
        let (rooms, head) = (&self.rooms, self.ring.head().seq);
        let Some(behind) = self.ring.behind(stream.cursor) else {
            if stream.was_live {
                // Slower than the log for as long as the ring reaches.
                self.cut_slow(index);
            } else {
                stream.phase = Phase::AwaitingPage;
                self.gate.read_older(Key { shard: self.id, index }, stream.cursor);
            }
            return 0;
        };
        let mut looked = 0;
        let carried = |frame: &&Arc<Frame>| rooms.index_of(frame.room_id).is_some_and(|room| stream.carries(room));
        match join(behind.inspect(|_| looked += 1).filter(carried), None) {
            None => stream.go_live(head),
            Some(plain) => {
                let cursor = if plain.more { plain.up_to } else { head };
                self.hand_out(index, &plain, cursor);
                let Some(Some(stream)) = self.streams.get_mut(index as usize) else { return looked };
                if !plain.more {
                    stream.go_live(head);
                } else if !stream.is_blocked() {
                    self.catching_up.push_back(index);
                }
            }
        }
        looked
    }

    /// A page of the log, or the news that it cannot be had.
    pub(super) fn take_page(&mut self, index: u32, page: Option<Arc<Page>>) {
        let Some(Some(stream)) = self.streams.get_mut(index as usize) else { return };
        if stream.phase != Phase::AwaitingPage {
            return;
        }
        stream.phase = Phase::CatchingUp;
        match page {
            Some(page) => self.hand_out_page(index, &page),
            None => {
                let stream_epoch = self.ring.head().stream_epoch;
                let (after, up_to) = (stream.cursor, self.ring.after());
                let id = |seq| EventId { stream_epoch, seq };
                stream.cursor = up_to;
                let gap = event(sse::name::GAP, &sse::Gap { after: id(after), up_to: id(up_to) });
                let written = stream.push(gap, stream_token(index), &mut self.wire);
                self.note(index, written);
            }
        }
        // A reader that is blocked goes on when it is ready again.
        self.catching_up.push_back(index);
    }

    fn hand_out_page(&mut self, index: u32, page: &Page) {
        loop {
            let rooms = &self.rooms;
            let Some(stream) = self.streams.get(index as usize).and_then(Option::as_ref) else { return };
            // Another stretch than it needs, or nothing more: the next step asks again.
            if stream.is_blocked() || page.after > stream.cursor || page.up_to <= stream.cursor {
                return;
            }
            let start = page.frames.partition_point(|frame| frame.id.seq <= stream.cursor);
            let carried = |frame: &&Arc<Frame>| rooms.index_of(frame.room_id).is_some_and(|room| stream.carries(room));
            match join(page.frames.iter().skip(start).filter(carried), None) {
                Some(plain) => {
                    let cursor = if plain.more { plain.up_to } else { page.up_to };
                    self.hand_out(index, &plain, cursor);
                }
                None => {
                    if let Some(Some(stream)) = self.streams.get_mut(index as usize) {
                        stream.cursor = page.up_to;
                    }
                }
            }
        }
    }

    fn hand_out(&mut self, index: u32, plain: &Plain, cursor: u64) {
        let Some(Some(stream)) = self.streams.get_mut(index as usize) else { return };
        let written = stream.write(&plain.octets, stream_token(index), &mut self.wire);
        stream.cursor = cursor;
        stream.missed.sub(plain.frames, plain.octets.len());
        counter!("edge_deliveries_total").increment(u64::from(plain.frames));
        self.note(index, written);
    }
}
