//! Secrets that clients bring, and what is kept of them.

use aws_lc_rs::digest;
use sealcast_contracts::{Base64, limits};

use crate::failure::{Answer, malformed};

pub(crate) fn sha256(octets: &[u8]) -> [u8; 32] {
    digest::digest(&digest::SHA256, octets).as_ref().try_into().expect("SHA-256 gives 32 octets")
}

pub(crate) fn hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
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
