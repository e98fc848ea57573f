//! The one writer: takes batches from the streams and stores them; signs checkpoints. Replicas without the lock stand by.

mod archivist;
mod decode;
mod plan;
mod pull;
mod rejected;

use std::{sync::Arc, time::Duration};

pub use archivist::{ArchiveError, Archivist};
pub use plan::{Disposition, Source};
use pull::{Job, Puller};
use sealcast_bus::Bus;
use sealcast_contracts::stream::{AUDIT_CONSUMER, ENVELOPES, EVENTS};
use sqlx::{PgConnection, PgPool};
use tokio::{
    sync::{Notify, mpsc},
    task::JoinSet,
    time::{Instant, MissedTickBehavior},
};
use tokio_util::sync::CancellationToken;

use crate::{
    checkpoints::Signer,
    config::IngestConfig,
    store::{self, LeadError, StoreError},
};

/// How often a standby tries to take the lock.
const STANDBY_INTERVAL: Duration = Duration::from_secs(1);
/// A transaction that takes longer is on a dead connection.
const BATCH_TIMEOUT: Duration = Duration::from_secs(20);
const RETRY_DELAY_MIN: Duration = Duration::from_millis(100);
const RETRY_DELAY_MAX: Duration = Duration::from_secs(3);
/// At most one checkpoint in this time.
const CHECKPOINT_INTERVAL: Duration = Duration::from_secs(1);

/// The writer of the archive.
#[derive(Debug)]
pub struct Ingest {
    pub pool: PgPool,
    pub bus: Bus,
    pub archivist: Archivist,
    pub signer: Signer,
    pub config: IngestConfig,
}

/// How leading ends.
enum Ended {
    Shutdown,
    /// The lock is gone, or the streams could not be bound: stand by and try again.
    Stepped,
}

impl Ingest {
    /// Leads whenever it can, until the shutdown.
    pub async fn run(mut self, shutdown: CancellationToken) {
        describe_metrics();
        // Waiting is said once, not each second.
        let mut said = false;
        while !shutdown.is_cancelled() {
            match store::lead(&self.pool).await {
                Ok(conn) => {
                    tracing::info!("leading: this replica writes the archive");
                    metrics::gauge!("audit_leading").set(1.0);
                    let ended = self.lead(conn, &shutdown).await;
                    metrics::gauge!("audit_leading").set(0.0);
                    if matches!(ended, Ended::Shutdown) {
                        return;
                    }
                    said = false;
                }
                Err(_) if said => {}
                Err(LeadError::Held) => {
                    tracing::info!("standing by: another replica writes the archive");
                    said = true;
                }
                Err(LeadError::Store(error)) => {
                    tracing::warn!(error = format!("{:#}", anyhow::Error::new(error)), "cannot lead");
                    said = true;
                }
            }
            pause(STANDBY_INTERVAL, &shutdown).await;
        }
    }

    async fn lead(&mut self, conn: PgConnection, shutdown: &CancellationToken) -> Ended {
        let (sender, jobs) = mpsc::channel(1);
        let acknowledged = Arc::new(Notify::new());
        let stop = shutdown.child_token();
        let mut pullers = JoinSet::new();
        for source in [Source::Envelopes, Source::Events] {
            let consumer = match self.bus.consumer(source.stream(), AUDIT_CONSUMER).await {
                Ok(consumer) => consumer,
                Err(error) => {
                    tracing::warn!(error = format!("{error:#}"), "the streams are not there yet");
                    return Ended::Stepped;
                }
            };
            self.signer.watch(source, consumer.clone());
            let (jobs, acknowledged, stop) = (sender.clone(), acknowledged.clone(), stop.clone());
            pullers.spawn(Puller { source, consumer, config: self.config, jobs, acknowledged, stop }.run());
        }
        // The pullers hold the only senders: when both have ended, the writer sees it.
        drop(sender);
        let ended = self.write(conn, jobs, &acknowledged, shutdown).await;
        stop.cancel();
        while pullers.join_next().await.is_some() {}
        ended
    }

