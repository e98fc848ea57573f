//! Writers and readers while something breaks, and the ledger of what they saw. All are real clients.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use futures::future::try_join_all;
use sealcast_client::{Error, Event, Feed, Server};
use sealcast_contracts::{
    ClientMessageId, EventId, RoomId,
    audit::{MessageFilter, Order},
    sse::{self, Resume},
};
use tokio::task::JoinSet;

use crate::{
    dice::Dice,
    figures::{Figures, percentile, seconds, to_f64},
    ledger::{Answer, Key, Ledger, Receipts, Seen, Sent, Verdict},
    site::Site,
};

/// How long everything may take to arrive after the last message.
const DELIVERED_WITHIN: Duration = Duration::from_secs(60);
const GREETED_WITHIN: Duration = Duration::from_secs(30);
/// Streams that are opened at the same time.
const OPENING_AT_ONCE: usize = 16;
const POLL: Duration = Duration::from_millis(50);

/// How much of it.
#[derive(Clone, Copy, Debug)]
pub struct Load {
    pub readers: usize,
    pub writers: usize,
    /// Between two messages of one writer.
    pub pace: Duration,
}

/// Where a reader's stream goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Via {
    Ingress,
    /// Always this edge, by its place.
    Edge(usize),
}

/// Running writers and readers.
pub struct Traffic<'a> {
    site: &'a Site,
    begin: EventId,
    shared: Arc<Shared>,
    readers: Vec<Arc<Mutex<Reader>>>,
    reading: JoinSet<Result<()>>,
    load: Load,
}

/// What the writers know together.
#[derive(Default)]
struct Shared {
    stop: AtomicBool,
    stopped_at: Mutex<Option<Instant>>,
    accepted: AtomicUsize,
    sent: Mutex<Vec<Sent>>,
    /// When each acknowledgement came.
    acked_at: Mutex<Vec<Instant>>,
    /// When the writer of each message began to send it.
    sent_at: Mutex<BTreeMap<ClientMessageId, Instant>>,
}

/// What one reader saw.
#[derive(Default)]
struct Reader {
    receipts: Receipts,
    arrivals: Vec<(ClientMessageId, Instant)>,
    lost_at: Option<Instant>,
    reconnects: Vec<Duration>,
    losses: usize,
    gaps: usize,
    raw_repeats: u64,
}

/// What came of it all.
pub struct Outcome {
    pub verdict: Verdict,
    pub reconnects: Vec<Duration>,
    pub losses: usize,
    pub gaps: usize,
    pub raw_repeats: u64,
    pub received: usize,
    pub longest_pause: Duration,
}

impl<'a> Traffic<'a> {
    /// Opens the streams of the readers through the ingress; nothing is sent yet but the message that they begin after.
    pub async fn open(site: &'a Site, load: Load) -> Result<Self> {
        Self::open_via(site, load, |_| Via::Ingress).await
    }

    /// As [`Self::open`], each reader through what `via` says for its number.
    pub async fn open_via(site: &'a Site, load: Load, via: impl Fn(usize) -> Via) -> Result<Self> {
        let begin = site.person(0)?.client.send(site.common, "the drill begins").await.context("sending before the fault")?.id;
        let shared = Arc::<Shared>::default();
        let mut traffic = Self { site, begin, shared, readers: Vec::new(), reading: JoinSet::new(), load };
        let all: Vec<_> = (0..load.readers).collect();
        for some in all.chunks(OPENING_AT_ONCE) {
            let opening = some.iter().map(|reader| {
                let server = traffic.server(via(*reader));
                let person = site.person(*reader);
                async move {
                    let mut feed = Feed::new(person?.through(server?), Some(begin));
                    greet(&mut feed).await.map(|()| feed)
                }
            });
            let feeds = try_join_all(opening).await?;
            for (reader, feed) in some.iter().zip(feeds) {
                traffic.attend(*reader, feed);
            }
        }
        Ok(traffic)
    }

    /// Lets the writers write while `fault` happens, and stops them when it is over.
    pub async fn during<T>(&self, fault: impl Future<Output = Result<T>>) -> Result<T> {
        let writers = (0..self.load.writers).map(|writer| self.write(writer));
        let faulting = async {
            let outcome = fault.await;
            self.shared.stop.store(true, Ordering::Relaxed);
            *lock(&self.shared.stopped_at) = Some(Instant::now());
            outcome
        };
        let (written, faulted) = tokio::join!(try_join_all(writers), faulting);
        let faulted = faulted?;
        written?;
        Ok(faulted)
    }

