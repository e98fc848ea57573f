//! `bench audit`: what the archive takes in, and how fast it answers when it is large.
//!
//! The rows of a long past are written into Postgres: sealed with audit-svc's own code under its own key, with the tree of
//! `crates/merkle`, so that pages open and proofs verify. What is measured afterwards is real: audit-svc's process, its durable consumer,
//! the calls of officers and members through an edge, and the export that `sealcast` writes.

mod backlog;
mod copy;
mod officers;
mod past;
mod service;

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use clap::Args;
use serde::Serialize;

use crate::{
    audit::{backlog::Backlog, officers::Officers, past::Past, service::AuditSvc},
    figures::{Figures, row},
    fixture::{Fixture, Size},
    os,
    plan::{Needs, Plan},
    poster::quantile,
    probe::{Groups, used},
    progress, servers,
};

/// Rooms that messages are in; the first is the one that is exported.
const ROOMS: u64 = 20;
/// How long audit-svc may be busy with what it was given.
const DRAINED_WITHIN: Duration = Duration::from_secs(1_800);
const TICK: Duration = Duration::from_millis(20);

/// Fill the archive, let it catch up, and ask it
#[derive(Clone, Debug, Args)]
pub struct AuditArgs {
    /// Leaves that the log has before anything is measured; 10000000 takes about half an hour and 30 GB
    #[arg(long, default_value_t = 500_000)]
    pub leaves: u64,
    /// Messages that wait in the stream when audit-svc comes back
    #[arg(long, default_value_t = 60_000)]
    pub messages: u64,
    /// How many of them are sealed one by one, in one room, and exported; the others repeat a few envelopes
    #[arg(long, default_value_t = 10_000)]
    pub exported: u64,
    /// Queries of each kind, and a tenth of the proofs
    #[arg(long, default_value_t = 200)]
    pub queries: u64,
}

/// What was found out.
#[derive(Clone, Debug, Serialize)]
pub struct Audited {
    pub leaves: u64,
    pub rows_octets: u64,
    pub ingest: Ingest,
    pub checkpoint_ms: f64,
    /// In audit-svc: from the question to the path, milliseconds; mean, and the part that took at most one.
    pub proof_made_ms: f64,
    pub proof_made_within_1_ms: f64,
    /// Through the edge, verified.
    pub proof: Times,
    pub queries: Vec<(String, Times)>,
    pub export: Export,
}

/// Catching up.
#[derive(Clone, Debug, Serialize)]
pub struct Ingest {
    pub messages: u64,
    pub octets_each: u64,
    pub seconds: f64,
    pub per_s: f64,
    /// Microseconds a message, by process.
    pub cpu_us: Vec<(String, f64)>,
}

/// Milliseconds.
#[derive(Clone, Debug, Serialize)]
pub struct Times {
    pub count: usize,
    pub p50_ms: f64,
    pub p99_ms: f64,
}

/// What `sealcast audit export` and `verify` did.
#[derive(Clone, Debug, Serialize)]
pub struct Export {
    pub messages: u64,
    pub octets: u64,
    pub seconds: f64,
    pub mb_per_s: f64,
    pub verify_mb_per_s: f64,
}

impl AuditArgs {
    /// What must be there.
    pub fn needs(&self) -> Needs {
        Needs { own_audit: true, ..Needs::edges(1) }
    }
}

impl Times {
    fn of(mut taken: Vec<f64>) -> Self {
        taken.sort_by(f64::total_cmp);
        Self { count: taken.len(), p50_ms: quantile(&taken, 0.5), p99_ms: quantile(&taken, 0.99) }
    }
}

/// Measures once.
///
/// # Errors
/// The cluster does not start, or does not do what it should.
pub async fn run(plan: &Plan, args: &AuditArgs) -> Result<Audited> {
    ensure!(args.exported > 0 && args.exported <= args.messages && args.queries > 0, "the numbers do not fit together");
    let audit = plan.audit.as_ref().context("audit-svc is not configured")?;
    let edge = &plan.edges[0];
    let _edges = servers::start_edges(plan, std::slice::from_ref(edge)).await?;
    let fixture = Fixture::make(plan, edge, Size { accounts: 1, rooms: ROOMS }).await?;
    // What the fixture did is in the log before the past: its events are leaves.
    let service = AuditSvc::start(plan, audit).await?;
    service.is_done().await?;
    service.stop().await?;
    let past = Past::write(plan, audit, &fixture, args.leaves)?;
    let backlog = Backlog::publish(audit, &fixture, args).await?;
    let (service, ingest) = catch_up(plan, &backlog).await?;
    let officers = Officers::appoint(plan, edge, &fixture).await?;
    let proof = officers.prove(&past, args.queries * 10).await?;
    let queries = officers.query(&past, args.queries).await?;
    let metrics = service.metrics().await?;
    let mean =
        |name: &str| -> Result<f64> { Ok(1e3 * metrics.of(&format!("{name}_sum"))? / metrics.of(&format!("{name}_count"))?) };
    let made = metrics.of("audit_proof_seconds_bucket{le=\"0.001\"}")? / metrics.of("audit_proof_seconds_count")?;
    let (checkpoint_ms, proof_made_ms) = (mean("audit_checkpoint_seconds")?, mean("audit_proof_seconds")?);
    let export = officers.export(plan, edge, audit.signing_key()?.vkey(), &backlog).await?;
    Ok(Audited {
        leaves: metrics.of("audit_log_size")? as u64,
        rows_octets: past.octets(plan)?,
        ingest,
        checkpoint_ms,
        proof_made_ms,
        proof_made_within_1_ms: made,
        proof,
        queries,
        export,
    })
}

