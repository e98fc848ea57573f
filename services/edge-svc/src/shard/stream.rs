//! One open stream: what carries it, how far it is, and what its reader has not taken yet.

use std::{
    collections::VecDeque,
    io::{ErrorKind, Read as _, Write as _},
    net::Shutdown,
    os::fd::AsRawFd as _,
    time::Duration,
};

use bytes::Bytes;
use mio::{Interest, Registry, Token, net::TcpStream};
use sealcast_contracts::UserId;
use sealcast_records::Endpoint;
use socket2::SockRef;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::{batch::Batch, command::Ending, rooms::Subscription};
use crate::listener::Place;

/// Octets that a client may send on a stream's connection; it has nothing to say there but that it wants new keys, or goes. An
/// unfinished record takes no more memory than this.
const INBOUND_OCTETS_MAX: u32 = 4 * 1024;

/// See the module.
#[derive(Debug)]
pub(super) struct Stream {
    pub user_id: UserId,
    /// Tells a stream from an earlier one in the same place.
    pub serial: u32,
    pub subscriptions: Vec<Subscription>,
    pub phase: Phase,
    /// It has every message up to here; one that is not due, blocked or catching up has all there are.
    pub cursor: u64,
    pub due: Due,
    /// The newest news that it has seen.
    pub news: u64,
    /// When something was last written, and when it is too old, in ticks.
    pub wrote_at: u32,
    pub old_at: u32,
    pub missed: Missed,
    /// Whether it has ever had all there was: one that has not is resuming, not slow.
    pub was_live: bool,
    /// Whether the batch has something for it: nothing else may be written meanwhile.
    pub is_staged: bool,
    inbound: u32,
    carrier: Carrier,
    /// What waits for the reader; `None`: it reads as fast as we write.
    backlog: Option<Box<Backlog>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    Live,
    /// Behind the shard: goes on from its cursor whenever there is time.
    CatchingUp,
    /// A page of the log is on its way.
    AwaitingPage,
    /// Ends when its backlog is written.
    Ending(Ending),
}

/// Of which rooms a stream misses messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Due {
    Nothing,
    Room(u32),
    Several,
}

#[derive(Debug)]
enum Carrier {
    Connection { tcp: TcpStream, tls: Endpoint, _place: Place },
    Channel { sender: mpsc::Sender<Bytes>, kill: CancellationToken },
}

#[derive(Debug)]
struct Backlog {
    /// Records that the kernel did not take.
    sealed: Vec<u8>,
    sent: usize,
    /// What is not sealed yet.
    events: VecDeque<Bytes>,
    /// When the reader stopped, in ticks.
    since: u32,
}

/// Messages that came since the stream was last live, less those that it has caught up with.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Missed {
    pub frames: u32,
    pub octets: u32,
}

impl Missed {
    /// Counts a message.
    pub fn add(&mut self, octets: usize) {
        self.frames += 1;
        self.octets = self.octets.saturating_add(octets as u32);
    }

    /// Some were caught up with.
    pub fn sub(&mut self, frames: u32, octets: usize) {
        self.frames = self.frames.saturating_sub(frames);
        self.octets = self.octets.saturating_sub(octets as u32);
    }
}

/// The connection is of no more use.
#[derive(Clone, Copy, Debug)]
pub(super) struct Gone;

/// What writing needs from the shard.
#[derive(Debug)]
pub(super) struct Wire {
    pub registry: Registry,
    /// Records on their way to the kernel.
    pub sealed: Vec<u8>,
    /// Collects the writes of a turn, if that is allowed.
    pub batch: Option<Batch>,
    /// What came from the kernel, and what it meant.
    pub received: Box<[u8]>,
    pub opened: Vec<u8>,
    pub now: u32,
}

impl Stream {
    pub fn on_connection(user_id: UserId, serial: u32, tcp: TcpStream, tls: Endpoint, place: Place) -> Self {
        Self::new(user_id, serial, Carrier::Connection { tcp, tls, _place: place })
    }

    pub fn on_channel(user_id: UserId, serial: u32, sender: mpsc::Sender<Bytes>, kill: CancellationToken) -> Self {
        Self::new(user_id, serial, Carrier::Channel { sender, kill })
    }

    fn new(user_id: UserId, serial: u32, carrier: Carrier) -> Self {
        let (phase, due) = (Phase::Live, Due::Nothing);
        let (cursor, news, wrote_at, old_at, inbound) = (0, 0, 0, 0, 0);
        let (subscriptions, backlog, missed) = (Vec::new(), None, Missed::default());
        let (was_live, is_staged) = (false, false);
        Self {
            user_id,
            serial,
            subscriptions,
            phase,
            cursor,
            due,
            news,
            wrote_at,
            old_at,
            missed,
            was_live,
            is_staged,
            inbound,
            carrier,
            backlog,
        }
    }

