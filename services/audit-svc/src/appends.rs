//! What tells a state of the log that audit-svc made from one that somebody wrote into the database.

use aws_lc_rs::hmac;
use sealcast_merkle::checkpoint::{SigningKey, TreeHead};

/// Domain of the key, and of what it authenticates.
const DOMAIN: &[u8] = b"sealcast/v1/append";

/// Authenticates states of the log. Every replica has it, the database does not.
#[derive(Clone)]
pub struct AppendKey(hmac::Key);

impl AppendKey {
    /// The one that belongs to a log's signing key.
    pub fn of(log_key: &SigningKey) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, log_key.derive(DOMAIN).as_slice()))
    }

    /// What is stored with a state that this process made.
    pub fn mac(&self, head: &TreeHead) -> Vec<u8> {
        hmac::sign(&self.0, &text(head)).as_ref().to_vec()
    }

    /// Whether a process with this key made the state.
    pub fn is_ours(&self, head: &TreeHead, mac: &[u8]) -> bool {
        hmac::verify(&self.0, &text(head), mac).is_ok()
    }
}

fn text(head: &TreeHead) -> Vec<u8> {
    [DOMAIN, &head.size.to_be_bytes(), &head.root].concat()
}

impl std::fmt::Debug for AppendKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AppendKey")
    }
}

#[cfg(test)]
mod tests {
    use sealcast_merkle::checkpoint::generate_skey;

    use super::*;

    #[test]
    fn a_state_is_ours_with_its_own_key_size_and_root() {
        let [key, other] = [(); 2].map(|()| AppendKey::of(&SigningKey::parse(&generate_skey().unwrap()).unwrap()));
        let head = TreeHead { size: 7, root: [1; 32] };
        let mac = key.mac(&head);
        assert!(key.is_ours(&head, &mac));
        assert!(!other.is_ours(&head, &mac));
        assert!(!key.is_ours(&TreeHead { size: 8, ..head }, &mac));
        assert!(!key.is_ours(&TreeHead { root: [2; 32], ..head }, &mac));
    }
}
