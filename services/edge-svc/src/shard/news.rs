//! Events for everybody that may wait a little: they go along with the next message, or by themselves when their time is up.
//!
//! Who came, who left, how far the log is covered: sent at once, each would cost a write to every stream, as much as a message.

use std::collections::VecDeque;

use bytes::{Bytes, BytesMut};

/// News that are kept for streams that have not seen them; older ones are missed.
const EVENTS_MAX: usize = 64;
const OCTETS_MAX: usize = 8 * 1024;

#[derive(Debug, Default)]
pub(super) struct News {
    events: VecDeque<Bytes>,
    octets: usize,
    /// The number of the newest.
    newest: u64,
    /// When all streams must have them, in ticks.
    due_at: Option<u32>,
    edition: Option<Edition>,
}

/// The news behind some number, joined.
#[derive(Clone, Debug)]
pub(super) struct Edition {
    /// Behind the first number, up to the second.
    pub span: (u64, u64),
    pub octets: Bytes,
}

impl News {
    pub fn newest(&self) -> u64 {
        self.newest
    }

    /// Adds an event that everybody has at `due_at`.
    pub fn add(&mut self, event: Bytes, due_at: u32) {
        self.newest += 1;
        self.octets += event.len();
        self.events.push_back(event);
        while self.events.len() > EVENTS_MAX || self.octets > OCTETS_MAX {
            let Some(oldest) = self.events.pop_front() else { break };
            self.octets -= oldest.len();
        }
        self.due_at = Some(self.due_at.map_or(due_at, |at| at.min(due_at)));
    }

    /// Whether it is time for those who have not seen the newest.
    pub fn is_due(&mut self, now: u32) -> bool {
        let due = self.due_at.is_some_and(|at| at <= now);
        if due {
            self.due_at = None;
        }
        due
    }

    /// What somebody has not seen who has seen everything up to `seen`.
    pub fn behind(&mut self, seen: u64) -> Option<&Edition> {
        if seen == self.newest {
            return None;
        }
        let span = (seen, self.newest);
        if self.edition.as_ref().is_none_or(|edition| edition.span != span) {
            let unseen = ((self.newest - seen) as usize).min(self.events.len());
            let mut octets = BytesMut::with_capacity(self.octets);
            self.events.iter().skip(self.events.len() - unseen).for_each(|event| octets.extend_from_slice(event));
            self.edition = Some(Edition { span, octets: octets.freeze() });
        }
        self.edition.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_gets_what_it_has_not_seen() {
        let mut news = News::default();
        assert!(news.behind(0).is_none());
        for event in ["a", "b", "c"] {
            news.add(event.into(), 5);
        }
        assert_eq!(news.behind(0).unwrap().octets, "abc");
        assert_eq!(news.behind(2).unwrap().octets, "c");
        assert!(news.behind(3).is_none());
        assert!(!news.is_due(4) && news.is_due(5) && !news.is_due(6));
    }

    #[test]
    fn old_news_are_missed() {
        let mut news = News::default();
        (0..1_000).for_each(|_| news.add(Bytes::from_static(b"x"), 0));
        assert_eq!(news.behind(0).unwrap().octets.len(), EVENTS_MAX);
        news.add(vec![b'y'; OCTETS_MAX].into(), 0);
        assert_eq!(news.behind(0).unwrap().octets.len(), OCTETS_MAX);
    }
}
