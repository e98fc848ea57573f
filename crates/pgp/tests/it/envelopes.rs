use sealcast_pgp::{
    blob,
    envelope::{self, Aead, EnvelopeError},
    epoch,
    keyring::SecretKey,
    message::{self, OpenError, PayloadError},
    pkesk,
};
use serde_json::Value;

use crate::vectors::{NOW, file, hex, of_kind, recipient, secret, text};

/// Signed inside: good OpenPGP, but the profile has its one signature outside, so our client refuses what the vectors allow.
const SIGNED_INSIDE: [&str; 2] = ["envelopes/ok-inline-signed.pgp", "envelopes/js-ok-inline-signed.pgp"];

/// Our names for the manifest's codes. Where two rules are broken, another may be found first.
fn rules_of(code: &str) -> &'static [&'static str] {
    match code {
        "plaintext" => &["plaintext"],
        "missing-recipient" => &["compliance-recipient-missing", "room-recipient-missing"],
        "no-seipd" => &["data-missing"],
        "unexpected-recipient" => &["recipient-unexpected"],
        "duplicate-recipient" => &["recipient-duplicate"],
        "wildcard-recipient" => &["recipient-anonymous"],
        "trailing-packet" => &["trailing"],
        "truncated" => &["truncated"],
        "empty" => &["empty"],
        "oversized" => &["too-large"],
        "not-binary-new-format" | "old-format-header" => &["not-binary"],
        "unknown-packet" | "packet-type" => &["packet-type"],
        "partial-length" => &["partial-length"],
        "pkesk-version" => &["recipient-version"],
        "pkesk-algo" => &["recipient-form"],
        "seipd-version" => &["data-version"],
        "skesk" => &["password-recipient"],
        // The session key of another cipher has another length.
        "cipher" => &["cipher", "recipient-form"],
        "aead" => &["aead-mode"],
        "chunk-size" => &["chunk-size"],
        other => panic!("no rule for {other}"),
    }
}

#[test]
fn server_verdicts_match_the_vectors() {
    for vector in of_kind("envelope") {
        let path = text(vector, "file");
        let verdict = check(vector);
        match text(vector, "server") {
            "ok" => assert!(verdict.is_ok(), "{path}: {verdict:?}"),
            code => {
                let rule = verdict.expect_err(path).rule();
                assert!(rules_of(code).contains(&rule), "{path}: {rule} for {code}");
            }
        }
    }
}

#[test]
fn missing_recipients_are_told_apart() {
    let verdict = |path: &str| {
        let vector = of_kind("envelope").into_iter().find(|vector| vector["file"] == path).expect(path);
        check(vector)
    };
    assert_eq!(verdict("envelopes/missing-compliance.pgp"), Err(EnvelopeError::ComplianceRecipientMissing));
    assert_eq!(verdict("envelopes/missing-room.pgp"), Err(EnvelopeError::RoomRecipientMissing));
    assert_eq!(verdict("envelopes/extra-pkesk.pgp"), Err(EnvelopeError::RecipientUnexpected));
    assert_eq!(verdict("envelopes/oversized.pgp"), Err(EnvelopeError::TooLarge { max: 65_536 }));
    assert_eq!(verdict("envelopes/ok-gcm.pgp").map(|info| info.aead), Ok(Aead::Gcm));
    assert_eq!(verdict("envelopes/ok-ocb.pgp").map(|info| info.aead), Ok(Aead::Ocb));
}

#[test]
fn client_verdicts_match_the_vectors() {
    let plain = file("plain.txt");
    for vector in of_kind("envelope") {
        let path = text(vector, "file");
        let (by_room, by_compliance) = (open(vector, "room_secret"), open(vector, "compliance_secret"));
        match text(vector, "client") {
            _ if SIGNED_INSIDE.contains(&path) => {
                assert_eq!(by_room.unwrap_err(), OpenError::Payload(PayloadError::Signed), "{path}");
            }
            "ok" => {
                for opened in [by_room, by_compliance] {
                    let opened = opened.unwrap_or_else(|error| panic!("{path}: {error}"));
                    assert_eq!(*opened.plaintext, plain, "{path}");
                    assert_eq!(hex(opened.session_key.as_octets()), text(vector, "session_key_hex"), "{path}");
                    assert_eq!(hex(&opened.session_key.commitment()), text(vector, "session_key_commitment_hex"), "{path}");
                }
            }
            "compliance-undecryptable" => {
                assert!(by_room.is_ok(), "{path}: {by_room:?}");
                assert_eq!(by_compliance.unwrap_err(), OpenError::Payload(PayloadError::Undecryptable), "{path}");
            }
            "reject" => assert!(by_room.is_err() && by_compliance.is_err(), "{path}: {by_room:?}, {by_compliance:?}"),
            "any" => {}
            other => panic!("{path}: {other}"),
        }
    }
}

#[test]
fn what_hides_inside_is_named() {
    for (path, expected) in [
        ("envelopes/compressed-inside.pgp", PayloadError::Compressed),
        ("envelopes/zipbomb-60MB.pgp", PayloadError::Compressed),
        ("envelopes/nested-encrypted.pgp", PayloadError::Nested),
        ("envelopes/inner-two-literals.pgp", PayloadError::Content),
        ("envelopes/aead-tag-flipped.pgp", PayloadError::Undecryptable),
    ] {
        let vector = of_kind("envelope").into_iter().find(|vector| vector["file"] == path).expect(path);
        assert_eq!(open(vector, "room_secret").unwrap_err(), OpenError::Payload(expected), "{path}");
    }
}

