//! A connection that is wholly rustls's: every handshake, and afterwards those whose keys stay where they are.

use std::sync::Arc;

use rustls::server::{ServerConnectionData, UnbufferedServerConnection};
use rustls::unbuffered::{
    ConnectionState, EncodeError, EncodeTlsData, EncryptError, InsufficientSizeError, UnbufferedStatus, WriteTraffic,
};
use rustls::{CipherSuite, HandshakeKind, ProtocolVersion, ServerConfig};

use crate::error::Error;
use crate::extracted::Extracted;
use crate::wire::{CONTENT_MAX, HEADER_LEN, wanted};

/// Most octets that may wait for the rest of a record or of a handshake message. A record has at most 18,437 of them (TLS 1.2);
/// rustls itself would take handshake messages of 65,535 octets, in records of one octet each.
const BACKLOG_MAX: usize = 1 << 15;

/// rustls's connection and the octets that it has not used up.
pub(crate) struct Whole {
    tls: UnbufferedServerConnection,
    incoming: Vec<u8>,
    content_max: u16,
    extractable: bool,
    peer_closed: bool,
}

impl Whole {
    pub(crate) fn new(config: Arc<ServerConfig>) -> Result<Self, Error> {
        if config.max_early_data_size > 0 {
            return Err(Error::EarlyData);
        }
        let fragment_max = config.max_fragment_size.map_or(CONTENT_MAX, |size| size.saturating_sub(HEADER_LEN));
        let content_max = u16::try_from(fragment_max).unwrap_or(u16::MAX);
        let extractable = config.enable_secret_extraction;
        let tls = UnbufferedServerConnection::new(config)?;
        Ok(Self { tls, incoming: Vec::new(), content_max, extractable, peer_closed: false })
    }

    pub(crate) fn is_handshaking(&self) -> bool {
        self.tls.is_handshaking()
    }

    pub(crate) fn is_closed_by_peer(&self) -> bool {
        self.peer_closed
    }

    pub(crate) fn alpn(&self) -> Option<&[u8]> {
        self.tls.alpn_protocol()
    }

    pub(crate) fn protocol_version(&self) -> Option<ProtocolVersion> {
        self.tls.protocol_version()
    }

    pub(crate) fn is_resumed(&self) -> bool {
        self.tls.handshake_kind() == Some(HandshakeKind::Resumed)
    }

    pub(crate) fn receive(&mut self, octets: &[u8], data: &mut Vec<u8>, reply: &mut Vec<u8>) -> Result<(), Error> {
        if self.peer_closed {
            return Ok(());
        }
        self.incoming.extend_from_slice(octets);
        let outcome = self.process(data, reply);
        if outcome.is_err() {
            self.flush(reply)?;
        }
        outcome?;
        match self.incoming.len() {
            0 => self.incoming = Vec::new(),
            1..=BACKLOG_MAX => {}
            _ => return Err(Error::Backlog),
        }
        Ok(())
    }

    /// Lets rustls work until it needs more octets.
    fn process(&mut self, data: &mut Vec<u8>, reply: &mut Vec<u8>) -> Result<(), Error> {
        let mut used = 0;
        let mut probed = false;
        loop {
            let may_owe_key_update = !probed && self.tls.protocol_version() == Some(ProtocolVersion::TLSv1_3);
            let UnbufferedStatus { discard, state } = self.tls.process_tls_records(&mut self.incoming[used..]);
            used += discard;
            match state? {
                ConnectionState::ReadTraffic(mut traffic) => {
                    while let Some(record) = traffic.next_record() {
                        let record = record?;
                        used += record.discard;
                        data.extend_from_slice(record.payload);
                    }
                }
                ConnectionState::EncodeTlsData(flight) => append(flight, reply)?,
                ConnectionState::TransmitTlsData(transmit) => transmit.done(),
                ConnectionState::PeerClosed => {
                    self.peer_closed = true;
                    used = self.incoming.len();
                }
                // rustls keeps the answer to a KeyUpdate until the next data, though it has replaced the key: extracting then
                // would lose the answer. Trying to encrypt into no space releases it and does nothing else.
                ConnectionState::WriteTraffic(mut traffic) if may_owe_key_update => {
                    probed = true;
                    if let Ok(_) | Err(EncryptError::EncryptExhausted) = traffic.encrypt(&[0], &mut []) {
                        return Err(Error::Exhausted);
                    }
                }
                ConnectionState::WriteTraffic(_) | ConnectionState::BlockedHandshake | ConnectionState::Closed => break,
                _ => return Err(Error::EarlyData),
            }
        }
        self.incoming.drain(..used);
        Ok(())
    }

