//! The generator processes of one phase, and what they say.

use std::{
    collections::BTreeMap,
    path::PathBuf,
    process::{Command as Program, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command as AsyncProgram},
};

use crate::{
    generator::{
        Command, Dialect, Opened, Orders, Report, Status,
        tally::{Counted, Load},
    },
    os, progress,
};

/// Streams of one process: its files are limited.
pub const STREAMS_PER_PROCESS: usize = 15_000;

/// How often the generators are looked at while one waits for them.
const GLANCE: Duration = Duration::from_millis(50);
/// A load is over when nothing more arrives for so long.
const QUIET: Duration = Duration::from_secs(3);

/// What all generators of a phase have in common.
#[derive(Clone, Debug)]
pub struct Crowd {
    pub orders: Orders,
    /// Second octet of the source addresses; another for every phase, whose ports may still wait.
    pub phase: u8,
    pub streams: usize,
}

/// All generators of a phase.
pub struct Crew {
    members: Vec<Member>,
    /// Never more than so many stall, over all members.
    streams: usize,
}

struct Member {
    process: Child,
    stdin: ChildStdin,
    lines: Lines<BufReader<ChildStdout>>,
    status: Status,
}

impl Crew {
    /// Starts as many generators as the streams need.
    ///
    /// # Errors
    /// This program cannot be started again.
    pub async fn start(crowd: Crowd) -> Result<Self> {
        let processes = crowd.streams.div_ceil(STREAMS_PER_PROCESS).max(1);
        let mut members = Vec::new();
        for number in 0..processes {
            let (first, last) = (crowd.streams * number / processes, crowd.streams * (number + 1) / processes);
            let orders = Orders {
                first: crowd.orders.first + first,
                streams: last - first,
                stalled: crowd.orders.stalled * (number + 1) / processes - crowd.orders.stalled * number / processes,
                source: [crowd.phase, u8::try_from(number + 1)?],
                window: (crowd.orders.window / processes).max(1),
                ..crowd.orders.clone()
            };
            members.push(Member::start(&orders).await?);
        }
        Ok(Self { members, streams: crowd.streams })
    }

    /// The processes, for their processor time.
    pub fn pids(&self) -> Vec<u32> {
        self.members.iter().filter_map(|member| member.process.id()).collect()
    }

    /// Opens all streams.
    ///
    /// # Errors
    /// A generator is gone, or is not done in time.
    pub async fn open(&mut self) -> Result<Opened> {
        self.order(&Command::Open).await?;
        let within = Duration::from_secs(60) + Duration::from_millis(self.streams as u64 * 4);
        let mut all = Opened::default();
        let deadline = Instant::now() + within;
        for at in 0..self.members.len() {
            let report = self.await_report(at, deadline, "opening", |report| match report {
                Report::Opened(opened) => Some(opened),
                _ => None,
            });
            merge(&mut all, report.await?);
        }
        Ok(all)
    }

    /// Closes all streams.
    ///
    /// # Errors
    /// A generator is gone.
    pub async fn close(&mut self) -> Result<()> {
        self.order(&Command::Close).await?;
        let deadline = Instant::now() + Duration::from_secs(60);
        for at in 0..self.members.len() {
            self.await_report(at, deadline, "closing", |report| matches!(report, Report::Closed).then_some(())).await?;
        }
        Ok(())
    }

    /// Makes the streams that are meant to stall stop reading.
    ///
    /// # Errors
    /// A generator is gone.
    pub async fn stall(&mut self) -> Result<()> {
        self.order(&Command::Stall).await
    }

    /// Begins to count a load.
    ///
    /// # Errors
    /// A generator is gone.
    pub async fn count(&mut self, load: Load) -> Result<()> {
        self.order(&Command::Count(load)).await?;
        let deadline = Instant::now() + Duration::from_secs(30);
        for at in 0..self.members.len() {
            self.await_report(at, deadline, "counting", |report| matches!(report, Report::Counting).then_some(())).await?;
        }
        Ok(())
    }

    /// Ends the count.
    ///
    /// # Errors
    /// A generator is gone.
    pub async fn sum(&mut self, lost: Vec<u64>) -> Result<Counted> {
        self.order(&Command::Sum { lost }).await?;
        let deadline = Instant::now() + Duration::from_secs(60);
        let mut all = Counted::default();
        for at in 0..self.members.len() {
            let report = self.await_report(at, deadline, "counting", |report| match report {
                Report::Counted(counted) => Some(counted),
                _ => None,
            });
            all.add(&report.await?);
        }
        Ok(all)
    }

    /// Waits until so many deliveries are counted, nothing more arrives, or the time is over.
    ///
    /// # Errors
    /// A generator is gone.
    pub async fn drained(&mut self, expected: u64, within: Duration) -> Result<()> {
        let deadline = Instant::now() + within;
        let (mut before, mut since) = (0, Instant::now());
        loop {
            let deliveries = self.status().await?.deliveries;
            if deliveries != before {
                (before, since) = (deliveries, Instant::now());
            }
            if deliveries >= expected || since.elapsed() > QUIET || Instant::now() > deadline {
                return Ok(());
            }
            progress::show(format_args!("{deliveries} of {expected} deliveries"));
            tokio::time::sleep(GLANCE).await;
        }
    }

