//! Publishing at a rate: each message at its time, whatever became of those before.

use std::{fs::File, os::unix::fs::FileExt as _, sync::Arc, time::Duration};

use anyhow::{Context as _, Result};
use serde::Serialize;
use tokio::{
    sync::mpsc,
    task::JoinSet,
    time::{Instant, sleep_until},
};

use crate::{fixture::Sealed, os, progress, servers::Publisher};

/// Tasks that publish one message after the other, so that each room's order is kept.
const LANES: usize = 16;

/// Writes down when messages were due.
#[derive(Debug)]
pub struct Times(File);

impl Times {
    /// Begins anew.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn create(path: &std::path::Path) -> Result<Self> {
        Ok(Self(File::create(path).with_context(|| format!("writing {}", path.display()))?))
    }

    fn note(&self, number: u64, due_ns: u64) -> Result<()> {
        Ok(self.0.write_all_at(&due_ns.to_le_bytes(), number * 8)?)
    }
}

/// How the publishing went.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Posted {
    pub accepted: u64,
    /// The numbers of messages that were not accepted, and why the last of them.
    pub lost: Vec<u64>,
    pub last_error: Option<String>,
    /// From the call to its answer, milliseconds.
    pub post_p50_ms: f64,
    pub post_p99_ms: f64,
    /// The longest that a message was posted after its time, milliseconds.
    pub late_max_ms: f64,
}

/// Publishes messages, numbered from `base` on, at `rate` in a second. A message's clock starts when it is due, wherever it waits
/// then: with a server that must get a room's messages one after the other, that is before those in front of it are answered.
///
/// # Errors
/// The times cannot be written. A message that is not accepted is no error.
pub async fn post(publisher: &Arc<Publisher>, times: &Times, base: u64, messages: Vec<Sealed>, rate: f64) -> Result<Posted> {
    let (sender, mut outcomes) = mpsc::unbounded_channel();
    let mut tasks = JoinSet::new();
    let lanes: Vec<_> = (0..if publisher.is_serial() { LANES } else { 0 })
        .map(|_| {
            let (lane, mut messages) = mpsc::unbounded_channel();
            let (publisher, sender) = (Arc::clone(publisher), sender.clone());
            tasks.spawn(async move {
                while let Some((number, message)) = messages.recv().await {
                    let _ = sender.send(publish(&publisher, number, &message).await);
                }
            });
            lane
        })
        .collect();
    let (begin, begin_ns, total, mut late_max) = (Instant::now(), os::now_ns(), messages.len(), Duration::ZERO);
    for (nth, message) in messages.into_iter().enumerate() {
        let after = Duration::from_secs_f64(nth as f64 / rate);
        let due = begin + after;
        sleep_until(due).await;
        late_max = late_max.max(due.elapsed());
        progress::show(format_args!("posted {nth} of {total} messages"));
        let number = base + nth as u64;
        // When it was due, not when it went out: a message that was posted late has waited already.
        times.note(number, begin_ns + after.as_nanos() as u64)?;
        if let Some(lane) = lanes.get((message.room % LANES as u64) as usize) {
            let _ = lane.send((number, message));
        } else {
            let (publisher, sender) = (Arc::clone(publisher), sender.clone());
            tasks.spawn(async move {
                let _ = sender.send(publish(&publisher, number, &message).await);
            });
        }
        if os::stop_asked() {
            break;
        }
    }
    drop((lanes, sender));
    tasks.join_all().await;
    let mut posted = Posted { late_max_ms: late_max.as_secs_f64() * 1e3, ..Posted::default() };
    let mut took = Vec::new();
    while let Some((number, outcome)) = outcomes.recv().await {
        match outcome {
            Ok(duration) => {
                posted.accepted += 1;
                took.push(duration.as_secs_f64() * 1e3);
            }
            Err(error) => {
                posted.lost.push(number);
                posted.last_error = Some(format!("{error:#}"));
            }
        }
    }
    took.sort_by(f64::total_cmp);
    (posted.post_p50_ms, posted.post_p99_ms) = (quantile(&took, 0.5), quantile(&took, 0.99));
    Ok(posted)
}

async fn publish(publisher: &Publisher, number: u64, message: &Sealed) -> (u64, Result<Duration>) {
    let begin = Instant::now();
    (number, publisher.publish(number, message).await.map(|()| begin.elapsed()))
}

/// A quantile of sorted values; 0 without any.
pub fn quantile(sorted: &[f64], quantile: f64) -> f64 {
    let at = (quantile * sorted.len() as f64).ceil() as usize;
    sorted.get(at.saturating_sub(1)).copied().unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_values_that_were_measured() {
        let values = [1.0, 2.0, 3.0, 4.0];
        assert_eq!([0.0, 0.5, 0.75, 0.99].map(|at| quantile(&values, at)), [1.0, 2.0, 3.0, 4.0]);
        assert_eq!(quantile(&[], 0.5), 0.0);
    }
}
