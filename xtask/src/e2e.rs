//! The command-line client against a running stack: what a person would try from the outside.

mod outage;
mod person;

use std::{path::Path, process::Command, time::Duration};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::{
    e2e::person::Person, install::Programs, record::Record, repo::Repo, run, say, tally::Tally, testing::stack::TestStack,
};

/// How long a message may take from one client to another.
const DELIVERED_WITHIN: Duration = Duration::from_secs(10);
const SECRET_TEXT: &str = "the heron lands at a quarter past nine";

/// What every check works with.
pub struct Scene<'a> {
    pub repo: &'a Repo,
    pub programs: &'a Programs,
    pub stack: &'a TestStack,
    pub record: Record,
}

/// Runs all checks; one that fails does not keep the next from running.
pub fn run(repo: &Repo, programs: &Programs, stack: &TestStack) -> Result<Tally> {
    let record = stack.record().context("the stack is gone")?;
    let scene = Scene { repo, programs, stack, record };
    let (ann, ben) = (Person::new(&scene, "e2e-ann")?, Person::new(&scene, "e2e-ben")?);
    let mut tally = Tally::default();
    let mut check = |what: &str, work: &dyn Fn() -> Result<()>| match work() {
        Ok(()) => {
            say::line(format_args!("ok      {what}"));
            tally.passed += 1;
        }
        Err(error) => {
            say::line(format_args!("FAILED  {what}: {error:#}"));
            tally.failed += 1;
        }
    };
    let (one, two) = (scene.edge(0)?, scene.edge(1)?);
    check("two people register through the invite link, on two edges", &|| ann.register(&one).and_then(|()| ben.register(&two)));
    check("what one sends on edge 1 the other reads on edge 2", &|| live(&ann, &ben));
    check("the stored message comes back from the archive, proved", &|| archived(&ann, &ben));
    check("a query without a session is 401", &|| unauthenticated(&scene));
    check("the databases hold no plaintext", &|| no_plaintext(&scene));
    check("a wrong password is denied", &|| ann.is_denied(&one));
    check("every accepted message arrives once and in order while processes are killed", &|| outage::run(&scene));
    Ok(tally)
}

impl Scene<'_> {
    fn edge(&self, at: usize) -> Result<String> {
        Ok(self.record.edges.get(at).context("the stack has too few edges")?.url.clone())
    }
}

fn live(ann: &Person, ben: &Person) -> Result<()> {
    let tail = ben.tail()?;
    tail.wait_for("hello", DELIVERED_WITHIN, |lines| lines.iter().any(|line| line["event"] == "hello"))?;
    let sent = ann.send(SECRET_TEXT)?;
    tail.wait_for("the message", DELIVERED_WITHIN, |lines| {
        lines.iter().any(|line| line["id"] == sent["id"] && line["text"] == SECRET_TEXT && line["verified"] == true)
    })
}

fn archived(ann: &Person, ben: &Person) -> Result<()> {
    let history = ben.says(&["history", "--room", "lobby", "--limit", "200"])?;
    let found = history.iter().find(|line| line["text"] == SECRET_TEXT).context("the message is not in the history")?;
    let id = found["id"].as_str().context("a message without id")?;
    // The proof exists once a checkpoint covers the message.
    person::until(DELIVERED_WITHIN, || ann.says(&["audit", "proof", id]).map(drop))
}

fn unauthenticated(scene: &Scene<'_>) -> Result<()> {
    let answer = get(&scene.record, "/api/v1/audit/messages")?;
    ensure!(answer.starts_with("HTTP/1.1 401"), "the answer is {:?}", answer.lines().next());
    ensure!(answer.contains("application/problem+json"), "the refusal is not problem+json");
    Ok(())
}

/// A request over TLS without any session, checked against the development authority.
fn get(record: &Record, path: &str) -> Result<String> {
    let address = record.url.trim_start_matches("https://");
    let mut client = Command::new("openssl");
    client.args(["s_client", "-quiet", "-verify_return_error", "-servername", "localhost", "-connect", address, "-CAfile"]);
    client.arg(&record.ca);
    run::fed(&mut client, format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").as_bytes())
}

/// Looks for the text, as it is and as Postgres prints octets, in everything that Postgres and JetStream keep.
fn no_plaintext(scene: &Scene<'_>) -> Result<()> {
    let engines = &scene.record.engines;
    for data in [&engines.postgres.data, &engines.nats.data] {
        let data: &Path = data.as_ref().context("the engine has no data directory")?;
        let found = Command::new("grep")
            .args(["--recursive", "--text", "--files-with-matches", "--fixed-strings", SECRET_TEXT])
            .arg(data)
            .output()?;
        ensure!(found.stdout.is_empty(), "the text stands in {}", String::from_utf8_lossy(&found.stdout).trim());
    }
    Ok(())
}

/// The members of a JSON line as text.
fn text<'v>(line: &'v Value, member: &str) -> Result<&'v str> {
    line[member].as_str().with_context(|| format!("no {member} in {line}"))
}
