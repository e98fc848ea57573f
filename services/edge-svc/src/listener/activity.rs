//! Whether a connection is used: one that nobody uses, or whose client takes no answer, keeps its place for a while only.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

/// How long a connection may rest between two requests.
pub(super) const REST_MAX: Duration = Duration::from_secs(60);
/// How long a request may take, with its body and its answer, unless the answer is a stream. A client that opens no window would
/// keep it for ever.
const ANSWER_MAX: Duration = Duration::from_secs(120);

/// The requests of one connection. Cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Activity(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    /// When each request that is being answered must be over.
    requests: BTreeMap<u64, Option<Instant>>,
    /// The number of the next one.
    next: u64,
    /// When it must have asked for something.
    rests_until: Instant,
}

/// A request that is being answered.
#[derive(Debug)]
pub(super) struct Busy {
    activity: Activity,
    number: u64,
}

impl Busy {
    /// Its answer has no end.
    pub fn streams(&self) {
        self.activity.lock().requests.insert(self.number, None);
    }
}

impl Activity {
    /// Nothing is asked yet, and something must be within this time.
    pub fn new(patience: Duration) -> Self {
        Self(Arc::new(Mutex::new(State { requests: BTreeMap::new(), next: 0, rests_until: Instant::now() + patience })))
    }

    /// A request begins; it ends when this is dropped.
    pub fn begin(&self) -> Busy {
        let mut state = self.lock();
        let number = state.next;
        state.next += 1;
        state.requests.insert(number, Some(Instant::now() + ANSWER_MAX));
        drop(state);
        Busy { activity: self.clone(), number }
    }

    /// Ends when the connection has rested too long, or one of its requests has taken too long.
    pub async fn until_idle(self) {
        loop {
            let until = {
                let state = self.lock();
                let rests = state.requests.is_empty().then_some(state.rests_until);
                state.requests.values().flatten().min().copied().or(rests)
            };
            let now = Instant::now();
            if until.is_some_and(|until| until <= now) {
                return;
            }
            // A request that ends meanwhile moves the end: a busy connection is looked at again.
            let again = now + REST_MAX;
            tokio::time::sleep_until(until.map_or(again, |until| until.min(again))).await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        let mut state = self.activity.lock();
        state.requests.remove(&self.number);
        state.rests_until = Instant::now() + REST_MAX;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Duration = Duration::from_secs(10);

    #[tokio::test(start_paused = true)]
    async fn a_connection_that_asks_nothing_ends() {
        let begun = Instant::now();
        Activity::new(PATIENCE).until_idle().await;
        assert_eq!(begun.elapsed(), PATIENCE);
    }

    #[tokio::test(start_paused = true)]
    async fn it_rests_after_its_last_request() {
        let activity = Activity::new(PATIENCE);
        let begun = Instant::now();
        let work = async {
            let busy = activity.begin();
            tokio::time::sleep(Duration::from_secs(100)).await;
            drop(busy);
        };
        tokio::join!(work, activity.clone().until_idle());
        let ended = begun.elapsed();
        assert!(ended >= Duration::from_secs(160) && ended <= Duration::from_secs(220), "{ended:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_nobody_takes_ends_it_and_a_stream_does_not() {
        let (activity, begun) = (Activity::new(PATIENCE), Instant::now());
        let stream = activity.begin();
        stream.streams();
        tokio::time::sleep(Duration::from_secs(1_000)).await;
        let other = activity.begin();
        activity.clone().until_idle().await;
        assert_eq!(begun.elapsed(), Duration::from_secs(1_000) + ANSWER_MAX);
        drop((stream, other));
    }
}
