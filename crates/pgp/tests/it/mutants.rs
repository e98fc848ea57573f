//! Noise: nothing panics, and what framing lets pass sequoia lets pass too.

use std::sync::LazyLock;

use proptest::prelude::*;
use sealcast_contracts::Fingerprint;
use sealcast_pgp::{
    blob,
    certificate::{Certificate, VerifyingKey},
    envelope,
    envelope::EnvelopeError,
    keyring::SecretKey,
    pkesk, signature,
};

use crate::vectors::{NOW, file, recipient};

const ALICE: &str = "Alice Example <alice@sealcast.example>";

static ENVELOPE: LazyLock<Vec<u8>> = LazyLock::new(|| file("envelopes/ok-gcm.pgp"));
static SIGNATURE: LazyLock<Vec<u8>> = LazyLock::new(|| file("signatures/ok-alice.sig"));
static CERTIFICATE: LazyLock<Vec<u8>> = LazyLock::new(|| file("certs/alice.v6.pub.pgp"));
static LOCKED: LazyLock<Vec<u8>> = LazyLock::new(|| file("locked/sq-alice.v6.iterated65536-gcm.sec.pgp"));
static KEY: LazyLock<VerifyingKey> = LazyLock::new(|| Certificate::parse_user(&CERTIFICATE, ALICE, NOW).unwrap().key);
static RECIPIENTS: LazyLock<[Fingerprint; 2]> = LazyLock::new(|| {
    ["certs/room-e1.v6.pub.pgp", "certs/compliance.v6.pub.pgp"].map(|path| recipient(path).encryption.fingerprint)
});

/// One change to some octets.
#[derive(Clone, Debug)]
enum Change {
    Set(prop::sample::Index, u8),
    Remove(prop::sample::Index, usize),
    Insert(prop::sample::Index, Vec<u8>),
    /// Packet headers and lengths, which random octets rarely hit.
    SetEarly(usize, u8),
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        (any::<prop::sample::Index>(), any::<u8>()).prop_map(|(at, octet)| Change::Set(at, octet)),
        (any::<prop::sample::Index>(), 1..200_usize).prop_map(|(at, len)| Change::Remove(at, len)),
        (any::<prop::sample::Index>(), prop::collection::vec(any::<u8>(), 1..8))
            .prop_map(|(at, octets)| Change::Insert(at, octets)),
        (0..16_usize, any::<u8>()).prop_map(|(at, octet)| Change::SetEarly(at, octet)),
    ]
}

fn mutate(mut octets: Vec<u8>, changes: Vec<Change>) -> Vec<u8> {
    for change in changes {
        if octets.is_empty() {
            break;
        }
        match change {
            Change::Set(at, octet) => *at.get_mut(&mut octets) = octet,
            Change::Remove(at, len) => {
                let start = at.index(octets.len());
                octets.drain(start..octets.len().min(start + len));
            }
            Change::Insert(at, new) => {
                let start = at.index(octets.len());
                octets.splice(start..start, new);
            }
            Change::SetEarly(at, octet) => {
                // In front of each of the packets of an envelope.
                let position = [0, 111, 222][at % 3] + at / 3;
                if let Some(target) = octets.get_mut(position) {
                    *target = octet;
                }
            }
        }
    }
    octets
}

fn changes() -> impl Strategy<Value = Vec<Change>> {
    prop::collection::vec(change(), 1..4)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn framing_is_at_least_as_strict_as_sequoia(changes in changes()) {
        let [room, compliance] = &*RECIPIENTS;
        let env = mutate(ENVELOPE.clone(), changes);
        let verdict = envelope::check(&env, room, compliance);
        prop_assert_ne!(&verdict, &Err(EnvelopeError::Unparsable));
        prop_assert_eq!(verdict, envelope::check_framing(&env, room, compliance));
        let _ = blob::check(&env[env.len().min(222)..]);
        let _ = pkesk::check(&env[..env.len().min(111)], room);
    }

    #[test]
    fn altered_signatures_and_keys_never_panic(changes in changes()) {
        let sig = mutate(SIGNATURE.clone(), changes.clone());
        if let Ok(verified) = signature::verify_past(&KEY, &sig, &ENVELOPE, "ctx@sealcast.example") {
            prop_assert_eq!(verified.notation.as_str(), "v1;room=lobby;epoch=1;cid=01JD0000000000000000000001;seq=1");
        }
        let _ = Certificate::parse_user(&mutate(CERTIFICATE.clone(), changes.clone()), ALICE, NOW);
        let _ = SecretKey::unlock(&mutate(LOCKED.clone(), changes), "correct horse battery staple");
    }
}