    /// Waits until so many more messages are accepted.
    pub async fn progress(&self, more: usize, within: Duration) -> Result<Duration> {
        let (begun, from) = (Instant::now(), self.accepted());
        while self.accepted() < from + more {
            ensure!(begun.elapsed() < within, "{} of {more} messages were accepted within {within:?}", self.accepted() - from);
            tokio::time::sleep(POLL).await;
        }
        Ok(begun.elapsed())
    }

    /// Messages accepted so far.
    pub fn accepted(&self) -> usize {
        self.shared.accepted.load(Ordering::Relaxed)
    }

    /// Adds what a drill sent by itself.
    pub fn note(&self, sent: Sent) {
        lock(&self.shared.sent).push(sent);
    }

    /// Adds a message that a drill sent by itself and that was accepted.
    pub fn note_accepted(&self, message: &sse::Message) {
        let seen = Seen::from(message);
        self.note(Sent { key: seen.key, answer: Answer::Acked(seen.id) });
    }

    /// The streams that were lost so far, of all readers.
    pub fn losses(&self) -> usize {
        self.readers.iter().map(|reader| lock(reader).losses).sum()
    }

    /// From key press to reader, of every message that was sent between two moments.
    pub fn latencies(&self, from: Instant, to: Instant) -> Vec<Duration> {
        let sent_at = lock(&self.shared.sent_at);
        let mut latencies = Vec::new();
        for reader in &self.readers {
            for (cid, arrived_at) in &lock(reader).arrivals {
                if let Some(sent_at) = sent_at.get(cid).filter(|at| **at >= from && **at < to) {
                    latencies.push(*arrived_at - *sent_at);
                }
            }
        }
        latencies
    }

    /// Whether every reader has a stream.
    pub fn all_connected(&self) -> bool {
        self.readers.iter().all(|reader| lock(reader).lost_at.is_none())
    }

    /// Waits for everything that is stored to arrive, and compares.
    pub async fn settle(mut self) -> Result<Outcome> {
        let (site, begin) = (self.site, self.begin);
        let end = site.person(0)?.client.send(site.common, "the drill is over").await.context("sending after the fault")?;
        self.note_accepted(&end);
        let deadline = Instant::now() + DELIVERED_WITHIN;
        let mut stored = Vec::new();
        for room_id in [site.common, site.half] {
            stored.extend(self.stored(room_id, begin, end.id, deadline).await?);
        }
        stored.sort_unstable();
        while !self.all_have(end.id) && Instant::now() < deadline {
            if let Some(ended) = self.reading.try_join_next() {
                ended.context("a reader's task")?.context("a reader gave up")?;
            }
            tokio::time::sleep(POLL).await;
        }
        self.reading.abort_all();
        let mut outcome = Outcome {
            verdict: Verdict::default(),
            reconnects: Vec::new(),
            losses: 0,
            gaps: 0,
            raw_repeats: 0,
            received: 0,
            longest_pause: longest_pause(&lock(&self.shared.acked_at), *lock(&self.shared.stopped_at)),
        };
        let mut ledger = Ledger { sent: lock(&self.shared.sent).clone(), stored, receipts: Vec::new() };
        for reader in &self.readers {
            let reader = lock(reader);
            outcome.reconnects.extend(&reader.reconnects);
            outcome.losses += reader.losses;
            outcome.gaps += reader.gaps;
            outcome.raw_repeats += reader.raw_repeats;
            outcome.received += reader.receipts.got.len();
            ledger.receipts.push(reader.receipts.clone());
        }
        outcome.verdict = ledger.verdict();
        Ok(outcome)
    }

    fn server(&self, via: Via) -> Result<Server> {
        match via {
            Via::Ingress => self.site.stack.ingress(),
            Via::Edge(edge) => self.site.stack.edge(edge),
        }
    }

    fn attend(&mut self, number: usize, feed: Feed) {
        let rooms = self.site.rooms_of(number % self.site.people.len().max(1));
        let receipts = Receipts { rooms, got: Vec::new() };
        let reader = Arc::new(Mutex::new(Reader { receipts, ..Reader::default() }));
        self.readers.push(Arc::clone(&reader));
        let ours = [self.site.common, self.site.half];
        self.reading.spawn(read(feed, ours, reader));
    }