    pub fn is_blocked(&self) -> bool {
        self.backlog.is_some()
    }

    /// Whether the reader of a channel went away; a connection says so itself.
    pub fn is_abandoned(&self) -> bool {
        matches!(&self.carrier, Carrier::Channel { sender, .. } if sender.is_closed())
    }

    /// Since when its reader has not read, in ticks.
    pub fn blocked_since(&self) -> Option<u32> {
        self.backlog.as_ref().map(|backlog| backlog.since)
    }

    /// Whether a new message finds it ready.
    pub fn is_live(&self) -> bool {
        self.phase == Phase::Live && self.backlog.is_none()
    }

    /// It has every message there is.
    pub fn go_live(&mut self, head: u64) {
        (self.cursor, self.phase, self.missed, self.was_live) = (head, Phase::Live, Missed::default(), true);
    }

    /// One that is live and to which nothing is due has all up to `head`. To be said before something else is written to it: if its
    /// reader stops there, it goes on from the cursor.
    pub fn keep_up(&mut self, head: u64) {
        if self.is_live() && self.due == Due::Nothing {
            self.cursor = head;
        }
    }

    /// Whether it carries a room.
    pub fn carries(&self, room: u32) -> bool {
        self.subscriptions.iter().any(|subscription| subscription.room == room)
    }

    /// Events that wait, beside messages.
    pub fn waiting(&self) -> usize {
        self.backlog.as_ref().map_or(0, |backlog| backlog.events.len())
    }

    /// Writes an event, or keeps it behind what waits.
    pub fn push(&mut self, event: Bytes, token: Token, wire: &mut Wire) -> Result<(), Gone> {
        match &mut self.backlog {
            Some(backlog) => {
                backlog.events.push_back(event);
                Ok(())
            }
            None => self.write(&event, token, wire),
        }
    }

    /// Writes to a reader that is ready. What the kernel does not take waits.
    pub fn write(&mut self, plain: &Bytes, token: Token, wire: &mut Wire) -> Result<(), Gone> {
        self.begin(&[], plain, token, wire)
    }

    /// The first write, behind records that were sealed before.
    pub fn begin(&mut self, unsent: &[u8], plain: &Bytes, token: Token, wire: &mut Wire) -> Result<(), Gone> {
        self.wrote_at = wire.now;
        match &mut self.carrier {
            Carrier::Connection { tcp, tls, .. } => {
                wire.sealed.clear();
                wire.sealed.extend_from_slice(unsent);
                tls.send(plain, &mut wire.sealed).map_err(|_| Gone)?;
                let sent = send(tcp, &wire.sealed)?;
                if sent < wire.sealed.len() {
                    let rest = wire.sealed[sent..].to_vec();
                    self.block(rest, VecDeque::new(), token, wire)?;
                }
            }
            Carrier::Channel { sender, .. } => match sender.try_send(plain.clone()) {
                Ok(()) if sender.capacity() > 0 => {}
                Ok(()) => self.block(Vec::new(), VecDeque::new(), token, wire)?,
                Err(mpsc::error::TrySendError::Full(plain)) => self.block(Vec::new(), VecDeque::from([plain]), token, wire)?,
                Err(mpsc::error::TrySendError::Closed(_)) => return Err(Gone),
            },
        }
        Ok(())
    }

    /// Seals for a reader that is ready, and leaves the sending to the batch. `false`: there is none, or none for its carrier.
    pub fn stage(&mut self, index: u32, plain: &Bytes, wire: &mut Wire) -> Result<bool, Gone> {
        let (Carrier::Connection { tcp, tls, .. }, Some(batch)) = (&mut self.carrier, &mut wire.batch) else {
            return Ok(false);
        };
        let start = batch.sealed.len();
        tls.send(plain, &mut batch.sealed).map_err(|_| Gone)?;
        batch.stage(index, tcp.as_raw_fd(), start);
        (self.wrote_at, self.is_staged) = (wire.now, true);
        Ok(true)
    }

    /// The batch was sent. What the kernel did not take of these records waits.
    pub fn settle(&mut self, records: &[u8], sent: Result<usize, Gone>, token: Token, wire: &mut Wire) -> Result<(), Gone> {
        self.is_staged = false;
        let rest = &records[sent?..];
        if rest.is_empty() { Ok(()) } else { self.block(rest.to_vec(), VecDeque::new(), token, wire) }
    }

