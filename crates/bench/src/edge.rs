//! `bench edge`: streams opened, messages delivered, and what both cost; beside peers if wanted.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use anyhow::{Context as _, Result, ensure};
use clap::Args;
use serde::Serialize;

use crate::{
    crew::{self, Crew, Crowd},
    fixture::{Fixture, Size},
    generator::{Opened, tally::Load},
    os,
    plan::{Needs, Plan},
    poster::{self, Posted, Times},
    probe::{Cpu, Groups, Kernel, pss, socket_memory, used},
    progress,
    servers::{self, Kind, Server},
};

/// The group of the server's own processes, and that of the generators.
const SERVER: &str = "server";
const GENERATOR: &str = "generator";
/// Between the opening and the look at memory; presence settles meanwhile.
const SETTLE: Duration = Duration::from_secs(2);
const SETTLE_SHORT: Duration = Duration::from_millis(300);
/// How long the last deliveries of a load may take.
const DRAIN_WITHIN: Duration = Duration::from_secs(30);
/// Streams of one edge: its files are limited.
const STREAMS_PER_EDGE: usize = 15_000;

/// Open streams and deliver messages to them
#[derive(Clone, Debug, Args)]
pub struct EdgeArgs {
    /// Streams, each with a session and an account of its own
    #[arg(long, default_value_t = 10_000)]
    pub streams: usize,
    /// Messages a second, in all rooms together; several are measured one after the other
    #[arg(long, default_value = "1,5", value_delimiter = ',')]
    pub rate: Vec<f64>,
    /// How long messages are sent at each rate: with ten a second, fifty messages let half of one decide about p99
    #[arg(long, default_value_t = 20)]
    pub seconds: u64,
    /// Rooms that the streams are dealt out to
    #[arg(long, default_value_t = 1)]
    pub rooms: u64,
    /// Further streams that stop reading, and with them each rate once more
    #[arg(long, default_value_t = 0)]
    pub stalled: usize,
    /// Edge processes; by default one for each 15,000 streams
    #[arg(long)]
    pub edges: Option<usize>,
    /// A server to compare with
    #[arg(long, value_enum)]
    pub vs: Vec<Kind>,
    /// Runs of each server, alternating; the table shows medians
    #[arg(long, default_value_t = 1)]
    pub repeat: usize,
    /// Handshakes under way at the same time
    #[arg(long, default_value_t = 256)]
    pub window: usize,
    /// Open the streams once before, and measure resumed handshakes
    #[arg(long)]
    pub resumption: bool,
    /// Octets of a message's text, before it is padded and encrypted
    #[arg(long, default_value_t = 20)]
    pub text: usize,
}

/// One server once.
#[derive(Clone, Debug, Serialize)]
pub struct Phase {
    pub server: String,
    pub streams: usize,
    pub processes: usize,
    pub open: Open,
    pub memory: Memory,
    pub loads: Vec<Delivered>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stalled: Option<Stalled>,
}

/// What the opening cost.
#[derive(Clone, Debug, Serialize)]
pub struct Open {
    pub opened: usize,
    pub failed: usize,
    pub failures: BTreeMap<String, usize>,
    pub seconds: f64,
    pub per_s: f64,
    pub connect_p50_ms: f64,
    pub connect_p99_ms: f64,
    pub resumed: usize,
    pub key_exchange: String,
    /// Microseconds for each stream.
    pub cpu_us: f64,
    pub kernel_cpu_us: f64,
    pub cluster_cpu_us: f64,
    pub generator_cpu_us: f64,
    pub cpu_us_by_process: BTreeMap<String, f64>,
}

/// Octets.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Memory {
    /// The server's processes before the first stream.
    pub base: f64,
    pub idle_total: f64,
    pub idle_per_stream: f64,
    pub loaded_per_stream: f64,
    /// Both ends.
    pub kernel_slab_per_stream: f64,
    pub kernel_tcp_per_stream: f64,
    pub generator_per_stream: f64,
}

