//! Processes are killed while people write and read: what was accepted arrives at everybody, once and in order.

use std::{
    sync::Mutex,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    thread,
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::{
    e2e::{
        Scene,
        person::{self, Person, Tail},
        text,
    },
    process, say,
};

const READERS: usize = 4;
const WRITERS: usize = 2;
/// Messages that must be accepted between two kills.
const ACCEPTED_BETWEEN: usize = 4;
const RECOVERED_WITHIN: Duration = Duration::from_secs(60);
/// The processes, in the order in which they are killed.
const VICTIMS: [&str; 4] = ["edge-1", "chat-svc", "audit-svc", "nats"];

pub fn run(scene: &Scene<'_>) -> Result<()> {
    let people = (0..READERS + WRITERS).map(|at| Person::new(scene, &format!("e2e-{at}"))).collect::<Result<Vec<_>>>()?;
    people.iter().try_for_each(|person| person.register(&scene.record.url))?;
    let (readers, writers) = people.split_at(READERS);
    let tails = readers.iter().map(Person::tail).collect::<Result<Vec<_>>>()?;
    for tail in &tails {
        tail.wait_for("hello", RECOVERED_WITHIN, |lines| lines.iter().any(|line| line["event"] == "hello"))?;
    }
    let (accepted, count, stop) = (Mutex::new(Vec::new()), AtomicUsize::new(0), AtomicBool::new(false));
    let killed = thread::scope(|scope| {
        for writer in writers {
            scope.spawn(|| write(writer, &accepted, &count, &stop));
        }
        let killed = VICTIMS.iter().try_for_each(|victim| kill(scene, victim, &count));
        stop.store(true, Ordering::SeqCst);
        killed
    });
    killed?;
    let accepted = accepted.into_inner().unwrap_or_default();
    say::line(format_args!("{} messages were accepted", accepted.len()));
    tails.iter().try_for_each(|tail| verify(tail, &accepted))
}

/// Writes until it is told to stop. What is not accepted may be sent or not: nothing was promised.
fn write(writer: &Person, accepted: &Mutex<Vec<String>>, count: &AtomicUsize, stop: &AtomicBool) {
    let mut number = 0;
    while !stop.load(Ordering::SeqCst) && !process::stop_asked() {
        number += 1;
        let Ok(sent) = writer.send(&format!("outage {number}")) else { continue };
        if let (Ok(id), Ok(mut accepted)) = (text(&sent, "id"), accepted.lock()) {
            accepted.push(id.to_owned());
            count.fetch_add(1, Ordering::SeqCst);
        }
    }
}

/// Kills a process and waits until another has its place and messages are accepted again.
fn kill(scene: &Scene<'_>, victim: &str, count: &AtomicUsize) -> Result<()> {
    let before = count.load(Ordering::SeqCst);
    wait_accepted(victim, count, before)?;
    let pid = pid(scene, victim)?;
    say::line(format_args!("kill -9 {victim} ({pid})"));
    ensure!(process::send(pid, process::SIGKILL), "{victim} was not there");
    person::until(RECOVERED_WITHIN, || {
        let now = self::pid(scene, victim)?;
        ensure!(now != 0 && now != pid, "{victim} does not start again");
        Ok(())
    })?;
    let after = count.load(Ordering::SeqCst);
    wait_accepted(victim, count, after)
}

fn wait_accepted(victim: &str, count: &AtomicUsize, from: usize) -> Result<()> {
    person::until(RECOVERED_WITHIN, || {
        ensure!(
            count.load(Ordering::SeqCst) >= from + ACCEPTED_BETWEEN,
            "too few messages are accepted around the end of {victim}"
        );
        Ok(())
    })
}

fn pid(scene: &Scene<'_>, name: &str) -> Result<u32> {
    let record = scene.stack.record().context("the stack is gone")?;
    let edges = record.edges.iter().map(|edge| (edge.name.as_str(), edge.pid));
    let services = record.services.iter().map(|service| (service.name.as_str(), service.pid));
    let known = edges.chain(services).chain([("nats", record.engines.nats.pid)]).find(|(known, _)| *known == name);
    known.map(|(_, pid)| pid).with_context(|| format!("there is no {name}"))
}

/// Everything that was accepted is there, and what is there rises strictly: no duplicate, no disorder.
fn verify(tail: &Tail, accepted: &[String]) -> Result<()> {
    tail.wait_for("all accepted messages", RECOVERED_WITHIN, |lines| {
        accepted.iter().all(|id| lines.iter().any(|line| line["id"] == id.as_str()))
    })?;
    let lines = tail.lines()?;
    let messages: Vec<_> = lines.iter().filter(|line| line["event"] == "message").collect();
    let ids = messages.iter().map(|line| position(line)).collect::<Result<Vec<_>>>()?;
    ensure!(ids.is_sorted_by(|earlier, later| earlier < later), "{} got messages twice or out of order", tail.name);
    ensure!(messages.iter().all(|line| line["verified"] == true), "{} could not verify a message", tail.name);
    Ok(())
}

/// A message's stream epoch and sequence.
fn position(line: &Value) -> Result<(u64, u64)> {
    let (epoch, seq) = text(line, "id")?.split_once('-').context("malformed id")?;
    Ok((epoch.parse()?, seq.parse()?))
}