    /// The newest status of all.
    ///
    /// # Errors
    /// A generator is gone.
    pub async fn status(&mut self) -> Result<Status> {
        let mut all = Status::default();
        for member in &mut self.members {
            member.catch_up().await?;
            let Status { open, failed, deliveries, ended, back, last_back_ns, gaps, resets } = &member.status;
            all.open += open;
            merge_counts(&mut all.failed, failed);
            all.deliveries += deliveries;
            all.ended += ended;
            all.back += back;
            all.last_back_ns = all.last_back_ns.max(*last_back_ns);
            all.gaps += gaps;
            all.resets += resets;
        }
        Ok(all)
    }

    /// Ends the generators.
    pub async fn stop(self) {
        for Member { mut process, stdin, lines, .. } in self.members {
            drop((stdin, lines));
            if tokio::time::timeout(Duration::from_secs(10), process.wait()).await.is_err() {
                let _ = process.kill().await;
            }
        }
    }

    async fn order(&mut self, command: &Command) -> Result<()> {
        for member in &mut self.members {
            member.write(command).await?;
        }
        Ok(())
    }

    async fn await_report<T>(
        &mut self,
        at: usize,
        deadline: Instant,
        doing: &str,
        wanted: impl Fn(Report) -> Option<T>,
    ) -> Result<T> {
        loop {
            if let Some(report) = self.members[at].next(GLANCE).await?.and_then(&wanted) {
                return Ok(report);
            }
            if os::stop_asked() {
                bail!("interrupted");
            }
            if Instant::now() > deadline {
                bail!("a generator was not done with {doing} in time");
            }
            let (open, failed) = self.members.iter().fold((0, 0), |(open, failed), member| {
                (open + member.status.open, failed + member.status.failed.values().sum::<usize>())
            });
            progress::show(format_args!("{doing}: {open} of {} streams open, {failed} failed", self.streams));
        }
    }
}

impl Member {
    async fn start(orders: &Orders) -> Result<Self> {
        let mut program = Program::new(std::env::current_exe()?);
        program.arg("generate").stdin(Stdio::piped()).stdout(Stdio::piped());
        os::die_with_us(&mut program);
        let mut process = AsyncProgram::from(program).kill_on_drop(true).spawn().context("starting a generator")?;
        let stdin = process.stdin.take().context("a generator without stdin")?;
        let lines = BufReader::new(process.stdout.take().context("a generator without stdout")?).lines();
        let mut member = Self { process, stdin, lines, status: Status::default() };
        member.write(orders).await?;
        Ok(member)
    }

    async fn write(&mut self, what: &impl serde::Serialize) -> Result<()> {
        let mut line = serde_json::to_vec(what)?;
        line.push(b'\n');
        self.stdin.write_all(&line).await.context("a generator is gone")
    }

    /// The next report that is not a status, if it comes in time. Safe to cancel between lines.
    async fn next(&mut self, within: Duration) -> Result<Option<Report>> {
        let Ok(line) = tokio::time::timeout(within, self.lines.next_line()).await else { return Ok(None) };
        match serde_json::from_str(&line?.context("a generator ended")?)? {
            Report::Status(status) => {
                self.status = status;
                Ok(None)
            }
            report => Ok(Some(report)),
        }
    }

    /// Reads what is there already.
    async fn catch_up(&mut self) -> Result<()> {
        while let Ok(line) = tokio::time::timeout(Duration::ZERO, self.lines.next_line()).await {
            if let Report::Status(status) = serde_json::from_str(&line?.context("a generator ended")?)? {
                self.status = status;
            }
        }
        Ok(())
    }
}

/// Adds one generator's opening to the sum.
fn merge(all: &mut Opened, one: Opened) {
    all.open += one.open;
    merge_counts(&mut all.failed, &one.failed);
    all.begun_ns = if all.begun_ns == 0 { one.begun_ns } else { all.begun_ns.min(one.begun_ns) };
    all.done_ns = all.done_ns.max(one.done_ns);
    all.resumed += one.resumed;
    all.tickets += one.tickets;
    if !one.group.is_empty() {
        all.group = one.group;
    }
    all.connect_p50_ms = all.connect_p50_ms.max(one.connect_p50_ms);
    all.connect_p99_ms = all.connect_p99_ms.max(one.connect_p99_ms);
}

fn merge_counts(all: &mut BTreeMap<String, usize>, one: &BTreeMap<String, usize>) {
    for (reason, count) in one {
        *all.entry(reason.clone()).or_default() += count;
    }
}

/// A file that holds when each message was posted.
pub fn times_path(dir: &std::path::Path) -> PathBuf {
    dir.join("times")
}

/// Orders as most benches give them; the rest is set by the crew.
pub fn orders(plan: &crate::plan::Plan, dialect: Dialect, targets: Vec<std::net::SocketAddr>) -> Orders {
    Orders {
        targets,
        refuges: Vec::new(),
        spread_ms: 0,
        dialect,
        ca: plan.ca.clone(),
        source: [0, 0],
        first: 0,
        streams: 0,
        stalled: 0,
        rooms: 1,
        window: 256,
        resumption: false,
        times: times_path(&plan.dir),
    }
}
