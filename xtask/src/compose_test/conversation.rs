//! One person speaks, others listen, all through the ingress with the command-line client; what was accepted must arrive, once and in
//! order, whatever happens meanwhile.

use std::{
    io::{BufRead, BufReader, Write},
    process::{Child, Command, Stdio},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use super::cluster::{Cluster, PEOPLE};
use crate::{run, supervisor::TICK};

const ROOM: &str = "lobby";
/// How long the last message may take: a client that was told to come back waits for its turn.
const DELIVERED_WITHIN: Duration = Duration::from_secs(40);
/// Messages that must be accepted after what happens, and how long they may take.
const MESSAGES_AFTER: usize = 5;
const ACCEPTED_WITHIN: Duration = Duration::from_secs(60);

/// Lines that a listener printed.
type Heard = Arc<Mutex<Vec<Value>>>;

pub struct Conversation {
    listeners: Vec<Listener>,
    stop: Arc<AtomicBool>,
    accepted: Arc<AtomicUsize>,
    speaker: JoinHandle<Result<Vec<String>>>,
}

impl Conversation {
    pub fn begin(cluster: &Cluster) -> Result<Self> {
        let [speaker, listeners @ ..] = PEOPLE;
        for person in PEOPLE {
            let url = cluster.url();
            let login = ["login", "--server", &url, "--ca", "/org/ca.pem", "--username", person];
            said(client(cluster, person, &login), person)?;
        }
        let listeners = listeners.iter().map(|person| Listener::start(cluster, person)).collect::<Result<Vec<_>>>()?;
        let stop = Arc::new(AtomicBool::new(false));
        let accepted = Arc::new(AtomicUsize::new(0));
        let (cluster, until, count) = (cluster.clone(), stop.clone(), accepted.clone());
        let speaker = thread::spawn(move || speak(&cluster, &until, &count, speaker));
        Ok(Self { listeners, stop, accepted, speaker })
    }

    /// Ends it and compares; every stream must have been one from beginning to end.
    pub fn end_without_reconnect(self) -> Result<()> {
        let heard: Vec<_> = self.listeners.iter().map(|listener| (listener.name.clone(), listener.heard.clone())).collect();
        self.end()?;
        for (name, heard) in heard {
            let heard = heard.lock().unwrap_or_else(PoisonError::into_inner);
            let greetings = heard.iter().filter(|line| line["event"] == "hello").count();
            ensure!(greetings == 1, "{name} was greeted {greetings} times");
        }
        Ok(())
    }

    /// Ends it, compares, and gives the ids of what was said.
    pub fn end(self) -> Result<Vec<String>> {
        // Whatever happened must be over: some more messages get through.
        let (wanted, deadline) = (self.accepted.load(Ordering::Relaxed) + MESSAGES_AFTER, Instant::now() + ACCEPTED_WITHIN);
        while self.accepted.load(Ordering::Relaxed) < wanted && Instant::now() < deadline && !self.speaker.is_finished() {
            thread::sleep(TICK);
        }
        self.stop.store(true, Ordering::Relaxed);
        let Ok(sent) = self.speaker.join() else { bail!("the speaker broke down") };
        let sent = sent?;
        ensure!(sent.len() >= wanted, "only {} messages were accepted", sent.len());
        self.listeners.iter().try_for_each(|listener| listener.has_heard(&sent))?;
        Ok(sent)
    }
}

/// Sends one message after the other; each must be accepted.
fn speak(cluster: &Cluster, stop: &AtomicBool, accepted: &AtomicUsize, person: &str) -> Result<Vec<String>> {
    let mut sent = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        let text = format!("number {}", sent.len());
        let answer =
            said(client(cluster, person, &["send", "--room", ROOM, &text]), person).context("a message was not accepted")?;
        let answer: Value = serde_json::from_str(answer.trim()).with_context(|| format!("not JSON: {answer}"))?;
        sent.push(answer["id"].as_str().context("an accepted message has an id")?.to_owned());
        accepted.store(sent.len(), Ordering::Relaxed);
    }
    Ok(sent)
}

/// The ids and texts of what is stored, the newest first, as soon as the archive has this message.
pub fn history_with(cluster: &Cluster, person: &str, newest: &str) -> Result<Vec<(String, String)>> {
    let deadline = Instant::now() + DELIVERED_WITHIN;
    loop {
        let history = history(cluster, person)?;
        if history.iter().any(|(id, _)| id == newest) {
            return Ok(history);
        }
        ensure!(Instant::now() < deadline, "{newest} is not archived");
        thread::sleep(TICK);
    }
}

