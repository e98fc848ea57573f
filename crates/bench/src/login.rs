//! `bench login`: what a login costs, most of it Argon2id in auth-svc.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Instant,
};

use anyhow::{Context as _, Result, ensure};
use clap::Args;
use sealcast_client::secrets::Derived;
use sealcast_contracts::auth::{Kdf, Proof};
use serde::Serialize;
use serde_json::json;
use tokio::task::JoinSet;

use crate::{
    figures::{Figures, row},
    fixture::{self, Fixture, Size},
    os,
    plan::{Needs, Plan},
    poster::quantile,
    probe::{Cpu, Groups, used},
    progress, servers,
};

const EDGE: &str = "edge";

/// Log in again and again
#[derive(Clone, Debug, Args)]
pub struct LoginArgs {
    /// Logins in all
    #[arg(long, default_value_t = 200)]
    pub logins: usize,
    /// Logins under way at the same time
    #[arg(long, default_value_t = 4)]
    pub concurrency: usize,
}

/// What logins cost.
#[derive(Clone, Debug, Serialize)]
pub struct LoggedIn {
    pub logins: usize,
    pub concurrency: usize,
    pub failed: usize,
    pub per_s: f64,
    pub p50_ms: f64,
    pub p99_ms: f64,
    /// Milliseconds a login, by process.
    pub cpu_ms: Vec<(String, f64)>,
}

impl LoginArgs {
    /// What must be there.
    pub fn needs(&self) -> Needs {
        Needs::edges(1)
    }
}

/// Measures once. What the client derives from the password is derived before.
///
/// # Errors
/// The cluster does not start.
pub async fn run(plan: &Plan, args: &LoginArgs) -> Result<LoggedIn> {
    ensure!(args.logins > 0 && args.concurrency > 0, "logins and concurrency must be more than 0");
    let edge = &plan.edges[0];
    let edges = servers::start_edges(plan, std::slice::from_ref(edge)).await?;
    let fixture = Fixture::make(plan, edge, Size { accounts: 1, rooms: 1 }).await?;
    let url = format!("https://localhost:{}/api/v1/auth", edge.port);
    let ca = reqwest::Certificate::from_pem(&std::fs::read(&plan.ca)?)?;
    let http = reqwest::Client::builder().no_proxy().add_root_certificate(ca).build()?;
    let mut requests = Vec::new();
    for number in 0..fixture.senders() {
        let username = fixture::sender_name(number);
        let asked = http.post(format!("{url}/prelogin")).json(&json!({"username": username})).send().await?;
        let kdf: Kdf = asked.error_for_status().context("asking how to derive")?.json().await?;
        let proof = Proof::Password(Derived::from_password(fixture::PASSWORD, &kdf).await?.auth_base64());
        requests.push(json!({"username": username, "proof": proof, "session": "token"}));
    }
    let mut groups = Groups::default();
    groups.add(EDGE, &edges.iter().map(crate::children::Running::pid).collect::<Vec<_>>());
    plan.running.iter().for_each(|(name, pid)| groups.add(name, &[*pid]));

    let (requests, next) = (Arc::new(requests), Arc::new(AtomicUsize::new(0)));
    let (before, begun, total) = (groups.cpu(), Instant::now(), args.logins);
    let mut lanes = JoinSet::new();
    for _ in 0..args.concurrency {
        let (http, requests, next, url) = (http.clone(), requests.clone(), next.clone(), format!("{url}/login"));
        lanes.spawn(async move {
            let (mut took, mut failed) = (Vec::new(), 0);
            loop {
                let nth = next.fetch_add(1, Ordering::Relaxed);
                if nth >= total || os::stop_asked() {
                    return (took, failed);
                }
                progress::show(format_args!("login {nth} of {total}"));
                let at = Instant::now();
                match http.post(&url).json(&requests[nth % requests.len()]).send().await {
                    Ok(answer) if answer.status().is_success() => took.push(at.elapsed().as_secs_f64() * 1e3),
                    _ => failed += 1,
                }
            }
        });
    }
    let (mut took, mut failed) = (Vec::new(), 0);
    for (lane, failures) in lanes.join_all().await {
        took.extend(lane);
        failed += failures;
    }
    let seconds = begun.elapsed().as_secs_f64();
    ensure!(!took.is_empty(), "no login succeeded");
    took.sort_by(f64::total_cmp);
    let cpu: Cpu = used(&before, &groups.cpu());
    Ok(LoggedIn {
        logins: took.len(),
        concurrency: args.concurrency,
        failed,
        per_s: took.len() as f64 / seconds,
        p50_ms: quantile(&took, 0.5),
        p99_ms: quantile(&took, 0.99),
        cpu_ms: cpu.into_iter().map(|(name, ns)| (name, ns as f64 / 1e6 / took.len() as f64)).collect(),
    })
}

impl Figures for LoggedIn {
    const BENCH: &'static str = "login";

    fn title(&self) -> String {
        format!("{} logins, {} at a time", self.logins, self.concurrency)
    }

    fn rows(&self) -> Vec<(String, String)> {
        let mut rows = vec![
            row("logins a second", format!("{:.1}", self.per_s)),
            row("from request to answer p50, ms", format!("{:.1}", self.p50_ms)),
            row("  p99, ms", format!("{:.1}", self.p99_ms)),
            row("failed", self.failed.to_string()),
        ];
        rows.extend(self.cpu_ms.iter().map(|(name, ms)| row(&format!("CPU a login, {name}, ms"), format!("{ms:.2}"))));
        rows
    }
}
