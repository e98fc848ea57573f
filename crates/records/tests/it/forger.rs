//! A client that can write any record, with keys taken out of rustls and a record layer of its own.

use ::aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use rustls::{ConnectionTrafficSecrets, crypto::aws_lc_rs};
use sealcast_records::{Endpoint, Error, RecordPath};

use crate::pair::{Pair, client_config, server_config};

pub const ALERT: u8 = 21;
pub const HANDSHAKE: u8 = 22;
pub const DATA: u8 = 23;

pub struct Forger {
    pub server: Endpoint,
    outbound: Key,
    inbound: Key,
}

struct Key {
    key: LessSafeKey,
    iv: [u8; 12],
    sequence: u64,
}

impl Forger {
    pub fn open(path: RecordPath) -> Self {
        let Pair { server, client } = Pair::with(path, server_config(aws_lc_rs::default_provider()), client_config());
        let secrets = client.dangerous_extract_secrets().unwrap();
        Self { server, outbound: Key::new(secrets.tx), inbound: Key::new(secrets.rx) }
    }

    /// A record of this type.
    pub fn record(&mut self, kind: u8, content: &[u8]) -> Vec<u8> {
        self.inner(&[content, &[kind]].concat())
    }

    /// A record with this content, type and padding in one.
    pub fn inner(&mut self, inner: &[u8]) -> Vec<u8> {
        let length = u16::try_from(inner.len() + 16).unwrap().to_be_bytes();
        let header = [23, 3, 3, length[0], length[1]];
        let mut body = inner.to_vec();
        let nonce = self.outbound.nonce();
        self.outbound.key.seal_in_place_append_tag(nonce, Aad::from(header), &mut body).unwrap();
        [&header[..], &body].concat()
    }

    /// Gives records to the server: its data and its reply.
    pub fn receive(&mut self, octets: &[u8]) -> (Result<(), Error>, Vec<u8>, Vec<u8>) {
        let (mut data, mut reply) = (Vec::new(), Vec::new());
        let outcome = self.server.receive(octets, &mut data, &mut reply);
        (outcome, data, reply)
    }

    /// Opens one record of the server: its type and its content.
    pub fn read(&mut self, octets: &[u8]) -> (u8, Vec<u8>) {
        let (header, body) = octets.split_at(5);
        let mut body = body.to_vec();
        let nonce = self.inbound.nonce();
        let opened = self.inbound.key.open_in_place(nonce, Aad::from(header), &mut body).unwrap();
        let (kind, content) = opened.split_last().unwrap();
        (*kind, content.to_vec())
    }
}

impl Key {
    fn new((sequence, secrets): (u64, ConnectionTrafficSecrets)) -> Self {
        let ConnectionTrafficSecrets::Aes256Gcm { key, iv } = secrets else { panic!("the default cipher is AES-256-GCM") };
        let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key.as_ref()).unwrap());
        Self { key, iv: iv.as_ref().try_into().unwrap(), sequence }
    }

    fn nonce(&mut self) -> Nonce {
        let mut nonce = self.iv;
        for (octet, sequence) in nonce[4..].iter_mut().zip(self.sequence.to_be_bytes()) {
            *octet ^= sequence;
        }
        self.sequence += 1;
        Nonce::assume_unique_for_key(nonce)
    }
}