    async fn write(&self, writer: usize) -> Result<()> {
        let (shared, person) = (&self.shared, self.site.person(writer)?);
        let rooms: Vec<_> = self.site.rooms_of(writer % self.site.people.len().max(1)).into_iter().collect();
        let mut dice = Dice::new(writer as u64, "writer");
        // Not all in step.
        tokio::time::sleep(dice.between(Duration::ZERO, self.load.pace)).await;
        let mut turn = tokio::time::interval(self.load.pace);
        turn.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        while !shared.stop.load(Ordering::Relaxed) {
            turn.tick().await;
            let room_id = *dice.one_of(&rooms).context("a writer has a room")?;
            let cid = ClientMessageId::generate();
            lock(&shared.sent_at).insert(cid, Instant::now());
            let answer = match person.client.send_as(room_id, cid, "drill").await {
                Ok(sent) => {
                    shared.accepted.fetch_add(1, Ordering::Relaxed);
                    lock(&shared.acked_at).push(Instant::now());
                    Answer::Acked(sent.id)
                }
                Err(Error::Unknown { .. }) => Answer::Unknown,
                Err(error) if error.is_unavailable() => Answer::Rejected,
                Err(error) => return Err(error).context("a writer was refused"),
            };
            lock(&shared.sent).push(Sent { key: Key { sender: person.client.session().info().user_id, room_id, cid }, answer });
        }
        Ok(())
    }

    /// What the archive has of a room between two messages, once it has all of it.
    async fn stored(&self, room_id: RoomId, begin: EventId, end: EventId, deadline: Instant) -> Result<Vec<Seen>> {
        let filter = MessageFilter { after: Some(begin), ..MessageFilter::default() };
        loop {
            match self.site.person(0)?.client.history(room_id, &filter, Order::OldestFirst, usize::MAX).await {
                Ok((stored, up_to)) if up_to >= Some(end) => {
                    return Ok(stored.iter().map(Seen::from).collect());
                }
                Err(error) if !error.is_unavailable() => return Err(error).context("reading the archive"),
                _ => ensure!(Instant::now() < deadline, "the archive does not catch up"),
            }
            tokio::time::sleep(POLL).await;
        }
    }

    fn all_have(&self, end: EventId) -> bool {
        self.readers.iter().all(|reader| lock(reader).receipts.got.last().is_some_and(|last| last.id >= end))
    }
}

impl Outcome {
    /// The ledger, and what the readers went through.
    pub fn tell(&self, figures: &mut Figures) {
        figures.verdict(&self.verdict);
        figures.count("gaps refetched", self.gaps);
        let raw = 100.0 * self.raw_repeats as f64 / to_f64(self.received.max(1));
        figures.at_most("raw duplicates %", raw, 1.0);
    }

    /// How soon readers that lost their stream had one again.
    pub fn tell_reconnects(&self, figures: &mut Figures, p99: f64, most: f64) {
        figures.count("reconnects", self.reconnects.len());
        figures.at_most("reconnect p99 s", seconds(percentile(&self.reconnects, 99)), p99);
        figures.at_most("reconnect max s", seconds(percentile(&self.reconnects, 100)), most);
    }
}

async fn greet(feed: &mut Feed) -> Result<()> {
    let greeting = async {
        loop {
            match feed.next().await? {
                Event::Hello(hello) => {
                    ensure!(hello.resume == Resume::Exact, "a stream does not begin where it should: {:?}", hello.resume);
                    return anyhow::Ok(());
                }
                Event::Message(_) => bail!("a message came before hello"),
                _ => {}
            }
        }
    };
    tokio::time::timeout(GREETED_WITHIN, greeting).await.context("a stream did not open")?
}

async fn read(mut feed: Feed, rooms: [RoomId; 2], reader: Arc<Mutex<Reader>>) -> Result<()> {
    loop {
        let event = feed.next().await?;
        let mut reader = lock(&reader);
        match event {
            Event::Message(message) if rooms.contains(&message.room_id) => {
                reader.receipts.got.push(Seen::from(&message));
                reader.arrivals.push((message.cid, Instant::now()));
                reader.raw_repeats = feed.repeats();
            }
            Event::Lost { .. } => {
                reader.losses += usize::from(reader.lost_at.is_none());
                reader.lost_at.get_or_insert_with(Instant::now);
            }
            Event::Hello(_) => {
                if let Some(lost_at) = reader.lost_at.take() {
                    reader.reconnects.push(lost_at.elapsed());
                }
            }
            Event::Gap(_) => reader.gaps += 1,
            Event::Reset(_) => bail!("a reader was told to start over"),
            _ => {}
        }
    }
}

/// Between two acknowledgements, as long as all writers wrote.
fn longest_pause(acked_at: &[Instant], stopped_at: Option<Instant>) -> Duration {
    let mut sorted: Vec<_> = acked_at.iter().filter(|at| stopped_at.is_none_or(|stopped| **at <= stopped)).collect();
    sorted.sort_unstable();
    sorted.windows(2).filter_map(|pair| Some(**pair.get(1)? - **pair.first()?)).max().unwrap_or_default()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
