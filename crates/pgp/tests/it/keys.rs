use sealcast_pgp::{
    certificate::Certificate,
    keyring::{KeyError, SecretKey},
};

use crate::vectors::{NOW, file, hex, of_kind, text};

#[test]
fn locked_keys_of_the_profile_open_and_others_are_refused_unopened() {
    for vector in of_kind("locked-secret-key") {
        let path = text(vector, "file");
        let locked = file(path);
        let unlocked = SecretKey::unlock(&locked, text(vector, "passphrase"));
        if path.contains("argon2") {
            // A server could ask for a terabyte of memory: no other S2K is even tried.
            assert_eq!(unlocked.unwrap_err(), KeyError::LockForm, "{path}");
            continue;
        }
        assert_eq!(hex(&unlocked.unwrap().fingerprint().0), text(vector, "fingerprint"), "{path}");
        assert_eq!(SecretKey::unlock(&locked, text(vector, "wrong_passphrase")).unwrap_err(), KeyError::Passphrase, "{path}");
        assert_eq!(SecretKey::from_octets(&locked).unwrap_err(), KeyError::LockState, "{path}");
    }
}

#[test]
fn a_key_comes_back_from_its_lock() {
    let key = SecretKey::generate_user("alice", NOW).unwrap();
    let locked = key.lock("a passphrase").unwrap();
    assert_eq!(SecretKey::unlock(&locked, "another").unwrap_err(), KeyError::Passphrase);
    let unlocked = SecretKey::unlock(&locked, "a passphrase").unwrap();
    assert_eq!(*unlocked.to_octets().unwrap(), *key.to_octets().unwrap());
    assert_eq!(SecretKey::unlock(&key.to_octets().unwrap(), "").unwrap_err(), KeyError::LockState);
    assert_eq!(SecretKey::from_octets(&key.certificate_octets().unwrap()).unwrap_err(), KeyError::Malformed);
    assert_eq!(SecretKey::from_octets(&vec![0xC5; 5_000]).unwrap_err(), KeyError::TooLarge);

    // The form that docs/protocol.md names, octet for octet: usage 253, AES-256, GCM, iterated S2K, SHA-256, count 96.
    // usage, octets of parameters, cipher, mode, octets of the S2K, its kind, its hash, salt (8), count
    let is_lock = |field: &[u8]| field[0] == 253 && field[2..7] == [9, 3, 11, 3, 8] && field[15] == 96;
    assert_eq!(locked.windows(16).filter(|field| is_lock(field)).count(), 2, "both keys are locked");
}

#[test]
fn generated_certificates_follow_the_profile() {
    let alice = SecretKey::generate_user("alice", NOW).unwrap();
    let parsed = Certificate::parse_user(&alice.certificate_octets().unwrap(), "alice", NOW).unwrap();
    assert_eq!(&parsed, alice.certificate());
    assert_eq!((parsed.key.created, parsed.key.expires, parsed.user_id.as_deref()), (NOW, None, Some("alice")));
    // On a clock that is somewhat ahead of the server's.
    Certificate::parse_user(&alice.certificate_octets().unwrap(), "alice", NOW - time::Duration::minutes(4)).unwrap();

    let room = SecretKey::generate_room(NOW).unwrap();
    let parsed = Certificate::parse_room(&room.certificate_octets().unwrap(), NOW).unwrap();
    assert_eq!((&parsed, parsed.user_id.as_deref()), (room.certificate(), None));
    Certificate::parse_compliance(&SecretKey::generate_user("Compliance", NOW).unwrap().certificate_octets().unwrap(), NOW)
        .unwrap();
}

#[test]
fn secrets_do_not_print() {
    let key = SecretKey::generate_room(NOW).unwrap();
    let (_, blob_key) = sealcast_pgp::epoch::seal_blob(&key).unwrap();
    assert_eq!(format!("{blob_key:?}"), "SessionKey(…)");
    assert_eq!(format!("{key:?}"), format!("SecretKey {{ fingerprint: {}, .. }}", key.fingerprint()));
}
