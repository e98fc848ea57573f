//! What is older than the ring, for streams that catch up: whoever misses the same stretch of the log shares one read of it.

use std::{
    collections::VecDeque,
    sync::Arc,
    time::{Duration, Instant},
};

use metrics::counter;
use sealcast_contracts::stream::{ENVELOPE_SUBJECTS, ENVELOPES};
use tokio::sync::mpsc;

use super::{Engine, frame::Frame};
use crate::shard::{Command, Key, Page};

/// Messages of one read.
const PAGE_MESSAGES: u64 = 256;
/// A log that does not answer is asked this often before the stream says `gap`.
const READ_ATTEMPTS_MAX: u32 = 3;
const READ_PAUSE: Duration = Duration::from_millis(200);
/// Pages that are kept for others, and how long.
const PAGES_MAX: usize = 64;
const PAGE_KEPT: Duration = Duration::from_secs(20);
/// After a read that failed, others that wait get the same answer for this long.
const FAILURE_KEPT: Duration = Duration::from_millis(500);

#[derive(Default)]
struct Pages {
    recent: VecDeque<(Instant, Arc<Page>)>,
    failed_at: Option<Instant>,
}

/// Reads one page after the other, as the shards ask for them.
pub async fn run(engine: Arc<Engine>, mut readings: mpsc::UnboundedReceiver<(Key, u64)>) {
    let mut pages = Pages::default();
    while let Some((Key { shard, index }, after)) = readings.recv().await {
        let page = pages.get(&engine, after).await;
        engine.hub.post(shard, Command::Page { index, page });
    }
}

impl Pages {
    /// A page that goes on behind `after`.
    async fn get(&mut self, engine: &Engine, after: u64) -> Option<Arc<Page>> {
        self.recent.retain(|(read_at, _)| read_at.elapsed() < PAGE_KEPT);
        let known = self.recent.iter().find(|(_, page)| page.after <= after && page.up_to > after);
        if let Some((_, page)) = known {
            return Some(page.clone());
        }
        if self.failed_at.is_some_and(|at| at.elapsed() < FAILURE_KEPT) {
            return None;
        }
        // Aligned: clients that left at about the same time miss about the same. Where messages are long a read ends earlier than
        // its page would, and the next one goes on there.
        let aligned = after - after % PAGE_MESSAGES;
        loop {
            let ends = self.recent.iter().map(|(_, page)| page.up_to).filter(|end| (aligned..=after).contains(end));
            let Some(page) = read(engine, ends.max().unwrap_or(aligned)).await else {
                self.failed_at = Some(Instant::now());
                return None;
            };
            let page = Arc::new(page);
            self.recent.push_back((Instant::now(), page.clone()));
            if self.recent.len() > PAGES_MAX {
                self.recent.pop_front();
            }
            if page.up_to > after {
                return Some(page);
            }
        }
    }
}

/// Reads what follows `start`, as much of it as one read gives.
async fn read(engine: &Engine, start: u64) -> Option<Page> {
    for attempt in 0..READ_ATTEMPTS_MAX {
        if attempt > 0 {
            tokio::time::sleep(READ_PAUSE).await;
        }
        counter!("edge_log_reads_total").increment(1);
        let messages = match engine.bus.read(ENVELOPES, ENVELOPE_SUBJECTS, start + 1, PAGE_MESSAGES as usize).await {
            Ok(messages) => messages,
            Err(error) => {
                tracing::warn!(error = format!("{error:#}"), "a resume could not read the log");
                continue;
            }
        };
        let up_to = messages.last().and_then(sealcast_bus::Received::sequence).unwrap_or(0);
        // A copy of the log that lags behind gives nothing yet.
        if up_to > start {
            let frames = messages.iter().filter_map(|received| Frame::decode(received).ok()).map(Arc::new).collect();
            return Some(Page { after: start, up_to, frames });
        }
    }
    None
}
