//! `bench resume`: an edge is killed, and all its clients are back at once on the others.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use clap::Args;
use serde::Serialize;

use crate::{
    crew::{self, Crew, Crowd},
    figures::{Figures, row},
    fixture::{Fixture, Size},
    generator::{Dialect, tally::Load},
    os,
    plan::{EdgePlan, Needs, Plan},
    poster::{self, Times},
    probe::{Groups, used},
    progress,
    report::thousands,
    servers::{self, Publisher},
};

/// Between the opening and the kill.
const SETTLE: Duration = Duration::from_secs(2);
/// How long all may take.
const BACK_WITHIN: Duration = Duration::from_secs(60);
const GLANCE: Duration = Duration::from_millis(50);
const SURVIVOR: &str = "survivors";

/// Kill an edge under its streams, and see them come back
#[derive(Clone, Debug, Args)]
pub struct ResumeArgs {
    /// Streams of the edge that is killed
    #[arg(long, default_value_t = 10_000)]
    pub streams: usize,
    /// Edges that are left
    #[arg(long, default_value_t = 2)]
    pub survivors: usize,
    /// Messages a second, meanwhile
    #[arg(long, default_value_t = 5.0)]
    pub rate: f64,
    /// How long clients wait before they come back, at most: each a random part of it
    #[arg(long, default_value_t = 1_000)]
    pub spread_ms: u64,
    /// Handshakes that the clients have under way at the same time
    #[arg(long, default_value_t = 512)]
    pub window: usize,
}

/// What became of the streams.
#[derive(Clone, Debug, Serialize)]
pub struct Resumed {
    pub streams: usize,
    pub survivors: usize,
    pub rate: f64,
    pub spread_ms: u64,
    pub back: usize,
    /// From the kill to the last stream that was open again.
    pub seconds: f64,
    pub messages: u64,
    pub deliveries: u64,
    pub missing: u64,
    pub duplicated: u64,
    pub out_of_order: u64,
    pub gaps: usize,
    pub resets: usize,
    /// Reads of JetStream by the survivors.
    pub log_reads: u64,
    /// Microseconds of the survivors for each stream, deliveries included.
    pub cpu_us: f64,
    pub failed: BTreeMap<String, usize>,
}

impl ResumeArgs {
    /// What must be there.
    pub fn needs(&self) -> Needs {
        Needs::edges(self.survivors + 1)
    }
}

