//! Locking: iterated S2K (SHA-256, 65,536 octets) and AEAD (AES-256, GCM), S2K usage 253.
//!
//! The passphrase is 256 random bits by construction, so the iteration count buys nothing; Argon2 inside OpenPGP would.
//! What is served to be unlocked is refused in any other form, or a server could name its price in memory.

use sealcast_contracts::limits::LOCKED_KEY_OCTETS_MAX;
use sequoia_openpgp::{
    Cert, Packet,
    crypto::{Password, S2K},
    packet::{
        Key,
        key::{Encrypted, KeyRole, SecretKeyMaterial, SecretParts},
    },
    serialize::SerializeInto as _,
    types::{AEADAlgorithm, HashAlgorithm, SymmetricAlgorithm},
};

use super::KeyError;
use crate::packets;

/// What the coded count 96 stands for.
const S2K_OCTETS: u32 = 65_536;

/// The certificate in a transferable secret key, locked or not.
pub(super) fn read(octets: &[u8]) -> Result<Cert, KeyError> {
    if octets.len() > LOCKED_KEY_OCTETS_MAX {
        return Err(KeyError::TooLarge);
    }
    let packets = packets::read(octets).map_err(|_| KeyError::Malformed)?;
    let keys = packets.iter().filter(|packet| matches!(packet, Packet::SecretKey(_) | Packet::SecretSubkey(_))).count();
    if keys != 2 {
        return Err(KeyError::Malformed);
    }
    Cert::from_packets(packets.into_iter()).map_err(|_| KeyError::Malformed)
}

pub(super) fn lock(cert: &Cert, passphrase: &str) -> Result<Vec<u8>, KeyError> {
    let password = Password::from(passphrase);
    let locked = rebuild(cert.clone().into_tsk().into_packets().map(|packet| match packet {
        Packet::SecretKey(key) => lock_key(key, &password).map(Packet::SecretKey),
        Packet::SecretSubkey(key) => lock_key(key, &password).map(Packet::SecretSubkey),
        other => Ok(other),
    }))?;
    locked.as_tsk().to_vec().map_err(|_| KeyError::Library("lock a key"))
}

pub(super) fn unlock(cert: Cert, passphrase: &str) -> Result<Cert, KeyError> {
    let password = Password::from(passphrase);
    rebuild(cert.into_tsk().into_packets().map(|packet| match packet {
        Packet::SecretKey(key) => unlock_key(key, &password).map(Packet::SecretKey),
        Packet::SecretSubkey(key) => unlock_key(key, &password).map(Packet::SecretSubkey),
        other => Ok(other),
    }))
}

fn rebuild(packets: impl Iterator<Item = Result<Packet, KeyError>>) -> Result<Cert, KeyError> {
    let packets = packets.collect::<Result<Vec<_>, _>>()?;
    Cert::from_packets(packets.into_iter()).map_err(|_| KeyError::Library("rebuild a key"))
}

fn lock_key<R: KeyRole>(key: Key<SecretParts, R>, password: &Password) -> Result<Key<SecretParts, R>, KeyError> {
    let failed = |_| KeyError::Library("lock a key");
    let (public, secret) = key.take_secret();
    let SecretKeyMaterial::Unencrypted(secret) = secret else { return Err(KeyError::LockState) };
    let s2k = S2K::new_iterated(HashAlgorithm::SHA256, S2K_OCTETS).map_err(failed)?;
    let locked =
        secret.encrypt_with(&public, s2k, SymmetricAlgorithm::AES256, Some(AEADAlgorithm::GCM), password).map_err(failed)?;
    Ok(public.add_secret(SecretKeyMaterial::Encrypted(locked)).0)
}

fn unlock_key<R: KeyRole>(key: Key<SecretParts, R>, password: &Password) -> Result<Key<SecretParts, R>, KeyError> {
    let (public, secret) = key.take_secret();
    let SecretKeyMaterial::Encrypted(locked) = secret else { return Err(KeyError::LockState) };
    check_form(&locked)?;
    let secret = locked.decrypt(&public, password).map_err(|_| KeyError::Passphrase)?;
    Ok(public.add_secret(SecretKeyMaterial::Unencrypted(secret)).0)
}

fn check_form(locked: &Encrypted) -> Result<(), KeyError> {
    let form = matches!(locked.s2k(), S2K::Iterated { hash: HashAlgorithm::SHA256, hash_bytes, .. } if *hash_bytes <= S2K_OCTETS);
    if form && locked.aead_algo().is_some() && locked.algo() == SymmetricAlgorithm::AES256 {
        Ok(())
    } else {
        Err(KeyError::LockForm)
    }
}
