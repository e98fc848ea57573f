use sealcast_pgp::{
    certificate::Certificate,
    keyring::SecretKey,
    signature::{self, SignatureError},
};
use serde_json::Value;
use time::{Duration, OffsetDateTime};

use crate::vectors::{MANIFEST, NOW, file, of_kind, text};

const NOTATION: &str = "ctx@sealcast.example";

/// Our names for the manifest's codes. Where two rules are broken, another may be found first.
fn rules_of(code: &str) -> &'static [&'static str] {
    match code {
        "sig-issuer" => &["issuer"],
        "sig-bad" => &["bad"],
        "sig-type" => &["type"],
        "sig-time-skew" => &["time-skew"],
        "sig-expired" => &["expired", "time-skew", "key-expired"],
        "cert-expired" => &["key-expired"],
        "cert-revoked" => &["key-revoked"],
        "sig-version" => &["version", "certificate"],
        "sig-policy" => &["subpackets"],
        "more-than-one-packet" | "not-a-signature" => &["packets"],
        "truncated" => &["malformed"],
        "context-missing" => &["notation-missing"],
        "context-duplicate" => &["notation-duplicate"],
        "context-mismatch" => &["context-mismatch"],
        other => panic!("no rule for {other}"),
    }
}

#[test]
fn server_verdicts_match_the_vectors() {
    for vector in of_kind("detached-signature") {
        let path = text(vector, "file");
        match (verdict(vector), text(vector, "server")) {
            (Ok(()), "ok") => {}
            (Err(rule), code) => assert!(rules_of(code).contains(&rule), "{path}: {rule} for {code}"),
            (Ok(()), code) => panic!("{path} was accepted, not {code}"),
        }
    }
}

#[test]
fn a_signature_verifies_while_fresh_and_later_as_past() {
    let (key, other) = (user_key("alice"), user_key("bob"));
    let verifying = &key.certificate().key;
    let sig = key.sign(b"octets", NOTATION, "v1", NOW).unwrap();
    let fresh = |now| signature::verify(verifying, &sig, b"octets", NOTATION, now);
    assert_eq!(fresh(NOW).unwrap().notation, "v1");
    assert_eq!(fresh(NOW).unwrap().created, NOW);
    let skew = Duration::seconds(300);
    assert!(fresh(NOW + skew).is_ok() && fresh(NOW - skew).is_ok());
    assert_eq!(fresh(NOW + skew + Duration::SECOND), Err(SignatureError::TimeSkew));
    assert_eq!(fresh(NOW - skew - Duration::SECOND), Err(SignatureError::TimeSkew));

    let past = signature::verify_past(verifying, &sig, b"octets", NOTATION).unwrap();
    assert_eq!((past.notation.as_str(), past.created), ("v1", NOW));
    assert_eq!(signature::verify_past(verifying, &sig, b"other", NOTATION), Err(SignatureError::Bad));
    assert_eq!(signature::verify_past(verifying, &sig, b"octets", "epoch@sealcast.example"), Err(SignatureError::NotationForm));
    assert_eq!(signature::verify_past(&other.certificate().key, &sig, b"octets", NOTATION), Err(SignatureError::Issuer));
}

#[test]
fn a_certificate_counts_at_the_time_that_matters() {
    let key = user_key("alice");
    let sig = key.sign(b"octets", NOTATION, "v1", NOW + Duration::MINUTE).unwrap();
    let now = NOW + Duration::minutes(3);
    let between = NOW + Duration::minutes(2);
    for (expires, revoked, error) in
        [(Some(between), None, SignatureError::KeyExpired), (None, Some(between), SignatureError::KeyRevoked)]
    {
        let mut ended = key.certificate().key.clone();
        (ended.expires, ended.revoked) = (expires, revoked);
        // The server wants it valid now, a reader when the signature was made.
        assert_eq!(signature::verify(&ended, &sig, b"octets", NOTATION, now), Err(error));
        assert!(signature::verify_past(&ended, &sig, b"octets", NOTATION).is_ok());
        (ended.expires, ended.revoked) = (expires.map(|_| NOW), revoked.map(|_| NOW));
        assert_eq!(signature::verify_past(&ended, &sig, b"octets", NOTATION), Err(error));
    }
    let mut later = key.certificate().key.clone();
    later.created = NOW + Duration::HOUR;
    assert_eq!(signature::verify_past(&later, &sig, b"octets", NOTATION), Err(SignatureError::KeyNotYetValid));
}

#[test]
fn every_altered_octet_is_found() {
    let key = user_key("alice");
    let sig = key.sign(b"octets", NOTATION, "v1;room=x", NOW).unwrap();
    let good = signature::verify_past(&key.certificate().key, &sig, b"octets", NOTATION).unwrap();
    for position in 0..sig.len() {
        for bit in 0..8 {
            let mut altered = sig.clone();
            altered[position] ^= 1 << bit;
            // The two octets of the digest are a hint that nothing is decided by.
            if let Ok(verified) = signature::verify_past(&key.certificate().key, &altered, b"octets", NOTATION) {
                assert_eq!(verified, good, "bit {bit} of octet {position}");
            }
        }
    }
    let long = [sig.as_slice(), &[0; 1_024]].concat();
    assert_eq!(signature::verify_past(&key.certificate().key, &long, b"octets", NOTATION), Err(SignatureError::TooLarge));
}

/// `Err` with a rule; a certificate that is refused has its own.
fn verdict(vector: &Value) -> Result<(), &'static str> {
    let signer = text(vector, "signer");
    let user_id =
        MANIFEST["certs"].as_array().unwrap().iter().find(|cert| cert["file"] == signer).unwrap()["user_id"].as_str().unwrap();
    let now = OffsetDateTime::from_unix_timestamp(vector["verify_at_unix"].as_i64().unwrap()).unwrap();
    let key = Certificate::parse_sender(&file(signer), user_id, now).map_err(|_| "certificate")?.key;
    let (sig, data) = (file(text(vector, "file")), file(text(vector, "over")));
    let verified = signature::verify(&key, &sig, &data, NOTATION, now).map_err(|error| error.rule())?;
    if verified.notation == text(vector, "context") { Ok(()) } else { Err("context-mismatch") }
}

fn user_key(name: &str) -> SecretKey {
    SecretKey::generate_user(name, NOW).unwrap()
}
