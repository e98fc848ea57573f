//! The record layer of an established TLS 1.3 connection, on keys taken out of rustls (RFC 8446, section 5).

use aws_lc_rs::aead::LessSafeKey;
use rustls::ExtractedSecrets;
use rustls::kernel::KernelConnection;
use rustls::server::ServerConnectionData;

use crate::direction::Direction;
use crate::error::{Error, Violation};
use crate::wire::{Alert, Content, HEADER_LEN, INNER_MAX, KEY_UPDATE, TAG_LEN, UPDATE_NOT_REQUESTED, UPDATE_REQUESTED, wanted};

/// Records in a row that may come without application data: empty ones, KeyUpdates, parts of these. rustls and BoringSSL
/// draw the same line.
const FRUITLESS_MAX: u8 = 32;
/// The keys are replaced when this part of their allowance is left.
const ALLOWANCE_RESERVE: u64 = 8;

/// Both directions, and rustls's key schedule to replace their keys. Nothing here is larger than an idle connection needs.
pub(crate) struct Extracted {
    schedule: KernelConnection<ServerConnectionData>,
    inbound: Direction,
    outbound: Direction,
    /// The sequence number at which the outbound key is replaced.
    rekey_at: u64,
    /// The beginning of an inbound record whose end has not come yet. Without one it holds no memory.
    partial: Vec<u8>,
    /// Most octets of content in an outbound record.
    content_max: u16,
    /// How many octets of an inbound KeyUpdate have come.
    key_update_len: u8,
    /// Inbound records in a row without application data.
    fruitless: u8,
    peer_closed: bool,
}

/// What the records of one call to [`Extracted::receive`] asked for besides delivering data.
#[derive(Default)]
struct Requests {
    key_update: bool,
}

impl Extracted {
    /// Takes over a connection. `partial` is what has come of the next inbound record. The keys are written to where they stay:
    /// a value that moves leaves copies behind that nobody wipes.
    pub(crate) fn new(
        secrets: ExtractedSecrets,
        schedule: KernelConnection<ServerConnectionData>,
        mut partial: Vec<u8>,
        content_max: u16,
    ) -> Result<Box<Self>, Error> {
        let allowance = schedule.negotiated_cipher_suite().tls13().ok_or(Error::Cipher)?.common.confidentiality_limit;
        partial.shrink_to_fit();
        let mut this = Box::new(Self {
            schedule,
            inbound: Direction::without_key(),
            outbound: Direction::without_key(),
            rekey_at: allowance - (allowance / ALLOWANCE_RESERVE).max(1),
            partial,
            content_max,
            key_update_len: 0,
            fruitless: 0,
            peer_closed: false,
        });
        this.inbound.set_key(secrets.rx)?;
        this.outbound.set_key(secrets.tx)?;
        Ok(this)
    }

    pub(crate) fn is_closed_by_peer(&self) -> bool {
        self.peer_closed
    }

    /// Opens the records that `octets` completes; see [`Endpoint::receive`](crate::Endpoint::receive).
    pub(crate) fn receive(&mut self, octets: &[u8], data: &mut Vec<u8>, reply: &mut Vec<u8>) -> Result<(), Error> {
        let mut requests = Requests::default();
        let outcome = self.take_records(octets, data, &mut requests);
        if let Err(error) = outcome {
            let alert = match &error {
                Error::PeerAlert(_) => return Err(error),
                Error::Violation(violation) => violation.alert(),
                _ => Alert::InternalError,
            };
            // The error matters more than a failure to announce it.
            let _ = self.alert(alert, reply);
            return Err(error);
        }
        // However many KeyUpdates came at once, the peer wants one in return (section 4.6.3).
        if requests.key_update { self.update_outbound(reply) } else { Ok(()) }
    }

    /// Seals `plaintext`; see [`Endpoint::send`](crate::Endpoint::send).
    pub(crate) fn send(&mut self, plaintext: &[u8], out: &mut Vec<u8>) -> Result<(), Error> {
        let content_max = usize::from(self.content_max);
        out.reserve(plaintext.len() + plaintext.len().div_ceil(content_max) * (HEADER_LEN + 1 + TAG_LEN));
        let mut cipher = self.outbound.cipher()?;
        for content in plaintext.chunks(content_max) {
            if self.outbound.sequence() >= self.rekey_at {
                self.update_outbound(out)?;
                cipher = self.outbound.cipher()?;
            }
            self.outbound.seal(&cipher, Content::ApplicationData, content, out)?;
        }
        Ok(())
    }

    /// Appends an alert to `out`. After it nothing may be sent.
    pub(crate) fn alert(&mut self, alert: Alert, out: &mut Vec<u8>) -> Result<(), Error> {
        let cipher = self.outbound.cipher()?;
        self.outbound.seal(&cipher, Content::Alert, &alert.encode(), out)
    }

    /// Announces a new outbound key under the old one, then replaces it (section 4.6.3).
    fn update_outbound(&mut self, out: &mut Vec<u8>) -> Result<(), Error> {
        let [a, b, c, d] = KEY_UPDATE;
        let cipher = self.outbound.cipher()?;
        self.outbound.seal(&cipher, Content::Handshake, &[a, b, c, d, UPDATE_NOT_REQUESTED], out)?;
        self.outbound.set_key(self.schedule.update_tx_secret()?)
    }

