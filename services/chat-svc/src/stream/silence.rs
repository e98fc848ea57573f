//! A stream that takes no messages is asked by one message at a time; the others are turned away at once, with nothing sent.
//!
//! Otherwise every message of such a stream would wait for its own time-outs, and nobody would know what became of it.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

/// Between two messages that ask a silent stream.
const ASK_AGAIN_AFTER: Duration = Duration::from_secs(1);

/// What is known of the stream's silence: when the next message may be let through, if it is silent.
#[derive(Debug, Default)]
pub(crate) struct Silence {
    ask_at: Mutex<Option<Instant>>,
}

/// Whether a message may be published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Entry {
    /// The stream answers, as far as is known: try for as long as a message may take.
    Open,
    /// The stream was silent: try once.
    Asking,
    /// The stream is silent: nothing may be published.
    Closed,
}

impl Silence {
    pub(crate) fn enter(&self, now: Instant) -> Entry {
        let mut ask_at = self.lock();
        match *ask_at {
            None => Entry::Open,
            Some(at) if now < at => Entry::Closed,
            Some(_) => {
                *ask_at = Some(now + ASK_AGAIN_AFTER);
                Entry::Asking
            }
        }
    }

    /// The stream took a message; whether it had been silent.
    pub(crate) fn took(&self) -> bool {
        self.lock().take().is_some()
    }

    /// A message was not taken in time; whether that is news.
    pub(crate) fn failed(&self, now: Instant) -> bool {
        self.lock().replace(now + ASK_AGAIN_AFTER).is_none()
    }

    fn lock(&self) -> MutexGuard<'_, Option<Instant>> {
        self.ask_at.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_silent_stream_is_asked_by_one_message_at_a_time() {
        let (silence, now) = (Silence::default(), Instant::now());
        assert_eq!(silence.enter(now), Entry::Open);
        assert!(silence.failed(now), "it is news");
        assert!(!silence.failed(now), "it is none");
        assert_eq!(silence.enter(now), Entry::Closed);
        let later = now + ASK_AGAIN_AFTER;
        assert_eq!(silence.enter(later), Entry::Asking);
        assert_eq!(silence.enter(later), Entry::Closed, "one is on its way");
        assert_eq!(silence.enter(later + ASK_AGAIN_AFTER), Entry::Asking);
        assert!(silence.took());
        assert_eq!(silence.enter(later), Entry::Open);
        assert!(!silence.took());
    }
}
