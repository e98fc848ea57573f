//! The ends of the log, asked for once by all who want to know at the same time.

use std::time::Duration;

use sealcast_bus::log::StreamState;
use tokio::{sync::Mutex, time::Instant};

/// How old an answer may be for those whom a moment does not matter to.
pub const RECENT: Duration = Duration::from_millis(200);

/// See the module. An error is shared as well: a log that does not answer is not asked by one after the other.
#[derive(Debug, Default)]
pub struct LogState {
    last: Mutex<Option<(Instant, Option<StreamState>)>>,
}

impl LogState {
    /// What was asked for at `since` or later; who comes while somebody asks waits for the answer. `None`: there was none.
    pub async fn get(&self, since: Instant, ask: impl Future<Output = anyhow::Result<StreamState>>) -> Option<StreamState> {
        let mut last = self.last.lock().await;
        if let Some((asked_at, state)) = *last
            && asked_at >= since
        {
            return state;
        }
        let asked_at = Instant::now();
        let state =
            ask.await.inspect_err(|error| tracing::warn!(error = format!("{error:#}"), "a resume could not ask the log")).ok();
        *last = Some((asked_at, state));
        state
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use futures::future::join_all;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_crowd_asks_once_and_who_needs_a_newer_answer_asks_again() {
        let (state, asked) = (LogState::default(), AtomicU64::new(0));
        let get = |since: Instant| {
            state.get(since, async {
                tokio::time::sleep(Duration::from_millis(50)).await;
                let nth = asked.fetch_add(1, Ordering::Relaxed);
                if nth == 1 { anyhow::bail!("on purpose") } else { Ok(StreamState { first_seq: nth, last_seq: nth, messages: 1 }) }
            })
        };
        let begin = Instant::now();
        let answers = join_all((0..100).map(|_| get(begin))).await;
        assert!(answers.iter().all(|state| state.is_some_and(|state| state.first_seq == 0)));
        assert_eq!((asked.load(Ordering::Relaxed), begin.elapsed()), (1, Duration::from_millis(50)));
        let later = Instant::now();
        assert_eq!(join_all((0..100).map(|_| get(later))).await, [None; 100], "a failure is shared too");
        assert_eq!(asked.load(Ordering::Relaxed), 2);
        tokio::time::sleep(RECENT).await;
        assert_eq!(get(Instant::now() - RECENT).await.map(|state| state.first_seq), Some(2));
    }
}
