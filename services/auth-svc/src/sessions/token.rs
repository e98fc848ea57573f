use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use sealcast_bus::ServeError;
use sealcast_contracts::{auth::AuthRefusal, limits::TOKEN_OCTETS};
use zeroize::Zeroizing;

use crate::{failure::Answer, secret};

/// A new bearer token, and the hash that is stored of it.
pub(crate) fn generate() -> Answer<(String, [u8; 32])> {
    let mut octets = Zeroizing::new([0; TOKEN_OCTETS]);
    aws_lc_rs::rand::fill(octets.as_mut())
        .map_err(|error| ServeError::Bug(anyhow::Error::new(error).context("drawing a token")))?;
    Ok((BASE64_URL_SAFE_NO_PAD.encode(octets.as_ref()), secret::sha256(octets.as_ref())))
}

/// The stored hash of a token that a client brought; text of another form belongs to no session.
pub(crate) fn hash(token: &str) -> Answer<[u8; 32]> {
    let mut octets = Zeroizing::new([0; TOKEN_OCTETS]);
    match BASE64_URL_SAFE_NO_PAD.decode_slice(token, octets.as_mut()) {
        Ok(TOKEN_OCTETS) => Ok(secret::sha256(octets.as_ref())),
        _ => Err(AuthRefusal::SessionInvalid.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_recognised_by_its_hash() {
        let (token, stored) = generate().expect("a token");
        assert_eq!(token.len(), 43);
        assert_eq!(hash(&token).expect("hash"), stored);
        let long = format!("{token}AAAA");
        for bad in ["", "x", &token[..42], &long, &"=".repeat(43)] {
            assert!(matches!(hash(bad), Err(ServeError::Refused(AuthRefusal::SessionInvalid))), "{bad:?} was accepted");
        }
    }
}
