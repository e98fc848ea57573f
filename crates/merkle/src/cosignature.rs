//! A witness's signature beside the log's own: C2SP tlog-cosignature, Ed25519.

use std::fmt;

use aws_lc_rs::{
    rand,
    signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey},
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use signed_note::Signature;
use zeroize::Zeroizing;

use crate::checkpoint::{CheckpointError, NOTE_OCTETS_MAX};

/// C2SP's identifier of a timestamped Ed25519 cosignature.
const ALGORITHM_COSIGNATURE: u8 = 4;
const SEED_OCTETS: usize = 32;
/// Unix time (8) and Ed25519 signature (64).
const TIMED_SIGNATURE_OCTETS: usize = 72;

/// A witness's signing key.
pub struct WitnessKey {
    name: String,
    pair: Ed25519KeyPair,
}

impl WitnessKey {
    /// Reads a key in the form `PRIVATE+KEY+<name>+<id>+<base64>`.
    ///
    /// # Errors
    /// [`CheckpointError::SignerKey`].
    pub fn parse(skey: &str) -> Result<Self, CheckpointError> {
        let refused = CheckpointError::SignerKey;
        let rest = skey.trim().strip_prefix("PRIVATE+KEY+").ok_or(refused)?;
        let (name, rest) = rest.split_once('+').ok_or(refused)?;
        let (id, encoded) = rest.split_once('+').ok_or(refused)?;
        let octets = Zeroizing::new(BASE64_STANDARD.decode(encoded).map_err(|_| refused)?);
        let (algorithm, seed) = octets.split_first().ok_or(refused)?;
        if *algorithm != ALGORITHM_COSIGNATURE || seed.len() != SEED_OCTETS || !signed_note::is_key_name_valid(name) {
            return Err(refused);
        }
        let key = Self { name: name.to_owned(), pair: Ed25519KeyPair::from_seed_unchecked(seed).map_err(|_| refused)? };
        if id == format!("{:08x}", key.id()) { Ok(key) } else { Err(refused) }
    }

    /// What clients require: `<name>+<id>+<base64>`.
    pub fn vkey(&self) -> String {
        format!("{}+{:08x}+{}", self.name, self.id(), BASE64_STANDARD.encode(self.public()))
    }

    /// Signs a checkpoint's text as seen at `at_s`, Unix seconds; the answer is one signature line of the note.
    ///
    /// # Errors
    /// [`CheckpointError::Malformed`] when `note` is not a signed note.
    pub fn cosign(&self, note: &str, at_s: u64) -> Result<String, CheckpointError> {
        let sig = self.pair.sign(&message(text_of(note)?, at_s));
        let timed = [&at_s.to_be_bytes()[..], sig.as_ref()].concat();
        let line = Signature::new(self.name.clone(), self.id(), timed).map_err(|_| CheckpointError::SignerKey)?;
        String::from_utf8(line.to_bytes()).map_err(|_| CheckpointError::Malformed)
    }

    fn id(&self) -> u32 {
        signed_note::key_id(&self.name, &self.public())
    }

    fn public(&self) -> Vec<u8> {
        [&[ALGORITHM_COSIGNATURE], self.pair.public_key().as_ref()].concat()
    }
}

impl fmt::Debug for WitnessKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WitnessKey").field("vkey", &self.vkey()).finish_non_exhaustive()
    }
}

/// Makes a new witness key; [`WitnessKey::parse`] reads it.
///
/// # Errors
/// [`CheckpointError::SignerKey`] when `name` cannot name a key, or the operating system gives no randomness.
pub fn generate_skey(name: &str) -> Result<Zeroizing<String>, CheckpointError> {
    let mut octets = Zeroizing::new([0; 1 + SEED_OCTETS]);
    octets[0] = ALGORITHM_COSIGNATURE;
    rand::fill(&mut octets[1..]).map_err(|_| CheckpointError::SignerKey)?;
    let pair = Ed25519KeyPair::from_seed_unchecked(&octets[1..]).map_err(|_| CheckpointError::SignerKey)?;
    let id = WitnessKey { name: name.to_owned(), pair }.id();
    let encoded = Zeroizing::new(BASE64_STANDARD.encode(&octets[..]));
    let skey = Zeroizing::new(format!("PRIVATE+KEY+{name}+{id:08x}+{}", encoded.as_str()));
    WitnessKey::parse(&skey).map(|_| skey)
}

/// Checks that a note carries a valid cosignature of this witness and returns when it was made, Unix seconds.
///
/// It says nothing of the log's own signature: [`crate::checkpoint::verify`] does.
///
/// # Errors
/// [`CheckpointError::VerifierKey`], [`CheckpointError::Malformed`] or [`CheckpointError::Signature`].
pub fn verify(note: &str, vkey: &str) -> Result<u64, CheckpointError> {
    let (name, id, key) = read_vkey(vkey)?;
    let text = text_of(note)?;
    let lines = note[text.len() + 1..].lines();
    let mut ours = lines.filter_map(|line| Signature::from_bytes(line.as_bytes()).ok());
    let signature = ours.find(|line| line.name() == name && line.id() == id).ok_or(CheckpointError::Signature)?;
    let timed: &[u8; TIMED_SIGNATURE_OCTETS] = signature.signature().try_into().map_err(|_| CheckpointError::Signature)?;
    let (at_s, sig) = timed.split_first_chunk::<8>().ok_or(CheckpointError::Signature)?;
    let at_s = u64::from_be_bytes(*at_s);
    UnparsedPublicKey::new(&ED25519, key).verify(&message(text, at_s), sig).map_err(|_| CheckpointError::Signature)?;
    Ok(at_s)
}

/// Whether this is a witness's verifier key.
///
/// # Errors
/// [`CheckpointError::VerifierKey`].
pub fn check_vkey(vkey: &str) -> Result<(), CheckpointError> {
    read_vkey(vkey).map(drop)
}

/// Name, key id and public key of a witness's verifier key.
fn read_vkey(vkey: &str) -> Result<(&str, u32, Vec<u8>), CheckpointError> {
    let refused = CheckpointError::VerifierKey;
    let (name, rest) = vkey.trim().split_once('+').ok_or(refused)?;
    let (id, encoded) = rest.split_once('+').ok_or(refused)?;
    let octets = BASE64_STANDARD.decode(encoded).map_err(|_| refused)?;
    let computed = signed_note::key_id(name, &octets);
    match octets.split_first() {
        Some((&ALGORITHM_COSIGNATURE, key)) if key.len() == SEED_OCTETS && id == format!("{computed:08x}") => {
            Ok((name, computed, key.to_vec()))
        }
        _ => Err(refused),
    }
}

/// The signed text of a note, with its last line break and without the empty line behind it.
fn text_of(note: &str) -> Result<&str, CheckpointError> {
    if note.len() > NOTE_OCTETS_MAX {
        return Err(CheckpointError::Malformed);
    }
    let end = note.rfind("\n\n").ok_or(CheckpointError::Malformed)?;
    Ok(&note[..=end])
}

fn message(text: &str, at_s: u64) -> Vec<u8> {
    format!("cosignature/v1\ntime {at_s}\n{text}").into_bytes()
}
