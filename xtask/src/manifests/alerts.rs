//! Alerts and dashboards against the code that makes the metrics, and the runbooks that the alerts name.

use std::{collections::BTreeSet, fs, path::Path};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::repo::Repo;

/// Prefixes of our metrics; what begins otherwise is somebody else's.
const PREFIXES: [&str; 7] = ["edge_", "chat_", "auth_", "audit_", "outbox_", "rpc_client_", "rpc_server_"];
/// What the exporter appends to a histogram's name.
const SUFFIXES: [&str; 3] = ["_bucket", "_sum", "_count"];

/// Metrics that nobody makes, and runbooks that nobody wrote.
pub fn findings(repo: &Repo, rules: &Value, objects: &[Value]) -> Result<Vec<String>> {
    let mut findings = Vec::new();
    let made = made(repo)?;
    let page = repo.root.join("docs/operations.md");
    let runbooks = fs::read_to_string(&page).with_context(|| format!("cannot read {}", page.display()))?;
    let groups = rules["spec"]["groups"].as_array().into_iter().flatten();
    for rule in groups.flat_map(|group| group["rules"].as_array().into_iter().flatten()) {
        let alert = rule["alert"].as_str().unwrap_or_default();
        findings.extend(
            unmade(rule["expr"].as_str().unwrap_or_default(), &made).map(|metric| format!("{alert}: nobody makes {metric}")),
        );
        let anchor =
            rule["annotations"]["runbook_url"].as_str().and_then(|url| url.split_once("operations.md#")).map(|(_, anchor)| anchor);
        if anchor != Some(alert.to_lowercase().as_str()) || !runbooks.contains(&format!("### {alert}\n")) {
            findings.push(format!("{alert}: no runbook in docs/operations.md"));
        }
    }
    let dashboards = objects.iter().filter(|object| object["metadata"]["labels"]["grafana_dashboard"].is_string());
    for (file, text) in dashboards.filter_map(|map| map["data"].as_object()).flatten() {
        let dashboard: Value =
            serde_json::from_str(text.as_str().unwrap_or_default()).with_context(|| format!("the dashboard {file}"))?;
        let targets = dashboard["panels"].as_array().into_iter().flatten().flat_map(|panel| panel["targets"].as_array()).flatten();
        for target in targets {
            let query = target["expr"].as_str().unwrap_or_default();
            findings.extend(unmade(query, &made).map(|metric| format!("{file}: nobody makes {metric}")));
        }
    }
    Ok(findings)
}

/// Names of our metrics in a query that the code does not make.
fn unmade<'a>(query: &'a str, made: &'a BTreeSet<String>) -> impl Iterator<Item = &'a str> {
    let words = query.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    words.filter(|word| PREFIXES.iter().any(|prefix| word.starts_with(prefix))).filter(|word| {
        let bare = SUFFIXES.iter().find_map(|suffix| word.strip_suffix(suffix)).unwrap_or(word);
        !made.contains(*word) && !made.contains(bare)
    })
}

/// Names in the calls of the metrics macros.
fn made(repo: &Repo) -> Result<BTreeSet<String>> {
    let mut made = BTreeSet::new();
    for folder in ["services", "crates"] {
        collect(&repo.root.join(folder), &mut made)?;
    }
    Ok(made)
}

fn collect(path: &Path, made: &mut BTreeSet<String>) -> Result<()> {
    if path.is_dir() {
        let entries = fs::read_dir(path).with_context(|| format!("cannot read {}", path.display()))?;
        return entries
            .map(|entry| Ok(entry?.path()))
            .collect::<Result<Vec<_>>>()?
            .iter()
            .try_for_each(|entry| collect(entry, made));
    }
    if path.extension().is_some_and(|extension| extension == "rs") {
        let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        for makes in ["counter!(", "gauge!(", "histogram!("] {
            let names = text.split(makes).skip(1).filter_map(|rest| rest.trim_start().strip_prefix('"')?.split('"').next());
            made.extend(names.map(str::to_owned));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_metrics_are_named() {
        let made = BTreeSet::from(["edge_requests_total".to_owned(), "edge_request_seconds".to_owned()]);
        let unmade = |query: &'static str| unmade(query, &made).map(str::to_owned).collect::<Vec<_>>();
        assert!(unmade("sum(rate(edge_requests_total{status=~\"5..\"}[5m])) > up").is_empty());
        assert!(unmade("histogram_quantile(0.9, rate(edge_request_seconds_bucket[5m]))").is_empty());
        assert_eq!(unmade("rate(edge_requests[5m])"), ["edge_requests"]);
    }
}
