//! Data in both directions, changes of keys, ends, and damage on the way.

use proptest::{prelude::*, test_runner::TestRunner};
use sealcast_records::{Error, RecordPath, Violation};

use crate::pair::{Pair, client_config, server_config};

on_both_paths! {
    data_goes_both_ways_in_pieces_of_any_size,
    the_peer_changes_keys_whenever_it_likes,
    changes_of_keys_without_data_are_counted,
    an_end_with_a_notice_is_told_from_one_without,
    a_changed_octet_ends_the_connection,
    a_record_counts_once,
    nothing_is_sent_after_the_end,
}

fn data_goes_both_ways_in_pieces_of_any_size(path: RecordPath) {
    let mut runner = TestRunner::new(ProptestConfig::with_cases(24));
    let texts = prop::collection::vec(prop::collection::vec(any::<u8>(), 1..40_000), 1..4);
    runner
        .run(&(texts, 1_usize..3_000), |(texts, piece)| {
            let mut pair = Pair::open(path);
            for text in &texts {
                let sent = pair.write(text);
                let mut got = Vec::new();
                for octets in sent.chunks(piece) {
                    got.extend(pair.receive(octets).unwrap().0);
                }
                prop_assert!(got == *text);
                let sent = pair.send(text);
                let mut got = Vec::new();
                for octets in sent.chunks(piece) {
                    got.extend(pair.read(octets).unwrap());
                }
                prop_assert!(got == *text);
            }
            Ok(())
        })
        .unwrap();
}

fn the_peer_changes_keys_whenever_it_likes(path: RecordPath) {
    let mut pair = Pair::open(path);
    for round in 0..100_u8 {
        // Several at once get one answer, and the key that they end with.
        for _ in 0..=round % 3 {
            pair.client.refresh_traffic_keys().unwrap();
        }
        let octets = pair.write(&[round]);
        let (data, answer) = pair.receive(&octets).unwrap();
        assert_eq!(data, [round]);
        assert_eq!(pair.read(&answer).unwrap(), b"");
        let octets = pair.send(&[round; 2]);
        assert_eq!(pair.read(&octets).unwrap(), [round; 2]);
    }
}

fn changes_of_keys_without_data_are_counted(path: RecordPath) {
    let mut pair = Pair::open(path);
    let refused = (0..100).find_map(|_| {
        pair.client.refresh_traffic_keys().unwrap();
        let octets = pair.client_octets();
        let (_, answer) = match pair.receive(&octets) {
            Ok(received) => received,
            Err(refused) => return Some(refused),
        };
        assert_eq!(pair.read(&answer).unwrap(), b"");
        None
    });
    let (error, alert) = refused.expect("a flood is refused");
    // rustls refuses it without a word.
    if path == RecordPath::Extracted {
        assert!(matches!(error, Error::Violation(Violation::Fruitless)), "{error}");
        assert!(matches!(pair.read(&alert), Err(rustls::Error::AlertReceived(_))));
    }
}

fn an_end_with_a_notice_is_told_from_one_without(path: RecordPath) {
    let mut pair = Pair::open(path);
    let octets = pair.write(b"cut");
    let (data, _) = pair.receive(&octets[..octets.len() - 1]).unwrap();
    assert_eq!(data, b"");
    assert!(!pair.server.is_closed_by_peer(), "what was cut off is missed");
    let (data, _) = pair.receive(&octets[octets.len() - 1..]).unwrap();
    assert_eq!(data, b"cut");

    pair.client.send_close_notify();
    let mut octets = pair.client_octets();
    octets.extend_from_slice(b"whatever follows it");
    assert_eq!(pair.receive(&octets).unwrap().0, b"");
    assert!(pair.server.is_closed_by_peer());
    // The other direction is still open (RFC 8446, section 6.1).
    let octets = pair.send(b"last words");
    assert_eq!(pair.read(&octets).unwrap(), b"last words");
    let mut notice = Vec::new();
    pair.server.close(&mut notice);
    pair.client.read_tls(&mut notice.as_slice()).unwrap();
    assert!(pair.client.process_new_packets().unwrap().peer_has_closed());
}

fn a_changed_octet_ends_the_connection(path: RecordPath) {
    let mut runner = TestRunner::new(ProptestConfig::with_cases(64));
    runner
        .run(&(any::<prop::sample::Index>(), 1_u8..), |(position, change)| {
            let mut pair = Pair::open(path);
            let mut octets = pair.write(b"a text that nobody may change");
            let position = 5 + position.index(octets.len() - 5);
            octets[position] ^= change;
            let (error, alert) = pair.receive(&octets).unwrap_err();
            prop_assert!(matches!(error, Error::Violation(Violation::BadRecord)), "{error}");
            let told = pair.read(&alert).unwrap_err();
            prop_assert_eq!(told, rustls::Error::AlertReceived(rustls::AlertDescription::BadRecordMac));
            Ok(())
        })
        .unwrap();
}

fn a_record_counts_once(path: RecordPath) {
    let mut pair = Pair::open(path);
    let (first, second) = (pair.write(b"one"), pair.write(b"two"));
    assert_eq!(pair.receive(&first).unwrap().0, b"one");
    assert!(matches!(pair.receive(&first).unwrap_err().0, Error::Violation(Violation::BadRecord)), "again");
    let mut pair = Pair::open(path);
    let (_, ahead) = (pair.write(b"one"), pair.write(b"two"));
    assert!(matches!(pair.receive(&ahead).unwrap_err().0, Error::Violation(Violation::BadRecord)), "too early");
    drop(second);
}

fn nothing_is_sent_after_the_end(path: RecordPath) {
    let mut pair = Pair::open(path);
    pair.server.close(&mut Vec::new());
    assert!(matches!(pair.server.send(b"late", &mut Vec::new()), Err(Error::Closed)));
    let octets = pair.write(b"late");
    assert!(matches!(pair.receive(&octets).unwrap_err().0, Error::Closed));
}

#[test]
fn older_versions_and_closed_configurations_stay_with_rustls() {
    let mut config = server_config(rustls::crypto::aws_lc_rs::default_provider());
    config.enable_secret_extraction = false;
    let mut pair = Pair::with(RecordPath::Rustls, config, client_config());
    assert!(!pair.server.extract().unwrap());
    let octets = pair.write(b"still here");
    assert_eq!(pair.receive(&octets).unwrap().0, b"still here");
}
