//! A Prometheus of its own that scrapes one stack.

use std::{fs, path::PathBuf, process::Command, time::Duration};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::{
    files,
    install::Watchers,
    ports::Ports,
    probe,
    record::Record,
    repo::Repo,
    repo::State,
    run,
    supervisor::{Spec, Supervisor},
};

const READY_WITHIN: Duration = Duration::from_secs(20);
const SCRAPE_INTERVAL: &str = "1s";

/// Stops with this.
pub struct Prometheus {
    _children: Supervisor,
    promtool: PathBuf,
    url: String,
}

impl Prometheus {
    /// Scrapes every service of the stack each second, with the rules of `k8s/components/monitoring`.
    pub fn start(repo: &Repo, state: &State, record: &Record, watchers: &Watchers) -> Result<Self> {
        let dir = state.dir.join("prometheus");
        files::remove(&dir)?;
        fs::create_dir_all(&dir).with_context(|| format!("cannot make {}", dir.display()))?;
        let rules = dir.join("rules.yml");
        fs::write(&rules, serde_yaml_ng::to_string(&serde_json::json!({"groups": super::rule_groups(repo, "rules")?}))?)?;
        run::captured(Command::new(&watchers.promtool).args(["check", "rules"]).arg(&rules))?;
        let config = dir.join("prometheus.yml");
        fs::write(&config, serde_yaml_ng::to_string(&config_of(record, &rules))?)?;
        run::captured(Command::new(&watchers.promtool).args(["check", "config"]).arg(&config))?;
        let port = Ports::load(state).take("prometheus")?;
        let spec = Spec::new("prometheus", &watchers.prometheus).args([
            format!("--config.file={}", config.display()),
            format!("--storage.tsdb.path={}", dir.join("data").display()),
            format!("--web.listen-address=127.0.0.1:{port}"),
        ]);
        let mut children = Supervisor::new(state.log());
        children.start(spec, READY_WITHIN, || probe::http_ok(port, "/-/ready"))?;
        Ok(Self { _children: children, promtool: watchers.promtool.clone(), url: format!("http://127.0.0.1:{port}") })
    }

    /// The series that an expression has now.
    pub fn ask(&self, expression: &str) -> Result<Vec<Value>> {
        let said = run::captured(Command::new(&self.promtool).args(["query", "instant", "--format=json", &self.url, expression]))
            .with_context(|| format!("the expression {expression:?}"))?;
        let answer: Value = serde_json::from_str(&said).with_context(|| format!("the answer to {expression:?}"))?;
        Ok(answer.as_array().cloned().unwrap_or_default())
    }
}

/// The jobs and labels that the operator's Prometheus gives (deploy/observability/prometheus.yml, k8s/components/monitoring).
fn config_of(record: &Record, rules: &std::path::Path) -> Value {
    let target = |job: &str, name: &str, admin_url: &str| {
        let address = admin_url.trim_start_matches("http://");
        serde_json::json!({"targets": [address], "labels": {"job": job, "pod": name}})
    };
    let edges = record.edges.iter().map(|edge| target("edge-svc", &edge.name, &edge.admin_url));
    let services = record.services.iter().map(|service| target(&service.name, &service.name, &service.admin_url));
    serde_json::json!({
        "global": {"scrape_interval": SCRAPE_INTERVAL, "scrape_timeout": SCRAPE_INTERVAL, "evaluation_interval": SCRAPE_INTERVAL},
        "rule_files": [rules],
        "scrape_configs": [{"job_name": "sealcast", "static_configs": edges.chain(services).collect::<Vec<_>>()}],
    })
}
