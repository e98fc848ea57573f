use secrecy::{ExposeSecret as _, SecretString};

use crate::secret;

/// The token that makes the first admin of an organisation: worth nothing once there is one.
#[derive(Clone)]
pub struct BootstrapToken {
    /// SHA-256, so that comparing takes the same time whatever is compared.
    hash: [u8; 32],
}

impl BootstrapToken {
    pub fn new(token: &SecretString) -> Self {
        Self { hash: secret::sha256(token.expose_secret().as_bytes()) }
    }

    pub(crate) fn is(&self, token: &str) -> bool {
        aws_lc_rs::constant_time::verify_slices_are_equal(&self.hash, &secret::sha256(token.as_bytes())).is_ok()
    }
}
