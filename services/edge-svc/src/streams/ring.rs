//! The newest messages, encoded: what a resume is served from.

use std::{collections::VecDeque, sync::Arc};

use sealcast_contracts::EventId;

use super::frame::Frame;

/// Every message in `(after, head]`, oldest first, bounded by count and octets.
#[derive(Debug)]
pub struct Ring {
    frames: VecDeque<Arc<Frame>>,
    octets: usize,
    /// Up to and including this sequence messages may be missing here.
    after: u64,
    head: EventId,
    frames_max: usize,
    octets_max: usize,
}

impl Ring {
    pub fn new(head: EventId, frames_max: usize, octets_max: usize) -> Self {
        Self { frames: VecDeque::new(), octets: 0, after: head.seq, head, frames_max, octets_max }
    }

    /// The newest message known.
    pub fn head(&self) -> EventId {
        self.head
    }

    /// The sequence behind which the ring is complete.
    pub fn after(&self) -> u64 {
        self.after
    }

    /// Adds the next message. The oldest ones go when a bound is passed.
    pub fn push(&mut self, frame: Arc<Frame>) {
        debug_assert_eq!(frame.id.seq, self.head.seq + 1, "the feed closes holes first");
        self.head = frame.id;
        self.octets += frame.octets.len();
        self.frames.push_back(frame);
        while self.frames.len() > self.frames_max || self.octets > self.octets_max {
            let Some(oldest) = self.frames.pop_front() else { break };
            self.octets -= oldest.octets.len();
            self.after = oldest.id.seq;
        }
    }

    /// Messages up to `seq` cannot be had: what was before them is no longer continued.
    pub fn skip_to(&mut self, seq: u64) {
        self.reset(EventId { seq, ..self.head });
    }

    /// Starts anew behind `head`.
    pub fn reset(&mut self, head: EventId) {
        self.frames.clear();
        self.octets = 0;
        self.after = head.seq;
        self.head = head;
    }

    /// The message with this sequence, if it is still here.
    pub fn get(&self, seq: u64) -> Option<&Arc<Frame>> {
        self.frames.binary_search_by_key(&seq, |frame| frame.id.seq).ok().map(|index| &self.frames[index])
    }

    /// Everything behind `seq`, or nothing if some of it is no longer here.
    pub fn behind(&self, seq: u64) -> Option<impl Iterator<Item = &Arc<Frame>>> {
        let start = self.frames.partition_point(|frame| frame.id.seq <= seq);
        (seq >= self.after).then(|| self.frames.iter().skip(start))
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use sealcast_contracts::{ClientMessageId, RoomId, UserId};

    use super::*;

    fn ring(frames_max: usize, octets_max: usize) -> Ring {
        Ring::new(EventId { stream_epoch: 1, seq: 0 }, frames_max, octets_max)
    }

    fn push(ring: &mut Ring, seq: u64) {
        let id = EventId { stream_epoch: 1, seq };
        let octets = Bytes::from_static(&[0; 10]);
        let (room_id, cid, sender) = (RoomId::generate(), ClientMessageId::generate(), UserId::generate());
        ring.push(Arc::new(Frame { id, room_id, cid, sender, octets }));
    }

    fn seqs(ring: &Ring, seq: u64) -> Option<Vec<u64>> {
        Some(ring.behind(seq)?.map(|frame| frame.id.seq).collect())
    }

    #[test]
    fn the_oldest_go_by_count_and_by_octets() {
        for mut ring in [ring(3, 1_000), ring(100, 30)] {
            (1..=5).for_each(|seq| push(&mut ring, seq));
            assert_eq!((ring.after(), ring.head().seq), (2, 5));
            assert_eq!(seqs(&ring, 1), None);
            assert_eq!(seqs(&ring, 2), Some(vec![3, 4, 5]));
            assert_eq!(seqs(&ring, 5), Some(vec![]));
            assert!(ring.get(2).is_none());
            assert_eq!(ring.get(4).unwrap().id.seq, 4);
        }
    }

    #[test]
    fn nothing_before_a_gap_is_continued() {
        let mut ring = ring(100, 1_000);
        push(&mut ring, 1);
        ring.skip_to(5);
        push(&mut ring, 6);
        assert_eq!(seqs(&ring, 1), None);
        assert_eq!(seqs(&ring, 5), Some(vec![6]));
    }
}