    async fn write(
        &mut self,
        conn: PgConnection,
        mut jobs: mpsc::Receiver<Job>,
        acknowledged: &Notify,
        shutdown: &CancellationToken,
    ) -> Ended {
        let mut conn = Some(conn);
        let mut ticks = tokio::time::interval(CHECKPOINT_INTERVAL);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut signed = Instant::now() - CHECKPOINT_INTERVAL;
        loop {
            tokio::select! {
                job = jobs.recv() => {
                    let Some(job) = job else { break };
                    let Some(dispositions) = self.store(&mut conn, &job, shutdown).await else { return Ended::Stepped };
                    // The puller is gone only when everything stops.
                    let _ = job.done.send(dispositions);
                }
                () = acknowledged.notified(), if signed.elapsed() >= CHECKPOINT_INTERVAL => {
                    self.sign(&mut conn).await;
                    signed = Instant::now();
                    ticks.reset();
                }
                _ = ticks.tick() => {
                    self.sign(&mut conn).await;
                    signed = Instant::now();
                }
            }
            if conn.is_none() && !self.lead_again(&mut conn).await {
                return Ended::Stepped;
            }
        }
        self.sign(&mut conn).await;
        if shutdown.is_cancelled() { Ended::Shutdown } else { Ended::Stepped }
    }

    /// Stores a batch, however long the database is away. `None` when leading ended before it was stored.
    async fn store(&self, conn: &mut Option<PgConnection>, job: &Job, shutdown: &CancellationToken) -> Option<Vec<Disposition>> {
        let mut delay = RETRY_DELAY_MIN;
        loop {
            if conn.is_none() && !self.lead_again(conn).await {
                return None;
            }
            if let Some(connection) = conn.as_mut() {
                let began = Instant::now();
                let stored =
                    tokio::time::timeout(BATCH_TIMEOUT, self.archivist.store(connection, job.source, &job.deliveries)).await;
                match stored {
                    Ok(Ok(dispositions)) => {
                        metrics::histogram!("audit_batch_seconds").record(began.elapsed().as_secs_f64());
                        return Some(dispositions);
                    }
                    Ok(Err(error)) if error.is_unavailable() => {
                        tracing::warn!(error = format!("{:#}", anyhow::Error::new(error)), "a batch waits for Postgres");
                    }
                    Ok(Err(error)) => {
                        metrics::counter!("audit_batch_failed_total").increment(1);
                        tracing::error!(error = format!("{:#}", anyhow::Error::new(error)), "a batch cannot be stored");
                    }
                    Err(_) => tracing::warn!("a batch took too long; trying again on a new connection"),
                }
                *conn = None;
            }
            if shutdown.is_cancelled() {
                return None;
            }
            pause(delay, shutdown).await;
            delay = (delay * 2).min(RETRY_DELAY_MAX);
        }
    }

    /// Takes the lock again after the connection that held it was lost. `false` when another replica has it.
    async fn lead_again(&self, conn: &mut Option<PgConnection>) -> bool {
        match store::lead(&self.pool).await {
            Ok(connection) => *conn = Some(connection),
            Err(LeadError::Held) => {
                tracing::warn!("another replica took over, or the lost connection still holds the lock");
                return false;
            }
            Err(LeadError::Store(error)) => tracing::debug!(%error, "Postgres is away"),
        }
        true
    }

    async fn sign(&mut self, conn: &mut Option<PgConnection>) {
        let Some(connection) = conn.as_mut() else { return };
        match tokio::time::timeout(BATCH_TIMEOUT, self.signer.sign_what_is_new(connection)).await {
            Ok(Ok(())) => {}
            // Another connection reads the same: the lock is kept.
            Ok(Err(error @ StoreError::Foreign { .. })) => {
                tracing::error!(error = format!("{:#}", anyhow::Error::new(error)), "no checkpoint");
            }
            Ok(Err(error)) => {
                tracing::warn!(error = format!("{:#}", anyhow::Error::new(error)), "no checkpoint");
                *conn = None;
            }
            Err(_) => *conn = None,
        }
    }
}

async fn pause(delay: Duration, shutdown: &CancellationToken) {
    let _ = tokio::time::timeout(delay, shutdown.cancelled()).await;
}

/// Shows every alarm from the start: a counter that is born with its first event has no rate then.
fn describe_metrics() {
    metrics::gauge!("audit_leading").set(0.0);
    metrics::counter!("audit_batch_failed_total").increment(0);
    metrics::counter!("audit_foreign_states_total").increment(0);
    for stream in [ENVELOPES, EVENTS] {
        metrics::counter!("audit_quarantined_total", "stream" => stream).increment(0);
    }
}