/// What a load cost.
#[derive(Clone, Debug, Serialize)]
pub struct Delivered {
    pub rate: f64,
    pub message_octets: usize,
    pub expected: u64,
    pub deliveries: u64,
    pub missing: u64,
    pub duplicated: u64,
    pub out_of_order: u64,
    pub misdelivered: u64,
    pub per_s: f64,
    /// Microseconds for each delivery.
    pub cpu_us: f64,
    pub kernel_cpu_us: f64,
    pub cluster_cpu_us: f64,
    pub generator_cpu_us: f64,
    /// Cores that the server kept busy.
    pub cores: f64,
    pub p50_ms: f64,
    pub p99_ms: f64,
    pub p999_ms: f64,
    pub max_ms: f64,
    pub post: Posted,
    pub kernel_tcp: u64,
}

/// What streams that stop reading do.
#[derive(Clone, Debug, Serialize)]
pub struct Stalled {
    pub streams: usize,
    /// Octets that the server's side of one connection held at most, over all.
    pub server_socket_max: u64,
    /// Octets of kernel memory, both ends, for each stalled stream.
    pub kernel_per_stream: f64,
    /// Streams that the server has cut.
    pub cut: usize,
    /// The same loads for the others meanwhile.
    pub loads: Vec<Delivered>,
}

impl EdgeArgs {
    /// Edge processes.
    pub fn edges(&self) -> usize {
        self.edges.unwrap_or_else(|| (self.streams + self.stalled).div_ceil(STREAMS_PER_EDGE)).max(1)
    }

    /// What must be there.
    pub fn needs(&self) -> Needs {
        Needs { nchan: self.vs.contains(&Kind::Nchan), ..Needs::edges(self.edges()) }
    }

    fn total(&self) -> usize {
        self.streams + self.stalled
    }
}

/// Runs all phases.
///
/// # Errors
/// A server does not start; nothing of it is measured then.
pub async fn run(plan: &Plan, args: &EdgeArgs) -> Result<Vec<Phase>> {
    ensure!(args.streams > 0 && args.rooms > 0 && args.seconds > 0, "streams, rooms and seconds must be more than 0");
    ensure!(args.rate.iter().all(|rate| *rate > 0.0), "a rate must be more than 0");
    let fixture = {
        let _edge = servers::start_edges(plan, &plan.edges[..1]).await?;
        Fixture::make(plan, &plan.edges[0], Size { accounts: args.total(), rooms: args.rooms }).await?
    };
    let mut bench = Bench { plan, args, fixture, times: Times::create(&crew::times_path(&plan.dir))?, next: 1, phases: 0 };
    let kinds: Vec<_> = std::iter::once(Kind::Sealcast).chain(args.vs.iter().copied()).collect();
    let mut phases = Vec::new();
    for round in 1..=args.repeat {
        for kind in &kinds {
            progress::say(format_args!("run {round} of {}: {kind}", args.repeat));
            phases.push(bench.phase(*kind).await.with_context(|| format!("measuring {kind}"))?);
        }
    }
    Ok(phases)
}

struct Bench<'a> {
    plan: &'a Plan,
    args: &'a EdgeArgs,
    fixture: Fixture,
    times: Times,
    /// The next message's number.
    next: u64,
    phases: u8,
}

/// A phase under way.
struct Running {
    crew: Crew,
    groups: Groups,
    publisher: Arc<servers::Publisher>,
}

