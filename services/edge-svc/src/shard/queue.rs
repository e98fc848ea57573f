//! The streams of a room that miss a message, in the order in which they began to.

use std::collections::VecDeque;

/// See the module. What no stream in it misses need not be kept.
#[derive(Debug, Default)]
pub(super) struct Queue {
    streams: VecDeque<u32>,
    /// Behind which sequence they miss something: streams that began with the same message share an entry, with their count. The
    /// sequences rise, so that nobody misses anything up to the first. An entry whose streams are all taken stays until the next
    /// is: one of them may come back.
    stretches: VecDeque<(u64, usize)>,
}

impl Queue {
    pub fn is_empty(&self) -> bool {
        self.streams.is_empty()
    }

    /// Adds a stream that misses what is behind `after`, or keeps nothing for itself.
    pub fn push(&mut self, stream: u32, after: u64) {
        self.streams.push_back(stream);
        match self.stretches.back_mut() {
            Some((last, count)) if *last >= after => *count += 1,
            _ => self.stretches.push_back((after, 1)),
        }
    }

    /// Takes the first stream.
    pub fn pop(&mut self) -> Option<u32> {
        let stream = self.streams.pop_front()?;
        while self.stretches.pop_front_if(|(_, count)| *count == 0).is_some() {}
        if let Some((_, count)) = self.stretches.front_mut() {
            *count -= 1;
        }
        Some(stream)
    }

    /// Puts the stream that was taken last back in front: it misses more than it was given.
    pub fn put_back(&mut self, stream: u32) {
        self.streams.push_front(stream);
        if let Some((_, count)) = self.stretches.front_mut() {
            *count += 1;
        }
    }

    /// Up to which sequence nobody in it misses anything; `None`: it is empty.
    pub fn after(&self) -> Option<u64> {
        self.stretches.iter().find(|(_, count)| *count > 0).map(|(after, _)| *after)
    }

    /// Takes all.
    pub fn drain(&mut self) -> VecDeque<u32> {
        self.stretches.clear();
        std::mem::take(&mut self.streams)
    }

    pub fn clear(&mut self) {
        self.streams.clear();
        self.stretches.clear();
    }
}
