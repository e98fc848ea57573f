//! Secrets that clients bring, and what is kept of them.

use aws_lc_rs::{digest, hmac};
use sealcast_contracts::{Base64, limits};

use crate::failure::{Answer, malformed};

pub(crate) fn sha256(octets: &[u8]) -> [u8; 32] {
    digest::digest(&digest::SHA256, octets).as_ref().try_into().expect("SHA-256 gives 32 octets")
}

pub(crate) fn hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}

/// A key of its own for one purpose, from the one that all replicas share.
///
/// `prelogin` signs whatever name it is asked for with that key and answers with a part of it; no name begins with this octet.
pub(crate) fn subkey(shared: &hmac::Key, purpose: &str) -> hmac::Tag {
    hmac::sign(shared, &[&[0xff], purpose.as_bytes()].concat())
}

/// The `auth` secret of a password or a recovery key, of the length that the contract says.
pub(crate) fn auth_secret<'a>(field: &str, secret: &'a Base64) -> Answer<&'a [u8]> {
    match secret.as_slice() {
        octets if octets.len() == limits::AUTH_SECRET_OCTETS => Ok(octets),
        _ => Err(malformed(field, "it must have 32 octets")),
    }
}

/// A locked secret key; the server cannot look inside.
pub(crate) fn locked_key<'a>(field: &str, key: &'a Base64) -> Answer<&'a [u8]> {
    match key.as_slice() {
        [] => Err(malformed(field, "it is empty")),
        octets if octets.len() > limits::LOCKED_KEY_OCTETS_MAX => Err(malformed(field, "it is too long")),
        octets => Ok(octets),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_gives_a_subkey_away() {
        let shared = hmac::Key::new(hmac::HMAC_SHA256, &[1; 32]);
        let subkey = subkey(&shared, "sealcast/v1/device");
        for name in ["sealcast/v1/device", "\u{ff}sealcast/v1/device", "\u{fffd}sealcast/v1/device"] {
            assert_ne!(subkey.as_ref()[..16], hmac::sign(&shared, name.as_bytes()).as_ref()[..16], "{name}");
        }
    }
}
