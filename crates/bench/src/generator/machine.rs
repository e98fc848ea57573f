//! The event loop.

use std::{
    cmp::Reverse,
    collections::BinaryHeap,
    fs::File,
    io::{self, Write as _},
    net::Ipv4Addr,
    sync::{
        Arc,
        mpsc::{Receiver, Sender, TryRecvError, channel},
    },
    time::Duration,
};

use anyhow::{Context as _, Result};
use hdrhistogram::Histogram;
use mio::{Events, Interest, Poll, Token, Waker};
use rustls::NamedGroup;
use sealcast_contracts::EventId;

use super::{
    Command, Opened, Orders, Report, Status,
    sse::Event,
    stream::{self, News, Stream, seq_of},
    tally::{Load, Received, Tally},
    tls::Tls,
};
use crate::os::{self, now_ns};

const WAKER: Token = Token(usize::MAX);
const EVENTS_MAX: usize = 1_024;
const BUFFER_OCTETS: usize = 1 << 18;
const TICK: Duration = Duration::from_millis(100);
const STATUS_NS: u64 = 500_000_000;
/// From connect to the open stream.
const SETUP_NS_MAX: u64 = 30_000_000_000;
/// Streams of one source address: far below the number of its ports.
const STREAMS_PER_ADDRESS: usize = 10_000;
/// The first wait of a stream that could not come back; it doubles up to the last.
const RETRY_NS: u64 = 200_000_000;
const RETRY_DOUBLINGS_MAX: u32 = 4;
const US_MAX: u64 = 300_000_000;

/// Runs until stdin ends.
///
/// # Errors
/// The orders cannot be followed at all; what happens to single streams is reported.
pub fn run() -> Result<()> {
    os::raise_file_limit().context("raising the limit of open files")?;
    let mut line = String::new();
    io::stdin().read_line(&mut line).context("no orders")?;
    let orders: Orders = serde_json::from_str(&line).context("reading the orders")?;
    let poll = Poll::new()?;
    let waker = Waker::new(poll.registry(), WAKER)?;
    let (sender, commands) = channel();
    std::thread::spawn(move || listen(&sender, &waker));
    Machine::new(orders, poll, commands)?.run()
}

/// Passes commands on; ends with stdin, which ends the machine.
fn listen(sender: &Sender<Command>, waker: &Waker) {
    for line in io::stdin().lines().map_while(Result::ok) {
        let Ok(command) = serde_json::from_str(&line) else { break };
        if sender.send(command).is_err() || waker.wake().is_err() {
            return;
        }
    }
    // The machine sees that nobody sends any more when it looks next.
}

/// One stream's place, whether it is connected or not.
#[derive(Default)]
struct Place {
    stream: Option<Stream>,
    begun_ns: u64,
    /// It has been open before, and comes back.
    returns: bool,
    is_open: bool,
    attempts: u32,
    last: Option<EventId>,
    received: Received,
}

struct Machine {
    orders: Arc<Orders>,
    tls: Tls,
    poll: Poll,
    commands: Receiver<Command>,
    places: Vec<Place>,
    /// The next place to be opened, if an opening is under way.
    next: Option<usize>,
    under_way: usize,
    due: BinaryHeap<Reverse<(u64, usize)>>,
    stalling: bool,
    tally: Option<Tally>,
    opened: Opened,
    connect_us: Histogram<u64>,
    status: Status,
    status_due_ns: u64,
    buffer: Vec<u8>,
    chance: u64,
}

impl Machine {
    fn new(orders: Orders, poll: Poll, commands: Receiver<Command>) -> Result<Self> {
        let tls = Tls::new(&orders.ca, orders.resumption)?;
        let mut places = Vec::new();
        places.resize_with(orders.streams, Place::default);
        Ok(Self {
            orders: Arc::new(orders),
            tls,
            poll,
            commands,
            places,
            next: None,
            under_way: 0,
            due: BinaryHeap::new(),
            stalling: false,
            tally: None,
            opened: Opened::default(),
            connect_us: Histogram::new_with_bounds(1, US_MAX, 2)?,
            status: Status::default(),
            status_due_ns: 0,
            buffer: vec![0; BUFFER_OCTETS],
            chance: now_ns() | 1,
        })
    }

