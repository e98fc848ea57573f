//! Every expression of the dashboards and of the alerts, asked of a real Prometheus that watches a running stack.

mod prometheus;

use std::{
    collections::BTreeSet,
    fs,
    process::Command,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use crate::{
    install::Watchers,
    repo::Repo,
    run,
    tally::Tally,
    testing::{
        command_line::person::{self, Person},
        metrics::prometheus::Prometheus,
        stack::TestStack,
    },
};

const MONITORING: &str = "k8s/components/monitoring";
/// How long until every panel has data: a histogram's rate needs two scrapes after its first value.
const SHOWN_WITHIN: Duration = Duration::from_secs(60);
/// Alerts compare; what stands before the comparison must have a value long before it fires.
const COMPARISONS: [&str; 2] = [" > ", " < "];

/// Runs all checks; one that fails does not keep the next from running.
pub fn run(repo: &Repo, stack: &TestStack, watchers: &Watchers) -> Result<Tally> {
    let record = stack.record().context("the stack is gone")?;
    let prometheus = Prometheus::start(repo, &stack.state, &record, watchers)?;
    let edge = record.edges.first().context("the stack has no edge")?.url.clone();
    // A name of its own: the stack may have been watched before.
    let name = format!("watched-{}", SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs());
    let watched = Person::new(&stack.state.dir.join("people"), repo, &record, &name)?;
    let mut tally = Tally::default();
    tally.check("the alerts fire when they should, and not before", || {
        let dir = stack.state.dir.join("prometheus");
        // What others measure is not on this stack: for those alerts there are only these tests.
        for (rules, tests) in [("rules", "rules.test.yml"), ("cluster-rules", "cluster-rules.test.yml")] {
            let groups = serde_json::json!({"groups": rule_groups(repo, rules)?});
            fs::write(dir.join(format!("{rules}.yml")), serde_yaml_ng::to_string(&groups)?)?;
            fs::copy(repo.root.join(MONITORING).join(tests), dir.join(tests))?;
            run::captured(Command::new(&watchers.promtool).args(["test", "rules", tests]).current_dir(&dir))?;
        }
        Ok(())
    });
    tally.check("every panel of the dashboards has data while somebody works", || {
        watched.register(&edge)?;
        panels(repo, &prometheus, &watched, &edge)
    });
    tally.check("every alert can see what it watches, and none fires on a sound stack", || alerts(repo, &prometheus));
    Ok(tally)
}

/// The alerts' groups in a file of that name, as Prometheus reads them.
fn rule_groups(repo: &Repo, name: &str) -> Result<Value> {
    let path = repo.root.join(MONITORING).join(format!("{name}.yaml"));
    let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let object: Value = serde_yaml_ng::from_str(&text).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(object["spec"]["groups"].clone())
}

fn panels(repo: &Repo, prometheus: &Prometheus, watched: &Person, edge: &str) -> Result<()> {
    let mut empty: BTreeSet<String> = expressions(repo)?;
    ensure!(!empty.is_empty(), "there is no dashboard");
    person::until(SHOWN_WITHIN, || {
        work(watched, edge)?;
        for expression in empty.clone() {
            // A rate without observations is NaN, which draws nothing.
            if prometheus.ask(&expression)?.iter().any(has_number) {
                empty.remove(&expression);
            }
        }
        if empty.is_empty() { Ok(()) } else { bail!("no data for {empty:?}") }
    })
}

/// A stream that is read and left, a message, and a login that fails: something for every panel.
fn work(watched: &Person, edge: &str) -> Result<()> {
    let tail = watched.tail()?;
    tail.wait_for("hello", SHOWN_WITHIN, |lines| lines.iter().any(|line| line["event"] == "hello"))?;
    watched.send("the heron is watched")?;
    watched.is_denied(edge)
}

fn has_number(series: &Value) -> bool {
    series["value"][1].as_str().and_then(|value| value.parse::<f64>().ok()).is_some_and(f64::is_finite)
}

/// The expressions of all dashboards.
fn expressions(repo: &Repo) -> Result<BTreeSet<String>> {
    let dir = repo.root.join(MONITORING).join("dashboards");
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(&dir).with_context(|| format!("cannot read {}", dir.display()))? {
        let path = entry?.path();
        let dashboard: Value =
            serde_json::from_str(&fs::read_to_string(&path)?).with_context(|| format!("the dashboard {}", path.display()))?;
        let panels = dashboard["panels"].as_array().into_iter().flatten();
        let targets = panels.flat_map(|panel| panel["targets"].as_array()).flatten();
        found.extend(targets.filter_map(|target| target["expr"].as_str()).map(str::to_owned));
    }
    Ok(found)
}

fn alerts(repo: &Repo, prometheus: &Prometheus) -> Result<()> {
    let groups = rule_groups(repo, "rules")?;
    let rules = groups.as_array().into_iter().flatten().flat_map(|group| group["rules"].as_array()).flatten();
    let mut findings = Vec::new();
    for rule in rules {
        let (alert, expression) = (rule["alert"].as_str().unwrap_or_default(), rule["expr"].as_str().unwrap_or_default());
        if !prometheus.ask(expression)?.is_empty() {
            findings.push(format!("{alert} would fire"));
        }
        if let Some(watched) = watched_part(expression)
            && prometheus.ask(watched)?.is_empty()
        {
            findings.push(format!("{alert} sees nothing: {watched}"));
        }
    }
    if findings.is_empty() { Ok(()) } else { bail!("{}", findings.join("; ")) }
}

/// What stands before an expression's last comparison; `None` where absence itself is the alarm.
fn watched_part(expression: &str) -> Option<&str> {
    let at = COMPARISONS.into_iter().filter_map(|comparison| expression.rfind(comparison)).max()?;
    Some(&expression[..at])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alert_watches_what_it_compares() {
        assert_eq!(
            watched_part("sum(rate(a_total[5m])) / sum(rate(b_total[5m])) > 0.02"),
            Some("sum(rate(a_total[5m])) / sum(rate(b_total[5m]))")
        );
        assert_eq!(watched_part("sum(audit_leading) < 1"), Some("sum(audit_leading)"));
        assert_eq!(watched_part("absent(up{job=\"edge-svc\"} == 1)"), None);
    }
}
