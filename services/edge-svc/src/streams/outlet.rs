//! One open stream as the rest of the node sees it: a bounded queue with an end.

use std::{
    collections::VecDeque,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use bytes::Bytes;
use metrics::{counter, gauge};
use sealcast_contracts::{SessionId, UserId};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// Why a stream ended; the label of `edge_sse_closed_total`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The client went away.
    Client,
    /// The client does not read fast enough.
    Slow,
    /// The session ended.
    Revoked,
    /// The node goes away.
    Drained,
    /// The stream reached its greatest age.
    Aged,
}

/// Shows every metric of the streams from the start: one that appears with its first event cannot be watched for its absence.
pub fn describe_metrics() {
    gauge!("edge_sse_connections").set(0.0);
    for ending in [Ending::Client, Ending::Slow, Ending::Revoked, Ending::Drained, Ending::Aged] {
        counter!("edge_sse_closed_total", "reason" => ending.as_str()).increment(0);
    }
}

impl Ending {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Slow => "slow",
            Self::Revoked => "revoked",
            Self::Drained => "drained",
            Self::Aged => "aged",
        }
    }
}

/// What the reader gets next.
#[derive(Debug, PartialEq, Eq)]
pub enum Next {
    Frame(Bytes),
    End,
}

/// See the module.
#[derive(Debug)]
pub struct Outlet {
    pub id: u64,
    pub user_id: UserId,
    pub session_id: SessionId,
    /// Whether messages are queued as they come; until then the reader catches up by itself.
    live: AtomicBool,
    /// Ends the connection, for a reader that does not read.
    kill: CancellationToken,
    queue: Mutex<Queue>,
    changed: Notify,
    limits: QueueLimits,
}

/// What may wait for one reader.
#[derive(Clone, Copy, Debug)]
pub struct QueueLimits {
    pub frames_max: usize,
    pub octets_max: usize,
}

#[derive(Debug, Default)]
struct Queue {
    frames: VecDeque<Bytes>,
    octets: usize,
    ending: Option<(Ending, Instant)>,
}

impl Outlet {
    pub fn new(id: u64, user_id: UserId, session_id: SessionId, kill: CancellationToken, limits: QueueLimits) -> Self {
        let (queue, changed) = (Mutex::default(), Notify::new());
        Self { id, user_id, session_id, live: AtomicBool::new(false), kill, queue, changed, limits }
    }

    pub fn is_live(&self) -> bool {
        self.live.load(Ordering::Acquire)
    }

    /// From now on messages are queued. Only under the hub's lock: there is no message between catching up and this.
    pub fn go_live(&self) {
        self.live.store(true, Ordering::Release);
    }

    /// Queues what the client must get. A reader that leaves too much waiting is cut: it comes back and resumes.
    pub fn push(&self, frame: Bytes) {
        let mut queue = self.lock();
        if queue.ending.is_some() {
            return;
        }
        queue.octets += frame.len();
        queue.frames.push_back(frame);
        if queue.frames.len() > self.limits.frames_max || queue.octets > self.limits.octets_max {
            queue.end(Ending::Slow, None);
        }
        drop(queue);
        self.changed.notify_one();
    }

    /// Queues what the client may miss, as long as the queue is less than half full.
    pub fn offer(&self, frame: Bytes) {
        let queue = self.lock();
        let crowded = queue.frames.len() > self.limits.frames_max / 2 || queue.octets > self.limits.octets_max / 2;
        drop(queue);
        if !crowded {
            self.push(frame);
        }
    }

    /// Ends the stream now: what waits is dropped, `last` is the last event.
    pub fn end(&self, ending: Ending, last: Option<Bytes>) {
        self.lock().end(ending, last);
        self.changed.notify_one();
    }

    /// Ends the stream after what waits.
    pub fn finish(&self, ending: Ending) {
        let mut queue = self.lock();
        if queue.ending.is_none() {
            queue.ending = Some((ending, Instant::now()));
        }
        drop(queue);
        self.changed.notify_one();
    }

    /// The next frame, as soon as there is one.
    pub async fn next(&self) -> Next {
        loop {
            if let Some(next) = self.try_next() {
                return next;
            }
            self.changed.notified().await;
        }
    }

    /// The next frame, if there is one.
    pub fn try_next(&self) -> Option<Next> {
        let mut queue = self.lock();
        match queue.frames.pop_front() {
            Some(frame) => {
                queue.octets -= frame.len();
                Some(Next::Frame(frame))
            }
            None => queue.ending.map(|_| Next::End),
        }
    }

    /// Why it ended, if it did.
    pub fn ending(&self) -> Option<Ending> {
        self.lock().ending.map(|(ending, _)| ending)
    }

    /// Ends the connection if the stream has ended and its reader has not taken note for this long.
    pub fn kill_if_stuck(&self, patience: Duration) {
        if self.lock().ending.is_some_and(|(_, at)| at.elapsed() >= patience) {
            self.kill.cancel();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        // Nothing between taking and giving back the lock can panic half-way through a change.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Queue {
    fn end(&mut self, ending: Ending, last: Option<Bytes>) {
        if self.ending.is_none() {
            self.frames.clear();
            self.frames.extend(last);
            self.octets = self.frames.iter().map(Bytes::len).sum();
            self.ending = Some((ending, Instant::now()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outlet() -> Outlet {
        let limits = QueueLimits { frames_max: 4, octets_max: 100 };
        Outlet::new(1, UserId::generate(), SessionId::generate(), CancellationToken::new(), limits)
    }

    #[test]
    fn a_slow_reader_is_cut_by_count_and_by_octets() {
        for frames in [vec![Bytes::from_static(b"x"); 5], vec![Bytes::from_static(&[0; 60]); 2]] {
            let outlet = outlet();
            frames.into_iter().for_each(|frame| outlet.push(frame));
            assert_eq!(outlet.ending(), Some(Ending::Slow));
            assert_eq!(outlet.try_next(), Some(Next::End));
        }
    }

    #[test]
    fn offers_are_dropped_before_anybody_is_cut() {
        let outlet = outlet();
        (0..50).for_each(|_| outlet.offer(Bytes::from_static(b"x")));
        assert_eq!(outlet.ending(), None);
        outlet.push(Bytes::from_static(b"m"));
        assert_eq!(outlet.ending(), None);
    }

    #[test]
    fn the_last_event_passes_what_waits_and_nothing_follows_it() {
        let outlet = outlet();
        outlet.push(Bytes::from_static(b"waiting"));
        outlet.end(Ending::Revoked, Some(Bytes::from_static(b"revoke")));
        outlet.push(Bytes::from_static(b"late"));
        assert_eq!(outlet.try_next(), Some(Next::Frame(Bytes::from_static(b"revoke"))));
        assert_eq!(outlet.try_next(), Some(Next::End));
    }

    #[test]
    fn only_an_ended_stream_is_killed() {
        let outlet = outlet();
        outlet.kill_if_stuck(Duration::ZERO);
        assert!(!outlet.kill.is_cancelled());
        outlet.end(Ending::Slow, None);
        outlet.kill_if_stuck(Duration::from_secs(60));
        assert!(!outlet.kill.is_cancelled());
        outlet.kill_if_stuck(Duration::ZERO);
        assert!(outlet.kill.is_cancelled());
    }
}
