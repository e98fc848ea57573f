//! The promise under fire: 20 clients read and 5 write while an edge, two services and the message log are killed.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use futures::future::{join_all, try_join_all};
use sealcast_client::{Error, Event, Feed};
use sealcast_contracts::{
    EventId, RoomId,
    audit::{MessageFilter, Order},
    sse,
};

use crate::{
    checks::greeted,
    people::{People, Person},
    stack::Stack,
};

const READERS: usize = 20;
/// Messages that must be accepted after a kill before the next.
const PROGRESS: usize = 25;
/// How long the stack may take to be itself again after a kill.
const RECOVERED_WITHIN: Duration = Duration::from_secs(90);
/// How long the readers may take to have everything in the end.
const DELIVERED_WITHIN: Duration = Duration::from_secs(90);
const PACE: Duration = Duration::from_millis(100);
const POLL: Duration = Duration::from_millis(50);

/// What the writers know.
#[derive(Default)]
struct Ledger {
    stop: AtomicBool,
    count: AtomicUsize,
    accepted: Mutex<BTreeMap<EventId, sealcast_contracts::ClientMessageId>>,
    /// Nobody said whether these were stored.
    unknown: AtomicUsize,
}

/// What one reader got, in order.
type Log = Arc<Mutex<Vec<sse::Message>>>;

pub async fn run(stack: &Stack, people: &People) -> Result<()> {
    let ledger = Ledger::default();
    let mut logs: Vec<Log> = Vec::new();
    let mut feeds = Vec::new();
    let (ann, _) = people.pair()?;
    let begin = ann.client.send(people.room_id, "the drill begins").await?.id;
    for reader in 0..READERS {
        let person = people.inside.get(reader % people.inside.len()).context("there are people")?;
        // A third each on the two edges and behind the ingress.
        let server = match reader % 3 {
            2 => stack.ingress()?,
            edge => stack.edge(edge)?,
        };
        let mut feed = Feed::new(person.through(server), Some(begin));
        greeted(&mut feed).await?;
        feeds.push(feed);
        logs.push(Log::default());
    }
    let reading = feeds.into_iter().zip(&logs).map(|(feed, log)| tokio::spawn(read(feed, people.room_id, Arc::clone(log))));
    let reading: Vec<_> = reading.collect();
    let writing = try_join_all(people.inside.iter().map(|person| write(person, people.room_id, &ledger)));
    let killing = async {
        let outcome = kill_all(stack, &ledger).await;
        ledger.stop.store(true, Ordering::Relaxed);
        outcome
    };
    let (written, killed) = tokio::join!(writing, killing);
    let outcome = async {
        written?;
        killed?;
        compare(people, begin, &ledger, &logs).await
    };
    let outcome = outcome.await;
    reading.iter().for_each(tokio::task::JoinHandle::abort);
    for ended in join_all(reading).await {
        // A reader that gave up by itself says more than what is missing then.
        if let Ok(Err(error)) = ended {
            return Err(error);
        }
    }
    outcome
}

async fn read(mut feed: Feed, room_id: RoomId, log: Log) -> Result<()> {
    loop {
        match feed.next().await.context("a reader gave up")? {
            Event::Message(message) if message.room_id == room_id => {
                log.lock().unwrap_or_else(PoisonError::into_inner).push(message);
            }
            Event::Reset(_) => bail!("a reader was told to start over"),
            _ => {}
        }
    }
}

async fn write(person: &Person, room_id: RoomId, ledger: &Ledger) -> Result<()> {
    while !ledger.stop.load(Ordering::Relaxed) {
        let text = format!("drill {}", ledger.count.load(Ordering::Relaxed));
        match person.client.send(room_id, &text).await {
            Ok(sent) => {
                let before = ledger.accepted.lock().unwrap_or_else(PoisonError::into_inner).insert(sent.id, sent.cid);
                ensure!(before.is_none(), "two messages were accepted as {}", sent.id);
                ledger.count.fetch_add(1, Ordering::Relaxed);
            }
            Err(Error::Unknown { .. }) => {
                ledger.unknown.fetch_add(1, Ordering::Relaxed);
            }
            Err(error) if error.is_unavailable() => {}
            Err(error) => return Err(error).context("a writer was refused"),
        }
        tokio::time::sleep(PACE).await;
    }
    Ok(())
}