impl Bench<'_> {
    async fn phase(&mut self, kind: Kind) -> Result<Phase> {
        self.phases = self.phases % 250 + 1;
        self.fixture.refresh(self.plan)?;
        let server = servers::start(kind, self.plan, &self.fixture, self.args.edges()).await?;
        let Server { processes, targets, dialect, publisher } = server;
        let ports: Vec<_> = targets.iter().map(std::net::SocketAddr::port).collect();
        let mut orders = crew::orders(self.plan, dialect, targets);
        orders.rooms = self.args.rooms;
        (orders.stalled, orders.window, orders.resumption) = (self.args.stalled, self.args.window, self.args.resumption);
        let crew = Crew::start(Crowd { orders, phase: self.phases, streams: self.args.total() }).await?;
        let mut groups = Groups::default();
        groups.add(SERVER, &processes.iter().map(crate::children::Running::pid).collect::<Vec<_>>());
        groups.add(GENERATOR, &crew.pids());
        if kind == Kind::Sealcast {
            self.plan.running.iter().for_each(|(name, pid)| groups.add(name, &[*pid]));
        }
        let mut running = Running { crew, groups, publisher: Arc::new(publisher) };
        let outcome = self.measure(kind, &mut running, &ports).await;
        running.crew.stop().await;
        drop(processes);
        outcome
    }

    async fn measure(&mut self, kind: Kind, running: &mut Running, ports: &[u16]) -> Result<Phase> {
        let Running { crew, groups, .. } = running;
        if self.args.resumption {
            crew.open().await?;
            // Tickets come behind the handshake.
            tokio::time::sleep(SETTLE).await;
            crew.close().await?;
            tokio::time::sleep(SETTLE).await;
        }
        let (base, kernel, before) = (pss(groups.pids(SERVER))?, Kernel::now(), groups.cpu());
        let modes = groups.modes(SERVER);
        let generator = pss(groups.pids(GENERATOR))?;
        let opened = crew.open().await?;
        tokio::time::sleep(SETTLE_SHORT).await;
        let kernel_share = modes.kernel_share(groups.modes(SERVER));
        let open = Open::new(opened, &used(&before, &groups.cpu()), kernel_share, &self.plan.running);
        ensure!(open.opened > 0, "no stream opened: {:?}", open.failures);
        tokio::time::sleep(SETTLE).await;
        let per_stream = |octets: u64, base: u64| octets.saturating_sub(base) as f64 / open.opened as f64;
        let (idle, now) = (pss(groups.pids(SERVER))?, Kernel::now());
        let mut memory = Memory {
            base: base as f64,
            idle_total: idle as f64,
            idle_per_stream: per_stream(idle, base),
            loaded_per_stream: 0.0,
            kernel_slab_per_stream: per_stream(now.slab, kernel.slab),
            kernel_tcp_per_stream: per_stream(now.tcp, kernel.tcp),
            generator_per_stream: per_stream(pss(groups.pids(GENERATOR))?, generator),
        };
        // The first message goes through cold caches and is not counted.
        self.load(running, 1.0, 1, open.opened).await?;
        let mut loads = Vec::new();
        for rate in &self.args.rate {
            loads.push(self.load(running, *rate, self.count(*rate), open.opened).await?);
        }
        memory.loaded_per_stream = per_stream(pss(running.groups.pids(SERVER))?, base);
        let stalled = if self.args.stalled > 0 { Some(self.stall(running, ports).await?) } else { None };
        let processes = running.groups.pids(SERVER).len();
        Ok(Phase { server: kind.to_string(), streams: self.args.total(), processes, open, memory, loads, stalled })
    }

    fn count(&self, rate: f64) -> u64 {
        ((rate * self.args.seconds as f64).round() as u64).max(1)
    }

    /// One load: `count` messages at `rate`, which `streams` streams read.
    async fn load(&mut self, running: &mut Running, rate: f64, count: u64, streams: usize) -> Result<Delivered> {
        ensure!(!os::stop_asked(), "interrupted");
        let load = Load { base: self.next, count, rooms: self.args.rooms };
        self.next += count;
        let messages = self.fixture.seal(load.base, count, load.rooms, &"x".repeat(self.args.text))?;
        let message_octets = messages.first().map_or(0, |message| message.as_event(load.base).len());
        running.crew.count(load).await?;
        let (before, modes) = (running.groups.cpu(), running.groups.modes(SERVER));
        let begun_ns = os::now_ns();
        let posted = poster::post(&running.publisher, &self.times, load.base, messages, rate).await?;
        // Rooms of almost equal size: the expectation is only what one waits for.
        let expected = posted.accepted * streams as u64 / load.rooms;
        running.crew.drained(expected, DRAIN_WITHIN).await?;
        let kernel_tcp = Kernel::now().tcp;
        let used = used(&before, &running.groups.cpu());
        let kernel_share = modes.kernel_share(running.groups.modes(SERVER));
        let counted = running.crew.sum(posted.lost.clone()).await?;
        let seconds = counted.last_ns.saturating_sub(begun_ns) as f64 / 1e9;
        let each = |cpu: u64| cpu as f64 / 1e3 / counted.deliveries.max(1) as f64;
        let latency = |quantile| counted.latency_ms(quantile).unwrap_or(f64::NAN);
        Ok(Delivered {
            rate,
            message_octets,
            expected: counted.deliveries + counted.missing,
            deliveries: counted.deliveries,
            missing: counted.missing,
            duplicated: counted.duplicated,
            out_of_order: counted.out_of_order,
            misdelivered: counted.misdelivered,
            per_s: if seconds > 0.0 { counted.deliveries as f64 / seconds } else { 0.0 },
            cpu_us: each(of(&used, SERVER)),
            kernel_cpu_us: each(of(&used, SERVER)) * kernel_share,
            cluster_cpu_us: each(cluster(&used, &self.plan.running)),
            generator_cpu_us: each(of(&used, GENERATOR)),
            cores: if seconds > 0.0 { of(&used, SERVER) as f64 / 1e9 / seconds } else { 0.0 },
            p50_ms: latency(0.5),
            p99_ms: latency(0.99),
            p999_ms: latency(0.999),
            max_ms: latency(1.0),
            post: posted,
            kernel_tcp,
        })
    }

    /// The same loads once more while some streams do not read.
    async fn stall(&mut self, running: &mut Running, ports: &[u16]) -> Result<Stalled> {
        progress::say(format_args!("{} streams stop reading", self.args.stalled));
        let ended = running.crew.status().await?.ended;
        let before = Kernel::now().tcp;
        running.crew.stall().await?;
        let readers = self.args.streams;
        let (mut loads, mut largest, mut kernel) = (Vec::new(), 0, 0);
        for rate in &self.args.rate {
            let load = self.load(running, *rate, self.count(*rate), readers).await?;
            kernel = kernel.max(load.kernel_tcp);
            largest = largest.max(socket_memory(ports)?.into_iter().max().unwrap_or(0));
            loads.push(load);
        }
        Ok(Stalled {
            streams: self.args.stalled,
            server_socket_max: largest,
            kernel_per_stream: kernel.saturating_sub(before) as f64 / self.args.stalled as f64,
            cut: running.crew.status().await?.ended - ended,
            loads,
        })
    }
}

