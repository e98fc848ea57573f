//! Disks that lose their power, and disks that are full.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::{
    attempt::{Attempts, Sealed},
    dice::Dice,
    faults::disk::{Filled, cut_power},
    figures::{Figures, seconds},
    site::Site,
    traffic::{Load, Traffic},
    verify,
};

const PROGRESS: usize = 40;
const PROGRESS_WITHIN: Duration = Duration::from_secs(60);
/// A cut comes at any moment of this time.
const LULL: (Duration, Duration) = (Duration::from_millis(200), Duration::from_secs(3));
const ATTEMPT_PAUSE: Duration = Duration::from_millis(250);
const ATTEMPTS_MAX: usize = 200;

/// R4.
pub async fn power_cut(site: &Site, mut dice: Dice) -> Result<Figures> {
    let load = Load { readers: site.size.pick(20, 200), writers: 5, pace: Duration::from_millis(site.size.pick(80, 20)) };
    let traffic = Traffic::open(site, load).await?;
    let cuts = site.size.pick(1, 5);
    let mut accepted_again = Duration::ZERO;
    let faulting = async {
        for _ in 0..cuts {
            traffic.progress(PROGRESS, PROGRESS_WITHIN).await?;
            tokio::time::sleep(dice.between(LULL.0, LULL.1)).await;
            cut_power(site).await?;
            accepted_again = accepted_again.max(traffic.progress(1, PROGRESS_WITHIN).await?);
        }
        traffic.progress(PROGRESS, PROGRESS_WITHIN).await
    };
    traffic.during(faulting).await?;
    let outcome = traffic.settle().await?;
    let verified = verify::log(site).context("checking the log")?;
    let mut figures = Figures::default();
    figures.count("power cuts", cuts);
    outcome.tell(&mut figures);
    figures.none("log findings", verified);
    figures.tell("accepted again s", seconds(accepted_again));
    figures.tell("longest pause s", seconds(outcome.longest_pause));
    Ok(figures)
}

/// R9, first round.
pub async fn nats_full(site: &Site, _: Dice) -> Result<Figures> {
    let load = Load { readers: site.size.pick(20, 200), writers: 4, pace: Duration::from_millis(100) };
    // First: what it sends by itself is in no ledger.
    let mut sealed = Sealed::new(site, 5, site.stack.url()?, ATTEMPTS_MAX).await?;
    let traffic = Traffic::open(site, load).await?;
    let mut attempts = Attempts::default();
    let mut accepted_again = Duration::ZERO;
    let full_for = Duration::from_secs(site.size.pick(20, 40));
    let faulting = async {
        traffic.progress(PROGRESS, PROGRESS_WITHIN).await?;
        let filled = Filled::new(&site.disks()?.nats)?;
        let begun = Instant::now();
        while begun.elapsed() < full_for {
            if let Some((sent, attempt)) = sealed.post().await? {
                traffic.note(sent);
                attempts.add(&attempt);
            }
            tokio::time::sleep(ATTEMPT_PAUSE).await;
        }
        drop(filled);
        accepted_again = traffic.progress(1, PROGRESS_WITHIN).await?;
        traffic.progress(PROGRESS, PROGRESS_WITHIN).await
    };
    traffic.during(faulting).await?;
    let outcome = traffic.settle().await?;
    let mut figures = Figures::default();
    outcome.tell(&mut figures);
    figures.count("attempts meanwhile", attempts.acked + attempts.rejected + attempts.unknown);
    figures.count("of them accepted", attempts.acked);
    figures.count("of them rejected", attempts.rejected);
    figures.tell("slowest answer s", seconds(attempts.slowest));
    figures.at_most("slowest answer after the first s", seconds(attempts.slowest_later), 3.0);
    figures.at_most("accepted again s", seconds(accepted_again), 30.0);
    Ok(figures)
}

/// R9, second round: as a Postgres that is away.
pub async fn postgres_full(site: &Site, _: Dice) -> Result<Figures> {
    let load = Load { readers: site.size.pick(20, 200), writers: 4, pace: Duration::from_millis(100) };
    let traffic = Traffic::open(site, load).await?;
    let (mut accepted_again, mut restarts) = (Duration::ZERO, 0);
    let full_for = Duration::from_secs(site.size.pick(10, 40));
    let faulting = async {
        traffic.progress(PROGRESS, PROGRESS_WITHIN).await?;
        let before = site.stack.pid("audit-svc");
        let filled = Filled::new(&site.disks()?.postgres)?;
        tokio::time::sleep(full_for).await;
        restarts = usize::from(site.stack.pid("audit-svc") != before);
        drop(filled);
        accepted_again = traffic.progress(1, PROGRESS_WITHIN).await?;
        traffic.progress(PROGRESS, PROGRESS_WITHIN).await
    };
    traffic.during(faulting).await?;
    let outcome = traffic.settle().await?;
    let verified = verify::log(site).context("checking the log")?;
    let mut figures = Figures::default();
    outcome.tell(&mut figures);
    figures.none("log findings", verified);
    figures.count("audit-svc restarts", restarts);
    figures.at_most("accepted again s", seconds(accepted_again), 30.0);
    figures.tell("longest pause s", seconds(outcome.longest_pause));
    Ok(figures)
}
