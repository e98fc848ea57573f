//! Keys are replaced before they have protected too much, whatever cipher was agreed on.

use std::sync::atomic::{AtomicBool, Ordering};

use rustls::{
    CipherSuiteCommon, ConnectionTrafficSecrets, SupportedCipherSuite, Tls13CipherSuite,
    crypto::{
        CryptoProvider,
        aws_lc_rs::{
            self,
            cipher_suite::{TLS13_AES_128_GCM_SHA256, TLS13_AES_256_GCM_SHA384, TLS13_CHACHA20_POLY1305_SHA256},
        },
        cipher::{AeadKey, Iv, MessageDecrypter, MessageEncrypter, Tls13AeadAlgorithm, UnsupportedOperationError},
    },
};
use sealcast_records::{Error, RecordPath};

use crate::pair::{Pair, bodies, client_config, server_config};

/// Records that a key of these tests may protect.
const ALLOWANCE: u64 = 16;
const RECORDS: usize = 200;
/// The body of a record with a KeyUpdate: five octets, the type, the tag.
const KEY_UPDATE_BODY: usize = 5 + 1 + 16;

on_both_paths! { keys_are_replaced_before_their_limit }

fn keys_are_replaced_before_their_limit(path: RecordPath) {
    for suite in [TLS13_AES_128_GCM_SHA256, TLS13_AES_256_GCM_SHA384, TLS13_CHACHA20_POLY1305_SHA256] {
        let mut pair = Pair::with(path, server_config(frugal(suite)), client_config());
        let mut under_one_key = 0;
        let mut replaced = 0;
        for record in 0..RECORDS {
            let text = [record as u8; 100];
            let octets = pair.send(&text);
            for body in bodies(&octets) {
                under_one_key += 1;
                assert!(under_one_key <= ALLOWANCE, "{suite:?}: record {record} is one too many");
                if body == KEY_UPDATE_BODY {
                    (under_one_key, replaced) = (0, replaced + 1);
                }
            }
            assert_eq!(pair.read(&octets).unwrap(), text);
        }
        assert!(replaced >= RECORDS / ALLOWANCE as usize, "{suite:?}: replaced {replaced} times");
    }
}

#[test]
fn a_key_that_cannot_be_replaced_seals_nothing_more() {
    let Tls13CipherSuite { common, hkdf_provider, aead_alg, quic } = TLS13_AES_256_GCM_SHA384.tls13().unwrap();
    let broken: &Breakable = Box::leak(Box::new(Breakable { aead: *aead_alg, is_broken: AtomicBool::new(false) }));
    let common = CipherSuiteCommon { suite: common.suite, hash_provider: common.hash_provider, confidentiality_limit: ALLOWANCE };
    let suite = Tls13CipherSuite { common, hkdf_provider: *hkdf_provider, aead_alg: broken, quic: *quic };
    let mut pair = Pair::with(RecordPath::Extracted, server_config(provider(suite)), client_config());
    broken.is_broken.store(true, Ordering::Relaxed);
    let (mut sent, mut out) = (0, Vec::new());
    let refused = loop {
        match pair.server.send(b"text", &mut out) {
            Ok(()) => sent += 1,
            Err(error) => break error,
        }
        assert!(sent <= ALLOWANCE);
    };
    assert!(matches!(refused, Error::Rustls(_)), "{refused}");
    out.clear();
    assert!(matches!(pair.server.send(b"more", &mut out), Err(Error::Closed)));
    pair.server.close(&mut out);
    assert_eq!(out, b"");
}

/// A cipher whose further keys cannot be had once it is broken.
struct Breakable {
    aead: &'static dyn Tls13AeadAlgorithm,
    is_broken: AtomicBool,
}

impl Tls13AeadAlgorithm for Breakable {
    fn encrypter(&self, key: AeadKey, iv: Iv) -> Box<dyn MessageEncrypter> {
        self.aead.encrypter(key, iv)
    }

    fn decrypter(&self, key: AeadKey, iv: Iv) -> Box<dyn MessageDecrypter> {
        self.aead.decrypter(key, iv)
    }

    fn key_len(&self) -> usize {
        self.aead.key_len()
    }

    fn extract_keys(&self, key: AeadKey, iv: Iv) -> Result<ConnectionTrafficSecrets, UnsupportedOperationError> {
        if self.is_broken.load(Ordering::Relaxed) { Err(UnsupportedOperationError) } else { self.aead.extract_keys(key, iv) }
    }
}

/// A provider of one cipher, with a small allowance.
fn frugal(suite: SupportedCipherSuite) -> CryptoProvider {
    let Tls13CipherSuite { common, hkdf_provider, aead_alg, quic } = suite.tls13().unwrap();
    let common = CipherSuiteCommon { suite: common.suite, hash_provider: common.hash_provider, confidentiality_limit: ALLOWANCE };
    provider(Tls13CipherSuite { common, hkdf_provider: *hkdf_provider, aead_alg: *aead_alg, quic: *quic })
}

fn provider(suite: Tls13CipherSuite) -> CryptoProvider {
    let suite = Box::leak(Box::new(suite));
    CryptoProvider { cipher_suites: vec![SupportedCipherSuite::Tls13(suite)], ..aws_lc_rs::default_provider() }
}
