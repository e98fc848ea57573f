//! One stream, from its connect to its end.

use std::{
    io::{self, Read as _, Write as _},
    net::{Ipv4Addr, SocketAddr},
};

use anyhow::{Context as _, Result, bail, ensure};
use mio::net::TcpStream;
use rustls::{client::ClientConnectionData, kernel::KernelConnection};
use sealcast_contracts::EventId;
use socket2::{Domain, Socket, Type};

use super::{
    body::{self, Framing},
    sse::{self, Event},
    tls::{Handshake, Kind, Opener, Tls, record_len},
};

const NEW_SESSION_TICKET: u8 = 4;
const KEY_UPDATE: u8 = 24;
/// An event is shorter.
const TEXT_OCTETS_MAX: usize = 1 << 20;

/// A connection and how far it is.
pub struct Stream {
    pub socket: TcpStream,
    phase: Phase,
}

enum Phase {
    Connecting,
    Shaking(Box<Shaking>),
    Asked(Box<Asked>),
}

struct Shaking {
    handshake: Handshake,
    out: Vec<u8>,
}

/// The request is sent. Kept small: there are ten thousands of it.
struct Asked {
    opener: Opener,
    /// Kept until it has a ticket, if tickets are wanted.
    kernel: Option<Box<KernelConnection<ClientConnectionData>>>,
    framing: Option<Framing>,
    /// The beginning of a record.
    cut: Vec<u8>,
    /// The beginning of the head, then of an event.
    text: Vec<u8>,
}

/// What a connection tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum News {
    Established {
        resumed: bool,
        group: Option<u16>,
    },
    /// The answer was 200.
    Answered,
    Event(Event),
}

/// Begins to connect from a source address.
pub fn connect(source: Ipv4Addr, target: SocketAddr) -> Result<Stream> {
    let socket = Socket::new(Domain::for_address(target), Type::STREAM.nonblocking().cloexec(), None)?;
    socket.set_tcp_nodelay(true)?;
    socket.bind(&SocketAddr::from((source, 0)).into())?;
    match socket.connect(&target.into()) {
        Err(error) if error.raw_os_error() != Some(libc::EINPROGRESS) => return Err(error.into()),
        _ => {}
    }
    Ok(Stream { socket: TcpStream::from_std(socket.into()), phase: Phase::Connecting })
}

impl Stream {
    /// Whether its socket is read by [`Self::read`].
    pub fn is_connecting(&self) -> bool {
        matches!(self.phase, Phase::Connecting)
    }

    /// Goes on when the socket can be written.
    ///
    /// # Errors
    /// The connection failed.
    pub fn write(&mut self, tls: &Tls) -> Result<()> {
        if matches!(self.phase, Phase::Connecting) {
            if let Some(error) = self.socket.take_error()? {
                return Err(error.into());
            }
            if self.socket.peer_addr().is_err() {
                return Ok(());
            }
            let mut shaking = Box::new(Shaking { handshake: tls.handshake()?, out: Vec::new() });
            shaking.handshake.advance(&[], &mut shaking.out)?;
            self.phase = Phase::Shaking(shaking);
        }
        if let Phase::Shaking(shaking) = &mut self.phase {
            flush(&mut self.socket, &mut shaking.out)?;
        }
        Ok(())
    }

    /// Reads all that is there, calling `tell` for what it means and `now` for its time before each batch.
    ///
    /// # Errors
    /// The connection ended, or the peer does not speak the protocol.
    pub fn read(
        &mut self,
        tls: &Tls,
        buffer: &mut [u8],
        request: impl Fn() -> String,
        mut tell: impl FnMut(News, u64) -> Result<()>,
    ) -> Result<()> {
        loop {
            let held = match &mut self.phase {
                Phase::Asked(asked) => asked.restore(buffer),
                _ => 0,
            };
            let got = match self.socket.read(&mut buffer[held..]) {
                Ok(0) => bail!("ended by the server"),
                Ok(got) => got,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    if let Phase::Asked(asked) = &mut self.phase {
                        asked.cut.extend_from_slice(&buffer[..held]);
                    }
                    return Ok(());
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error.into()),
            };
            let now_ns = crate::os::now_ns();
            let drained = held + got < buffer.len();
            self.take(tls, &mut buffer[..held + got], &request, &mut |news| tell(news, now_ns))?;
            // The socket is drained: a short read says so, and spares the call that would say EAGAIN.
            if drained {
                return Ok(());
            }
        }
    }

    fn take(
        &mut self,
        tls: &Tls,
        octets: &mut [u8],
        request: &impl Fn() -> String,
        tell: &mut impl FnMut(News) -> Result<()>,
    ) -> Result<()> {
        match &mut self.phase {
            Phase::Connecting => Ok(()),
            Phase::Asked(asked) => asked.take(octets, tell),
            Phase::Shaking(shaking) => {
                let done = shaking.handshake.advance(octets, &mut shaking.out)?;
                flush(&mut self.socket, &mut shaking.out)?;
                if done { self.ask(tls, request(), tell) } else { Ok(()) }
            }
        }
    }

    /// The handshake is done: sends the request.
    fn ask(&mut self, tls: &Tls, request: String, tell: &mut impl FnMut(News) -> Result<()>) -> Result<()> {
        let Phase::Shaking(shaking) = std::mem::replace(&mut self.phase, Phase::Connecting) else { return Ok(()) };
        let Shaking { handshake, mut out } = *shaking;
        let mut established = handshake.finish()?;
        tell(News::Established { resumed: established.resumed, group: established.group.map(u16::from) })?;
        established.sealer.seal(request.as_bytes(), &mut out)?;
        flush(&mut self.socket, &mut out)?;
        ensure!(out.is_empty(), "the request does not fit into the socket's buffer");
        let kernel = tls.resumes().then(|| Box::new(established.kernel));
        let mut asked = Box::new(Asked { opener: established.opener, kernel, framing: None, cut: Vec::new(), text: Vec::new() });
        let outcome = asked.take(&mut established.rest, tell);
        self.phase = Phase::Asked(asked);
        outcome
    }
}