    /// Cuts `octets` into records and opens the complete ones. Only a record that spans two calls is copied.
    fn take_records(&mut self, mut octets: &[u8], data: &mut Vec<u8>, requests: &mut Requests) -> Result<(), Error> {
        let mut cipher = None;
        // "Any data received after a closure alert has been received MUST be ignored" (section 6.1).
        while !octets.is_empty() && !self.peer_closed {
            if self.partial.is_empty() {
                match octets.split_at_checked(wanted(octets)?) {
                    Some((record, rest)) => {
                        octets = rest;
                        self.take_record(record, &mut cipher, data, requests)?;
                    }
                    None => {
                        self.partial = octets.to_vec();
                        octets = &[];
                    }
                }
                continue;
            }
            let missing = wanted(&self.partial)? - self.partial.len();
            let (part, rest) = octets.split_at(missing.min(octets.len()));
            self.partial.extend_from_slice(part);
            octets = rest;
            if self.partial.len() == wanted(&self.partial)? {
                let record = std::mem::take(&mut self.partial);
                self.take_record(&record, &mut cipher, data, requests)?;
            }
        }
        Ok(())
    }

    /// Opens one record at the end of `data` and leaves there only what is application data.
    fn take_record(
        &mut self,
        record: &[u8],
        cipher: &mut Option<LessSafeKey>,
        data: &mut Vec<u8>,
        requests: &mut Requests,
    ) -> Result<(), Error> {
        let opener = match cipher {
            Some(cipher) => cipher,
            None => cipher.insert(self.inbound.cipher()?),
        };
        let (header, body) = record.split_at(HEADER_LEN);
        let start = data.len();
        data.extend_from_slice(body);
        let opened = self.inbound.open(opener, header, &mut data[start..]).and_then(|inner| Ok(unpad(inner)?));
        let (kind, len) = match opened {
            Ok(opened) => opened,
            Err(error) => {
                data.truncate(start);
                return Err(error);
            }
        };
        if kind == Content::ApplicationData {
            data.truncate(start + len);
            return self.take_data(len);
        }
        // The other messages that may come are shorter than this; of a longer one these octets show what is wrong.
        let mut message = [0; KEY_UPDATE.len() + 2];
        let shown = len.min(message.len());
        message[..shown].copy_from_slice(&data[start..start + shown]);
        data.truncate(start);
        match kind {
            Content::Handshake => {
                if let Some(wants_answer) = self.take_handshake(&message[..shown])? {
                    self.inbound.set_key(self.schedule.update_rx_secret()?)?;
                    *cipher = None;
                    requests.key_update |= wants_answer;
                }
                Ok(())
            }
            _ => self.take_alert(&message[..shown]),
        }
    }

    fn take_data(&mut self, len: usize) -> Result<(), Error> {
        self.refuse_interruption()?;
        if len == 0 {
            return self.count_fruitless();
        }
        self.fruitless = 0;
        Ok(())
    }

    /// Takes a part of a handshake message. A client has only KeyUpdate left to send, so what has come of it is a count.
    /// When it is complete: whether it wants an answer.
    fn take_handshake(&mut self, part: &[u8]) -> Result<Option<bool>, Error> {
        if part.is_empty() {
            return Err(Violation::UnexpectedRecord.into());
        }
        self.count_fruitless()?;
        let mut part = part.iter();
        for octet in part.by_ref() {
            match KEY_UPDATE.get(usize::from(self.key_update_len)) {
                Some(expected) if octet == expected => self.key_update_len += 1,
                Some(_) if self.key_update_len == 0 => return Err(Violation::UnexpectedHandshake.into()),
                Some(_) => return Err(Violation::Malformed.into()),
                None => {
                    self.key_update_len = 0;
                    let wants_answer = match *octet {
                        UPDATE_NOT_REQUESTED => false,
                        UPDATE_REQUESTED => true,
                        _ => return Err(Violation::IllegalKeyUpdate.into()),
                    };
                    return if part.len() == 0 { Ok(Some(wants_answer)) } else { Err(Violation::Misaligned.into()) };
                }
            }
        }
        Ok(None)
    }

    fn take_alert(&mut self, message: &[u8]) -> Result<(), Error> {
        const CLOSE_NOTIFY: u8 = Alert::CloseNotify as u8;
        const USER_CANCELED: u8 = Alert::UserCanceled as u8;
        self.refuse_interruption()?;
        match message {
            [] => Err(Violation::UnexpectedRecord.into()),
            [_, CLOSE_NOTIFY] => {
                self.peer_closed = true;
                Ok(())
            }
            // It only announces a close_notify (section 6.1).
            [_, USER_CANCELED] => self.count_fruitless(),
            [_, description] => Err(Error::PeerAlert(*description)),
            _ => Err(Violation::Malformed.into()),
        }
    }

    fn refuse_interruption(&self) -> Result<(), Error> {
        if self.key_update_len == 0 { Ok(()) } else { Err(Violation::Interrupted.into()) }
    }

    fn count_fruitless(&mut self) -> Result<(), Error> {
        self.fruitless += 1;
        if self.fruitless > FRUITLESS_MAX { Err(Violation::Fruitless.into()) } else { Ok(()) }
    }
}

/// The type and the length of the content in an opened record (section 5.4): the type is the last octet that is not zero.
fn unpad(inner: &[u8]) -> Result<(Content, usize), Violation> {
    if inner.len() > INNER_MAX {
        return Err(Violation::Overlong);
    }
    let len = inner.iter().rposition(|octet| *octet != 0).ok_or(Violation::UnexpectedRecord)?;
    let kind = Content::from_octet(inner[len]).ok_or(Violation::UnexpectedRecord)?;
    Ok((kind, len))
}
