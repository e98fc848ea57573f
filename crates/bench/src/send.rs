//! `bench send`: what an accepted message costs, from the edge to the archive.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Result, ensure};
use clap::Args;
use serde::Serialize;

use crate::{
    crew,
    figures::{Figures, row},
    fixture::{Fixture, Size},
    os,
    plan::{Needs, Plan},
    poster::{self, Times},
    probe::{Groups, used},
    progress,
    servers::{self, Publisher},
};

const EDGE: &str = "edge";
/// After the last answer, until the archive has everything.
const SETTLE: Duration = Duration::from_secs(3);

/// Post messages that nobody reads
#[derive(Clone, Debug, Args)]
pub struct SendArgs {
    /// Messages a second; several are measured one after the other
    #[arg(long, default_value = "50,200,800", value_delimiter = ',')]
    pub rate: Vec<f64>,
    /// How long messages are posted at each rate
    #[arg(long, default_value_t = 10)]
    pub seconds: u64,
}

/// What messages cost at each rate.
#[derive(Clone, Debug, Serialize)]
pub struct Sent {
    pub seconds: u64,
    pub loads: Vec<Load>,
}

/// One rate.
#[derive(Clone, Debug, Serialize)]
pub struct Load {
    pub rate: f64,
    pub accepted: u64,
    pub refused: usize,
    pub per_s: f64,
    pub p50_ms: f64,
    pub p99_ms: f64,
    /// Microseconds a message, by process.
    pub cpu_us: Vec<(String, f64)>,
    pub last_error: Option<String>,
}

impl SendArgs {
    /// What must be there.
    pub fn needs(&self) -> Needs {
        Needs::edges(1)
    }
}

/// Measures once.
///
/// # Errors
/// The cluster does not start.
pub async fn run(plan: &Plan, args: &SendArgs) -> Result<Sent> {
    ensure!(args.seconds > 0 && args.rate.iter().all(|rate| *rate > 0.0), "seconds and rates must be more than 0");
    let edge = &plan.edges[0];
    let edges = servers::start_edges(plan, std::slice::from_ref(edge)).await?;
    let fixture = Fixture::make(plan, edge, Size { accounts: 1, rooms: 1 }).await?;
    let clients = fixture.clients(plan, edge).await?;
    let publisher = Arc::new(Publisher::Sealcast(clients.into_iter().map(Arc::new).collect()));
    let times = Times::create(&crew::times_path(&plan.dir))?;
    let mut groups = Groups::default();
    groups.add(EDGE, &edges.iter().map(crate::children::Running::pid).collect::<Vec<_>>());
    plan.running.iter().for_each(|(name, pid)| groups.add(name, &[*pid]));
    let (mut loads, mut base) = (Vec::new(), 1);
    for rate in &args.rate {
        ensure!(!os::stop_asked(), "interrupted");
        let count = ((rate * args.seconds as f64).round() as u64).max(1);
        progress::say(format_args!("sealing {count} messages, then {rate} a second"));
        let messages = fixture.seal(base, count, 1, "x")?;
        let (before, begun) = (groups.cpu(), Instant::now());
        let posted = poster::post(&publisher, &times, base, messages, *rate).await?;
        let seconds = begun.elapsed().as_secs_f64();
        tokio::time::sleep(SETTLE).await;
        let cpu = used(&before, &groups.cpu());
        let each = |ns: u64| ns as f64 / 1e3 / posted.accepted.max(1) as f64;
        loads.push(Load {
            rate: *rate,
            accepted: posted.accepted,
            refused: posted.lost.len(),
            per_s: posted.accepted as f64 / seconds,
            p50_ms: posted.post_p50_ms,
            p99_ms: posted.post_p99_ms,
            cpu_us: cpu.into_iter().map(|(name, ns)| (name, each(ns))).collect(),
            last_error: posted.last_error,
        });
        base += count;
    }
    Ok(Sent { seconds: args.seconds, loads })
}

impl Figures for Sent {
    const BENCH: &'static str = "send";

    fn title(&self) -> String {
        format!("messages posted through TLS, accepted by JetStream on disk, archived; {} s at each rate", self.seconds)
    }

    fn rows(&self) -> Vec<(String, String)> {
        self.loads.iter().flat_map(Load::rows).collect()
    }
}

impl Load {
    fn rows(&self) -> Vec<(String, String)> {
        let mut rows = vec![
            row(&format!("at {} a second", self.rate), ""),
            row("  accepted", self.accepted.to_string()),
            row("  not accepted", self.refused.to_string()),
            row("  accepted a second", format!("{:.1}", self.per_s)),
            row("  from POST to 202 p50, ms", format!("{:.1}", self.p50_ms)),
            row("  p99, ms", format!("{:.1}", self.p99_ms)),
        ];
        rows.extend(self.cpu_us.iter().map(|(name, us)| row(&format!("  CPU a message, {name}, µs"), format!("{us:.0}"))));
        rows.extend(self.last_error.iter().map(|error| row(&format!("  the last that was not accepted: {error}"), "")));
        rows
    }
}
