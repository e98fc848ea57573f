use std::sync::LazyLock;

use sealcast_contracts::{Fingerprint, context::MESSAGE_NOTATION, limits::CERTIFICATE_OCTETS_MAX};
use sealcast_pgp::{
    certificate::{Certificate, VerifyingKey},
    pkesk, signature,
};
use time::{OffsetDateTime, macros::datetime};

/// A time at which the corpus's certificates are current.
pub(crate) const NOW: OffsetDateTime = datetime!(2026-11-24 12:00 UTC);
const ALICE: &[u8] = include_bytes!("../../../pgp/tests/vectors/certs/alice.v6.pub.pgp");
const ALICE_NAME: &str = "Alice Example <alice@sealcast.example>";
/// What nobody signed.
const UNSIGNED: &[u8] = b"nobody signed this";

static KEY: LazyLock<VerifyingKey> = LazyLock::new(|| Certificate::parse_sender(ALICE, ALICE_NAME, NOW).expect("a vector").key);

/// A certificate has one purpose, and is within its limit.
///
/// # Panics
/// When that does not hold.
pub fn certificate(octets: &[u8]) {
    let user = Certificate::parse_user(octets, ALICE_NAME, NOW);
    let sender = Certificate::parse_sender(octets, ALICE_NAME, NOW);
    let room = Certificate::parse_room(octets, NOW);
    let compliance = Certificate::parse_compliance(octets, NOW);
    assert!(room.is_err() || (user.is_err() && compliance.is_err()), "a room's certificate is somebody's");
    // Who may join now may also have sent.
    assert!(user.is_err() || sender.is_ok(), "a user's certificate is no sender's");
    if user.is_ok() || room.is_ok() || compliance.is_ok() {
        assert!(octets.len() <= CERTIFICATE_OCTETS_MAX, "a certificate of {} octets", octets.len());
    }
}

/// Nothing is a signature over what nobody signed, and nothing but a grant's packet is one.
///
/// # Panics
/// When that does not hold.
pub fn signature(octets: &[u8]) {
    assert!(signature::verify(&KEY, octets, UNSIGNED, MESSAGE_NOTATION, NOW).is_err(), "it verifies");
    assert!(signature::verify_past(&KEY, octets, UNSIGNED, MESSAGE_NOTATION).is_err(), "it verifies for a reader");
    assert!(pkesk::check(octets, &Fingerprint([0; 32])).is_err(), "it is a grant to nobody");
}
