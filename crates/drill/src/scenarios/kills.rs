//! Processes that die: the launcher starts them again, the clients must not notice more than a pause.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::{
    dice::Dice,
    faults::process::kill,
    figures::{Figures, seconds},
    site::Site,
    traffic::{Load, Traffic},
};

/// Messages that must be accepted before and after a fault.
const PROGRESS: usize = 20;
/// How long that may take: what is measured is asserted by its own bound.
const PROGRESS_WITHIN: Duration = Duration::from_secs(60);
/// Between two kills, at least and at most.
const LULL: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(3));
/// How soon the first message after a kill must be accepted, seconds.
const ACKED_AGAIN_S: f64 = 5.0;
/// How soon the archive must have everything after Postgres is back.
const CAUGHT_UP_WITHIN: Duration = Duration::from_secs(30);

/// R1: readers through the ingress move to another edge.
pub async fn edge(site: &Site, mut dice: Dice) -> Result<Figures> {
    let load = Load { readers: site.size.pick(120, 2_000), writers: 5, pace: Duration::from_millis(250) };
    let traffic = Traffic::open(site, load).await?;
    let edges: Vec<_> = site.stack.edges().map(str::to_owned).collect();
    let rounds = site.size.pick(1, 5);
    let faulting = async {
        for _ in 0..rounds {
            traffic.progress(PROGRESS, PROGRESS_WITHIN).await?;
            tokio::time::sleep(dice.between(LULL.0, LULL.1)).await;
            kill(site, dice.one_of(&edges).context("there are edges")?).await?;
            site.until("all readers have a stream", PROGRESS_WITHIN, async || traffic.all_connected()).await?;
        }
        traffic.progress(PROGRESS, PROGRESS_WITHIN).await
    };
    traffic.during(faulting).await?;
    let outcome = traffic.settle().await?;
    let mut figures = Figures::default();
    figures.count("readers", load.readers);
    figures.count("kills", rounds);
    outcome.tell(&mut figures);
    outcome.tell_reconnects(&mut figures, 5.0, 10.0);
    Ok(figures)
}

/// A service behind NATS: a pause for the writers, nothing for the readers.
pub async fn service(site: &Site, dice: Dice, name: &str) -> Result<Figures> {
    repeated(site, dice, name, site.size.pick(2, 10)).await
}

/// R3.
pub async fn nats(site: &Site, dice: Dice) -> Result<Figures> {
    repeated(site, dice, "nats", site.size.pick(2, 10)).await
}

/// R7, as far as a dead Redis goes: messages do not need it.
pub async fn redis(site: &Site, dice: Dice) -> Result<Figures> {
    repeated(site, dice, "redis", site.size.pick(2, 10)).await
}

/// R6, second half: the archive catches up, and nothing is stored twice.
pub async fn postgres(site: &Site, dice: Dice) -> Result<Figures> {
    let mut figures = repeated(site, dice, "postgres", site.size.pick(2, 5)).await?;
    let caught_up = site
        .until("the archive catches up", CAUGHT_UP_WITHIN * 2, async || {
            site.metric("audit-svc", "audit_lag_messages", "").await.is_ok_and(|lag| lag == 0.0)
        })
        .await?;
    figures.at_most("archive caught up s", seconds(caught_up), CAUGHT_UP_WITHIN.as_secs_f64());
    Ok(figures)
}

async fn repeated(site: &Site, mut dice: Dice, name: &str, rounds: usize) -> Result<Figures> {
    let load = Load { readers: site.size.pick(20, 200), writers: 5, pace: Duration::from_millis(site.size.pick(100, 50)) };
    let traffic = Traffic::open(site, load).await?;
    let mut acked_again = Duration::ZERO;
    let faulting = async {
        for _ in 0..rounds {
            traffic.progress(PROGRESS, PROGRESS_WITHIN).await?;
            tokio::time::sleep(dice.between(LULL.0, LULL.1)).await;
            kill(site, name).await?;
            let back = Instant::now();
            traffic.progress(1, PROGRESS_WITHIN).await?;
            acked_again = acked_again.max(back.elapsed());
        }
        traffic.progress(PROGRESS, PROGRESS_WITHIN).await
    };
    traffic.during(faulting).await?;
    let losses = traffic.losses();
    let outcome = traffic.settle().await?;
    let mut figures = Figures::default();
    figures.count("kills", rounds);
    outcome.tell(&mut figures);
    figures.at_most("accepted again s", seconds(acked_again), ACKED_AGAIN_S);
    figures.tell("longest pause s", seconds(outcome.longest_pause));
    figures.none("streams lost", losses);
    Ok(figures)
}
