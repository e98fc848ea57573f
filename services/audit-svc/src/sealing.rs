//! Sealing at rest: AES-256-GCM-SIV under a data key per room and day, which lies in the database wrapped under a
//! versioned key-encryption key from a file. GCM-SIV, because a repeated nonce (a restored snapshot, a cloned replica)
//! then costs equality only.

use std::{collections::BTreeMap, fmt, path::Path};

use anyhow::Context as _;
use aws_lc_rs::aead::{AES_256_GCM_SIV, Aad, Nonce, RandomizedNonceKey};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use sealcast_contracts::{EventId, RoomId};
use time::Date;
use uuid::Uuid;
use zeroize::Zeroizing;

/// Octets of a key-encryption key and of a data key.
const KEY_OCTETS: usize = 32;
const NONCE_OCTETS: usize = 12;
const TAG_OCTETS: usize = 16;
/// A key-encryption key's file is one line of base64.
const KEK_FILE_OCTETS_MAX: u64 = 256;
const WRAP_DOMAIN: &[u8] = b"sealcast/v1/dek";

/// Why something does not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    #[error("there is no key-encryption key of version {0}")]
    KekMissing(u32),
    #[error("it was not sealed with this key for this place")]
    Authentication,
    #[error("the opened octets are malformed")]
    Form,
}

/// The key-encryption keys by version. The highest one wraps new data keys.
pub struct Keks {
    by_version: BTreeMap<u32, Zeroizing<[u8; KEY_OCTETS]>>,
}

/// Which room and day a data key is for; bound into its wrapping.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyScope {
    pub room_id: RoomId,
    pub day: Date,
}

/// A data key as it lies in the database.
#[derive(Clone, Debug)]
pub struct WrappedKey {
    pub dek_id: Uuid,
    pub scope: KeyScope,
    pub wrapped: Vec<u8>,
    pub kek_version: u32,
}

/// An opened data key.
pub struct DataKey {
    pub dek_id: Uuid,
    room_id: RoomId,
    key: RandomizedNonceKey,
}

impl Keks {
    /// Reads `<version>.key` files; anything else in the folder is ignored.
    ///
    /// # Errors
    /// The folder has no key, or a key is malformed.
    pub fn read(dir: &Path) -> anyhow::Result<Self> {
        let mut by_version = BTreeMap::new();
        for entry in std::fs::read_dir(dir).with_context(|| format!("reading sealing.kek_dir {}", dir.display()))? {
            let path = entry?.path();
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            let Some(version) = name.strip_suffix(".key").and_then(|version| version.parse().ok()).filter(|version| *version > 0)
            else {
                continue;
            };
            by_version.insert(version, read_kek(&path).with_context(|| format!("the key-encryption key {}", path.display()))?);
        }
        anyhow::ensure!(!by_version.is_empty(), "sealing.kek_dir {} has no file <version>.key", dir.display());
        Ok(Self { by_version })
    }

    /// Makes a new data key, wrapped under the newest key-encryption key.
    ///
    /// # Errors
    /// The operating system gives no randomness.
    pub fn generate(&self, scope: KeyScope) -> anyhow::Result<WrappedKey> {
        let (version, kek) = self.by_version.last_key_value().expect("there is at least one key");
        let mut key = Zeroizing::new([0; KEY_OCTETS]);
        aws_lc_rs::rand::fill(key.as_mut_slice()).map_err(|_| anyhow::anyhow!("no randomness for a data key"))?;
        let dek_id = Uuid::now_v7();
        let wrapped = seal(&cipher(kek), &wrap_aad(dek_id, scope, *version), key.as_slice())?;
        Ok(WrappedKey { dek_id, scope, wrapped, kek_version: *version })
    }

    /// The version that wraps new data keys.
    pub fn newest(&self) -> u32 {
        *self.by_version.last_key_value().expect("there is at least one key").0
    }

    /// Wraps a data key anew, under the newest key-encryption key.
    ///
    /// # Errors
    /// It does not open, or the cipher failed.
    pub fn rewrap(&self, old: &WrappedKey) -> anyhow::Result<WrappedKey> {
        let (version, kek) = self.by_version.last_key_value().expect("there is at least one key");
        let key = self.opened(old)?;
        let wrapped = seal(&cipher(kek), &wrap_aad(old.dek_id, old.scope, *version), key.as_slice())?;
        Ok(WrappedKey { wrapped, kek_version: *version, ..old.clone() })
    }

    /// Opens a data key.
    ///
    /// # Errors
    /// Its key-encryption key is not here, or the row was changed.
    pub fn unwrap_key(&self, wrapped: &WrappedKey) -> Result<DataKey, OpenError> {
        let key = self.opened(wrapped)?;
        Ok(DataKey { dek_id: wrapped.dek_id, room_id: wrapped.scope.room_id, key: cipher(&key) })
    }

