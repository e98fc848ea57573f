//! The sessions of the bench: tokens that both the fixture and the generators compute from a seed.

use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};

/// The bearer token of a session. The fixture's SQL computes the same: `sha256(seed || '-' || number)`.
pub fn token(seed: &str, number: usize) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(digest(&SHA256, format!("{seed}-{number}").as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_those_of_the_fixture() {
        // select rtrim(translate(encode(sha256('seed-7'), 'base64'), '+/', '-_'), '=')
        assert_eq!(token("seed", 7), "XHDjBjTjgoJJwStnZbmn94e0PSHbah89qTq5xwRiXcA");
    }
}
