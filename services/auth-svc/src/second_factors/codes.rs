use anyhow::Context as _;
use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey},
    hmac,
};
use sealcast_contracts::UserId;
use time::OffsetDateTime;
use totp_rs::{Builder, Secret, Totp};
use zeroize::Zeroizing;

use crate::secret;

const PURPOSE: &str = "sealcast/v1/second-factor";
/// What RFC 4226 recommends.
const SECRET_OCTETS: usize = 20;
/// Who issues the codes, as authenticator apps show it.
const ISSUER: &str = "Sealcast";

/// Seals secrets for the database: who reads only that can make no codes.
pub struct Sealer(RandomizedNonceKey);

impl Sealer {
    /// The key is made from one that all replicas share.
    ///
    /// # Errors
    /// None in practice.
    pub fn new(shared: &hmac::Key) -> anyhow::Result<Self> {
        RandomizedNonceKey::new(&AES_256_GCM, secret::subkey(shared, PURPOSE).as_ref())
            .map(Self)
            .context("the key of second factors")
    }

    /// A nonce, then the ciphertext with its tag, bound to the account.
    pub(super) fn seal(&self, user_id: UserId, secret: &[u8]) -> anyhow::Result<Vec<u8>> {
        let mut sealed = Zeroizing::new(secret.to_vec());
        let nonce = self.0.seal_in_place_append_tag(Aad::from(user_id.0.as_bytes()), &mut *sealed).context("sealing a secret")?;
        Ok([nonce.as_ref(), sealed.as_slice()].concat())
    }

    /// The codes of what [`Self::seal`] sealed.
    pub(super) fn open(&self, user_id: UserId, username: &str, sealed: &[u8]) -> anyhow::Result<Totp> {
        let (nonce, ciphertext) = sealed.split_first_chunk::<NONCE_LEN>().context("a sealed secret is too short")?;
        let mut opened = Zeroizing::new(ciphertext.to_vec());
        let secret = self
            .0
            .open_in_place(Nonce::from(nonce), Aad::from(user_id.0.as_bytes()), &mut opened)
            .context("a sealed secret was changed, or the key is another")?;
        codes(username, secret)
    }
}

/// A new secret and its codes.
pub(super) fn draw(username: &str) -> anyhow::Result<(Zeroizing<[u8; SECRET_OCTETS]>, Totp)> {
    let mut secret = Zeroizing::new([0; SECRET_OCTETS]);
    aws_lc_rs::rand::fill(&mut *secret).context("drawing a secret")?;
    let codes = codes(username, &*secret)?;
    Ok((secret, codes))
}

/// The time step whose code this is: the current one, or one beside it.
pub(super) fn step_of(codes: &Totp, code: &str, now: OffsetDateTime) -> Option<i64> {
    let code: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    i64::try_from(codes.check(&code, u64::try_from(now.unix_timestamp()).ok()?)?).ok()
}

fn codes(username: &str, secret: &[u8]) -> anyhow::Result<Totp> {
    let named = Builder::new().with_account_name(username).with_issuer(Some(ISSUER));
    named.with_secret(Secret::new(secret.into())).build().context("a secret for codes")
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::hmac::HMAC_SHA256;

    use super::*;

    #[test]
    fn codes_are_those_of_rfc_6238() {
        // Appendix B, the last six of eight digits.
        let codes = codes("alice", b"12345678901234567890").unwrap();
        for (time, code) in [(59, "287082"), (1_111_111_109, "081804"), (1_234_567_890, "005924"), (20_000_000_000, "353130")] {
            let now = OffsetDateTime::from_unix_timestamp(time).unwrap();
            assert_eq!(step_of(&codes, code, now), Some(time / 30), "{time}");
            assert_eq!(step_of(&codes, code, now + time::Duration::seconds(90)), None, "too old");
        }
        let now = OffsetDateTime::from_unix_timestamp(59).unwrap();
        assert_eq!(step_of(&codes, " 287 082 ", now), Some(1));
        for bad in ["", "28708", "2870822", "287083", "28708x", "２８７０８２"] {
            assert_eq!(step_of(&codes, bad, now), None, "{bad:?}");
        }
    }

    #[test]
    fn a_sealed_secret_opens_for_its_account_with_its_key_only() {
        let sealer = |octet| Sealer::new(&hmac::Key::new(HMAC_SHA256, &[octet; 32])).unwrap();
        let alice = UserId::generate();
        let (secret, codes) = draw("alice").unwrap();
        let sealed = sealer(1).seal(alice, &*secret).unwrap();
        assert!(!sealed.windows(secret.len()).any(|window| window == &secret[..]));
        assert_eq!(sealer(1).open(alice, "alice", &sealed).unwrap().secret(), codes.secret());
        assert!(sealer(1).open(UserId::generate(), "alice", &sealed).is_err());
        assert!(sealer(2).open(alice, "alice", &sealed).is_err());
        assert!(sealer(1).open(alice, "alice", &sealed[..11]).is_err());
    }

    #[test]
    fn a_key_uri_names_issuer_and_account() {
        let (_, codes) = draw("bj\u{f6}rn").unwrap();
        let uri = codes.to_url().unwrap();
        assert!(uri.starts_with("otpauth://totp/Sealcast:bj%C3%B6rn?secret="), "{uri}");
        assert!(uri.contains("issuer=Sealcast"), "{uri}");
    }
}
