use aws_lc_rs::digest;
use sealcast_bus::consume::Delivery;
use sealcast_contracts::{Fingerprint, events::AuditEventKind, stream::header};
use sealcast_merkle::leaf::MessageDigests;

use super::Source;

/// Headers that are kept with a quarantined message.
const HEADERS_KEPT: [&str; 7] =
    ["Nats-Msg-Id", header::SENDER, header::SENDER_FP, header::CID, header::EPOCH, header::ACCEPTED_AT, header::STREAM_EPOCH];

/// A delivery that goes to quarantine.
#[derive(Debug)]
pub struct Rejected {
    pub stream: &'static str,
    pub seq: u64,
    pub subject: String,
    pub reason: String,
    pub payload_sha256: [u8; 32],
    /// Headers and payload, to be sealed.
    pub evidence: Vec<u8>,
    /// The event that the log states it by.
    pub event: AuditEventKind,
}

/// A message whose id or client message id belongs to another one.
pub fn conflict(delivery: &Delivery, digests: &MessageDigests) -> Rejected {
    let event = AuditEventKind::LogConflict { id: digests.id, room_id: digests.room_id };
    rejected(Source::Envelopes, delivery, "its id or client message id belongs to another stored message", |_, _| event)
}

/// Something that is not of its stream's format.
pub fn malformed(source: Source, delivery: &Delivery, reason: &str) -> Rejected {
    rejected(source, delivery, reason, |payload_sha256, reason| AuditEventKind::MessageQuarantined {
        stream: source.stream().to_owned(),
        seq: delivery.seq,
        payload_sha256,
        reason,
    })
}

fn rejected(source: Source, delivery: &Delivery, reason: &str, event: impl FnOnce(String, String) -> AuditEventKind) -> Rejected {
    let received = &delivery.message;
    let mut payload_sha256 = [0; 32];
    payload_sha256.copy_from_slice(digest::digest(&digest::SHA256, &received.payload).as_ref());
    // As on the wire: header lines, an empty line, the payload.
    let mut evidence = Vec::new();
    for name in HEADERS_KEPT {
        if let Some(value) = received.header(name) {
            evidence.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
        }
    }
    evidence.extend_from_slice(b"\r\n");
    evidence.extend_from_slice(&received.payload);
    Rejected {
        stream: source.stream(),
        seq: delivery.seq,
        subject: received.subject.clone(),
        reason: reason.to_owned(),
        payload_sha256,
        evidence,
        event: event(Fingerprint(payload_sha256).to_string(), reason.to_owned()),
    }
}
