//! What is derived from a password, a recovery key or an invite secret (docs/protocol.md section 2).
//!
//! The password step is Argon2id in the client, so this crate names `argon2` as auth-svc does: the two never see the
//! same input, and auth-svc's pool and PHC strings are of no use here.

use argon2::{Algorithm, Argon2, Params, Version};
use aws_lc_rs::hkdf;
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use sealcast_contracts::{Base64, auth::Kdf, limits};
use unicode_normalization::UnicodeNormalization as _;
use zeroize::Zeroizing;

use crate::Error;

/// 32 octets that are wiped when they are dropped.
pub type Secret = Zeroizing<[u8; 32]>;

const SALT_OCTETS: usize = 16;

/// The pair that everything secret becomes: one half is sent, the other never leaves the client.
pub struct Derived {
    /// Proves knowledge to the server.
    pub auth: Secret,
    /// Unlocks what lies on the server.
    pub lock: Secret,
}

/// What the pair is derived from, when that is no password.
#[derive(Clone, Copy, Debug)]
pub enum Origin {
    Recovery,
    Invite,
}

impl Derived {
    /// From a password; takes a tenth of a second to a second, and the memory that the parameters say.
    ///
    /// # Errors
    /// [`Error::Verification`] when the parameters are outside the allowed range, whoever asks for them.
    pub async fn from_password(password: &str, kdf: &Kdf) -> Result<Self, Error> {
        let params = checked(kdf)?;
        let password = Zeroizing::new(password.nfkc().collect::<String>());
        let salt = kdf.salt.0.clone();
        let hashing = tokio::task::spawn_blocking(move || {
            let mut master = Secret::default();
            Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
                .hash_password_into(password.as_bytes(), &salt, &mut *master)
                .map_err(|error| Error::Key(error.to_string()))?;
            Ok(Self { auth: expand(&*master, "sealcast/v1/auth"), lock: expand(&*master, "sealcast/v1/lock") })
        });
        hashing.await.map_err(|error| Error::Key(error.to_string()))?
    }

    /// From a recovery key's or an invite's octets, which are random and need no stretching.
    pub fn from_random(octets: &[u8], origin: Origin) -> Self {
        let (auth, lock) = match origin {
            Origin::Recovery => ("sealcast/v1/recovery/auth", "sealcast/v1/recovery/lock"),
            Origin::Invite => ("sealcast/v1/invite/auth", "sealcast/v1/invite/lock"),
        };
        Self { auth: expand(octets, auth), lock: expand(octets, lock) }
    }

    /// `auth` as it travels.
    pub fn auth_base64(&self) -> Base64 {
        Base64(self.auth.to_vec())
    }

    /// The OpenPGP passphrase that `lock` is.
    pub fn passphrase(&self) -> Zeroizing<String> {
        Zeroizing::new(BASE64_URL_SAFE_NO_PAD.encode(*self.lock))
    }
}

/// The parameters that clients choose for a new password.
pub fn new_kdf() -> Kdf {
    Kdf { m_kib: limits::KDF_M_KIB, t: limits::KDF_T, p: 1, salt: Base64(random::<SALT_OCTETS>().to_vec()) }
}

/// Octets from the system's generator.
///
/// # Panics
/// When the system has no randomness; nothing can be done safely then.
pub fn random<const N: usize>() -> [u8; N] {
    let mut octets = [0; N];
    aws_lc_rs::rand::fill(&mut octets).expect("the system's random generator works");
    octets
}

fn checked(kdf: &Kdf) -> Result<Params, Error> {
    let in_range = (limits::KDF_M_KIB_MIN..=limits::KDF_M_KIB_MAX).contains(&kdf.m_kib)
        && (limits::KDF_T_MIN..=limits::KDF_T_MAX).contains(&kdf.t)
        && kdf.p == 1
        && kdf.salt.0.len() == SALT_OCTETS;
    let refused = || Error::Verification("the server asks for password parameters outside the allowed range".to_owned());
    if !in_range {
        return Err(refused());
    }
    Params::new(kdf.m_kib, kdf.t, kdf.p, Some(32)).map_err(|_| refused())
}

struct Octets32;

impl hkdf::KeyType for Octets32 {
    fn len(&self) -> usize {
        32
    }
}

fn expand(ikm: &[u8], info: &str) -> Secret {
    let mut out = Secret::default();
    let prk = hkdf::Salt::new(hkdf::HKDF_SHA256, &[]).extract(ikm);
    let info = [info.as_bytes()];
    let okm = prk.expand(&info, Octets32).expect("32 octets are within HKDF's limit");
    okm.fill(&mut *out).expect("the length is the one asked for");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kdf(m_kib: u32, t: u32) -> Kdf {
        Kdf { m_kib, t, p: 1, salt: Base64(vec![7; 16]) }
    }

    /// HKDF-SHA256 with an empty salt, checked against an independent implementation (Python's hmac).
    #[test]
    fn hkdf_is_rfc_5869() {
        let derived = expand(&[0x0b; 22], "");
        assert_eq!(&derived[..8], [0x8d, 0xa4, 0xe7, 0x75, 0xa5, 0x63, 0xc1, 0x8f]);
    }

    #[tokio::test]
    async fn password_forms_that_look_the_same_are_the_same() {
        let kdf = kdf(limits::KDF_M_KIB_MIN, limits::KDF_T_MIN);
        let composed = Derived::from_password("caf\u{e9}", &kdf).await.unwrap();
        let decomposed = Derived::from_password("cafe\u{301}", &kdf).await.unwrap();
        let other = Derived::from_password("cafe", &kdf).await.unwrap();
        assert_eq!(*composed.auth, *decomposed.auth);
        assert_ne!(*composed.auth, *other.auth);
        assert_ne!(*composed.auth, *composed.lock);
    }

    #[tokio::test]
    async fn weak_and_exhausting_parameters_are_refused() {
        let (m, t) = (limits::KDF_M_KIB_MIN, limits::KDF_T_MIN);
        let short_salt = Kdf { salt: Base64(vec![1; 8]), ..kdf(m, t) };
        let lanes = Kdf { p: 4, ..kdf(m, t) };
        for bad in
            [kdf(m - 1, t), kdf(m, t - 1), kdf(limits::KDF_M_KIB_MAX + 1, t), kdf(m, limits::KDF_T_MAX + 1), short_salt, lanes]
        {
            assert!(matches!(Derived::from_password("x", &bad).await, Err(Error::Verification(_))), "{bad:?}");
        }
    }

    #[test]
    fn domains_are_apart() {
        let (recovery, invite) = (Derived::from_random(&[1; 32], Origin::Recovery), Derived::from_random(&[1; 32], Origin::Invite));
        assert_ne!(*recovery.auth, *invite.auth);
        assert_ne!(*recovery.lock, *invite.lock);
        assert_eq!(recovery.passphrase().len(), 43);
    }
}
