//! `cargo xtask compose-test`: builds the images, starts `deploy/compose.yaml` as a stranger would, and holds it to what it promises:
//! healthy, without rights, quiet, and whole while it is scaled, rolled, backed up and restored.

mod cluster;
mod conversation;

use std::{fs, path::Path, process::ExitCode};

use anyhow::{Context, Result, ensure};

use crate::{files, repo::Repo, run, say, tally::Tally};

use cluster::{Cluster, PEOPLE};
use conversation::{Conversation, history_with, see_cosigned};

/// The oldest Compose that reads our file.
const COMPOSE_MIN: (u32, u32) = (2, 24);
/// Requires the witness from then on, and so sends nothing where there is none: nobody of those who talk after the restore.
const OFFICER: &str = "rosa";

/// Runs every check on a cluster of its own, which is gone afterwards.
pub fn run(repo: &Repo, no_build: bool) -> Result<ExitCode> {
    let cluster = Cluster::new(repo);
    let said =
        run::captured(std::process::Command::new("docker").args(["compose", "version", "--short"])).context("no docker compose")?;
    let found: Vec<u32> = said.trim().trim_start_matches('v').split('.').filter_map(|part| part.parse().ok()).collect();
    ensure!(found >= vec![COMPOSE_MIN.0, COMPOSE_MIN.1], "docker compose {} is too old: 2.24 is needed", said.trim());
    cluster.remove()?;
    let outcome = checked(repo, &cluster, no_build);
    if outcome.is_err() {
        say::line("the cluster's last words:");
        let _ = run::shown(cluster.compose().args(["logs", "--tail", "20"]));
    }
    cluster.remove()?;
    let tally = outcome?;
    println!("{} passed, {} failed", tally.passed, tally.failed);
    Ok(if tally.is_green() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn checked(repo: &Repo, cluster: &Cluster, no_build: bool) -> Result<Tally> {
    if !no_build {
        say::step("building the images", || run::shown(cluster.compose().args(["--profile", "witness", "build"])))?;
    }
    say::step("starting", || cluster.start())?;
    let mut tally = Tally::default();
    tally.check("every container is healthy or has done its work", || cluster.all_well());
    tally.check("three edges stand behind the ingress", || cluster.edges_at_the_ingress(3));
    tally.check("our containers have no rights, no writable root and no shell", || cluster.is_confined());
    tally.check("the first start logs no errors", || cluster.is_quiet());
    tally.check("each edge has a name of its own", || cluster.edges_are_named(3));
    tally.check("scaling to six edges and back loses nothing", || {
        under_conversation(cluster, || {
            cluster.scale_edges(6)?;
            cluster.edges_at_the_ingress(6)?;
            cluster.scale_edges(3)?;
            cluster.edges_at_the_ingress(3)
        })
    });
    tally
        .check("rolling every service loses nothing", || under_conversation(cluster, || cluster.script("rolling-restart.sh", &[])));
    tally.check("restarting the engines loses nothing", || {
        under_conversation(cluster, || run::captured(cluster.compose().args(["restart", "nats", "redis", "postgres"])).map(drop))
    });
    tally.check("a new certificate is taken without a reconnect", || {
        let conversation = Conversation::begin(cluster)?;
        cluster.renew_certificate()?;
        conversation.end_without_reconnect()
    });
    tally.check("a witness cosigns the log", || see_cosigned(cluster, OFFICER, &cluster.add_witness()?));
    tally.check("a backup comes back on an empty machine", || restored(cluster, &repo.cache().join("compose-test/backup")));
    Ok(tally)
}

/// Does something while people talk, and compares what they said and heard.
fn under_conversation(cluster: &Cluster, work: impl FnOnce() -> Result<()>) -> Result<()> {
    let conversation = Conversation::begin(cluster)?;
    let outcome = work();
    let said = conversation.end();
    outcome.and(said.map(drop))
}

fn restored(cluster: &Cluster, backup: &Path) -> Result<()> {
    files::remove(backup)?;
    fs::create_dir_all(backup)?;
    let said = Conversation::begin(cluster)?.end()?;
    let newest = said.last().context("something was said")?;
    let before = history_with(cluster, PEOPLE[0], newest)?;
    let backup = backup.display().to_string();
    cluster.script("backup.sh", &[&backup])?;
    cluster.remove()?;
    cluster.script("restore.sh", &[&backup])?;
    ensure!(history_with(cluster, PEOPLE[0], newest)? == before, "the history is not what it was");
    under_conversation(cluster, || Ok(()))
}
