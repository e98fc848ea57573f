use std::fmt;

use aws_lc_rs::digest;
use sealcast_contracts::context::SESSION_KEY_COMMITMENT_DOMAIN;
use zeroize::Zeroizing;

/// The 32 octets that open one envelope, or the blob of one epoch ("blob key").
#[derive(Clone)]
pub struct SessionKey(Zeroizing<[u8; 32]>);

impl SessionKey {
    /// Takes over a session key, for example one that came locked in an invite.
    pub fn from_octets(octets: [u8; 32]) -> Self {
        Self(Zeroizing::new(octets))
    }

    /// The octets, to lock them in an invite.
    pub fn as_octets(&self) -> &[u8; 32] {
        &self.0
    }

    /// What a sender signs so that nobody can be given another session key for the same envelope: `skc`.
    pub fn commitment(&self) -> [u8; 32] {
        let mut context = digest::Context::new(&digest::SHA256);
        context.update(SESSION_KEY_COMMITMENT_DOMAIN);
        context.update(&*self.0);
        let mut commitment = [0; 32];
        commitment.copy_from_slice(context.finish().as_ref());
        commitment
    }

    pub(crate) fn of_sequoia(key: &sequoia_openpgp::crypto::SessionKey) -> Option<Self> {
        let octets: &[u8] = key;
        Some(Self(Zeroizing::new(octets.try_into().ok()?)))
    }

    pub(crate) fn to_sequoia(&self) -> sequoia_openpgp::crypto::SessionKey {
        self.0.as_slice().into()
    }
}

impl fmt::Debug for SessionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionKey(…)")
    }
}