/// Waits for a checkpoint that this witness has cosigned, as the person's client sees it.
pub fn see_cosigned(cluster: &Cluster, person: &str, witness: &str) -> Result<()> {
    let url = cluster.url();
    said(client(cluster, person, &["login", "--server", &url, "--ca", "/org/ca.pem", "--username", person]), person)?;
    let deadline = Instant::now() + DELIVERED_WITHIN;
    loop {
        let seen = said(client(cluster, person, &["audit", "checkpoint", "--witness", witness]), person);
        if seen.is_ok() || Instant::now() > deadline {
            return seen.map(drop).context("no cosigned checkpoint");
        }
        thread::sleep(TICK);
    }
}

fn history(cluster: &Cluster, person: &str) -> Result<Vec<(String, String)>> {
    let url = cluster.url();
    said(client(cluster, person, &["login", "--server", &url, "--ca", "/org/ca.pem", "--username", person]), person)?;
    let lines = said(client(cluster, person, &["history", "--room", ROOM, "--limit", "1000"]), person)?;
    let line = |line: &str| {
        let line: Value = serde_json::from_str(line)?;
        let field = |name: &str| line[name].as_str().map(str::to_owned).with_context(|| format!("no {name} in {line}"));
        Ok((field("id")?, field("text")?))
    };
    lines.lines().map(line).collect()
}

struct Listener {
    name: String,
    client: Child,
    heard: Heard,
}

impl Listener {
    fn start(cluster: &Cluster, person: &str) -> Result<Self> {
        let mut command = client(cluster, person, &["tail", "--room", ROOM, "--events"]);
        let mut client = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
        give_password(&mut client, person)?;
        let heard = Heard::default();
        let (lines, into) = (BufReader::new(client.stdout.take().context("a pipe")?), heard.clone());
        thread::spawn(move || {
            for line in lines.lines().map_while(Result::ok).filter_map(|line| serde_json::from_str(&line).ok()) {
                into.lock().unwrap_or_else(PoisonError::into_inner).push(line);
            }
        });
        let listener = Self { name: person.to_owned(), client, heard };
        listener.wait("hello", |lines| lines.iter().any(|line| line["event"] == "hello"))?;
        Ok(listener)
    }

    fn has_heard(&self, sent: &[String]) -> Result<()> {
        let ids = |lines: &[Value]| {
            let messages = lines.iter().filter(|line| line["event"] == "message");
            messages.filter_map(|line| line["id"].as_str().map(str::to_owned)).collect::<Vec<_>>()
        };
        self.wait("the last message", |lines| ids(lines).last() == sent.last())?;
        let heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        ensure!(ids(&heard) == sent, "{} heard {} messages of {}", self.name, ids(&heard).len(), sent.len());
        ensure!(heard.iter().all(|line| line["event"] != "message" || line["verified"] == true), "{} cannot verify", self.name);
        Ok(())
    }

    fn wait(&self, what: &str, satisfied: impl Fn(&[Value]) -> bool) -> Result<()> {
        let deadline = Instant::now() + DELIVERED_WITHIN;
        while !satisfied(&self.heard.lock().unwrap_or_else(PoisonError::into_inner)) {
            ensure!(Instant::now() < deadline, "{} waits for {what}", self.name);
            thread::sleep(TICK);
        }
        Ok(())
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let _ = self.client.kill();
        let _ = self.client.wait();
        let _ = run::captured(Command::new("docker").args(["rm", "--force", &container(&self.name)]));
    }
}

fn container(person: &str) -> String {
    format!("sealcast-test-listener-{person}")
}

/// `sealcast` as a person, in a container beside the ingress.
fn client(cluster: &Cluster, person: &str, args: &[&str]) -> Command {
    let mut command = cluster.compose();
    command.args(["run", "--rm", "-T", "--no-deps"]);
    if args.first() == Some(&"tail") {
        command.args(["--name", &container(person)]);
    }
    command.args(["org", "--json", "--profile", &format!("/org/people/{person}"), "--password-file", "-"]).args(args);
    command
}

fn said(mut command: Command, person: &str) -> Result<String> {
    run::fed(&mut command, password(person).as_bytes())
}

fn give_password(client: &mut Child, person: &str) -> Result<()> {
    let mut stdin = client.stdin.take().context("a pipe")?;
    Ok(stdin.write_all(password(person).as_bytes())?)
}

/// As seed chooses it.
fn password(person: &str) -> String {
    format!("demo password of {person}")
}
