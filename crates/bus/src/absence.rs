//! Subjects that nobody listens on: for a moment when the only replica of a service is started anew, for longer when it is down.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use tokio::sync::{Semaphore, SemaphorePermit};

/// How long a call waits for somebody who listens.
const WAIT_MAX: Duration = Duration::from_secs(2);
const POLL: Duration = Duration::from_millis(50);

/// Calls of a process that wait at the same time; others are refused at once, as when a service is down.
const WAITING_MAX: usize = 256;

#[derive(Debug)]
pub(crate) struct Absences {
    /// When nobody was first, and last, found on a subject. As many entries as there are subjects, at most.
    found: Mutex<HashMap<&'static str, (Instant, Instant)>>,
    places: Semaphore,
}

impl Default for Absences {
    fn default() -> Self {
        Self { found: Mutex::default(), places: Semaphore::new(WAITING_MAX) }
    }
}

impl Absences {
    /// Nobody listens now: how long to wait before the next look; nothing when the subject has been without anybody for longer
    /// than a start takes. Calls wait while a service comes back, and do not pile up in front of one that is down.
    pub(crate) fn pause(&self, subject: &'static str, now: Instant) -> Option<Duration> {
        let mut absences = self.lock();
        let (first, last) = absences.entry(subject).or_insert((now, now));
        // An old finding says nothing about what happened since.
        if now.saturating_duration_since(*last) > WAIT_MAX {
            *first = now;
        }
        *last = now;
        (now.saturating_duration_since(*first) < WAIT_MAX).then_some(POLL)
    }

    /// A place among those that wait, if there is one.
    pub(crate) fn place(&self) -> Option<SemaphorePermit<'_>> {
        self.places.try_acquire().ok()
    }

    /// Somebody listens.
    pub(crate) fn end(&self, subject: &'static str) {
        self.lock().remove(subject);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<&'static str, (Instant, Instant)>> {
        self.found.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_waits_for_a_start_and_not_for_what_is_down() {
        let (absences, begun) = (Absences::default(), Instant::now());
        let at = |ms| begun + Duration::from_millis(ms);
        assert_eq!(absences.pause("a", at(0)), Some(POLL));
        assert_eq!(absences.pause("a", at(1_900)), Some(POLL));
        assert_eq!(absences.pause("a", at(2_000)), None, "it is down");
        assert_eq!(absences.pause("a", at(3_900)), None, "for everybody who asks meanwhile");
        assert_eq!(absences.pause("b", at(3_900)), Some(POLL), "another subject");
        assert_eq!(absences.pause("a", at(6_000)), Some(POLL), "nobody has asked for a while");
        absences.end("a");
        assert_eq!(absences.pause("a", at(9_000)), Some(POLL));
    }

    #[test]
    fn so_many_wait_at_most() {
        let absences = Absences::default();
        let mut places: Vec<_> = (0..WAITING_MAX).map(|_| absences.place()).collect();
        assert!(places.iter().all(Option::is_some) && absences.place().is_none());
        places.pop();
        assert!(absences.place().is_some());
    }
}
