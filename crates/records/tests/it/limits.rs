//! Keys are replaced before they have protected too much, whatever cipher was agreed on.

use rustls::{
    CipherSuiteCommon, SupportedCipherSuite, Tls13CipherSuite,
    crypto::{
        CryptoProvider,
        aws_lc_rs::{
            self,
            cipher_suite::{TLS13_AES_128_GCM_SHA256, TLS13_AES_256_GCM_SHA384, TLS13_CHACHA20_POLY1305_SHA256},
        },
    },
};
use sealcast_records::RecordPath;

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

/// A provider of one cipher, with a small allowance.
fn frugal(suite: SupportedCipherSuite) -> CryptoProvider {
    let Tls13CipherSuite { common, hkdf_provider, aead_alg, quic } = suite.tls13().unwrap();
    let common = CipherSuiteCommon { suite: common.suite, hash_provider: common.hash_provider, confidentiality_limit: ALLOWANCE };
    let suite = Box::leak(Box::new(Tls13CipherSuite { common, hkdf_provider: *hkdf_provider, aead_alg: *aead_alg, quic: *quic }));
    CryptoProvider { cipher_suites: vec![SupportedCipherSuite::Tls13(suite)], ..aws_lc_rs::default_provider() }
}
