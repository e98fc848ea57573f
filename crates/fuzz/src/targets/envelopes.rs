use std::sync::LazyLock;

use sealcast_contracts::{Fingerprint, limits::ENVELOPE_OCTETS_MAX};
use sealcast_pgp::{certificate::Certificate, envelope};

use super::certificates::NOW;

const ROOM: &[u8] = include_bytes!("../../../pgp/tests/vectors/certs/room-e1.v6.pub.pgp");
const COMPLIANCE: &[u8] = include_bytes!("../../../pgp/tests/vectors/certs/compliance.v6.pub.pgp");

/// The recipients that the corpus's good envelopes have.
static RECIPIENTS: LazyLock<[Fingerprint; 2]> = LazyLock::new(|| {
    let room = Certificate::parse_room(ROOM, NOW).expect("a vector");
    let compliance = Certificate::parse_compliance(COMPLIANCE, NOW).expect("a vector");
    [room.encryption.fingerprint, compliance.encryption.fingerprint]
});

/// What the whole check lets through, the cheap one does as well, and it is within its limit.
///
/// # Panics
/// When that does not hold.
pub fn envelope(octets: &[u8]) {
    let [room, compliance] = &*RECIPIENTS;
    let framing = envelope::check_framing(octets, room, compliance);
    if envelope::check(octets, room, compliance).is_ok() {
        assert!(framing.is_ok(), "the framing is refused, the envelope is not");
        assert!(octets.len() <= ENVELOPE_OCTETS_MAX, "an envelope of {} octets", octets.len());
    }
}
