use std::{
    process::Command,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};

use crate::{
    children::{Running, answers},
    os,
    plan::{AuditPlan, Plan},
};

const TICK: Duration = Duration::from_millis(100);
const DONE_WITHIN: Duration = Duration::from_secs(60);
/// Two looks in a row without anything new, a checkpoint's interval apart.
const SETTLED: Duration = Duration::from_millis(1_500);

/// audit-svc, as the bench starts it.
pub struct AuditSvc {
    process: Running,
    http: reqwest::Client,
    metrics: String,
}

/// Its metrics at one moment.
pub struct Metrics(String);

impl AuditSvc {
    /// Starts it and waits until it is ready.
    ///
    /// # Errors
    /// It does not start.
    pub async fn start(plan: &Plan, audit: &AuditPlan) -> Result<Self> {
        let mut command = Command::new(plan.bin.join("audit-svc"));
        command.env("SEALCAST_CONFIG", &audit.config);
        let mut process = Running::start(command, "audit-svc", &plan.log)?;
        let http = reqwest::Client::builder().no_proxy().build()?;
        let ready = format!("http://127.0.0.1:{}/ready", audit.admin);
        process.ready(async || answers(&http, &ready).await).await?;
        Ok(Self { process, http, metrics: format!("http://127.0.0.1:{}/metrics", audit.admin) })
    }

    /// The process.
    pub fn pid(&self) -> u32 {
        self.process.pid()
    }

    /// What it says of itself.
    ///
    /// # Errors
    /// It does not answer.
    pub async fn metrics(&self) -> Result<Metrics> {
        Ok(Metrics(self.http.get(&self.metrics).send().await?.error_for_status()?.text().await?))
    }

    /// Waits until everything that lies in the streams is in the log and a checkpoint covers it.
    ///
    /// # Errors
    /// That takes too long.
    pub async fn is_done(&self) -> Result<()> {
        let deadline = Instant::now() + DONE_WITHIN;
        let mut settled: Option<(Instant, f64)> = None;
        loop {
            ensure!(!os::stop_asked(), "interrupted");
            ensure!(Instant::now() < deadline, "audit-svc does not come to rest");
            let metrics = self.metrics().await?;
            let lags = ["audit_lag_messages", "audit_lag_events"].map(|name| metrics.of(name).unwrap_or(1.0));
            let size = metrics.of("audit_log_size").unwrap_or(0.0);
            settled = match settled {
                _ if lags.iter().any(|lag| *lag > 0.0) || size == 0.0 => None,
                Some((since, same)) if same == size && since.elapsed() >= SETTLED => return Ok(()),
                Some((since, same)) if same == size => Some((since, same)),
                _ => Some((Instant::now(), size)),
            };
            tokio::time::sleep(TICK).await;
        }
    }

    /// Ends it as an operator does.
    ///
    /// # Errors
    /// None in practice.
    pub async fn stop(self) -> Result<()> {
        // It drains; the runtime's one thread has nothing else to do.
        tokio::task::spawn_blocking(move || drop(self.process)).await.context("stopping audit-svc")
    }
}

impl Metrics {
    /// The value of a series, by its name and labels as they are printed.
    ///
    /// # Errors
    /// There is no such series.
    pub fn of(&self, series: &str) -> Result<f64> {
        let mut values = self.0.lines().filter_map(|line| line.strip_prefix(series)?.strip_prefix(' ')?.parse().ok());
        values.next().with_context(|| format!("no metric {series}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_series_is_found_by_its_whole_name() {
        let metrics = Metrics("# TYPE a counter\na_total 3\na_bucket{le=\"0.001\"} 2\na 1.5\n".to_owned());
        assert_eq!(metrics.of("a").unwrap(), 1.5);
        assert_eq!(metrics.of("a_bucket{le=\"0.001\"}").unwrap(), 2.0);
        assert!(metrics.of("a_tot").is_err());
    }
}