    fn run(mut self) -> Result<()> {
        let mut events = Events::with_capacity(EVENTS_MAX);
        loop {
            match self.poll.poll(&mut events, Some(TICK)) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => other?,
            }
            for event in &events {
                if event.token() != WAKER {
                    self.turn(event.token().0, event.is_writable(), event.is_readable() || event.is_error())?;
                }
            }
            loop {
                match self.commands.try_recv() {
                    Ok(command) => self.obey(command)?,
                    Err(TryRecvError::Empty) => break,
                    Err(TryRecvError::Disconnected) => return Ok(()),
                }
            }
            self.keep_house()?;
        }
    }

    fn obey(&mut self, command: Command) -> Result<()> {
        match command {
            Command::Open => {
                self.opened = Opened { begun_ns: now_ns(), ..Opened::default() };
                self.connect_us.reset();
                self.next = Some(0);
                Ok(())
            }
            Command::Close => {
                self.places.iter_mut().for_each(|place| *place = Place::default());
                (self.under_way, self.status.open) = (0, 0);
                self.due.clear();
                say(&Report::Closed)
            }
            Command::Stall => {
                self.stalling = true;
                Ok(())
            }
            Command::Count(load) => self.count(load),
            Command::Sum { lost } => self.sum(&lost),
        }
    }

    fn count(&mut self, load: Load) -> Result<()> {
        let tally = Tally::new(load, File::open(&self.orders.times).context("opening the times")?)?;
        for (at, place) in self.places.iter_mut().enumerate() {
            place.received = tally.expect(self.orders.room(at));
        }
        self.tally = Some(tally);
        say(&Report::Counting)
    }

    fn sum(&mut self, lost: &[u64]) -> Result<()> {
        let Some(tally) = self.tally.take() else { return Ok(()) };
        let mut missing = 0;
        for (at, place) in self.places.iter_mut().enumerate() {
            let received = std::mem::take(&mut place.received);
            // A stream that never opened is a failed connect, and one that stalls is meant to miss.
            let counts = (place.is_open || place.returns) && !is_stalled(&self.orders, self.stalling, at);
            if counts {
                missing += tally.missing(&received, self.orders.room(at), lost);
            }
        }
        say(&Report::Counted(tally.counted(missing)))
    }

    /// One stream is ready.
    fn turn(&mut self, at: usize, writable: bool, readable: bool) -> Result<()> {
        let Some(Place { stream: Some(_), is_open, .. }) = self.places.get(at) else { return Ok(()) };
        if *is_open && is_stalled(&self.orders, self.stalling, at) {
            return Ok(());
        }
        let outcome = self.advance(at, writable, readable);
        if let Err(error) = outcome {
            self.lose(at, &error);
        }
        Ok(())
    }

    fn advance(&mut self, at: usize, writable: bool, readable: bool) -> Result<()> {
        let Some(Place { stream: Some(stream), .. }) = self.places.get_mut(at) else { return Ok(()) };
        if writable {
            stream.write(&self.tls)?;
        }
        if !readable || stream.is_connecting() {
            return Ok(());
        }
        let Some(mut stream) = self.places[at].stream.take() else { return Ok(()) };
        let mut buffer = std::mem::take(&mut self.buffer);
        let (orders, last) = (Arc::clone(&self.orders), self.places[at].last);
        let tls = &self.tls;
        let mut news = Bookkeeping {
            orders: &orders,
            place: &mut self.places[at],
            tally: self.tally.as_mut(),
            opened: &mut self.opened,
            status: &mut self.status,
            connect_us: &mut self.connect_us,
            under_way: &mut self.under_way,
            at,
        };
        let outcome = stream.read(tls, &mut buffer, || orders.request(at, last), |what, now_ns| news.note(what, now_ns));
        self.buffer = buffer;
        self.places[at].stream = Some(stream);
        outcome
    }

    /// A connection failed or ended.
    fn lose(&mut self, at: usize, error: &anyhow::Error) {
        let place = &mut self.places[at];
        place.stream = None;
        let was_open = std::mem::take(&mut place.is_open);
        if was_open {
            self.status.open -= 1;
            self.status.ended += 1;
            place.returns = true;
        } else {
            self.under_way -= 1;
        }
        let returns = place.returns && !self.orders.refuges.is_empty();
        if returns {
            place.attempts = if was_open { 1 } else { place.attempts + 1 };
            let most = if was_open {
                self.orders.spread_ms * 1_000_000
            } else {
                RETRY_NS << (place.attempts - 1).min(RETRY_DOUBLINGS_MAX)
            };
            let wait = random(&mut self.chance) % most.max(1);
            self.due.push(Reverse((now_ns() + wait, at)));
        }
        if !was_open || !returns {
            let reason = if was_open { format!("lost: {error:#}") } else { format!("{error:#}") };
            *self.opened.failed.entry(reason.clone()).or_default() += 1;
            *self.status.failed.entry(reason).or_default() += 1;
        }
    }

    fn keep_house(&mut self) -> Result<()> {
        let now = now_ns();
        while self.under_way < self.orders.window {
            let Some(at) = self.next_due(now) else { break };
            self.connect(at);
        }
        if self.next == Some(self.places.len()) && self.under_way == 0 {
            self.next = None;
            self.opened.tickets = self.tls.tickets();
            self.opened.connect_p50_ms = self.connect_us.value_at_quantile(0.5) as f64 / 1e3;
            self.opened.connect_p99_ms = self.connect_us.value_at_quantile(0.99) as f64 / 1e3;
            say(&Report::Opened(self.opened.clone()))?;
        }
        if now >= self.status_due_ns {
            self.status_due_ns = now + STATUS_NS;
            self.end_slow_setups(now);
            self.status.deliveries = self.tally.as_ref().map_or(0, |tally| tally.deliveries);
            say(&Report::Status(self.status.clone()))?;
        }
        Ok(())
    }

    /// The next place that is to be connected now.
    fn next_due(&mut self, now: u64) -> Option<usize> {
        if let Some(next) = self.next.as_mut().filter(|next| **next < self.places.len()) {
            *next += 1;
            return Some(*next - 1);
        }
        let Reverse((due, at)) = *self.due.peek()?;
        (due <= now).then(|| {
            self.due.pop();
            at
        })
    }

    fn connect(&mut self, at: usize) {
        self.under_way += 1;
        let Orders { targets, refuges, source: [a, b], .. } = &*self.orders;
        let place = &mut self.places[at];
        let choice = if place.returns { refuges } else { targets };
        let target = choice[(at + place.attempts as usize) % choice.len()];
        let last = u8::try_from(1 + at / STREAMS_PER_ADDRESS).unwrap_or(u8::MAX);
        let connected = stream::connect(Ipv4Addr::new(127, *a, *b, last), target).and_then(|mut stream| {
            let interest = Interest::READABLE | Interest::WRITABLE;
            self.poll.registry().register(&mut stream.socket, Token(at), interest)?;
            Ok(stream)
        });
        place.begun_ns = now_ns();
        match connected {
            Ok(stream) => place.stream = Some(stream),
            Err(error) => self.lose(at, &error),
        }
    }

    fn end_slow_setups(&mut self, now: u64) {
        for at in 0..self.places.len() {
            let Place { stream, is_open, begun_ns, .. } = &self.places[at];
            if stream.is_some() && !is_open && now.saturating_sub(*begun_ns) > SETUP_NS_MAX {
                self.lose(at, &anyhow::anyhow!("not open within 30 s"));
            }
        }
    }
}

