use sealcast_contracts::context::{COMPLIANCE_NOTATION, EPOCH_NOTATION};
use sealcast_pgp::{keyring::SecretKey, rotation, signature::SignatureError};
use time::{Duration, OffsetDateTime, macros::datetime};

const NOW: OffsetDateTime = datetime!(2026-03-01 12:00 UTC);

fn key() -> SecretKey {
    SecretKey::generate_user("Compliance", NOW - Duration::days(400)).unwrap()
}

#[test]
fn a_key_names_one_certificate_and_one_time() {
    let (old, new, at) = (key(), key(), NOW + Duration::days(8));
    let certificate = new.certificate_octets().unwrap();
    let statement = rotation::statement(&old.fingerprint(), &new.fingerprint(), &certificate, at);
    let signed = |notation, value| old.sign(statement.as_bytes(), notation, value, NOW).unwrap();
    let verify = |signer: &SecretKey, named: &SecretKey, at, sig: &[u8]| {
        let octets = named.certificate_octets().unwrap();
        rotation::verify(&signer.certificate().key, (&named.fingerprint(), &octets), at, sig)
    };
    let sig = signed(COMPLIANCE_NOTATION, rotation::VERSION);
    assert_eq!(verify(&old, &new, at, &sig), Ok(NOW));
    assert_eq!(verify(&old, &new, at + Duration::SECOND, &sig), Err(SignatureError::Bad));
    assert_eq!(verify(&old, &key(), at, &sig), Err(SignatureError::Bad));
    assert_eq!(verify(&new, &new, at, &sig), Err(SignatureError::Issuer));
    // The same text, signed as something else.
    assert_eq!(verify(&old, &new, at, &signed(EPOCH_NOTATION, rotation::VERSION)), Err(SignatureError::NotationForm));
    assert_eq!(verify(&old, &new, at, &signed(COMPLIANCE_NOTATION, "v2")), Err(SignatureError::NotationForm));
}
