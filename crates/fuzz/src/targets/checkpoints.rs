use std::sync::LazyLock;

use sealcast_merkle::{checkpoint, cosignature, witness::AddCheckpoint};

/// Keys that sign nothing.
static LOG: LazyLock<String> = LazyLock::new(|| {
    let skey = checkpoint::generate_skey().expect("a key");
    checkpoint::SigningKey::parse(&skey).expect("a key that was made").vkey().to_owned()
});
static WITNESS: LazyLock<String> = LazyLock::new(|| {
    let skey = cosignature::generate_skey("witness.example").expect("a key");
    cosignature::WitnessKey::parse(&skey).expect("a key that was made").vkey()
});

/// No note is signed by keys that are nobody's, and a request to a witness is read in one way.
///
/// # Panics
/// When that does not hold.
pub fn checkpoint(octets: &[u8]) {
    let Ok(text) = std::str::from_utf8(octets) else { return };
    assert!(checkpoint::verify(text, &LOG).is_err(), "nobody signed it");
    assert!(cosignature::verify(text, &WITNESS).is_err(), "nobody cosigned it");
    // Keys come from configuration, and are read all the same.
    let (_, _) = (checkpoint::verify("", text), cosignature::verify("", text));
    if let Ok(request) = AddCheckpoint::parse(text) {
        let body = request.to_body();
        assert_eq!(AddCheckpoint::parse(&body).as_ref(), Ok(&request), "it is read otherwise the second time");
        assert!(request.admit(None, &LOG).is_err(), "an unsigned checkpoint is admitted");
    }
}
