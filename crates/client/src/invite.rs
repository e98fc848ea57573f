//! Invite links (docs/protocol.md section 6): what they say and what they lock.

use std::{fmt, str::FromStr};

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use reqwest::Url;
use sealcast_contracts::{Base64, Fingerprint, InviteId, RoomId, limits::INVITE_LOCKED_OCTETS};
use zeroize::Zeroizing;

use crate::{
    Error,
    secrets::{Derived, Origin, Secret, random},
};

/// Octets of the compliance fingerprint that a link spells.
const PIN_OCTETS: usize = 16;
const PATH: &str = "/join";

/// A link; its text is what [`fmt::Display`] writes, and a secret.
#[derive(Clone)]
pub struct InviteLink {
    server: Url,
    pub invite_id: InviteId,
    secret: Secret,
    pin: [u8; PIN_OCTETS],
}

impl InviteLink {
    /// A new link to the organisation on `server`.
    pub fn generate(server: &Url, compliance: &Fingerprint) -> Self {
        let mut pin = [0; PIN_OCTETS];
        pin.copy_from_slice(&compliance.0[..PIN_OCTETS]);
        Self { server: server.clone(), invite_id: InviteId::generate(), secret: Zeroizing::new(random()), pin }
    }

    /// The server that the link points to.
    pub fn server(&self) -> &Url {
        &self.server
    }

    /// What is derived from its secret.
    pub fn derive(&self) -> Derived {
        Derived::from_random(&*self.secret, Origin::Invite)
    }

    /// Whether this is the compliance certificate that the link's maker saw.
    pub fn pins(&self, compliance: &Fingerprint) -> bool {
        compliance.0[..PIN_OCTETS] == self.pin
    }
}

impl fmt::Display for InviteLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let origin = self.server.origin().ascii_serialization();
        let (secret, pin) = (BASE64_URL_SAFE_NO_PAD.encode(*self.secret), BASE64_URL_SAFE_NO_PAD.encode(self.pin));
        write!(f, "{origin}{PATH}#{}.{secret}.{pin}", self.invite_id)
    }
}

impl FromStr for InviteLink {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let wrong = || Error::Usage("this is not an invite link".to_owned());
        let mut url = Url::parse(text.trim()).map_err(|_| wrong())?;
        let fragment = Zeroizing::new(url.fragment().ok_or_else(wrong)?.to_owned());
        if url.scheme() != "https" || url.path() != PATH {
            return Err(wrong());
        }
        let mut parts = fragment.split('.');
        let mut part = || parts.next().ok_or_else(wrong);
        let (id, secret, pin) = (part()?, part()?, part()?);
        let invite_id = id.parse().map_err(|_| wrong())?;
        let (secret, pin) = (octets(secret).ok_or_else(wrong)?, octets(pin).ok_or_else(wrong)?);
        if parts.next().is_some() {
            return Err(wrong());
        }
        url.set_fragment(None);
        url.set_path("/");
        Ok(Self { server: url, invite_id, secret: Zeroizing::new(secret), pin })
    }
}

/// Locks an epoch's blob key under a link's `lock`.
///
/// # Errors
/// [`Error::Key`] when the cipher fails, which it does not for inputs of this size.
pub fn lock_blob_key(lock: &Secret, room_id: RoomId, epoch: u32, blob_key: &[u8; 32]) -> Result<Base64, Error> {
    let nonce: [u8; NONCE_LEN] = random();
    let mut sealed = Zeroizing::new(blob_key.to_vec());
    cipher(lock)?
        .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(aad(room_id, epoch)), &mut *sealed)
        .map_err(|_| Error::Key("locking the invite".to_owned()))?;
    Ok(Base64([&nonce[..], &sealed].concat()))
}

/// Opens what [`lock_blob_key`] locked.
///
/// # Errors
/// [`Error::Verification`] when it was not locked under this secret for this room and epoch.
pub fn open_blob_key(lock: &Secret, room_id: RoomId, epoch: u32, locked: &Base64) -> Result<Secret, Error> {
    let wrong = || Error::Verification("what the invite unlocks is not a key of this room and epoch".to_owned());
    if locked.0.len() != INVITE_LOCKED_OCTETS {
        return Err(wrong());
    }
    let (nonce, sealed) = locked.0.split_first_chunk::<NONCE_LEN>().ok_or_else(wrong)?;
    let mut octets = Zeroizing::new(sealed.to_vec());
    let opened = cipher(lock)?
        .open_in_place(Nonce::assume_unique_for_key(*nonce), Aad::from(aad(room_id, epoch)), &mut octets)
        .map_err(|_| wrong())?;
    let mut key = Secret::default();
    key.copy_from_slice(opened);
    Ok(key)
}

fn octets<const N: usize>(text: &str) -> Option<[u8; N]> {
    BASE64_URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()
}

fn cipher(lock: &Secret) -> Result<LessSafeKey, Error> {
    UnboundKey::new(&AES_256_GCM, &**lock).map(LessSafeKey::new).map_err(|_| Error::Key("making the invite's key".to_owned()))
}

fn aad(room_id: RoomId, epoch: u32) -> String {
    format!("sealcast/v1/invite\nroom={room_id}\nepoch={epoch}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link() -> InviteLink {
        InviteLink::generate(&Url::parse("https://chat.example:8443/").unwrap(), &Fingerprint([9; 32]))
    }

    #[test]
    fn link_round_trips() {
        let link = link();
        let text = link.to_string();
        assert!(text.starts_with(&format!("https://chat.example:8443/join#{}.", link.invite_id)), "{text}");
        let read: InviteLink = format!(" {text}\n").parse().unwrap();
        assert_eq!((read.invite_id, *read.derive().auth), (link.invite_id, *link.derive().auth));
        assert_eq!(read.server().as_str(), "https://chat.example:8443/");
        assert!(read.pins(&Fingerprint([9; 32])) && !read.pins(&Fingerprint([8; 32])));
    }

    #[test]
    fn other_texts_are_refused() {
        let text = link().to_string();
        let (rest, pin) = text.rsplit_once('.').unwrap();
        for bad in [
            rest.to_owned(),
            format!("{text}.x"),
            format!("{rest}.{}", &pin[1..]),
            text.replace("https", "http"),
            text.replace("/join", "/"),
            text.replace('#', "?"),
            "x".to_owned(),
        ] {
            assert!(bad.parse::<InviteLink>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_locked_key_opens_only_where_it_belongs() {
        let (lock, room) = (link().derive().lock, RoomId::generate());
        let locked = lock_blob_key(&lock, room, 1, &[5; 32]).unwrap();
        assert_eq!(locked.0.len(), INVITE_LOCKED_OCTETS);
        assert_eq!(*open_blob_key(&lock, room, 1, &locked).unwrap(), [5; 32]);
        let mut damaged = locked.clone();
        damaged.0[20] ^= 1;
        assert!(open_blob_key(&lock, room, 1, &damaged).is_err());
        assert!(open_blob_key(&lock, room, 2, &locked).is_err());
        assert!(open_blob_key(&lock, RoomId::generate(), 1, &locked).is_err());
        assert!(open_blob_key(&link().derive().lock, room, 1, &locked).is_err());
    }
}