    fn opened(&self, wrapped: &WrappedKey) -> Result<Zeroizing<[u8; KEY_OCTETS]>, OpenError> {
        let kek = self.by_version.get(&wrapped.kek_version).ok_or(OpenError::KekMissing(wrapped.kek_version))?;
        let aad = wrap_aad(wrapped.dek_id, wrapped.scope, wrapped.kek_version);
        let key = Zeroizing::new(open(&cipher(kek), &aad, &wrapped.wrapped)?);
        key.as_slice().try_into().map(Zeroizing::new).map_err(|_| OpenError::Form)
    }
}

impl fmt::Debug for Keks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keks").field("versions", &self.by_version.keys()).finish_non_exhaustive()
    }
}

impl DataKey {
    /// Seals a signature and an envelope together, bound to this key, its room and the message's id.
    ///
    /// # Errors
    /// The signature is longer than a stream message can carry, or the cipher failed.
    pub fn seal_message(&self, id: EventId, sig: &[u8], env: &[u8]) -> anyhow::Result<Vec<u8>> {
        let sig_len = u16::try_from(sig.len()).context("the signature is too long")?;
        self.seal(id, &[&sig_len.to_be_bytes()[..], sig, env].concat())
    }

    /// Opens what [`Self::seal_message`] sealed: signature and envelope.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub fn open_message(&self, id: EventId, sealed: &[u8]) -> Result<(Vec<u8>, Vec<u8>), OpenError> {
        let mut opened = self.open(id, sealed)?;
        let len = opened.first_chunk::<2>().map(|len| usize::from(u16::from_be_bytes(*len))).ok_or(OpenError::Form)?;
        if opened.len() < 2 + len {
            return Err(OpenError::Form);
        }
        let env = opened.split_off(2 + len);
        Ok((opened.split_off(2), env))
    }

    /// Seals any octets.
    ///
    /// # Errors
    /// The cipher failed.
    pub fn seal(&self, id: EventId, plaintext: &[u8]) -> anyhow::Result<Vec<u8>> {
        seal(&self.key, &self.aad(id), plaintext)
    }

    /// Opens what [`Self::seal`] sealed.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub fn open(&self, id: EventId, sealed: &[u8]) -> Result<Vec<u8>, OpenError> {
        open(&self.key, &self.aad(id), sealed)
    }

    fn aad(&self, id: EventId) -> Vec<u8> {
        let (stream_epoch, seq) = (id.stream_epoch.to_be_bytes(), id.seq.to_be_bytes());
        [self.dek_id.as_bytes(), self.room_id.0.as_bytes(), &stream_epoch[..], &seq[..]].concat()
    }
}

impl fmt::Debug for DataKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DataKey").field("dek_id", &self.dek_id).finish_non_exhaustive()
    }
}

/// A new key-encryption key as its file holds it.
///
/// # Errors
/// The operating system gives no randomness.
pub fn generate_kek() -> anyhow::Result<Zeroizing<String>> {
    let mut key = Zeroizing::new([0; KEY_OCTETS]);
    aws_lc_rs::rand::fill(key.as_mut_slice()).map_err(|_| anyhow::anyhow!("no randomness for a key-encryption key"))?;
    Ok(Zeroizing::new(format!("{}\n", Zeroizing::new(BASE64_STANDARD.encode(*key)).as_str())))
}

fn read_kek(path: &Path) -> anyhow::Result<Zeroizing<[u8; KEY_OCTETS]>> {
    anyhow::ensure!(std::fs::metadata(path)?.len() <= KEK_FILE_OCTETS_MAX, "the file is too large");
    let text = Zeroizing::new(std::fs::read_to_string(path)?);
    // The decoder's own message would quote the secret.
    let key = Zeroizing::new(BASE64_STANDARD.decode(text.trim()).map_err(|_| anyhow::anyhow!("it is not base64"))?);
    let key: [u8; KEY_OCTETS] = key.as_slice().try_into().map_err(|_| anyhow::anyhow!("it is not {KEY_OCTETS} octets"))?;
    Ok(Zeroizing::new(key))
}

fn wrap_aad(dek_id: Uuid, scope: KeyScope, kek_version: u32) -> Vec<u8> {
    let day = scope.day.to_julian_day().to_be_bytes();
    [WRAP_DOMAIN, dek_id.as_bytes(), scope.room_id.0.as_bytes(), &day[..], &kek_version.to_be_bytes()[..]].concat()
}

