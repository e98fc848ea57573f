use std::{sync::Arc, time::Duration};

use sealcast_bus::consume::{Consumer, Delivery};
use tokio::sync::{Notify, mpsc, oneshot};
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
    /// Runs until it is stopped (the batch at hand is finished) or the writer gives a batch up.
    pub async fn run(self) {
        while !self.stop.is_cancelled() {
            let deliveries = match self.next().await {
                Ok(deliveries) if deliveries.is_empty() => continue,
                Ok(deliveries) => Arc::new(deliveries),
                Err(error) => {
                    tracing::warn!(stream = self.source.stream(), error = format!("{error:#}"), "a pull failed");
                    tokio::time::sleep(RETRY_DELAY).await;
                    continue;
                }
            };
            let (done, outcome) = oneshot::channel();
            if self.jobs.send(Job { source: self.source, deliveries: deliveries.clone(), done }).await.is_err() {
                return;
            }
            let Some(dispositions) = hold(&deliveries, outcome).await else { return };
            acknowledge(&deliveries, &dispositions).await;
            self.acknowledged.notify_one();
        }
    }

    async fn next(&self) -> anyhow::Result<Vec<Delivery>> {
        let mut deliveries = self.consumer.next_batch(1, FIRST_WAIT).await?;
        if !deliveries.is_empty() && self.config.batch_max > 1 {
            let wait = Duration::from_millis(self.config.batch_wait_ms);
            // What came first must not be lost to a failure of the second pull.
            match self.consumer.next_batch(self.config.batch_max - 1, wait).await {
                Ok(more) => deliveries.extend(more),
                Err(error) => tracing::warn!(error = format!("{error:#}"), "a pull failed"),
            }
        }
        Ok(deliveries)
    }
}

/// Keeps a batch from redelivery until the writer is done with it; `None` when the writer gave it up.
async fn hold(deliveries: &[Delivery], mut outcome: oneshot::Receiver<Vec<Disposition>>) -> Option<Vec<Disposition>> {
    loop {
        match tokio::time::timeout(PROGRESS_INTERVAL, &mut outcome).await {
            Ok(outcome) => return outcome.ok(),
            Err(_) => {
                for delivery in deliveries {
                    // Redelivery is harmless; the attempt is all that is wanted.
                    let _ = delivery.progress().await;
                }
            }
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
