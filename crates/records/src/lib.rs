//! The server's end of a TLS connection without I/O, small enough to hold a hundred thousand of them.
//!
//! rustls makes every handshake. Afterwards an [`Endpoint`] can give rustls's buffers up ([`Endpoint::extract`]): it then seals and
//! opens TLS 1.3 records by itself (RFC 8446, section 5), with the keys that rustls's kernel-connection interface hands out,
//! while rustls's key schedule stays for changes of keys (section 4.6.3). The way without extraction stays whole.

mod direction;
mod error;
mod extracted;
mod whole;
mod wire;

use std::{fmt, mem, sync::Arc};

use rustls::{ProtocolVersion, ServerConfig};

pub use crate::error::{Error, Violation};
use crate::{extracted::Extracted, whole::Whole, wire::Alert};

/// Who protects records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordPath {
    /// This crate, with keys taken out of rustls.
    Extracted,
    /// rustls.
    Rustls,
}

/// See the crate. Both states are boxed: an endpoint itself is two words.
pub struct Endpoint(State);

enum State {
    Whole(Box<Whole>),
    Extracted(Box<Extracted>),
    /// Nothing may be sent or received any more.
    Closed,
}

impl Endpoint {
    /// A connection before its first octet.
    ///
    /// # Errors
    /// The configuration is not one for a server of this kind.
    pub fn new(config: Arc<ServerConfig>) -> Result<Self, Error> {
        Ok(Self(State::Whole(Box::new(Whole::new(config)?))))
    }

    /// Takes octets from the network, in pieces of any size. Appends decrypted application data to `data`, and to `reply` what
    /// must be sent back: handshake flights, answers to KeyUpdates, and the alert that belongs to an error.
    ///
    /// # Errors
    /// The connection is over: send `reply`, then close the transport.
    pub fn receive(&mut self, octets: &[u8], data: &mut Vec<u8>, reply: &mut Vec<u8>) -> Result<(), Error> {
        let received = match &mut self.0 {
            State::Whole(whole) => whole.receive(octets, data, reply),
            State::Extracted(extracted) => extracted.receive(octets, data, reply),
            State::Closed => return Err(Error::Closed),
        };
        if received.is_err() {
            self.0 = State::Closed;
        }
        received
    }

    /// Whether application data cannot be sent yet.
    pub fn is_handshaking(&self) -> bool {
        matches!(&self.0, State::Whole(whole) if whole.is_handshaking())
    }

    /// Whether the peer's close_notify came: what followed it was ignored, and nothing is missing before it.
    pub fn is_closed_by_peer(&self) -> bool {
        match &self.0 {
            State::Whole(whole) => whole.is_closed_by_peer(),
            State::Extracted(extracted) => extracted.is_closed_by_peer(),
            State::Closed => true,
        }
    }

    /// The application protocol that was agreed on (RFC 7301); unknown after [`Self::extract`].
    pub fn alpn(&self) -> Option<&[u8]> {
        if let State::Whole(whole) = &self.0 { whole.alpn() } else { None }
    }

    /// The protocol version, once it is agreed on.
    pub fn protocol_version(&self) -> Option<ProtocolVersion> {
        match &self.0 {
            State::Whole(whole) => whole.protocol_version(),
            State::Extracted(_) => Some(ProtocolVersion::TLSv1_3),
            State::Closed => None,
        }
    }

    /// Whether the handshake resumed an earlier session; unknown after [`Self::extract`].
    pub fn is_resumed(&self) -> bool {
        matches!(&self.0, State::Whole(whole) if whole.is_resumed())
    }

    /// Seals application data into as few records as possible, and appends them to `out`.
    ///
    /// # Errors
    /// The handshake is not over, or the connection is: a key that could not be replaced seals nothing more.
    pub fn send(&mut self, plaintext: &[u8], out: &mut Vec<u8>) -> Result<(), Error> {
        let sent = match &mut self.0 {
            State::Whole(whole) => whole.send(plaintext, out),
            State::Extracted(extracted) => extracted.send(plaintext, out),
            State::Closed => return Err(Error::Closed),
        };
        if sent.as_ref().is_err_and(|error| !matches!(error, Error::Handshaking)) {
            self.0 = State::Closed;
        }
        sent
    }

    /// Appends a close_notify, if the connection is still one. Nothing can be sent or received afterwards.
    pub fn close(&mut self, out: &mut Vec<u8>) {
        match mem::replace(&mut self.0, State::Closed) {
            // A notice that cannot be sealed is a truncation, which the peer notices.
            State::Whole(mut whole) => drop(whole.close(out)),
            State::Extracted(mut extracted) => drop(extracted.alert(Alert::CloseNotify, out)),
            State::Closed => {}
        }
    }

    /// Takes the keys out of rustls and gives its buffers up. `false`: it stays with rustls, since the version is older than
    /// TLS 1.3, the configuration does not allow extraction, or something is still on its way.
    ///
    /// # Errors
    /// The handshake is not over, or the connection is.
    pub fn extract(&mut self) -> Result<bool, Error> {
        match &self.0 {
            State::Extracted(_) => return Ok(true),
            State::Closed => return Err(Error::Closed),
            State::Whole(whole) if whole.is_handshaking() => return Err(Error::Handshaking),
            State::Whole(whole) if !whole.is_extractable() => return Ok(false),
            State::Whole(_) => {}
        }
        let State::Whole(whole) = mem::replace(&mut self.0, State::Closed) else { return Err(Error::Closed) };
        self.0 = State::Extracted(whole.extract()?);
        Ok(true)
    }

    /// Who protects its records now.
    pub fn path(&self) -> RecordPath {
        if let State::Extracted(_) = self.0 { RecordPath::Extracted } else { RecordPath::Rustls }
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoint").field("path", &self.path()).field("is_handshaking", &self.is_handshaking()).finish()
    }
}