/// Measures once.
///
/// # Errors
/// The cluster does not start, or a stream does not open before the kill.
pub async fn run(plan: &Plan, args: &ResumeArgs) -> Result<Resumed> {
    ensure!(args.streams > 0 && args.survivors > 0 && args.rate > 0.0, "streams, survivors and rate must be more than 0");
    let (victim, survivors) = plan.edges.split_first().context("no edge is configured")?;
    let fixture = {
        let _edge = servers::start_edges(plan, std::slice::from_ref(victim)).await?;
        Fixture::make(plan, victim, Size { accounts: args.streams, rooms: 1 }).await?
    };
    fixture.refresh(plan)?;
    let mut dying = servers::start_edges(plan, std::slice::from_ref(victim)).await?;
    let living = servers::start_edges(plan, survivors).await?;
    let mut orders = crew::orders(plan, Dialect::Sealcast { seed: fixture.seed.clone() }, vec![victim.address()]);
    orders.refuges = survivors.iter().map(EdgePlan::address).collect();
    (orders.spread_ms, orders.window) = (args.spread_ms, args.window);
    let mut crew = Crew::start(Crowd { orders, phase: 1, streams: args.streams }).await?;
    let opened = crew.open().await?;
    ensure!(opened.open == args.streams, "only {} streams opened: {:?}", opened.open, opened.failed);
    tokio::time::sleep(SETTLE).await;

    let clients = fixture.clients(plan, &survivors[0]).await?;
    let publisher = Arc::new(Publisher::Sealcast(clients.into_iter().map(Arc::new).collect()));
    let seconds = SETTLE.as_secs() + 10;
    let load = Load { base: 1, count: ((args.rate * seconds as f64) as u64).max(1), rooms: 1 };
    let messages = fixture.seal(load.base, load.count, load.rooms, "as it goes on")?;
    crew.count(load).await?;
    let times = Times::create(&crew::times_path(&plan.dir))?;
    let mut groups = Groups::default();
    groups.add(SURVIVOR, &living.iter().map(crate::children::Running::pid).collect::<Vec<_>>());
    let posting = tokio::spawn({
        let publisher = Arc::clone(&publisher);
        let rate = args.rate;
        async move { poster::post(&publisher, &times, load.base, messages, rate).await }
    });
    tokio::time::sleep(SETTLE).await;

    let (before, reads) = (groups.cpu(), log_reads(survivors).await?);
    progress::say(format_args!("killing {} under {} streams", victim.name, thousands(args.streams as f64)));
    let killed_ns = os::now_ns();
    dying.iter_mut().for_each(crate::children::Running::kill);
    let deadline = Instant::now() + BACK_WITHIN;
    let mut status = crew.status().await?;
    while status.back < args.streams && Instant::now() < deadline {
        ensure!(!os::stop_asked(), "interrupted");
        progress::show(format_args!("{} of {} streams are back", status.back, args.streams));
        tokio::time::sleep(GLANCE).await;
        status = crew.status().await?;
    }
    let cpu = used(&before, &groups.cpu());
    let posted = posting.await.context("posting")??;
    crew.drained(posted.accepted * args.streams as u64, BACK_WITHIN).await?;
    let log_reads = log_reads(survivors).await? - reads;
    let counted = crew.sum(posted.lost.clone()).await?;
    crew.stop().await;
    Ok(Resumed {
        streams: args.streams,
        survivors: args.survivors,
        rate: args.rate,
        spread_ms: args.spread_ms,
        back: status.back,
        seconds: status.last_back_ns.saturating_sub(killed_ns) as f64 / 1e9,
        messages: posted.accepted,
        deliveries: counted.deliveries,
        missing: counted.missing,
        duplicated: counted.duplicated,
        out_of_order: counted.out_of_order,
        gaps: status.gaps,
        resets: status.resets,
        log_reads,
        cpu_us: cpu.get(SURVIVOR).copied().unwrap_or(0) as f64 / 1e3 / args.streams as f64,
        failed: status.failed,
    })
}

/// How often these edges have read JetStream for streams that resume.
async fn log_reads(edges: &[EdgePlan]) -> Result<u64> {
    let http = reqwest::Client::builder().no_proxy().build()?;
    let mut reads = 0;
    for edge in edges {
        let text = http.get(format!("http://127.0.0.1:{}/metrics", edge.admin)).send().await?.text().await?;
        let line = text.lines().find_map(|line| line.strip_prefix("edge_log_reads_total "));
        reads += line.and_then(|value| value.trim().parse::<u64>().ok()).context("an edge does not count its reads")?;
    }
    Ok(reads)
}

impl Figures for Resumed {
    const BENCH: &'static str = "resume";

    fn title(&self) -> String {
        format!(
            "{} streams of a killed edge come back to {} other(s), within {} ms by chance; {} message(s) a second meanwhile",
            thousands(self.streams as f64),
            self.survivors,
            self.spread_ms,
            self.rate
        )
    }

    fn rows(&self) -> Vec<(String, String)> {
        let count = |value: u64| thousands(value as f64);
        let mut rows = vec![
            row("streams back", thousands(self.back as f64)),
            row("seconds from the kill to the last", format!("{:.2}", self.seconds)),
            row("reads of JetStream", count(self.log_reads)),
            row("  for each 100 streams", format!("{:.3}", self.log_reads as f64 * 100.0 / self.streams as f64)),
            row("CPU of the survivors a stream, deliveries included, µs", format!("{:.0}", self.cpu_us)),
            row("messages accepted", count(self.messages)),
            row("deliveries", count(self.deliveries)),
            row("missing", count(self.missing)),
            row("duplicated", count(self.duplicated)),
            row("out of order", count(self.out_of_order)),
            row("gaps, resets", format!("{}, {}", self.gaps, self.resets)),
        ];
        rows.extend(self.failed.iter().map(|(reason, count)| row(&format!("tries that failed: {reason}"), count.to_string())));
        rows
    }
}
