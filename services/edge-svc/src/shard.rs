//! A shard: one thread with its own listening socket, its own connections and its own index of rooms.
//!
//! It accepts, shakes hands and reads each connection's first request head ([`connection`], [`head`]). A request for the live
//! stream stays here; anything else is handed to hyper with the octets that were read. A message comes to a shard once, and
//! goes from here to every stream that carries its room ([`fan`]), in turns, so that one room does not keep the others waiting
//! and a broadcast does not keep handshakes waiting. A stream has no queue: it has a cursor into the ring of recent messages,
//! and one whose reader is slow catches up from there ([`catch_up`]).

mod batch;
mod catch_up;
pub mod command;
mod connection;
mod fan;
mod head;
mod news;
mod queue;
mod rooms;
mod sending;
mod stream;
#[cfg(test)]
mod tests;
mod timers;

use std::{
    collections::VecDeque,
    io::ErrorKind,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::Context as _;
use metrics::counter;
use mio::{
    Events, Interest, Poll, Token, Waker,
    net::{TcpListener, TcpStream},
};
use slab::Slab;

pub use self::{
    command::{Admission, Applicant, Begin, Carrier, Command, ConnectionRef, Ending, Handover, Inbox, Key, Page, Whom},
    head::{EVENTS_PATH, asks_for_stream},
};
use self::{
    connection::{Connection, Failure, Step},
    fan::Telling,
    news::News,
    rooms::Rooms,
    stream::{Gone, Phase, Stream, Wire},
    timers::{Timers, ticks},
};
use crate::{
    listener::Gate,
    streams::{Hub, Ring, ShardLimits},
};

/// Octets that are sealed at once: one TLS record.
const CHUNK_OCTETS: usize = 16 * 1024;
/// Writes of one turn; between turns the shard looks at its sockets.
const TURN_WRITES: usize = 512;
/// Writes of one room before the next one's turn.
const ROOM_WRITES: usize = 128;
const TURN_COMMANDS: usize = 1_024;
const TURN_ACCEPTS: usize = 64;
const EVENTS_MAX: usize = 256;
const RECEIVE_OCTETS: usize = 16 * 1024;
/// Connections of a shard that are not streams yet, and how long one may do nothing while there are so many, in ticks.
const CONNECTIONS_MAX: usize = 4_096;
const CROWDED_PATIENCE: u32 = 10;
const ACCEPT_PAUSE: Duration = Duration::from_millis(20);

const LISTENER: Token = Token(usize::MAX);
const WAKER: Token = Token(usize::MAX - 1);

/// See the module.
pub struct Shard {
    id: u16,
    gate: Arc<Gate>,
    hub: Arc<Hub>,
    limits: ShardLimits,
    poll: Poll,
    wire: Wire,
    inbox: Arc<Inbox>,
    listener: Option<TcpListener>,
    /// The listener may have connections, unless accepting rests until then.
    acceptable: bool,
    accept_at: Option<Instant>,
    connections: Slab<Connection>,
    streams: Vec<Option<Stream>>,
    serial: u32,
    commands: VecDeque<Command>,
    ring: Ring,
    rooms: Rooms,
    /// Rooms with streams that miss something, in the order of their turns.
    active: VecDeque<u32>,
    /// Rooms that wait for further messages until then.
    waiting: Vec<(Instant, u32)>,
    tellings: VecDeque<Telling>,
    /// Streams that go on from their cursor.
    catching_up: VecDeque<u32>,
    news: News,
    timers: Timers,
    /// Closed connections whose clients still read.
    lingering: VecDeque<(u32, TcpStream)>,
    /// Streams that ended in this turn.
    ended: Vec<(u32, Ending)>,
    started: Instant,
}

impl Shard {
    /// Binds the shard's socket and makes its inbox.
    ///
    /// # Errors
    /// The system refuses what it needs.
    pub fn new(
        id: u16,
        gate: Arc<Gate>,
        hub: Arc<Hub>,
        inbox: Arc<Inbox>,
        poll: Poll,
        listener: std::net::TcpListener,
    ) -> anyhow::Result<Self> {
        let mut listener = TcpListener::from_std(listener);
        poll.registry().register(&mut listener, LISTENER, Interest::READABLE).context("watching the listener")?;
        let registry = poll.registry().try_clone().context("cloning the registry")?;
        let received = vec![0; RECEIVE_OCTETS].into_boxed_slice();
        let wire =
            Wire { registry, sealed: Vec::with_capacity(2 * CHUNK_OCTETS), received, opened: Vec::new(), batch: None, now: 0 };
        let (limits, ring) = (hub.shard_limits(), hub.new_ring());
        Ok(Self {
            id,
            gate,
            hub,
            limits,
            poll,
            wire,
            inbox,
            listener: Some(listener),
            acceptable: true,
            accept_at: None,
            connections: Slab::new(),
            streams: Vec::new(),
            serial: 0,
            commands: VecDeque::new(),
            ring,
            rooms: Rooms::default(),
            active: VecDeque::new(),
            waiting: Vec::new(),
            tellings: VecDeque::new(),
            catching_up: VecDeque::new(),
            news: News::default(),
            timers: Timers::default(),
            lingering: VecDeque::new(),
            ended: Vec::new(),
            started: Instant::now(),
        })
    }

    /// Whether the kernel lets this process collect writes with io_uring.
    ///
    /// # Errors
    /// Why it does not.
    pub fn probe_io_uring() -> std::io::Result<()> {
        batch::Batch::new().map(drop)
    }

    /// What a shard sleeps on, and the way to wake it.
    ///
    /// # Errors
    /// The system refuses what it needs.
    pub fn prepare() -> anyhow::Result<(Poll, Arc<Inbox>)> {
        let poll = Poll::new().context("making a poll")?;
        let waker = Waker::new(poll.registry(), WAKER).context("making a waker")?;
        Ok((poll, Arc::new(Inbox::new(waker))))
    }

    /// Works until it is told to stop.
    pub fn run(mut self) {
        if self.limits.io_uring {
            self.wire.batch = batch::Batch::new().inspect_err(|error| tracing::warn!(%error, "a shard without io_uring")).ok();
        }
        let mut events = Events::with_capacity(EVENTS_MAX);
        loop {
            if let Err(error) = self.poll.poll(&mut events, Some(self.timeout()))
                && error.kind() != ErrorKind::Interrupted
            {
                tracing::error!(%error, "waiting for sockets");
                return;
            }
            self.wire.now = ticks(self.started.elapsed());
            for event in &events {
                match event.token() {
                    LISTENER => self.acceptable = true,
                    WAKER => {}
                    token if is_stream(token) => self.serve((token.0 >> 1) as u32, event.is_writable()),
                    token => self.advance(token.0 >> 1),
                }
            }
            self.accept();
            self.commands.extend(self.inbox.take());
            for _ in 0..TURN_COMMANDS {
                match self.commands.pop_front() {
                    Some(Command::Stop) => return,
                    Some(command) => self.obey(command),
                    None => break,
                }
            }
            self.fan_out();
            self.catch_up();
            self.keep_time();
            self.report();
        }
    }

    /// How long it may sleep.
    fn timeout(&self) -> Duration {
        let busy = !self.commands.is_empty()
            || !self.active.is_empty()
            || !self.tellings.is_empty()
            || !self.catching_up.is_empty()
            || (self.acceptable && self.accept_at.is_none());
        if busy {
            return Duration::ZERO;
        }
        let now = Instant::now();
        let next = self.waiting.iter().map(|(at, _)| *at).chain(self.accept_at).min();
        next.map_or(timers::TICK, |at| at.saturating_duration_since(now).min(timers::TICK))
    }

    fn accept(&mut self) {
        if self.accept_at.is_some_and(|at| at > Instant::now()) {
            return;
        }
        self.accept_at = None;
        for _ in 0..TURN_ACCEPTS {
            // A crowd waits in the kernel's queue; whoever holds a place and does nothing loses it early.
            if self.connections.len() >= CONNECTIONS_MAX && !self.make_room() {
                self.accept_at = Some(Instant::now() + ACCEPT_PAUSE);
                return;
            }
            let Some(listener) = self.listener.as_ref().filter(|_| self.acceptable) else { return };
            match listener.accept() {
                Ok((tcp, peer)) => self.begin(tcp, peer),
                Err(error) if error.kind() == ErrorKind::WouldBlock => self.acceptable = false,
                Err(error) if matches!(error.kind(), ErrorKind::Interrupted | ErrorKind::ConnectionAborted) => {}
                Err(error) => {
                    tracing::warn!(%error, "accepting a connection");
                    self.accept_at = Some(Instant::now() + ACCEPT_PAUSE);
                    return;
                }
            }
        }
    }

    /// Ends a connection that has had time and has not asked for anything.
    fn make_room(&mut self) -> bool {
        let hurried = self.wire.now + ticks(self.gate.handshake_timeout).saturating_sub(CROWDED_PATIENCE);
        while let Some(reference) = self.timers.overdue_connection(hurried) {
            let waiting = |connection: &Connection| connection.serial == reference.serial && !connection.is_applying();
            if self.connections.get(reference.index as usize).is_some_and(waiting) {
                self.end_connection(reference, Failure::Timeout);
                return true;
            }
        }
        false
    }

    fn begin(&mut self, tcp: TcpStream, peer: std::net::SocketAddr) {
        // A full node closes at once: the client then tries another one, instead of waiting here.
        let place = self.gate.take_place().and_then(|mut place| {
            // Behind an ingress the client's address comes with the PROXY header.
            let known = self.gate.is_trusted(peer.ip()) || place.belongs_to(peer.ip());
            known.then_some(place)
        });
        let Some(place) = place else {
            counter!("edge_connections_refused_total").increment(1);
            return;
        };
        match Connection::new(tcp, peer, self.serial, place, &self.gate) {
            Ok(connection) => drop(self.insert(connection, self.gate.handshake_timeout)),
            Err(error) => tracing::error!(%error, "starting TLS"),
        }
    }

    /// Gives a connection its place; it may take that long for what it has to do.
    fn insert(&mut self, mut connection: Connection, patience: Duration) -> Option<usize> {
        connection.serial = self.serial;
        self.serial = self.serial.wrapping_add(1);
        let index = self.connections.vacant_key();
        let registered = self.wire.registry.register(connection.tcp(), connection_token(index), Interest::READABLE);
        if let Err(error) = registered {
            tracing::warn!(%error, "watching a connection");
            return None;
        }
        connection.due_at = self.wire.now + ticks(patience);
        let (due_at, serial) = (connection.due_at, connection.serial);
        self.connections.insert(connection);
        self.timers.expect(due_at, self.connection_ref(index, serial));
        Some(index)
    }

    fn connection_ref(&self, index: usize, serial: u32) -> ConnectionRef {
        ConnectionRef { shard: self.id, index: index as u32, serial }
    }

    /// A connection's socket has something.
    fn advance(&mut self, index: usize) {
        let Some(connection) = self.connections.get_mut(index) else { return };
        let was_in_head = connection.is_in_head();
        let step = connection.advance(connection_token(index), &mut self.wire);
        if !was_in_head && connection.is_in_head() {
            let due_at = self.wire.now + ticks(self.gate.header_timeout);
            let (earlier, serial) = (due_at < connection.due_at, connection.serial);
            connection.due_at = due_at;
            // Otherwise it has another deadline when the first one is over.
            if earlier {
                self.timers.expect(due_at, self.connection_ref(index, serial));
            }
        }
        self.follow(index, step);
    }

    fn follow(&mut self, index: usize, step: Step) {
        let Some(connection) = self.connections.get(index) else { return };
        let reference = self.connection_ref(index, connection.serial);
        match step {
            Step::Wait => {}
            Step::Apply(headers) => {
                if !self.gate.apply(Applicant { connection: reference, headers }) {
                    self.hand_over(reference);
                }
            }
            Step::HandOver => self.hand_over(reference),
            Step::End(failure) => self.end_connection(reference, failure),
        }
    }

    fn take_connection(&mut self, reference: ConnectionRef) -> Option<Connection> {
        let index = reference.index as usize;
        let known = self.connections.get(index).is_some_and(|connection| connection.serial == reference.serial);
        known.then(|| self.connections.remove(index))
    }

    fn hand_over(&mut self, reference: ConnectionRef) {
        let Some(connection) = self.take_connection(reference) else { return };
        match connection.into_handover(&self.wire) {
            Ok(handover) => self.gate.hand_over(handover),
            Err(error) => tracing::debug!(%error, "handing a connection over"),
        }
    }

    fn adopt(&mut self, handover: Handover) {
        let connection = Connection::adopted(handover, self.serial);
        let Some(index) = self.insert(connection, self.gate.header_timeout) else { return };
        let step = self.connections[index].judge();
        self.follow(index, step);
    }

    fn end_connection(&mut self, reference: ConnectionRef, failure: Failure) {
        if let Some(connection) = self.take_connection(reference) {
            // A client that opens a connection ahead of its need and closes it has not failed.
            if failure != Failure::Client && !connection.is_in_head() {
                counter!("edge_handshake_failures_total", "reason" => failure.as_str()).increment(1);
            }
        }
    }

    fn obey(&mut self, command: Command) {
        match command {
            Command::Message(frame) => self.publish(&frame),
            Command::Skip { up_to } => self.skip(up_to),
            Command::Reset { head } => self.reset(head),
            Command::Admit(admission) => self.admit(*admission),
            Command::Decline(reference) => self.hand_over(reference),
            Command::Adopt(handover) => self.adopt(*handover),
            Command::Channel { index } => self.serve_channel(index),
            Command::Page { index, page } => self.take_page(index, page),
            Command::Change { streams, room_id, member } => self.change(&streams, room_id, member),
            Command::Tell { whom, event } => self.tell(whom, event),
            Command::End { streams, ending, last } => streams.iter().for_each(|index| self.cut(*index, ending, Some(&last))),
            Command::Close => self.close(),
            Command::Drain { event, spread } => self.drain(&event, spread),
            Command::Stop => {}
        }
    }

    /// Lets a stream in.
    fn admit(&mut self, admission: Admission) {
        let Admission { index, carrier, user_id, rooms, first, begin, age_max } = admission;
        let serial = self.serial;
        self.serial = self.serial.wrapping_add(1);
        let stream = match carrier {
            Carrier::Connection(reference) => {
                self.take_connection(reference).and_then(Connection::into_parts).and_then(|(tcp, tls, place, unsent)| {
                    let (tcp, tls) = self.settle(index, tcp, tls)?;
                    Some((Stream::on_connection(user_id, serial, tcp, tls, place), unsent))
                })
            }
            Carrier::Channel { sender, kill } => Some((Stream::on_channel(user_id, serial, sender, kill), Vec::new())),
        };
        let Some((mut stream, unsent)) = stream else {
            // The client did not wait for its answer.
            self.ended.push((index, Ending::Client));
            return;
        };
        stream.subscriptions = rooms.into_iter().map(|room_id| self.rooms.join(room_id, index)).collect();
        stream.news = self.news.newest();
        (stream.cursor, stream.phase) = match begin {
            Begin::Live => (self.ring.head().seq, Phase::Live),
            Begin::After(seq) => (seq, Phase::CatchingUp),
        };
        stream.old_at = self.wire.now + ticks(age_max);
        let written = stream.begin(&unsent, &first, stream_token(index), &mut self.wire);
        self.timers.watch(self.wire.now, &stream, index);
        if self.streams.len() <= index as usize {
            self.streams.resize_with(index as usize + 1, || None);
        }
        let catching_up = stream.phase == Phase::CatchingUp;
        self.streams[index as usize] = Some(stream);
        self.note(index, written);
        if catching_up {
            self.catching_up.push_back(index);
        }
    }

    /// A connection becomes a stream: its socket is watched under another name, and its records are ours.
    fn settle(
        &self,
        index: u32,
        mut tcp: TcpStream,
        mut tls: sealcast_records::Endpoint,
    ) -> Option<(TcpStream, sealcast_records::Endpoint)> {
        if self.gate.extract_keys && tls.extract().is_err() {
            return None;
        }
        self.wire.registry.reregister(&mut tcp, stream_token(index), Interest::READABLE).ok()?;
        Some((tcp, tls))
    }

    /// A stream's socket has something.
    fn serve(&mut self, index: u32, writable: bool) {
        let Some(Some(stream)) = self.streams.get_mut(index as usize) else { return };
        // An answer to what it reads may be what its reader stops at.
        stream.keep_up(self.ring.head().seq);
        let read = stream.read(stream_token(index), &mut self.wire);
        let gone = read.is_err();
        self.note(index, read);
        if writable && !gone {
            self.unblock(index);
        }
    }

    fn serve_channel(&mut self, index: u32) {
        let Some(Some(stream)) = self.streams.get(index as usize) else { return };
        if stream.is_abandoned() {
            self.remove(index, Ending::Client);
        } else {
            self.unblock(index);
        }
    }

    /// The reader may be ready again.
    fn unblock(&mut self, index: u32) {
        let Some(Some(stream)) = self.streams.get_mut(index as usize) else { return };
        if !stream.is_blocked() {
            return;
        }
        match stream.flush(stream_token(index), &mut self.wire) {
            Ok(false) => {}
            Err(Gone) => self.note(index, Err(Gone)),
            Ok(true) => match stream.phase {
                Phase::Ending(ending) => self.remove(index, ending),
                Phase::Live => {
                    stream.phase = Phase::CatchingUp;
                    self.catching_up.push_back(index);
                }
                Phase::CatchingUp => self.catching_up.push_back(index),
                Phase::AwaitingPage => {}
            },
        }
    }

    /// What came of a write or a read.
    fn note(&mut self, index: u32, outcome: Result<(), Gone>) {
        let Some(Some(stream)) = self.streams.get(index as usize) else { return };
        match outcome {
            Err(Gone) => {
                let ending = if let Phase::Ending(ending) = stream.phase { ending } else { Ending::Client };
                self.remove(index, ending);
            }
            Ok(()) if stream.is_blocked() => self.timers.watch_stall(self.wire.now, stream, index),
            Ok(()) => {}
        }
    }

    /// Ends a stream now: what waits is dropped, `last` is the last event.
    fn cut(&mut self, index: u32, ending: Ending, last: Option<&bytes::Bytes>) {
        let Some(Some(stream)) = self.streams.get_mut(index as usize) else { return };
        if matches!(stream.phase, Phase::Ending(_)) {
            return;
        }
        stream.drop_events();
        self.finish(index, ending, last);
    }

    /// Ends a stream after what waits, and this event.
    fn finish(&mut self, index: u32, ending: Ending, last: Option<&bytes::Bytes>) {
        let Some(Some(stream)) = self.streams.get_mut(index as usize) else { return };
        stream.phase = Phase::Ending(ending);
        let written = last.map_or(Ok(()), |last| stream.push(last.clone(), stream_token(index), &mut self.wire));
        let blocked = stream.is_blocked();
        let serial = stream.serial;
        if written.is_err() || !blocked {
            self.remove(index, ending);
        } else {
            self.timers.kill_at(self.wire.now, index, serial);
        }
    }

    /// Forgets a stream, politely if its reader keeps up.
    fn remove(&mut self, index: u32, ending: Ending) {
        self.send_staged_of(index);
        let Some(mut stream) = self.streams.get_mut(index as usize).and_then(Option::take) else { return };
        for subscription in std::mem::take(&mut stream.subscriptions) {
            self.leave(index, subscription);
        }
        if !stream.close() {
            stream.kill();
        }
        if let Some(tcp) = stream.release(&self.wire)
            && ending != Ending::Client
        {
            self.lingering.push_back((self.wire.now + timers::LINGER, tcp));
        }
        self.ended.push((index, ending));
    }

    /// Tells the node which streams ended: only then are their places given again.
    fn report(&mut self) {
        if !self.ended.is_empty() {
            self.hub.close(self.id, &self.ended);
            self.ended.clear();
        }
    }

    /// From now on nothing new: who has not asked for anything yet finds another node.
    fn close(&mut self) {
        if let Some(mut listener) = self.listener.take() {
            let _ = self.wire.registry.deregister(&mut listener);
        }
        self.acceptable = false;
        self.connections.retain(|_, connection| connection.is_applying());
    }
}

/// Connections have even tokens, streams odd ones.
fn connection_token(index: usize) -> Token {
    Token(index << 1)
}

fn stream_token(index: u32) -> Token {
    Token((index as usize) << 1 | 1)
}

fn is_stream(token: Token) -> bool {
    token.0 & 1 == 1
}
