//! Signed tree heads: C2SP tlog-checkpoint in a C2SP signed note, Ed25519.

use std::fmt;

use aws_lc_rs::{
    hkdf, rand,
    signature::{Ed25519KeyPair, KeyPair as _},
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use signed_note::{Note, StandardSigner, StandardVerifier, VerifierList};
use zeroize::Zeroizing;

use crate::{Hash, ORIGIN};

/// C2SP's identifier of Ed25519.
const ALGORITHM_ED25519: u8 = 1;

/// Keeps derived keys apart from what anybody else derives from the seed.
const DERIVED: &[u8] = b"sealcast/v1/log-key";

/// A checkpoint is origin, size, root and one signature; ours are about 200 octets.
pub const NOTE_OCTETS_MAX: usize = 4_096;

/// Why a key or a note is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    #[error("the signer key is malformed")]
    SignerKey,
    #[error("the verifier key is malformed")]
    VerifierKey,
    #[error("the note is not a checkpoint")]
    Malformed,
    #[error("the checkpoint is of another log")]
    Origin,
    #[error("the note carries no valid signature of the log's key")]
    Signature,
}

/// A tree head whose signature was checked, or that is about to be signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TreeHead {
    /// Leaves of the tree.
    pub size: u64,
    pub root: Hash,
}

/// The log's signing key.
pub struct SigningKey {
    signer: StandardSigner,
    vkey: String,
    /// What other keys are derived from.
    secret: hkdf::Prk,
}

impl SigningKey {
    /// Reads a signer key in the form `PRIVATE+KEY+<name>+<id>+<base64>`; the name must be [`ORIGIN`].
    ///
    /// # Errors
    /// [`CheckpointError::SignerKey`], or [`CheckpointError::Origin`] for another log's key.
    pub fn parse(skey: &str) -> Result<Self, CheckpointError> {
        let skey = skey.trim();
        let signer = StandardSigner::new(skey).map_err(|_| CheckpointError::SignerKey)?;
        if signed_note::Signer::name(&signer) != ORIGIN {
            return Err(CheckpointError::Origin);
        }
        // From the front, because the last part is base64 and can hold a `+` itself.
        let encoded = skey.splitn(5, '+').nth(4).ok_or(CheckpointError::SignerKey)?;
        let key = Zeroizing::new(BASE64_STANDARD.decode(encoded).map_err(|_| CheckpointError::SignerKey)?);
        let seed = key.split_first().ok_or(CheckpointError::SignerKey)?.1;
        let pair = Ed25519KeyPair::from_seed_unchecked(seed).map_err(|_| CheckpointError::SignerKey)?;
        let secret = hkdf::Salt::new(hkdf::HKDF_SHA256, DERIVED).extract(seed);
        Ok(Self { signer, vkey: verifier_key(&pair), secret })
    }

    /// A symmetric key for a purpose of the same holder (HKDF-SHA-256, RFC 5869); the seed cannot be told from it.
    ///
    /// # Panics
    /// Never: HKDF gives far more than 32 octets.
    pub fn derive(&self, purpose: &[u8]) -> Zeroizing<[u8; 32]> {
        let mut key = Zeroizing::new([0; 32]);
        let purpose = [purpose];
        let octets = self.secret.expand(&purpose, hkdf::HKDF_SHA256).expect("32 octets are not too many");
        octets.fill(key.as_mut_slice()).expect("it is as long as it was said");
        key
    }

    /// The verifier key that clients pin: `<name>+<id>+<base64>`.
    pub fn vkey(&self) -> &str {
        &self.vkey
    }

    /// Signs a tree head and returns the note.
    ///
    /// # Panics
    /// Never: the origin and the key's name are valid, and Ed25519 signing does not fail.
    pub fn sign(&self, head: &TreeHead) -> String {
        let checkpoint =
            tlog_tiles::Checkpoint::new(ORIGIN, head.size, tlog_tiles::Hash(head.root), "").expect("the origin is not empty");
        let mut note = Note::new(&checkpoint.to_bytes(), &[]).expect("a checkpoint is a note");
        note.add_sigs(&[&self.signer]).expect("the key's name is valid");
        String::from_utf8(note.to_bytes()).expect("a note is text")
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey").field("vkey", &self.vkey).finish_non_exhaustive()
    }
}

/// Makes a new signer key for [`ORIGIN`]; [`SigningKey::parse`] reads it.
///
/// # Errors
/// [`CheckpointError::SignerKey`] when the operating system gives no randomness.
pub fn generate_skey() -> Result<Zeroizing<String>, CheckpointError> {
    let mut key = Zeroizing::new([0; 33]);
    key[0] = ALGORITHM_ED25519;
    rand::fill(&mut key[1..]).map_err(|_| CheckpointError::SignerKey)?;
    let pair = Ed25519KeyPair::from_seed_unchecked(&key[1..]).map_err(|_| CheckpointError::SignerKey)?;
    let encoded = Zeroizing::new(BASE64_STANDARD.encode(&key[..]));
    Ok(Zeroizing::new(format!("PRIVATE+KEY+{ORIGIN}+{:08x}+{}", key_id(&pair), encoded.as_str())))
}

/// Checks a note against the log's verifier key and returns the tree head that it states.
///
/// # Errors
/// The first of [`CheckpointError`] that applies.
pub fn verify(note: &str, vkey: &str) -> Result<TreeHead, CheckpointError> {
    verify_of(note, vkey, ORIGIN)
}

/// Checks a note of the log that is named `origin`, which may be another organisation's.
///
/// # Errors
/// The first of [`CheckpointError`] that applies.
pub fn verify_of(note: &str, vkey: &str, origin: &str) -> Result<TreeHead, CheckpointError> {
    if note.len() > NOTE_OCTETS_MAX {
        return Err(CheckpointError::Malformed);
    }
    let verifier = StandardVerifier::new(vkey.trim()).map_err(|_| CheckpointError::VerifierKey)?;
    // A key of another name says nothing about this log, whatever the note's first line claims.
    if signed_note::Verifier::name(&verifier) != origin {
        return Err(CheckpointError::Origin);
    }
    let note = Note::from_bytes(note.as_bytes()).map_err(|_| CheckpointError::Malformed)?;
    note.verify(&VerifierList::new(vec![Box::new(verifier)])).map_err(|_| CheckpointError::Signature)?;
    let checkpoint = tlog_tiles::Checkpoint::from_bytes(note.text()).map_err(|_| CheckpointError::Malformed)?;
    if checkpoint.origin() != origin {
        return Err(CheckpointError::Origin);
    }
    Ok(TreeHead { size: checkpoint.size(), root: checkpoint.hash().0 })
}

fn verifier_key(pair: &Ed25519KeyPair) -> String {
    format!("{ORIGIN}+{:08x}+{}", key_id(pair), BASE64_STANDARD.encode(typed_public_key(pair)))
}

fn key_id(pair: &Ed25519KeyPair) -> u32 {
    signed_note::key_id(ORIGIN, &typed_public_key(pair))
}

fn typed_public_key(pair: &Ed25519KeyPair) -> Vec<u8> {
    [&[ALGORITHM_ED25519], pair.public_key().as_ref()].concat()
}
