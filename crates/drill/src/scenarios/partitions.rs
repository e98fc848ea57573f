//! An edge that cannot reach NATS: it must say so and leave no hole.

use std::time::{Duration, Instant};

use anyhow::Result;

use crate::{
    dice::Dice,
    faults::firewall::{Partition, Way},
    figures::{Figures, percentile, seconds},
    site::Site,
    traffic::{Load, Traffic, Via},
};

const PROGRESS: usize = 20;
const PROGRESS_WITHIN: Duration = Duration::from_secs(60);
const EDGE: usize = 0;
const LOSS_PERCENT: u8 = 5;
/// How long the partition lasts at most before the edge must have said that it is not ready.
const NOTICED_WITHIN: Duration = Duration::from_secs(20);
const READY_AGAIN_WITHIN: Duration = Duration::from_secs(30);

/// R10, both ways.
pub async fn both_ways(site: &Site, _: Dice) -> Result<Figures> {
    partitioned(site, Way::Both).await
}

/// R10, one way: the edge hears nothing, but is heard.
pub async fn deaf(site: &Site, _: Dice) -> Result<Figures> {
    partitioned(site, Way::ToEdge).await
}

/// R10, the other way: the edge hears everything, but is not heard.
pub async fn mute(site: &Site, _: Dice) -> Result<Figures> {
    partitioned(site, Way::FromEdge).await
}

/// R11, loss alone: this kernel delays nothing.
pub async fn lossy(site: &Site, _: Dice) -> Result<Figures> {
    let load = Load { readers: site.size.pick(40, 200), writers: 4, pace: Duration::from_millis(200) };
    let traffic = Traffic::open(site, load).await?;
    let lasts = Duration::from_secs(site.size.pick(15, 300));
    let (mut begun, mut over) = (Instant::now(), Instant::now());
    let faulting = async {
        traffic.progress(PROGRESS, PROGRESS_WITHIN).await?;
        let lossy = Partition::lossy(site, LOSS_PERCENT)?;
        begun = Instant::now();
        tokio::time::sleep(lasts).await;
        over = Instant::now();
        drop(lossy);
        traffic.progress(PROGRESS, PROGRESS_WITHIN).await
    };
    traffic.during(faulting).await?;
    let losses = traffic.losses();
    let latencies = traffic.latencies(begun, over);
    let outcome = traffic.settle().await?;
    let mut figures = Figures::default();
    figures.count("loss %", LOSS_PERCENT.into());
    figures.none("streams lost", losses);
    figures.at_most("delivery p99 s", seconds(percentile(&latencies, 99)), 2.0);
    figures.tell("delivery p50 s", seconds(percentile(&latencies, 50)));
    outcome.tell(&mut figures);
    Ok(figures)
}

async fn partitioned(site: &Site, way: Way) -> Result<Figures> {
    let load = Load { readers: site.size.pick(40, 200), writers: 4, pace: Duration::from_millis(200) };
    // Half of the readers sit on the edge that is cut off, and stay there.
    let via = |reader: usize| if reader.is_multiple_of(2) { Via::Edge(EDGE) } else { Via::Ingress };
    let traffic = Traffic::open_via(site, load, via).await?;
    let edge = site.stack.edges().nth(EDGE).unwrap_or_default().to_owned();
    let lasts = Duration::from_secs(site.size.pick(15, 30));
    let (mut noticed, mut ready_again) = (Duration::ZERO, Duration::ZERO);
    let faulting = async {
        traffic.progress(PROGRESS, PROGRESS_WITHIN).await?;
        let begun = Instant::now();
        let partition = Partition::new(site, EDGE as u32, "nats", way)?;
        noticed = site.until("the edge says that it is not ready", NOTICED_WITHIN, async || !site.is_ready(&edge).await).await?;
        // The other edge carries the writers on.
        traffic.progress(PROGRESS, PROGRESS_WITHIN).await?;
        tokio::time::sleep(lasts.saturating_sub(begun.elapsed())).await;
        drop(partition);
        ready_again = site.until("the edge is ready again", READY_AGAIN_WITHIN, async || site.is_ready(&edge).await).await?;
        traffic.progress(PROGRESS, PROGRESS_WITHIN).await
    };
    traffic.during(faulting).await?;
    let losses = traffic.losses();
    let outcome = traffic.settle().await?;
    let mut figures = Figures::default();
    outcome.tell(&mut figures);
    figures.at_most("not ready after s", seconds(noticed), 10.0);
    figures.at_most("ready again after s", seconds(ready_again), 10.0);
    figures.count("streams moved", losses);
    figures.tell("longest pause s", seconds(outcome.longest_pause));
    Ok(figures)
}