impl Open {
    fn new(opened: Opened, used: &Cpu, kernel_share: f64, cluster_processes: &BTreeMap<String, u32>) -> Self {
        let seconds = opened.done_ns.saturating_sub(opened.begun_ns) as f64 / 1e9;
        let each = |cpu: u64| cpu as f64 / 1e3 / opened.open.max(1) as f64;
        Self {
            opened: opened.open,
            failed: opened.failed.values().sum(),
            failures: opened.failed,
            seconds,
            per_s: opened.open as f64 / seconds.max(1e-9),
            connect_p50_ms: opened.connect_p50_ms,
            connect_p99_ms: opened.connect_p99_ms,
            resumed: opened.resumed,
            key_exchange: opened.group,
            cpu_us: each(of(used, SERVER)),
            kernel_cpu_us: each(of(used, SERVER)) * kernel_share,
            cluster_cpu_us: each(cluster(used, cluster_processes)),
            generator_cpu_us: each(of(used, GENERATOR)),
            cpu_us_by_process: used.iter().map(|(name, cpu)| (name.clone(), each(*cpu))).collect(),
        }
    }
}

fn of(used: &Cpu, name: &str) -> u64 {
    used.get(name).copied().unwrap_or(0)
}

/// The server and everything behind it.
fn cluster(used: &Cpu, processes: &BTreeMap<String, u32>) -> u64 {
    of(used, SERVER) + processes.keys().map(|name| of(used, name)).sum::<u64>()
}
