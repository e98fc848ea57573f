//! `tests/vectors/browser`: what the front end's OpenPGP.js writes with the front end's settings, one account's whole life.

use sealcast_pgp::{
    blob,
    certificate::Certificate,
    envelope, epoch,
    keyring::{KeyError, SecretKey},
    message, pkesk, signature,
};
use time::{Duration, OffsetDateTime, macros::datetime};

use crate::vectors::file;

const MADE_AT: OffsetDateTime = datetime!(2026-11-24 1:00 UTC);
const NOTATION: &str = "ctx@sealcast.example";
const LOCK: &str = "K7-JfshPHYkhDah_d1oknTUSHXZ365bBfvDRt74W2GI";

#[test]
fn servers_accept_what_a_browser_writes() {
    let [user, room, compliance] = certificates();
    let env = of_browser("envelope.pgp");
    envelope::check(&env, &room.encryption.fingerprint, &compliance.encryption.fingerprint).unwrap();
    let long = of_browser("long-envelope.pgp");
    envelope::check(&long, &room.encryption.fingerprint, &compliance.encryption.fingerprint).unwrap();
    let verified = signature::verify(&user.key, &of_browser("envelope.sig"), &env, NOTATION, MADE_AT + Duration::MINUTE).unwrap();
    assert_eq!((verified.notation.as_str(), verified.created), ("v1;room=x", MADE_AT));
    blob::check(&of_browser("blob.pgp")).unwrap();
    pkesk::check(&of_browser("grant.pgp"), &user.encryption.fingerprint).unwrap();
}

#[test]
fn clients_open_what_a_browser_writes() {
    let [user, room, compliance] = certificates();
    let locked = of_browser("user.locked.pgp");
    assert_eq!(SecretKey::unlock(&locked, "another").unwrap_err(), KeyError::Passphrase);
    let user_key = SecretKey::unlock(&locked, LOCK).unwrap();
    assert_eq!(user_key.certificate(), &user);

    let blob_key = user_key.open_pkesk(&of_browser("grant.pgp")).unwrap();
    let room_key = epoch::open_blob(&of_browser("blob.pgp"), &blob_key).unwrap();
    assert_eq!(room_key.fingerprint(), room.key.fingerprint);

    let compliance_key = SecretKey::from_octets(&of_browser("compliance.sec.pgp")).unwrap();
    for key in [&room_key, &compliance_key] {
        for (name, plaintext) in [("envelope.pgp", b"from a browser".to_vec()), ("long-envelope.pgp", vec![7; 40_000])] {
            let env = of_browser(name);
            let opened = message::open(&env, &room.encryption.fingerprint, &compliance.encryption.fingerprint, key).unwrap();
            assert_eq!(*opened.plaintext, plaintext, "{name}");
        }
    }
}

fn certificates() -> [Certificate; 3] {
    [
        Certificate::parse_user(&of_browser("user.pub.pgp"), "dana", MADE_AT).unwrap(),
        Certificate::parse_room(&of_browser("room.pub.pgp"), MADE_AT).unwrap(),
        Certificate::parse_compliance(&of_browser("compliance.pub.pgp"), MADE_AT).unwrap(),
    ]
}

fn of_browser(name: &str) -> Vec<u8> {
    file(&format!("browser/{name}"))
}
