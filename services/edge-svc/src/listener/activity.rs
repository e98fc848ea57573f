//! Whether a connection is used: one that nobody uses keeps its place for a while only.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

/// How long a connection may rest between two requests.
pub(super) const REST_MAX: Duration = Duration::from_secs(60);

/// The requests of one connection. Cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Activity(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    requests: usize,
    /// When it must have asked for something.
    rests_until: Instant,
}

/// A request that is being answered.
#[derive(Debug)]
pub(super) struct Busy(Activity);

impl Activity {
    /// Nothing is asked yet, and something must be within this time.
    pub fn new(patience: Duration) -> Self {
        Self(Arc::new(Mutex::new(State { requests: 0, rests_until: Instant::now() + patience })))
    }

    /// A request begins; it ends when this is dropped.
    pub fn begin(&self) -> Busy {
        self.lock().requests += 1;
        Busy(self.clone())
    }

    /// Ends when the connection has rested too long.
    pub async fn until_idle(self) {
        loop {
            let (busy, until) = {
                let state = self.lock();
                (state.requests > 0, state.rests_until)
            };
            if !busy && until <= Instant::now() {
                return;
            }
            // A request that ends meanwhile moves the end; a busy connection is looked at again.
            let until = if busy { Instant::now() + REST_MAX } else { until };
            tokio::time::sleep_until(until).await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.requests -= 1;
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
            tokio::time::sleep(Duration::from_secs(200)).await;
            drop(busy);
        };
        tokio::join!(work, activity.clone().until_idle());
        let ended = begun.elapsed();
        assert!(ended >= Duration::from_secs(260) && ended <= Duration::from_secs(320), "{ended:?}");
    }
}
