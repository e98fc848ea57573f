use std::{pin::pin, sync::Arc, time::Duration};

use sealcast_bus::consume::{Consumer, Delivery};
use tokio::{
    sync::{Notify, mpsc, oneshot},
    time::Instant,
};
use tokio_util::sync::CancellationToken;

use super::plan::{Disposition, Source};
use crate::config::IngestConfig;

/// How long a pull waits for the first message; also the longest wait of a shutdown.
const FIRST_WAIT: Duration = Duration::from_millis(500);
/// How often an unfinished batch is kept from redelivery; well under the consumer's `ack_wait`.
const PROGRESS_INTERVAL: Duration = Duration::from_secs(1);
/// After a failed pull.
const RETRY_DELAY: Duration = Duration::from_millis(500);

/// A batch on its way to the writer.
#[derive(Debug)]
pub struct Job {
    pub source: Source,
    pub deliveries: Arc<Vec<Delivery>>,
    /// Answered after the commit; dropped when the batch is given up.
    pub done: oneshot::Sender<Vec<Disposition>>,
}

/// Pulls batches of one stream, hands each to the writer, and acknowledges it after its commit.
#[derive(Debug)]
pub struct Puller {
    pub source: Source,
    pub consumer: Consumer,
    pub config: IngestConfig,
    pub jobs: mpsc::Sender<Job>,
    pub acknowledged: Arc<Notify>,
    pub stop: CancellationToken,
}

impl Puller {
    /// Runs until it is stopped (what was pulled is finished) or the writer gives a batch up.
    pub async fn run(self) {
        let mut ahead = Vec::new();
        while !(self.stop.is_cancelled() && ahead.is_empty()) {
            let deliveries = if ahead.is_empty() { self.next(0).await } else { std::mem::take(&mut ahead) };
            if deliveries.is_empty() {
                continue;
            }
            let deliveries = Arc::new(deliveries);
            let (done, outcome) = oneshot::channel();
            if self.jobs.send(Job { source: self.source, deliveries: deliveries.clone(), done }).await.is_err() {
                return;
            }
            let Some(next) = self.finish(&deliveries, outcome).await else { return };
            ahead = next;
        }
    }

    /// The next messages; none when none come for a while, or the pull failed. `waiting` says how many there are at least.
    async fn next(&self, waiting: u64) -> Vec<Delivery> {
        let pulled = if waiting >= self.config.batch_max as u64 {
            self.consumer.next_batch(self.config.batch_max, FIRST_WAIT).await
        } else {
            self.consumer.next_batch(1, FIRST_WAIT).await
        };
        let mut deliveries = match pulled {
            Ok(deliveries) => deliveries,
            Err(error) => {
                tracing::warn!(stream = self.source.stream(), error = format!("{error:#}"), "a pull failed");
                tokio::time::sleep(RETRY_DELAY).await;
                return Vec::new();
            }
        };
        if !deliveries.is_empty() && self.config.batch_max > deliveries.len() {
            let wait = Duration::from_millis(self.config.batch_wait_ms);
            // What came first must not be lost to a failure of the second pull.
            match self.consumer.next_batch(self.config.batch_max - deliveries.len(), wait).await {
                Ok(more) => deliveries.extend(more),
                Err(error) => tracing::warn!(error = format!("{error:#}"), "a pull failed"),
            }
        }
        deliveries
    }

    /// Keeps a batch from redelivery until it is committed, acknowledges it, and pulls the next one meanwhile. `None` when the
    /// writer gave it up.
    async fn finish(&self, deliveries: &[Delivery], mut outcome: oneshot::Receiver<Vec<Disposition>>) -> Option<Vec<Delivery>> {
        let waiting = deliveries.last().map_or(0, |last| last.pending);
        let mut pull = pin!(self.next(waiting));
        // When this is all that there was, the next pull waits for what comes later, and keeps nobody waiting.
        let mut ahead = (waiting == 0 || self.stop.is_cancelled()).then(Vec::new);
        let mut ticks = tokio::time::interval_at(Instant::now() + PROGRESS_INTERVAL, PROGRESS_INTERVAL);
        let dispositions = loop {
            tokio::select! {
                outcome = &mut outcome => break outcome.ok()?,
                pulled = &mut pull, if ahead.is_none() => ahead = Some(pulled),
                _ = ticks.tick() => {
                    for delivery in deliveries.iter().chain(ahead.iter().flatten()) {
                        // Redelivery is harmless; the attempt is all that is wanted.
                        let _ = delivery.progress().await;
                    }
                }
            }
        };
        acknowledge(deliveries, &dispositions).await;
        self.acknowledged.notify_one();
        match ahead {
            Some(ahead) => Some(ahead),
            None => Some(pull.await),
        }
    }
}

/// The last acknowledgement is confirmed, so that the consumer's state shows all of them.
async fn acknowledge(deliveries: &[Delivery], dispositions: &[Disposition]) {
    let last = deliveries.len().saturating_sub(1);
    for (i, (delivery, disposition)) in deliveries.iter().zip(dispositions).enumerate() {
        let sent = match disposition {
            Disposition::Stored if i == last => delivery.ack_confirmed().await,
            Disposition::Stored => delivery.ack().await,
            Disposition::Quarantined => delivery.terminate().await,
        };
        if let Err(error) = sent {
            tracing::warn!(error = format!("{error:#}"), "an acknowledgement was not sent; the message comes again");
            return;
        }
    }
}
