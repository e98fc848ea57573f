use sealcast_pgp::certificate::{Certificate, CertificateError, Validity};
use time::Duration;

use crate::vectors::{MANIFEST, NOW, file, hex, text};

#[test]
fn every_certificate_gets_the_verdict_of_its_state() {
    let certificates = MANIFEST["certs"].as_array().unwrap();
    assert_eq!(certificates.len(), 15);
    for vector in certificates {
        let path = text(vector, "file");
        let octets = file(path);
        let parsed = match vector["user_id"].as_str() {
            Some(user_id) => Certificate::parse_user(&octets, user_id, NOW),
            None => Certificate::parse_room(&octets, NOW),
        };
        let refusal = match (vector["version"].as_u64(), text(vector, "state")) {
            (Some(4), _) => Some(CertificateError::Version),
            (_, "expired") => Some(CertificateError::Expired),
            (_, "revoked") => Some(CertificateError::Revoked),
            _ => None,
        };
        assert_eq!(parsed.as_ref().err().copied(), refusal, "{path}");
        if let Ok(certificate) = parsed {
            assert_eq!(hex(&certificate.key.fingerprint.0), text(vector, "fingerprint"), "{path}");
            assert_eq!(hex(&certificate.encryption.fingerprint.0), text(vector, "encryption_subkey"), "{path}");
            assert_eq!(Some(certificate.key.created.unix_timestamp()), vector["created_unix"].as_i64(), "{path}");
        }
    }
}

#[test]
fn readers_learn_since_when_a_certificate_is_no_longer_valid() {
    let expired = Certificate::parse_sender(&file("certs/expired.v6.pub.pgp"), "Expired <expired@sealcast.example>", NOW).unwrap();
    let key = expired.key;
    assert_eq!(key.validity(key.created), Validity::Current);
    assert_eq!(key.validity(key.expires.unwrap()), Validity::Expired);
    assert_eq!(key.validity(key.created - Duration::SECOND), Validity::NotYet);

    // Revoked because it was compromised: nothing that it ever signed counts.
    let revoked = Certificate::parse_sender(&file("certs/revoked.v6.pub.pgp"), "Revoked <revoked@sealcast.example>", NOW).unwrap();
    assert_eq!(revoked.key.validity(revoked.key.created), Validity::Revoked);
}

#[test]
fn a_certificate_is_refused_outside_its_purpose() {
    let alice = file("certs/alice.v6.pub.pgp");
    let name = "Alice Example <alice@sealcast.example>";
    let room = file("certs/room-e1.v6.pub.pgp");
    assert_eq!(Certificate::parse_user(&alice, "alice", NOW), Err(CertificateError::UserId));
    assert_eq!(Certificate::parse_room(&alice, NOW), Err(CertificateError::Packets));
    assert_eq!(Certificate::parse_user(&room, "", NOW), Err(CertificateError::Packets));
    assert_eq!(Certificate::parse_compliance(&room, NOW), Err(CertificateError::Packets));
    assert_eq!(Certificate::parse_room(&file("certs/room-e1.v6.sec.pgp"), NOW), Err(CertificateError::SecretKey));
    assert_eq!(Certificate::parse_user(&alice, name, NOW - Duration::days(30)), Err(CertificateError::NotYetValid));
    assert_eq!(Certificate::parse_user(&[], name, NOW), Err(CertificateError::Malformed));
    assert_eq!(Certificate::parse_user(&vec![0xC6; 4_097], name, NOW), Err(CertificateError::TooLarge));
}

#[test]
fn a_certificate_that_was_altered_is_refused() {
    let name = "Alice Example <alice@sealcast.example>";
    let alice = file("certs/alice.v6.pub.pgp");
    for tail in [&b"\n"[..], &file("signatures/ok-alice.sig"), &alice] {
        let longer = [&alice, tail].concat();
        assert!(Certificate::parse_user(&longer, name, NOW).is_err(), "{} octets appended", tail.len());
    }
    for cut in [1, 32, alice.len() / 2, alice.len() - 1] {
        assert!(Certificate::parse_user(&alice[..cut], name, NOW).is_err(), "cut to {cut}");
    }
    // A wrong self-signature, in each of the three.
    let accepted = (0..alice.len()).filter(|&position| {
        let mut altered = alice.clone();
        altered[position] ^= 1;
        Certificate::parse_user(&altered, name, NOW)
            .is_ok_and(|parsed| parsed != Certificate::parse_user(&alice, name, NOW).unwrap())
    });
    assert_eq!(accepted.collect::<Vec<_>>(), Vec::<usize>::new(), "another certificate was accepted");
}

#[test]
fn what_is_cached_of_a_certificate_survives_json() {
    let certificate =
        Certificate::parse_user(&file("certs/js-carol.v6.pub.pgp"), "Carol Example <carol@sealcast.example>", NOW).unwrap();
    let json = serde_json::to_string(&certificate).unwrap();
    assert_eq!(serde_json::from_str::<Certificate>(&json).unwrap(), certificate);
}
