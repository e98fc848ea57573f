//! What tells a state of the log that audit-svc made from one that somebody wrote into the database.

use std::sync::Arc;

use aws_lc_rs::hmac;
use sealcast_merkle::checkpoint::{self, SigningKey, TreeHead};

/// Domain of the key, and of what it authenticates.
const DOMAIN: &[u8] = b"sealcast/v1/append";

/// Authenticates states of the log. Every replica has it, the database does not.
#[derive(Clone)]
pub struct AppendKey {
    key: hmac::Key,
    /// The log's verifier key.
    vkey: Arc<str>,
}

impl AppendKey {
    /// The one that belongs to a log's signing key.
    pub fn of(log_key: &SigningKey) -> Self {
        Self { key: hmac::Key::new(hmac::HMAC_SHA256, log_key.derive(DOMAIN).as_slice()), vkey: log_key.vkey().into() }
    }

    /// What is stored with a state that this process made.
    pub fn mac(&self, head: &TreeHead) -> Vec<u8> {
        hmac::sign(&self.key, &text(head)).as_ref().to_vec()
    }

    /// Whether a process with this key made the state.
    pub fn is_ours(&self, head: &TreeHead, mac: &[u8]) -> bool {
        hmac::verify(&self.key, &text(head), mac).is_ok()
    }

    /// Whether a checkpoint vouches for the state: of logs that are older than these MACs only that can be told.
    pub fn is_signed(&self, head: &TreeHead, note: &str) -> bool {
        checkpoint::verify(note, &self.vkey).is_ok_and(|signed| signed == *head)
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
        let log_key = SigningKey::parse(&generate_skey().unwrap()).unwrap();
        let signed = AppendKey::of(&log_key);
        assert!(signed.is_signed(&head, &log_key.sign(&head)) && !key.is_signed(&head, &log_key.sign(&head)));
        assert!(!signed.is_signed(&TreeHead { root: [2; 32], ..head }, &log_key.sign(&head)));
        assert!(key.is_ours(&head, &mac));
        assert!(!other.is_ours(&head, &mac));
        assert!(!key.is_ours(&TreeHead { size: 8, ..head }, &mac));
        assert!(!key.is_ours(&TreeHead { root: [2; 32], ..head }, &mac));
    }
}