    /// The reader may be ready again: writes what waits. Whether it is.
    pub fn flush(&mut self, token: Token, wire: &mut Wire) -> Result<bool, Gone> {
        let Some(backlog) = &mut self.backlog else { return Ok(true) };
        match &mut self.carrier {
            Carrier::Connection { tcp, .. } => {
                backlog.sent += send(tcp, &backlog.sealed[backlog.sent..])?;
                if backlog.sent < backlog.sealed.len() {
                    return Ok(false);
                }
                wire.registry.reregister(tcp, token, Interest::READABLE).map_err(|_| Gone)?;
            }
            Carrier::Channel { sender, .. } => {
                if sender.is_closed() {
                    return Err(Gone);
                }
                if sender.capacity() == 0 {
                    return Ok(false);
                }
            }
        }
        let Some(mut backlog) = self.backlog.take() else { return Ok(true) };
        while let Some(event) = backlog.events.pop_front() {
            self.write(&event, token, wire)?;
            if let Some(again) = &mut self.backlog {
                again.events.append(&mut backlog.events);
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Reads what the client has to say: that it goes, or that it wants new keys.
    pub fn read(&mut self, token: Token, wire: &mut Wire) -> Result<(), Gone> {
        loop {
            let Carrier::Connection { tcp, tls, .. } = &mut self.carrier else { return Ok(()) };
            let read = match tcp.read(&mut wire.received) {
                Ok(0) => return Err(Gone),
                Ok(read) => read,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(_) => return Err(Gone),
            };
            self.inbound = self.inbound.saturating_add(read as u32);
            wire.opened.clear();
            let mut reply = Vec::new();
            let received = tls.receive(&wire.received[..read], &mut wire.opened, &mut reply);
            let over = received.is_err() || tls.is_closed_by_peer() || self.inbound > INBOUND_OCTETS_MAX;
            self.send_sealed(reply, token, wire)?;
            if over {
                return Err(Gone);
            }
        }
    }

    /// Tells the reader that nothing follows. `false`: what waits must be written first.
    pub fn close(&mut self) -> bool {
        if self.backlog.is_some() {
            return false;
        }
        if let Carrier::Connection { tcp, tls, .. } = &mut self.carrier {
            let mut notice = Vec::new();
            tls.close(&mut notice);
            // A notice that does not get through is a truncation, which the client notices.
            let _ = send(tcp, &notice);
            let _ = tcp.shutdown(Shutdown::Write);
        }
        true
    }

    /// Drops what has not been sealed yet.
    pub fn drop_events(&mut self) {
        if let Some(backlog) = &mut self.backlog {
            backlog.events.clear();
        }
    }

    /// Lets the connection go: one that was closed is for the caller to keep until the client has had time to read.
    pub fn release(self, wire: &Wire) -> Option<TcpStream> {
        match self.carrier {
            Carrier::Connection { mut tcp, .. } => {
                let _ = wire.registry.deregister(&mut tcp);
                if self.backlog.is_some() {
                    // Its reader would hold what the kernel has for it as long as it likes.
                    let _ = SockRef::from(&tcp).set_linger(Some(Duration::ZERO));
                    return None;
                }
                Some(tcp)
            }
            Carrier::Channel { .. } => None,
        }
    }

    /// Ends the connection with what is left unwritten.
    pub fn kill(&self) {
        if let Carrier::Channel { kill, .. } = &self.carrier {
            kill.cancel();
        }
    }

    fn send_sealed(&mut self, sealed: Vec<u8>, token: Token, wire: &mut Wire) -> Result<(), Gone> {
        if sealed.is_empty() {
            return Ok(());
        }
        if let Some(backlog) = &mut self.backlog {
            backlog.sealed.extend_from_slice(&sealed);
            return Ok(());
        }
        let Carrier::Connection { tcp, .. } = &mut self.carrier else { return Ok(()) };
        let sent = send(tcp, &sealed)?;
        if sent < sealed.len() { self.block(sealed[sent..].to_vec(), VecDeque::new(), token, wire) } else { Ok(()) }
    }

    fn block(&mut self, sealed: Vec<u8>, events: VecDeque<Bytes>, token: Token, wire: &mut Wire) -> Result<(), Gone> {
        if let Carrier::Connection { tcp, .. } = &mut self.carrier {
            let interest = Interest::READABLE | Interest::WRITABLE;
            wire.registry.reregister(tcp, token, interest).map_err(|_| Gone)?;
        }
        self.backlog = Some(Box::new(Backlog { sealed, sent: 0, events, since: wire.now }));
        Ok(())
    }
}

/// Octets that the kernel took.
fn send(tcp: &mut TcpStream, octets: &[u8]) -> Result<usize, Gone> {
    let mut sent = 0;
    while sent < octets.len() {
        match tcp.write(&octets[sent..]) {
            Ok(0) => return Err(Gone),
            Ok(more) => sent += more,
            Err(error) if error.kind() == ErrorKind::WouldBlock => break,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(_) => return Err(Gone),
        }
    }
    Ok(sent)
}
