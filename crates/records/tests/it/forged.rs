//! What a peer may not send, and what it may although few do.

use sealcast_records::{Error, RecordPath, Violation};

use crate::forger::{ALERT, DATA, Forger, HANDSHAKE};

const UNEXPECTED_MESSAGE: u8 = 10;
const RECORD_OVERFLOW: u8 = 22;
const ILLEGAL_PARAMETER: u8 = 47;
const DECODE_ERROR: u8 = 50;

on_both_paths! {
    what_is_forbidden_ends_the_connection,
    padding_and_fragments_are_allowed,
    an_alert_ends_the_connection_without_an_answer,
}

/// What is sent, as (type and padding with content), and what this crate answers.
type Case = (&'static str, Vec<Vec<u8>>, Violation, u8);

fn cases() -> Vec<Case> {
    let of = |kind: u8, content: &[u8]| [content, &[kind]].concat();
    let mut cases = vec![
        ("an empty handshake record", vec![of(HANDSHAKE, &[])], Violation::UnexpectedRecord, UNEXPECTED_MESSAGE),
        ("an empty alert", vec![of(ALERT, &[])], Violation::UnexpectedRecord, UNEXPECTED_MESSAGE),
        ("only padding", vec![vec![0; 10]], Violation::UnexpectedRecord, UNEXPECTED_MESSAGE),
        ("an unknown type", vec![of(99, b"?")], Violation::UnexpectedRecord, UNEXPECTED_MESSAGE),
        ("a protected change_cipher_spec", vec![of(20, &[1])], Violation::UnexpectedRecord, UNEXPECTED_MESSAGE),
        ("a ClientHello", vec![of(HANDSHAKE, &[1, 0, 0, 1, 0])], Violation::UnexpectedHandshake, UNEXPECTED_MESSAGE),
        ("an illegal KeyUpdate", vec![of(HANDSHAKE, &[24, 0, 0, 1, 2])], Violation::IllegalKeyUpdate, ILLEGAL_PARAMETER),
        ("an overlong KeyUpdate", vec![of(HANDSHAKE, &[24, 0, 0, 2, 0, 0])], Violation::Malformed, DECODE_ERROR),
        ("more behind a KeyUpdate", vec![of(HANDSHAKE, &[24, 0, 0, 1, 0, 24])], Violation::Misaligned, UNEXPECTED_MESSAGE),
        ("an interrupted message", vec![of(HANDSHAKE, &[24, 0]), of(DATA, b"x")], Violation::Interrupted, UNEXPECTED_MESSAGE),
        ("an alert too long", vec![of(ALERT, &[2, 80, 0])], Violation::Malformed, DECODE_ERROR),
        ("too much content", vec![of(DATA, &[b'x'; (1 << 14) + 1])], Violation::Overlong, RECORD_OVERFLOW),
    ];
    cases.push(("a flood of empty records", vec![of(DATA, &[]); 33], Violation::Fruitless, UNEXPECTED_MESSAGE));
    cases
}

/// What rustls lets pass, or waits for the rest of.
const LENIENT: [&str; 2] = ["an empty handshake record", "a body too long"];

fn what_is_forbidden_ends_the_connection(path: RecordPath) {
    for (what, records, expected, alert) in cases() {
        let mut forger = Forger::open(path);
        let octets: Vec<u8> = records.iter().flat_map(|inner| forger.inner(inner)).collect();
        let reply = refused(&mut forger, path, (what, &octets, expected));
        if path == RecordPath::Extracted {
            // rustls says less, and nothing to some.
            assert_eq!(forger.read(&reply), (ALERT, vec![2, alert]), "{what}: a fatal alert");
        }
    }
    for (what, header, expected) in [
        ("an unprotected record", [22, 3, 3, 0, 20], Violation::UnexpectedRecord),
        ("a body too long", [23, 3, 3, 0x41, 1], Violation::Overlong),
        ("a body without a tag", [23, 3, 3, 0, 15], Violation::BadRecord),
    ] {
        let octets = [&header[..], &[0; 20]].concat();
        refused(&mut Forger::open(path), path, (what, &octets, expected));
    }
}

/// Sends what must be refused; the reply.
fn refused(forger: &mut Forger, path: RecordPath, (what, octets, expected): (&str, &[u8], Violation)) -> Vec<u8> {
    let (outcome, _, reply) = forger.receive(octets);
    if path == RecordPath::Rustls && LENIENT.contains(&what) {
        return reply;
    }
    let error = outcome.expect_err(what);
    if path == RecordPath::Extracted {
        assert!(matches!(error, Error::Violation(violation) if violation == expected), "{what}: {error}");
    }
    assert!(matches!(forger.server.send(b"more", &mut Vec::new()), Err(Error::Closed)), "{what}");
    reply
}

fn padding_and_fragments_are_allowed(path: RecordPath) {
    let mut forger = Forger::open(path);
    let octets = forger.inner(&[&b"padded"[..], &[DATA], &[0; 300]].concat());
    assert_eq!(forger.receive(&octets).1, b"padded");
    let octets = [forger.record(ALERT, &[1, 90]), forger.record(DATA, b"after user_canceled")].concat();
    assert_eq!(forger.receive(&octets).1, b"after user_canceled");
    let octets = [forger.record(HANDSHAKE, &[24, 0, 0]), forger.record(HANDSHAKE, &[1, 1])].concat();
    let (outcome, _, answer) = forger.receive(&octets);
    outcome.unwrap();
    assert_eq!(forger.read(&answer), (HANDSHAKE, vec![24, 0, 0, 1, 0]), "a KeyUpdate that wants no answer");
}

fn an_alert_ends_the_connection_without_an_answer(path: RecordPath) {
    let mut forger = Forger::open(path);
    let octets = forger.record(ALERT, &[2, 80]);
    let (outcome, _, reply) = forger.receive(&octets);
    assert!(matches!(outcome, Err(Error::PeerAlert(80))), "{outcome:?}");
    assert_eq!(reply, b"");
}
