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

    /// What its messages take, as events.
    pub fn octets(&self) -> usize {
        self.octets
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
    use proptest::{collection::vec, prelude::*};
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

    #[derive(Clone, Debug)]
    enum Step {
        Push { octets: usize },
        Skip { by: u64 },
        Reset { head: u64 },
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            8 => (0..25_usize).prop_map(|octets| Step::Push { octets }),
            1 => (0..5_u64).prop_map(|by| Step::Skip { by }),
            1 => (0..50_u64).prop_map(|head| Step::Reset { head }),
        ]
    }

    proptest! {
        /// Whatever happens: the ring gives every message behind a sequence, each once and in order, or says that it cannot; and
        /// it keeps as many as its bounds allow.
        #[test]
        fn it_gives_all_or_says_that_it_cannot(steps in vec(step(), 0..80), frames_max in 1..8_usize, octets_max in 1..60_usize) {
            let mut ring = ring(frames_max, octets_max);
            // What there is since the last cut, without bounds.
            let (mut model, mut cut): (Vec<(u64, usize)>, u64) = (Vec::new(), 0);
            for step in steps {
                match step {
                    Step::Push { octets } => {
                        let id = EventId { stream_epoch: 1, seq: ring.head().seq + 1 };
                        let (room_id, cid, sender) = (RoomId::generate(), ClientMessageId::generate(), UserId::generate());
                        ring.push(Arc::new(Frame { id, room_id, cid, sender, octets: vec![0; octets].into() }));
                        model.push((id.seq, octets));
                    }
                    Step::Skip { by } => {
                        cut = ring.head().seq + by;
                        ring.skip_to(cut);
                        model.clear();
                    }
                    Step::Reset { head } => {
                        cut = head;
                        ring.reset(EventId { stream_epoch: 1, seq: head });
                        model.clear();
                    }
                }
                let head = model.last().map_or(cut, |(seq, _)| *seq);
                prop_assert_eq!(ring.head().seq, head);
                // The longest end of the model within the bounds.
                let mut octets = 0;
                let kept = model.iter().rev().take(frames_max).take_while(|(_, len)| { octets += len; octets <= octets_max }).count();
                let after = head - kept as u64;
                prop_assert_eq!(ring.after(), after);
                for seq in cut.saturating_sub(2)..head + 2 {
                    let expected = (seq >= after).then(|| (seq.max(after) + 1..=head).collect::<Vec<_>>());
                    prop_assert_eq!(seqs(&ring, seq), expected);
                    prop_assert_eq!(ring.get(seq).is_some(), (after + 1..=head).contains(&seq));
                }
            }
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
