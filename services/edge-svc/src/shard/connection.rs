//! A connection before it is a stream, or somebody else's: PROXY header, TLS handshake, request head.

use std::{
    io::{ErrorKind, Read as _, Write as _},
    net::{IpAddr, SocketAddr},
};

use axum::http::HeaderMap;
use mio::{Interest, Token, net::TcpStream};
use rustls::ProtocolVersion;
use sealcast_records::Endpoint;

use super::{
    command::Handover,
    head::{self, Head},
    stream::Wire,
};
use crate::listener::{Gate, Place, proxy};

/// Octets that a client may send before it is answered.
const PENDING_OCTETS_MAX: usize = 2 * head::HEAD_OCTETS_MAX;

/// See the module.
#[derive(Debug)]
pub(super) struct Connection {
    pub serial: u32,
    /// When it must have got further, in ticks.
    pub due_at: u32,
    tcp: TcpStream,
    tls: Endpoint,
    address: IpAddr,
    place: Place,
    stage: Stage,
    /// Octets of the PROXY header, then of the request.
    data: Vec<u8>,
    /// Records that the kernel did not take, or that go along with the first answer.
    unsent: Vec<u8>,
    /// Whether the kernel must say when it takes more.
    is_blocked: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Proxy,
    Handshake,
    Head,
    /// The request is complete, and on its way through the node.
    Applying,
}

/// What becomes of a connection.
#[derive(Debug)]
pub(super) enum Step {
    Wait,
    /// It asks for a stream.
    Apply(HeaderMap),
    /// It is for the router.
    HandOver,
    End(Failure),
}

/// Why a connection ended before its first request; the label of `edge_handshake_failures_total`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// The client went away.
    Client,
    Proxy,
    Tls,
    Timeout,
    /// More octets than a request has.
    Flood,
    /// Its address has as many connections as it may have.
    Crowd,
}

impl Failure {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Proxy => "proxy",
            Self::Tls => "tls",
            Self::Timeout => "timeout",
            Self::Flood => "flood",
            Self::Crowd => "crowd",
        }
    }
}

impl Connection {
    pub fn new(tcp: TcpStream, peer: SocketAddr, serial: u32, place: Place, gate: &Gate) -> Result<Self, sealcast_records::Error> {
        let tls = Endpoint::new(gate.tls.borrow().clone())?;
        let stage = if gate.is_trusted(peer.ip()) { Stage::Proxy } else { Stage::Handshake };
        let address = peer.ip().to_canonical();
        Ok(Self { serial, due_at: 0, tcp, tls, address, place, stage, data: Vec::new(), unsent: Vec::new(), is_blocked: false })
    }

    /// A connection that comes back from hyper, with a request that is not read yet.
    pub fn adopted(handover: Handover, serial: u32) -> Self {
        let Handover { tcp, tls, data, unsent, address, place } = handover;
        let (tcp, is_blocked) = (TcpStream::from_std(tcp), !unsent.is_empty());
        Self { serial, due_at: 0, tcp, tls, address, place, stage: Stage::Head, data, unsent, is_blocked }
    }

    pub fn tcp(&mut self) -> &mut TcpStream {
        &mut self.tcp
    }

    /// Whether its request is complete: from here on others decide how long it takes.
    pub fn is_applying(&self) -> bool {
        self.stage == Stage::Applying
    }

    /// Whether TLS stands, and it may take as long as a request's head may.
    pub fn is_in_head(&self) -> bool {
        self.stage == Stage::Head
    }

    /// Takes what the kernel has for it, and gives what it can.
    pub fn advance(&mut self, token: Token, wire: &mut Wire) -> Step {
        if self.is_blocked && self.send_unsent(token, wire).is_err() {
            return Step::End(Failure::Client);
        }
        loop {
            let read = match self.tcp.read(&mut wire.received) {
                Ok(0) => return Step::End(Failure::Client),
                Ok(read) => read,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Step::Wait,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(_) => return Step::End(Failure::Client),
            };
            let received = std::mem::take(&mut wire.received);
            let step = self.take(&received[..read], token, wire);
            wire.received = received;
            match step {
                Step::Wait => {}
                done => return done,
            }
        }
    }

