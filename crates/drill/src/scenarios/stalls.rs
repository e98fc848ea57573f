//! Processes that stand still: connections stay open and nothing answers, which is worse than a death.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::{
    attempt::{Attempts, Sealed},
    dice::Dice,
    faults::process::{Frozen, resident_kib},
    figures::{Figures, percentile, seconds, to_f64},
    site::Site,
    traffic::{Load, Traffic},
};

const PROGRESS: usize = 20;
const PROGRESS_WITHIN: Duration = Duration::from_secs(60);
/// Between two attempts during a fault.
const ATTEMPT_PAUSE: Duration = Duration::from_millis(500);
const ATTEMPTS_MAX: usize = 150;
/// How soon the archive must have everything after the fault.
const CAUGHT_UP_WITHIN: Duration = Duration::from_secs(30);

/// R5: without NATS nothing is accepted, and nobody is told that it was.
pub async fn nats(site: &Site, _: Dice) -> Result<Figures> {
    let stall = Stall::during(site, "nats", site.size.pick(10, 60)).await?;
    let mut figures = Figures::default();
    stall.tell(&mut figures);
    figures.none("answered 2xx meanwhile", stall.attempts.acked);
    figures.at_most("slowest answer s", seconds(stall.attempts.slowest), 10.0);
    figures.at_most("accepted again s", seconds(stall.accepted_again), 10.0);
    figures.none("streams lost", stall.losses);
    figures.at_most("edge memory +%", stall.edge_growth, 10.0);
    Ok(figures)
}

/// R6: messages do not wait for Postgres, the archive does.
pub async fn postgres(site: &Site, _: Dice) -> Result<Figures> {
    let stall = Stall::during(site, "postgres", site.size.pick(10, 60)).await?;
    let mut figures = Figures::default();
    stall.tell(&mut figures);
    figures.none("refused meanwhile", stall.attempts.rejected + stall.attempts.unknown);
    figures.at_most("slowest answer s", seconds(stall.attempts.slowest), 10.0);
    figures.at_most("accepted again s", seconds(stall.accepted_again), 10.0);
    figures.none("streams lost", stall.losses);
    figures.tell("delivery p99 before s", seconds(stall.latency.0));
    figures.tell("delivery p99 meanwhile s", seconds(stall.latency.1));
    figures.at_most("archive caught up s", seconds(stall.caught_up), CAUGHT_UP_WITHIN.as_secs_f64());
    Ok(figures)
}

/// R7: half-open is what Redis is when its host is gone.
pub async fn redis(site: &Site, _: Dice) -> Result<Figures> {
    let stall = Stall::during(site, "redis", site.size.pick(10, 60)).await?;
    let mut figures = Figures::default();
    stall.tell(&mut figures);
    figures.none("refused meanwhile", stall.attempts.rejected + stall.attempts.unknown);
    figures.none("streams lost", stall.losses);
    let (before, meanwhile) = (seconds(stall.latency.0), seconds(stall.latency.1));
    figures.tell("delivery p99 before s", before);
    // Two calls wait for Redis at most: the rate of the sender and nothing else may be in a message's way.
    figures.at_most("delivery p99 meanwhile s", meanwhile, before.mul_add(1.2, 0.5));
    Ok(figures)
}

/// R8: messages pile up in the stream, none is dropped.
pub async fn audit(site: &Site, _: Dice) -> Result<Figures> {
    let stall = Stall::during(site, "audit-svc", site.size.pick(10, 120)).await?;
    let mut figures = Figures::default();
    stall.tell(&mut figures);
    figures.none("refused meanwhile", stall.attempts.rejected + stall.attempts.unknown);
    figures.none("streams lost", stall.losses);
    figures.at_most("archive caught up s", seconds(stall.caught_up), CAUGHT_UP_WITHIN.as_secs_f64());
    Ok(figures)
}

/// What a stall came to.
struct Stall {
    outcome: crate::traffic::Outcome,
    attempts: Attempts,
    accepted_again: Duration,
    caught_up: Duration,
    losses: usize,
    /// From key press to reader: p99 before and during the stall.
    latency: (Duration, Duration),
    /// How much memory the edges took in the stall, in per cent of what they had.
    edge_growth: f64,
}

impl Stall {
    async fn during(site: &Site, name: &str, for_s: u64) -> Result<Self> {
        let load = Load { readers: site.size.pick(20, 200), writers: 4, pace: Duration::from_millis(200) };
        // First: what it sends by itself is in no ledger.
        let mut sealed = Sealed::new(site, 5, site.stack.url()?, ATTEMPTS_MAX).await?;
        let traffic = Traffic::open(site, load).await?;
        let mut attempts = Attempts::default();
        let (mut accepted_again, mut caught_up, mut edge_growth) = Default::default();
        let (mut begun, mut frozen_at, mut over) = (Instant::now(), Instant::now(), Instant::now());
        let faulting = async {
            begun = Instant::now();
            traffic.progress(PROGRESS, PROGRESS_WITHIN).await?;
            let memory = edge_memory(site);
            // It would start a NATS again that does not answer.
            let launcher = Frozen::launcher(site)?;
            let frozen = Frozen::new(site, name)?;
            frozen_at = Instant::now();
            while frozen_at.elapsed() < Duration::from_secs(for_s) {
                if let Some((sent, attempt)) = sealed.post().await? {
                    traffic.note(sent);
                    attempts.add(&attempt);
                }
                tokio::time::sleep(ATTEMPT_PAUSE).await;
            }
            edge_growth = 100.0 * (to_f64(edge_memory(site)) / to_f64(memory.max(1)) - 1.0);
            drop(frozen);
            drop(launcher);
            over = Instant::now();
            accepted_again = traffic.progress(1, PROGRESS_WITHIN).await?;
            traffic.progress(PROGRESS, PROGRESS_WITHIN).await?;
            caught_up = site
                .until("the archive catches up", PROGRESS_WITHIN, async || {
                    site.metric("audit-svc", "audit_lag_messages", "").await.is_ok_and(|lag| lag < 10.0)
                })
                .await?;
            Ok(())
        };
        traffic.during(faulting).await?;
        let p99 = |from, to| percentile(&traffic.latencies(from, to), 99);
        let latency = (p99(begun, frozen_at), p99(frozen_at, over));
        let losses = traffic.losses();
        let outcome = traffic.settle().await.context("after the stall")?;
        Ok(Self { outcome, attempts, accepted_again, caught_up, losses, latency, edge_growth })
    }

    fn tell(&self, figures: &mut Figures) {
        self.outcome.tell(figures);
        let Attempts { acked, rejected, unknown, .. } = self.attempts;
        figures.count("attempts meanwhile", acked + rejected + unknown);
        figures.count("of them accepted", acked);
        figures.tell("longest pause s", seconds(self.outcome.longest_pause));
    }
}

/// Resident memory of all edges, KiB.
fn edge_memory(site: &Site) -> usize {
    site.stack.edges().filter_map(|edge| site.stack.pid(edge)).map(resident_kib).sum()
}