    /// Appends what rustls has queued, without giving it anything to read: that is how the alert after an error is found.
    fn flush(&mut self, out: &mut Vec<u8>) -> Result<(), Error> {
        while self.tls.wants_write() {
            match self.tls.process_tls_records(&mut []).state? {
                ConnectionState::EncodeTlsData(flight) => append(flight, out)?,
                ConnectionState::ReadTraffic(mut traffic) => while traffic.next_record().is_some() {},
                _ => break,
            }
        }
        Ok(())
    }

    pub(crate) fn send(&mut self, plaintext: &[u8], out: &mut Vec<u8>) -> Result<(), Error> {
        if self.is_handshaking() {
            return Err(Error::Handshaking);
        }
        loop {
            match self.tls.process_tls_records(&mut self.incoming).state? {
                ConnectionState::WriteTraffic(mut traffic) => {
                    return match encrypt(&mut traffic, plaintext, out) {
                        // Before TLS 1.3 keys cannot be replaced: rustls has queued a close_notify.
                        Err(Error::Exhausted) => self.flush(out).and(Err(Error::Exhausted)),
                        outcome => outcome,
                    };
                }
                ConnectionState::EncodeTlsData(flight) => append(flight, out)?,
                ConnectionState::TransmitTlsData(transmit) => transmit.done(),
                _ => return Err(Error::Closed),
            }
        }
    }

    pub(crate) fn close(&mut self, out: &mut Vec<u8>) -> Result<(), Error> {
        self.flush(out)?;
        match self.tls.process_tls_records(&mut self.incoming).state? {
            ConnectionState::WriteTraffic(mut traffic) => fill(out, |space| traffic.queue_close_notify(space)),
            _ => Ok(()),
        }
    }

    /// Whether the keys can leave rustls now without anything being lost.
    pub(crate) fn is_extractable(&self) -> bool {
        // A complete record stays in front only while a handshake message that began in it waits for its end.
        let between_messages = self.incoming.is_empty() || wanted(&self.incoming).is_ok_and(|len| len > self.incoming.len());
        self.extractable && between_messages && !self.tls.wants_write() && !self.peer_closed && self.has_known_cipher()
    }

    fn has_known_cipher(&self) -> bool {
        let suite = self.tls.negotiated_cipher_suite().map(|suite| suite.suite());
        matches!(
            suite,
            Some(
                CipherSuite::TLS13_AES_128_GCM_SHA256
                    | CipherSuite::TLS13_AES_256_GCM_SHA384
                    | CipherSuite::TLS13_CHACHA20_POLY1305_SHA256
            )
        )
    }

    pub(crate) fn extract(self) -> Result<Box<Extracted>, Error> {
        let (secrets, schedule) = self.tls.dangerous_into_kernel_connection()?;
        Extracted::new(secrets, schedule, self.incoming, self.content_max)
    }
}

/// Appends one of rustls's own messages to `out`.
fn append<Data>(mut message: EncodeTlsData<'_, Data>, out: &mut Vec<u8>) -> Result<(), Error> {
    let start = out.len();
    let Err(EncodeError::InsufficientSize(InsufficientSizeError { required_size })) = message.encode(&mut []) else {
        return Ok(());
    };
    out.resize(start + required_size, 0);
    message.encode(&mut out[start..]).map_err(|_| Error::Cipher)?;
    Ok(())
}

/// Appends records that rustls seals.
fn encrypt(traffic: &mut WriteTraffic<'_, ServerConnectionData>, plaintext: &[u8], out: &mut Vec<u8>) -> Result<(), Error> {
    fill(out, |space| traffic.encrypt(plaintext, space))
}

/// Gives rustls as much space as it asks for, behind what is in `out`.
fn fill(out: &mut Vec<u8>, mut write: impl FnMut(&mut [u8]) -> Result<usize, EncryptError>) -> Result<(), Error> {
    let start = out.len();
    let required_size = match write(&mut []) {
        Ok(_) => return Ok(()),
        Err(EncryptError::InsufficientSize(InsufficientSizeError { required_size })) => required_size,
        Err(EncryptError::EncryptExhausted) => return Err(Error::Exhausted),
    };
    out.resize(start + required_size, 0);
    match write(&mut out[start..]) {
        Ok(len) => {
            out.truncate(start + len);
            Ok(())
        }
        Err(_) => {
            out.truncate(start);
            Err(Error::Exhausted)
        }
    }
}