    /// What its request is, as far as it is read.
    pub fn judge(&mut self) -> Step {
        if self.data.len() > PENDING_OCTETS_MAX {
            return Step::End(Failure::Flood);
        }
        if self.stage != Stage::Head {
            return Step::Wait;
        }
        // Whoever speaks HTTP/2 has its streams from hyper.
        if self.tls.alpn() == Some(b"h2") {
            return Step::HandOver;
        }
        match head::read(&self.data) {
            Head::Incomplete => Step::Wait,
            Head::Other => Step::HandOver,
            Head::Stream(headers) => {
                self.stage = Stage::Applying;
                Step::Apply(headers)
            }
        }
    }

    fn take(&mut self, octets: &[u8], token: Token, wire: &mut Wire) -> Step {
        if self.stage != Stage::Proxy {
            return self.take_records(octets, token, wire);
        }
        self.data.extend_from_slice(octets);
        match proxy::parse(&self.data) {
            Ok(None) => Step::Wait,
            Ok(Some((len, address))) => {
                if let Some(address) = address {
                    self.address = address;
                    if !self.place.belongs_to(address) {
                        return Step::End(Failure::Crowd);
                    }
                }
                self.stage = Stage::Handshake;
                let data = std::mem::take(&mut self.data);
                self.take_records(&data[len..], token, wire)
            }
            Err(error) => {
                tracing::warn!(peer = %self.address, %error, "a trusted ingress sent no PROXY header");
                Step::End(Failure::Proxy)
            }
        }
    }

    fn take_records(&mut self, octets: &[u8], token: Token, wire: &mut Wire) -> Step {
        let received = self.tls.receive(octets, &mut self.data, &mut self.unsent);
        let established = self.stage == Stage::Handshake && !self.tls.is_handshaking();
        // The last thing that TLS 1.3 has to say is a session ticket: it goes along with the first answer.
        let is_ticket = established && received.is_ok() && self.tls.protocol_version() == Some(ProtocolVersion::TLSv1_3);
        let sent = if is_ticket && !self.is_blocked { Ok(()) } else { self.send_unsent(token, wire) };
        if let Err(error) = received {
            tracing::debug!(peer = %self.address, %error, "TLS");
            return Step::End(Failure::Tls);
        }
        if sent.is_err() || self.tls.is_closed_by_peer() {
            return Step::End(Failure::Client);
        }
        if established {
            self.stage = Stage::Head;
        }
        self.judge()
    }

    fn send_unsent(&mut self, token: Token, wire: &Wire) -> std::io::Result<()> {
        while !self.unsent.is_empty() {
            match self.tcp.write(&self.unsent) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(sent) => drop(self.unsent.drain(..sent)),
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    self.is_blocked = true;
                    return wire.registry.reregister(&mut self.tcp, token, Interest::READABLE | Interest::WRITABLE);
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        (self.unsent, self.is_blocked) = (Vec::new(), false);
        Ok(())
    }

    /// For the router, with what was read.
    pub fn into_handover(mut self, wire: &Wire) -> std::io::Result<Handover> {
        wire.registry.deregister(&mut self.tcp)?;
        let Self { tcp, tls, data, unsent, address, place, .. } = self;
        Ok(Handover { tcp: tcp.into(), tls, data, unsent, address, place })
    }

    /// For a stream, with the records that go along with its first octets. `None`: the client does not take what the handshake
    /// needs.
    pub fn into_parts(self) -> Option<(TcpStream, Endpoint, Place, Vec<u8>)> {
        (!self.is_blocked).then_some((self.tcp, self.tls, self.place, self.unsent))
    }
}