/// Starts audit-svc and lets it take what waits.
async fn catch_up(plan: &Plan, backlog: &Backlog) -> Result<(AuditSvc, Ingest)> {
    let service = AuditSvc::start(plan, plan.audit.as_ref().context("audit-svc is not configured")?).await?;
    let mut groups = Groups::default();
    groups.add("audit-svc", &[service.pid()]);
    plan.running.iter().for_each(|(name, pid)| groups.add(name, &[*pid]));
    let stored = async || service.metrics().await?.of("audit_stored_messages_total");
    let deadline = Instant::now() + DRAINED_WITHIN;
    let (mut begun, mut last) = (None, 0.0);
    progress::say(format_args!("audit-svc takes {} messages", backlog.messages));
    while last < backlog.messages as f64 {
        ensure!(!os::stop_asked(), "interrupted");
        ensure!(Instant::now() < deadline, "audit-svc stored {last} of {} messages", backlog.messages);
        tokio::time::sleep(TICK).await;
        last = stored().await.unwrap_or(0.0);
        if begun.is_none() && last > 0.0 {
            // Starting and connecting are not what is asked about. Postgres forks a process for each connection: now all are there.
            groups = Groups::default();
            groups.add("audit-svc", &[service.pid()]);
            plan.running.iter().for_each(|(name, pid)| groups.add(name, &[*pid]));
            begun = Some((Instant::now(), last, groups.cpu()));
        }
        progress::show(format_args!("{last} messages"));
    }
    let (at, first, before) = begun.context("nothing was measured")?;
    let (seconds, count) = (at.elapsed().as_secs_f64(), last - first);
    let cpu = used(&before, &groups.cpu());
    let ingest = Ingest {
        messages: count as u64,
        octets_each: backlog.octets_each,
        seconds,
        per_s: count / seconds,
        cpu_us: cpu.into_iter().map(|(name, ns)| (name, ns as f64 / 1e3 / count)).collect(),
    };
    service.is_done().await?;
    Ok((service, ingest))
}

impl Figures for Audited {
    const BENCH: &'static str = "audit";

    fn title(&self) -> String {
        format!("the archive with {} leaves: catching up, checkpoints, proofs, queries, an export", self.leaves)
    }

    fn rows(&self) -> Vec<(String, String)> {
        let Self { ingest, export, .. } = self;
        let mut rows = vec![
            row("octets a row in Postgres, indexes included", self.rows_octets.to_string()),
            row("taken in, messages", ingest.messages.to_string()),
            row("  octets of envelope and signature", ingest.octets_each.to_string()),
            row("  messages a second", format!("{:.0}", ingest.per_s)),
        ];
        rows.extend(ingest.cpu_us.iter().map(|(name, us)| row(&format!("  CPU a message, {name}, µs"), format!("{us:.1}"))));
        rows.extend([
            row("signing a checkpoint, ms", format!("{:.2}", self.checkpoint_ms)),
            row("making a proof in audit-svc, ms", format!("{:.3}", self.proof_made_ms)),
            row("  within 1 ms, %", format!("{:.1}", 100.0 * self.proof_made_within_1_ms)),
            row("a proof through the edge p50, ms", format!("{:.2}", self.proof.p50_ms)),
            row("  p99, ms", format!("{:.2}", self.proof.p99_ms)),
        ]);
        for (name, times) in &self.queries {
            rows.push(row(&format!("first page, {name}, p50, ms"), format!("{:.1}", times.p50_ms)));
            rows.push(row("  p99, ms", format!("{:.1}", times.p99_ms)));
        }
        rows.extend([
            row("exported messages", export.messages.to_string()),
            row("  MB", format!("{:.1}", export.octets as f64 / 1e6)),
            row("  MB a second, written and checked", format!("{:.2}", export.mb_per_s)),
            row("  MB a second, checked offline", format!("{:.2}", export.verify_mb_per_s)),
        ]);
        rows
    }
}