#[test]
fn sealed_envelopes_open_for_both_recipients_and_nobody_else() {
    let (room, compliance, stranger) = (room_key(), user_key("compliance"), user_key("mallory"));
    let (room_fp, compliance_fp) = (room.certificate().encryption.fingerprint, compliance.certificate().encryption.fingerprint);
    // One chunk, many chunks, and more than a first partial body length.
    for len in [0, 1, 256, 4_096, 4_097, 60_000] {
        let plaintext: Vec<u8> = (0..len).map(|i: usize| (i % 251) as u8).collect();
        let sealed = message::seal(&room.certificate().encryption, &compliance.certificate().encryption, &plaintext).unwrap();
        let info = envelope::check(&sealed.env, &room_fp, &compliance_fp).unwrap();
        assert_eq!(info.aead, Aead::Gcm);
        for key in [&room, &compliance] {
            let opened = message::open(&sealed.env, &room_fp, &compliance_fp, key).unwrap();
            assert_eq!(*opened.plaintext, plaintext);
            assert_eq!(opened.session_key.commitment(), sealed.session_key.commitment());
        }
        let refused = message::open(&sealed.env, &room_fp, &compliance_fp, &stranger).unwrap_err();
        assert_eq!(refused, OpenError::NotARecipient);

        // Any octet of a long ciphertext, and its last chunk cut off.
        for position in [222 + 40, sealed.env.len() / 2 + 111, sealed.env.len() - 1] {
            let mut altered = sealed.env.clone();
            altered[position] ^= 0x20;
            assert!(message::open(&altered, &room_fp, &compliance_fp, &room).is_err(), "octet {position} of {len}");
        }
    }
    let too_large = message::seal(&room.certificate().encryption, &compliance.certificate().encryption, &[0; 65_536]);
    assert_eq!(too_large.unwrap_err(), message::SealError::TooLarge);
}

#[test]
fn an_epoch_is_granted_from_member_to_member() {
    let (room, alice, bob) = (room_key(), user_key("alice"), user_key("bob"));
    let (octets, blob_key) = epoch::seal_blob(&room).unwrap();
    blob::check(&octets).unwrap();

    let to_alice = epoch::grant(&blob_key, &alice.certificate().encryption).unwrap();
    assert_eq!(to_alice.len(), 111);
    pkesk::check(&to_alice, &alice.certificate().encryption.fingerprint).unwrap();
    let alices = alice.open_pkesk(&to_alice).unwrap();
    // Who was granted can grant, and everybody gets the same room key.
    let to_bob = epoch::grant(&alices, &bob.certificate().encryption).unwrap();
    let bobs = bob.open_pkesk(&to_bob).unwrap();
    assert_eq!(epoch::open_blob(&octets, &bobs).unwrap().fingerprint(), room.fingerprint());

    assert!(bob.open_pkesk(&to_alice).is_err());
    assert_eq!(pkesk::check(&to_alice, &bob.certificate().encryption.fingerprint).unwrap_err().rule(), "pkesk-recipient");
    let mut altered = to_bob.clone();
    altered[110] ^= 1;
    assert_eq!(bob.open_pkesk(&altered).unwrap_err(), sealcast_pgp::keyring::KeyError::Undecryptable);
    let (_, other_key) = epoch::seal_blob(&room).unwrap();
    assert_eq!(epoch::open_blob(&octets, &other_key).unwrap_err(), epoch::BlobError::Payload(PayloadError::Undecryptable));
    assert!(blob::check(&[to_bob.as_slice(), &octets].concat()).is_err(), "a blob names no recipient");
}

#[test]
fn grants_of_openpgp_js_open() {
    let mut keys = Vec::new();
    for vector in of_kind("grant-sliced") {
        let octets = file(text(vector, "file"));
        let member = secret(text(vector, "to"));
        pkesk::check(&octets, &member.certificate().encryption.fingerprint).unwrap();
        let blob_key = member.open_pkesk(&octets).unwrap();
        // Signed inside, as blobs once were; the profile has the opener's signature outside.
        let blob = file(text(vector, "blob"));
        blob::check(&blob).unwrap();
        assert_eq!(epoch::open_blob(&blob, &blob_key).unwrap_err(), epoch::BlobError::Payload(PayloadError::Signed));
        keys.push(*blob_key.as_octets());
    }
    assert!(keys.len() == 2 && keys[0] == keys[1], "two grants of one blob");
}

fn check(vector: &Value) -> Result<envelope::EnvelopeInfo, EnvelopeError> {
    let (room, compliance) = (recipient(text(vector, "room")), recipient(text(vector, "compliance")));
    envelope::check(&file(text(vector, "file")), &room.encryption.fingerprint, &compliance.encryption.fingerprint)
}

fn open(vector: &Value, key: &str) -> Result<message::Opened, OpenError> {
    let (room, compliance) = (recipient(text(vector, "room")), recipient(text(vector, "compliance")));
    let key = secret(text(vector, key));
    message::open(&file(text(vector, "file")), &room.encryption.fingerprint, &compliance.encryption.fingerprint, &key)
}

fn room_key() -> SecretKey {
    SecretKey::generate_room(NOW).unwrap()
}

fn user_key(name: &str) -> SecretKey {
    SecretKey::generate_user(name, NOW).unwrap()
}