async fn kill_all(stack: &Stack, ledger: &Ledger) -> Result<()> {
    progress(ledger, "the beginning").await?;
    for victim in stack.victims() {
        let pid = stack.pid(&victim).with_context(|| format!("{victim} does not run"))?;
        kill(pid)?;
        let begun = Instant::now();
        while stack.pid(&victim).is_none_or(|now| now == pid) {
            ensure!(begun.elapsed() < RECOVERED_WITHIN, "{victim} was not started again");
            tokio::time::sleep(POLL).await;
        }
        progress(ledger, &format!("kill -9 of {victim}")).await?;
        println!("        kill -9 {victim}: {PROGRESS} more messages accepted after {:.1} s", begun.elapsed().as_secs_f32());
    }
    Ok(())
}

async fn progress(ledger: &Ledger, after: &str) -> Result<()> {
    let (begun, from) = (Instant::now(), ledger.count.load(Ordering::Relaxed));
    while ledger.count.load(Ordering::Relaxed) < from + PROGRESS {
        ensure!(begun.elapsed() < RECOVERED_WITHIN, "nothing is accepted after {after}");
        tokio::time::sleep(POLL).await;
    }
    Ok(())
}

/// Every accepted message is stored once; every reader has what is stored, once and in order.
async fn compare(people: &People, begin: EventId, ledger: &Ledger, logs: &[Log]) -> Result<()> {
    let accepted = std::mem::take(&mut *ledger.accepted.lock().unwrap_or_else(PoisonError::into_inner));
    let (ann, _) = people.pair()?;
    let end = ann.client.send(people.room_id, "the drill is over").await?.id;
    let deadline = Instant::now() + DELIVERED_WITHIN;
    let filter = MessageFilter { after: Some(begin), ..MessageFilter::default() };
    let stored = loop {
        let stored = ann.client.history(people.room_id, &filter, Order::OldestFirst, usize::MAX).await;
        match stored {
            Ok((stored, up_to)) if up_to >= Some(end) => break stored,
            Err(error) if !error.is_unavailable() => return Err(error.into()),
            _ => ensure!(Instant::now() < deadline, "the archive does not catch up"),
        }
        tokio::time::sleep(POLL).await;
    };
    let ids: Vec<_> = stored.iter().map(|message| message.id).collect();
    for (id, cid) in &accepted {
        let found = stored.iter().filter(|message| message.id == *id && message.cid == *cid).count();
        ensure!(found == 1, "accepted message {id} is stored {found} times");
    }
    let cids: BTreeSet<_> = stored.iter().map(|message| message.cid).collect();
    ensure!(cids.len() == stored.len(), "a message is stored twice");
    for (reader, log) in logs.iter().enumerate() {
        let got = || log.lock().unwrap_or_else(PoisonError::into_inner).iter().map(|message| message.id).collect::<Vec<_>>();
        while got().last() < Some(&end) && Instant::now() < deadline {
            tokio::time::sleep(POLL).await;
        }
        let got = got();
        ensure!(got.is_sorted_by(|left, right| left < right), "reader {reader} got messages twice or out of order");
        ensure!(got == ids, "reader {reader} got {} of {} messages", got.len(), ids.len());
    }
    let unknown = ledger.unknown.load(Ordering::Relaxed);
    println!(
        "        {} accepted, {unknown} unknown, {} stored, {} readers have all of them in order",
        accepted.len(),
        ids.len(),
        logs.len()
    );
    Ok(())
}

/// SIGKILL, by the pid that the launcher wrote.
#[allow(unsafe_code, reason = "there is no kill(2) in the standard library")]
fn kill(pid: u32) -> Result<()> {
    let pid = libc::pid_t::try_from(pid).context("a process id")?;
    ensure!(pid > 1, "{pid} is not a child's process id");
    // SAFETY: kill(2) takes two integers and touches no memory of ours.
    let outcome = unsafe { libc::kill(pid, libc::SIGKILL) };
    ensure!(outcome == 0, "killing {pid}: {}", std::io::Error::last_os_error());
    Ok(())
}
