//! Nodes that go away politely: no request fails, streams move in paced batches.

use std::{
    cell::Cell,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};

use crate::{
    attempt::{Attempts, Sealed},
    dice::Dice,
    faults::process::terminate,
    figures::{Figures, seconds},
    site::Site,
    traffic::{Load, Traffic},
};

const PROGRESS: usize = 20;
const PROGRESS_WITHIN: Duration = Duration::from_secs(60);
const READY_WITHIN: Duration = Duration::from_secs(60);
const ATTEMPT_PAUSE: Duration = Duration::from_millis(100);
const ATTEMPTS_MAX: usize = 600;

/// R2: each edge, then each service, one by one.
pub async fn rolling(site: &Site, _: Dice) -> Result<Figures> {
    let load = Load { readers: site.size.pick(60, 1_000), writers: 4, pace: Duration::from_millis(200) };
    // First: what it sends by itself is in no ledger.
    let mut sealed = Sealed::new(site, 5, site.stack.url()?, ATTEMPTS_MAX).await?;
    let traffic = Traffic::open(site, load).await?;
    let mut attempts = Attempts::default();
    let (mut gone, mut longest) = (Duration::ZERO, Duration::ZERO);
    let names: Vec<_> = site.stack.edges().chain(site.stack.services()).map(str::to_owned).collect();
    let faulting = async {
        traffic.progress(PROGRESS, PROGRESS_WITHIN).await?;
        let (begun, over) = (Instant::now(), Cell::new(false));
        let rolling = async {
            let rolled = roll(site, &names, &mut gone, &mut longest).await;
            over.set(true);
            rolled
        };
        // Each attempt is waited for: one that is dropped half way may be stored and in no ledger.
        let posting = async {
            while !over.get() {
                let Some((sent, attempt)) = sealed.post().await? else { break };
                traffic.note(sent);
                attempts.add(&attempt);
                tokio::time::sleep(ATTEMPT_PAUSE).await;
            }
            anyhow::Ok(())
        };
        let (rolled, posted) = tokio::join!(rolling, posting);
        rolled?;
        posted?;
        traffic.progress(PROGRESS, PROGRESS_WITHIN).await?;
        Ok(begun.elapsed())
    };
    let took = traffic.during(faulting).await.context("rolling")?;
    let outcome = traffic.settle().await?;
    let mut figures = Figures::default();
    figures.count("processes", names.len());
    figures.tell("took s", seconds(took));
    outcome.tell(&mut figures);
    figures.count("attempts", attempts.acked + attempts.rejected + attempts.unknown);
    figures.none("attempts failed", attempts.rejected + attempts.unknown);
    figures.at_most("gone after s", seconds(gone), 35.0);
    figures.tell("ready again after s", seconds(longest));
    figures.at_most("longest pause s", seconds(outcome.longest_pause), 2.0);
    outcome.tell_reconnects(&mut figures, 5.0, 10.0);
    Ok(figures)
}

/// One after the other; how long the slowest took to go, and to be ready again.
async fn roll(site: &Site, names: &[String], gone: &mut Duration, longest: &mut Duration) -> Result<()> {
    for name in names {
        *gone = (*gone).max(terminate(site, name).await?);
        let again = site.until("it is ready again", READY_WITHIN, async || site.is_ready(name).await).await?;
        *longest = (*longest).max(again);
        // The ingress looks once a second.
        tokio::time::sleep(Duration::from_secs(2)).await;
    }
    Ok(())
}