/// Where the news of one stream go.
struct Bookkeeping<'a> {
    orders: &'a Orders,
    place: &'a mut Place,
    tally: Option<&'a mut Tally>,
    opened: &'a mut Opened,
    status: &'a mut Status,
    connect_us: &'a mut Histogram<u64>,
    under_way: &'a mut usize,
    at: usize,
}

impl Bookkeeping<'_> {
    fn note(&mut self, news: News, now_ns: u64) -> Result<()> {
        match news {
            News::Established { resumed, group } => {
                self.opened.resumed += usize::from(resumed);
                if let (false, Some(group)) = (resumed, group) {
                    self.opened.group = format!("{:?}", NamedGroup::from(group));
                }
            }
            News::Answered if !self.orders.is_greeted() => self.open(now_ns),
            News::Event(Event::Hello) if self.orders.is_greeted() => self.open(now_ns),
            News::Event(Event::Message { number, id }) => {
                if let Some(tally) = self.tally.as_mut() {
                    let room = self.orders.room(self.at);
                    tally.note(&mut self.place.received, room, (number, seq_of(id)), now_ns)?;
                }
                self.place.last = id.or(self.place.last);
            }
            News::Event(Event::Gap) => self.status.gaps += 1,
            News::Event(Event::Reset) => self.status.resets += 1,
            News::Answered | News::Event(_) => {}
        }
        Ok(())
    }

    fn open(&mut self, now_ns: u64) {
        if std::mem::replace(&mut self.place.is_open, true) {
            return;
        }
        *self.under_way -= 1;
        self.status.open += 1;
        if self.place.returns {
            self.status.back += 1;
            self.status.last_back_ns = now_ns;
        } else {
            self.opened.open += 1;
            self.opened.done_ns = now_ns;
            self.connect_us.saturating_record((now_ns.saturating_sub(self.place.begun_ns) / 1_000).max(1));
        }
    }
}

fn is_stalled(orders: &Orders, stalling: bool, at: usize) -> bool {
    stalling && at + orders.stalled >= orders.streams
}

fn say(report: &Report) -> Result<()> {
    let mut line = serde_json::to_vec(report)?;
    line.push(b'\n');
    let mut out = io::stdout().lock();
    out.write_all(&line)?;
    Ok(out.flush()?)
}

/// Xorshift: enough to spread reconnects.
fn random(state: &mut u64) -> u64 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    *state
}