impl Asked {
    /// Puts the beginning of a cut record in front; gives its length.
    fn restore(&mut self, buffer: &mut [u8]) -> usize {
        let cut = std::mem::take(&mut self.cut);
        buffer[..cut.len()].copy_from_slice(&cut);
        cut.len()
    }

    fn take(&mut self, mut octets: &mut [u8], tell: &mut impl FnMut(News) -> Result<()>) -> Result<()> {
        while let Some(len) = record_len(octets)?.filter(|len| *len <= octets.len()) {
            let (record, rest) = octets.split_at_mut(len);
            octets = rest;
            match self.opener.open(record)? {
                (Kind::Data, plain) => {
                    let mut wire = &*plain;
                    self.plain(&mut wire, tell)?;
                }
                (Kind::Handshake, plain) => self.handshake(plain)?,
                (Kind::Alert, [1, 0]) => bail!("ended by the server with close_notify"),
                (Kind::Alert, alert) => bail!("ended by the server with alert {}", alert.get(1).copied().unwrap_or_default()),
            }
        }
        self.cut.extend_from_slice(octets);
        Ok(())
    }

    fn plain(&mut self, wire: &mut &[u8], tell: &mut impl FnMut(News) -> Result<()>) -> Result<()> {
        if self.framing.is_none() {
            self.text.extend_from_slice(wire);
            let Some(head) = body::head(&self.text)? else { return Ok(()) };
            ensure!(head.status == 200, "answered {}", head.status);
            self.framing = Some(head.framing);
            let rest = std::mem::take(&mut self.text).split_off(head.octets);
            tell(News::Answered)?;
            return self.body(&mut &*rest, tell);
        }
        self.body(wire, tell)
    }

    fn body(&mut self, wire: &mut &[u8], tell: &mut impl FnMut(News) -> Result<()>) -> Result<()> {
        let Some(framing) = &mut self.framing else { return Ok(()) };
        let mut told = Ok(());
        let mut note = |event| {
            if told.is_ok() {
                told = tell(News::Event(event));
            }
        };
        while let Some(piece) = framing.next(wire)? {
            if self.text.is_empty() {
                let read = sse::events(piece, &mut note);
                self.text.extend_from_slice(&piece[read..]);
            } else {
                self.text.extend_from_slice(piece);
                let read = sse::events(&self.text, &mut note);
                self.text.drain(..read);
            }
            ensure!(self.text.len() <= TEXT_OCTETS_MAX, "an event is too long");
            if self.text.is_empty() {
                self.text = Vec::new();
            }
        }
        told
    }

    /// Post-handshake messages (RFC 8446, section 4.6).
    fn handshake(&mut self, mut messages: &[u8]) -> Result<()> {
        while let [kind, a, b, c, rest @ ..] = messages {
            let len = u32::from_be_bytes([0, *a, *b, *c]) as usize;
            let payload = rest.get(..len).context("a post-handshake message in two records")?;
            messages = &rest[len..];
            match (*kind, self.kernel.as_mut()) {
                (NEW_SESSION_TICKET, Some(kernel)) => {
                    kernel.handle_new_session_ticket(payload)?;
                    self.kernel = None;
                }
                (NEW_SESSION_TICKET, None) => {}
                (KEY_UPDATE, _) => bail!("the server changed its key, which this client does not follow"),
                (other, _) => bail!("a handshake message of type {other} after the handshake"),
            }
        }
        Ok(())
    }
}

fn flush(socket: &mut TcpStream, out: &mut Vec<u8>) -> Result<()> {
    while !out.is_empty() {
        match socket.write(out) {
            Ok(written) => drop(out.drain(..written)),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// What the machine remembers of an event's id.
pub fn seq_of(id: Option<EventId>) -> Option<u64> {
    id.map(|id| id.seq)
}