fn cipher(key: &[u8; KEY_OCTETS]) -> RandomizedNonceKey {
    RandomizedNonceKey::new(&AES_256_GCM_SIV, key).expect("the key has the cipher's length")
}

fn seal(key: &RandomizedNonceKey, aad: &[u8], plaintext: &[u8]) -> anyhow::Result<Vec<u8>> {
    let mut sealed = Vec::with_capacity(NONCE_OCTETS + plaintext.len() + TAG_OCTETS);
    let mut in_out = plaintext.to_vec();
    let nonce = key.seal_in_place_append_tag(Aad::from(aad), &mut in_out).map_err(|_| anyhow::anyhow!("sealing failed"))?;
    sealed.extend_from_slice(nonce.as_ref());
    sealed.append(&mut in_out);
    Ok(sealed)
}

fn open(key: &RandomizedNonceKey, aad: &[u8], sealed: &[u8]) -> Result<Vec<u8>, OpenError> {
    let (nonce, ciphertext) = sealed.split_first_chunk::<NONCE_OCTETS>().ok_or(OpenError::Form)?;
    let mut in_out = ciphertext.to_vec();
    let nonce = Nonce::assume_unique_for_key(*nonce);
    let len = key.open_in_place(nonce, Aad::from(aad), &mut in_out).map_err(|_| OpenError::Authentication)?.len();
    in_out.truncate(len);
    Ok(in_out)
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::*;

    fn keks(versions: &[u32]) -> Keks {
        let key = |version: u32| (version, Zeroizing::new([version as u8; KEY_OCTETS]));
        Keks { by_version: versions.iter().copied().map(key).collect() }
    }

    fn scope() -> KeyScope {
        KeyScope { room_id: RoomId::generate(), day: date!(2026 - 11 - 24) }
    }

    const ID: EventId = EventId { stream_epoch: 1, seq: 7 };

    #[test]
    fn a_message_opens_only_at_its_place() {
        let keks = keks(&[1]);
        let wrapped = keks.generate(scope()).unwrap();
        let key = keks.unwrap_key(&wrapped).unwrap();
        let sealed = key.seal_message(ID, b"signature", b"envelope").unwrap();
        assert_eq!(sealed.len(), NONCE_OCTETS + 2 + 9 + 8 + TAG_OCTETS);
        assert_eq!(key.open_message(ID, &sealed), Ok((b"signature".to_vec(), b"envelope".to_vec())));
        assert_eq!(key.open_message(EventId { seq: 8, ..ID }, &sealed), Err(OpenError::Authentication));
        let other = keks.unwrap_key(&keks.generate(wrapped.scope).unwrap()).unwrap();
        assert_eq!(other.open_message(ID, &sealed), Err(OpenError::Authentication));
        for i in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[i] ^= 1;
            assert_eq!(key.open_message(ID, &changed), Err(OpenError::Authentication), "octet {i}");
        }
    }

    #[test]
    fn a_data_key_is_bound_to_its_room_day_and_version() {
        let keks = keks(&[1, 2]);
        let wrapped = keks.generate(scope()).unwrap();
        assert_eq!((wrapped.kek_version, wrapped.wrapped.len()), (2, 60));
        let moved = WrappedKey { scope: KeyScope { room_id: RoomId::generate(), ..wrapped.scope }, ..wrapped.clone() };
        assert_eq!(keks.unwrap_key(&moved).unwrap_err(), OpenError::Authentication);
        let other_day = WrappedKey { scope: KeyScope { day: date!(2026 - 11 - 25), ..wrapped.scope }, ..wrapped.clone() };
        assert_eq!(keks.unwrap_key(&other_day).unwrap_err(), OpenError::Authentication);
        assert_eq!(keks.unwrap_key(&WrappedKey { kek_version: 1, ..wrapped.clone() }).unwrap_err(), OpenError::Authentication);
        assert_eq!(keks.unwrap_key(&WrappedKey { kek_version: 3, ..wrapped }).unwrap_err(), OpenError::KekMissing(3));
    }

    #[test]
    fn rotation_opens_what_the_old_key_wrapped() {
        let old = keks(&[1]).generate(scope()).unwrap();
        assert!(keks(&[1, 2]).unwrap_key(&old).is_ok());
        assert_eq!(keks(&[2]).unwrap_key(&old).unwrap_err(), OpenError::KekMissing(1));
        let sealed = keks(&[1]).unwrap_key(&old).unwrap().seal(ID, b"kept").unwrap();
        let new = keks(&[1, 2]).rewrap(&old).unwrap();
        assert_eq!(keks(&[2]).unwrap_key(&new).unwrap().open(ID, &sealed), Ok(b"kept".to_vec()));
        assert!(keks(&[2]).rewrap(&old).is_err());
    }
}
