//! `bench http2`: what a stream costs that hyper carries over HTTP/2.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use clap::Args;
use serde::Serialize;
use tokio::task::JoinSet;

use crate::{
    crew,
    figures::{Figures, row},
    fixture::{Fixture, Size},
    generator::sse::{Event, events},
    os,
    plan::{Needs, Plan},
    poster::{self, Times},
    probe::{Groups, pss, used},
    progress,
    report::thousands,
    servers::{self, Publisher},
    tokens,
};

const SERVER: &str = "server";
/// Handshakes under way at the same time.
const WINDOW: usize = 64;
const SETTLE: Duration = Duration::from_secs(2);
const DRAIN_WITHIN: Duration = Duration::from_secs(30);
const GLANCE: Duration = Duration::from_millis(50);

/// Open streams over HTTP/2 and deliver messages to them
#[derive(Clone, Debug, Args)]
pub struct Http2Args {
    /// Streams, each on a connection of its own
    #[arg(long, default_value_t = 1_000)]
    pub streams: usize,
    /// Messages a second
    #[arg(long, default_value_t = 5.0)]
    pub rate: f64,
    /// How long messages are sent
    #[arg(long, default_value_t = 10)]
    pub seconds: u64,
}

/// What the streams cost.
#[derive(Clone, Debug, Serialize)]
pub struct Carried {
    pub streams: usize,
    pub rate: f64,
    /// Microseconds of the edge for each stream.
    pub connect_cpu_us: f64,
    /// Octets of the edge for each stream.
    pub idle_per_stream: f64,
    pub messages: u64,
    pub deliveries: u64,
    pub missing: u64,
    /// Microseconds of the edge for each delivery.
    pub delivery_cpu_us: f64,
}

impl Http2Args {
    /// What must be there.
    pub fn needs(&self) -> Needs {
        Needs::edges(1)
    }
}

/// Measures once.
///
/// # Errors
/// The cluster does not start, or a stream does not open.
pub async fn run(plan: &Plan, args: &Http2Args) -> Result<Carried> {
    ensure!(args.streams > 0 && args.seconds > 0 && args.rate > 0.0, "streams, seconds and rate must be more than 0");
    let edge = &plan.edges[0];
    let edges = servers::start_edges(plan, std::slice::from_ref(edge)).await?;
    let fixture = Fixture::make(plan, edge, Size { accounts: args.streams, rooms: 1 }).await?;
    fixture.refresh(plan)?;
    let clients = fixture.clients(plan, edge).await?;
    let publisher = Arc::new(Publisher::Sealcast(clients.into_iter().map(Arc::new).collect()));
    let mut groups = Groups::default();
    groups.add(SERVER, &edges.iter().map(crate::children::Running::pid).collect::<Vec<_>>());

    let (base, before) = (pss(groups.pids(SERVER))?, groups.cpu());
    let received = Arc::new(AtomicU64::new(0));
    let mut readers = JoinSet::new();
    let ca = reqwest::Certificate::from_pem(&std::fs::read(&plan.ca)?)?;
    let url = format!("https://localhost:{}/api/v1/events", edge.port);
    for first in (0..args.streams).step_by(WINDOW) {
        ensure!(!os::stop_asked(), "interrupted");
        progress::show(format_args!("opening: {first} of {} streams", args.streams));
        let opening = (first..args.streams.min(first + WINDOW)).map(|number| open(&ca, &url, tokens::token(&fixture.seed, number)));
        for answer in futures::future::try_join_all(opening).await.context("opening a stream")? {
            readers.spawn(read(answer, received.clone()));
        }
    }
    let opened = used(&before, &groups.cpu());
    tokio::time::sleep(SETTLE).await;
    let idle = pss(groups.pids(SERVER))?;

    let count = ((args.rate * args.seconds as f64).round() as u64).max(1);
    let messages = fixture.seal(1, count, 1, "over HTTP/2")?;
    let times = Times::create(&crew::times_path(&plan.dir))?;
    let before = groups.cpu();
    let posted = poster::post(&publisher, &times, 1, messages, args.rate).await?;
    let (expected, deadline) = (posted.accepted * args.streams as u64, Instant::now() + DRAIN_WITHIN);
    while received.load(Ordering::Relaxed) < expected && Instant::now() < deadline {
        tokio::time::sleep(GLANCE).await;
    }
    let delivered = used(&before, &groups.cpu());
    let deliveries = received.load(Ordering::Relaxed);
    let each = |cpu: &crate::probe::Cpu, of: u64| cpu.get(SERVER).copied().unwrap_or(0) as f64 / 1e3 / of.max(1) as f64;
    Ok(Carried {
        streams: args.streams,
        rate: args.rate,
        connect_cpu_us: each(&opened, args.streams as u64),
        idle_per_stream: idle.saturating_sub(base) as f64 / args.streams as f64,
        messages: posted.accepted,
        deliveries,
        missing: expected.saturating_sub(deliveries),
        delivery_cpu_us: each(&delivered, deliveries),
    })
}

/// Opens a stream on a connection of its own.
async fn open(ca: &reqwest::Certificate, url: &str, token: String) -> Result<reqwest::Response> {
    let http = reqwest::Client::builder().no_proxy().http2_prior_knowledge().add_root_certificate(ca.clone()).build()?;
    let answer = http.get(url).bearer_auth(token).header("accept", "text/event-stream").send().await?.error_for_status()?;
    ensure!(answer.version() == reqwest::Version::HTTP_2, "answered over {:?}", answer.version());
    Ok(answer)
}

/// Counts the messages of a stream until it ends.
async fn read(mut answer: reqwest::Response, received: Arc<AtomicU64>) {
    let mut text = Vec::new();
    while let Ok(Some(piece)) = answer.chunk().await {
        text.extend_from_slice(&piece);
        let mut messages = 0;
        let read = events(&text, |event| messages += u64::from(matches!(event, Event::Message { .. })));
        text.drain(..read);
        received.fetch_add(messages, Ordering::Relaxed);
    }
}

impl Figures for Carried {
    const BENCH: &'static str = "http2";

    fn title(&self) -> String {
        format!("{} streams over HTTP/2, a connection each; {} message(s) a second", thousands(self.streams as f64), self.rate)
    }

    fn rows(&self) -> Vec<(String, String)> {
        vec![
            row("CPU a connect, µs", format!("{:.0}", self.connect_cpu_us)),
            row("memory of an idle stream, KiB", format!("{:.2}", self.idle_per_stream / 1_024.0)),
            row("CPU a delivery, µs", format!("{:.2}", self.delivery_cpu_us)),
            row("deliveries", thousands(self.deliveries as f64)),
            row("missing", thousands(self.missing as f64)),
        ]
    }
}
