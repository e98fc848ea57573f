use aws_lc_rs::{
    constant_time::verify_slices_are_equal,
    hmac::{self, HMAC_SHA256},
};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use sealcast_bus::ServeError;
use sealcast_contracts::UserId;
use time::{Duration, OffsetDateTime};

use crate::{failure::Answer, secret};

const PURPOSE: &str = "sealcast/v1/device";
const ID_OCTETS: usize = 16;
const TIME_OCTETS: usize = 8;
const TAG_OCTETS: usize = 32;
/// How long a device is known after its last login.
const KNOWN_FOR: Duration = Duration::days(90);

/// A browser that an account has logged in from before. It chooses which budget an attempt takes, and proves nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeviceId([u8; ID_OCTETS]);

impl std::fmt::Display for DeviceId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|octet| write!(f, "{octet:02x}"))
    }
}

/// Makes and reads the tokens that such browsers keep: id, time, and a tag over both and the account.
pub struct Devices(hmac::Key);

impl Devices {
    /// The key is made from one that all replicas share.
    pub fn new(shared: &hmac::Key) -> Self {
        Self(hmac::Key::new(HMAC_SHA256, secret::subkey(shared, PURPOSE).as_ref()))
    }

    /// A token for a browser that has just logged in.
    pub(crate) fn issue(&self, user_id: UserId, now: OffsetDateTime) -> Answer<String> {
        let mut id = [0; ID_OCTETS];
        aws_lc_rs::rand::fill(&mut id)
            .map_err(|error| ServeError::Bug(anyhow::Error::new(error).context("drawing a device id")))?;
        let time = now.unix_timestamp().to_be_bytes();
        let tag = self.tag(&id, time, user_id);
        Ok(BASE64_URL_SAFE_NO_PAD.encode([&id[..], &time, tag.as_ref()].concat()))
    }

    /// The device of a token, if it is one of this account's and not too old.
    pub(crate) fn read(&self, token: &str, user_id: UserId, now: OffsetDateTime) -> Option<DeviceId> {
        let octets = BASE64_URL_SAFE_NO_PAD.decode(token).ok()?;
        let (id, rest) = octets.split_first_chunk::<ID_OCTETS>()?;
        let (time, tag) = rest.split_first_chunk::<TIME_OCTETS>()?;
        if tag.len() != TAG_OCTETS || verify_slices_are_equal(self.tag(id, *time, user_id).as_ref(), tag).is_err() {
            return None;
        }
        let issued = OffsetDateTime::from_unix_timestamp(i64::from_be_bytes(*time)).ok()?;
        (now - issued < KNOWN_FOR).then_some(DeviceId(*id))
    }

    fn tag(&self, id: &[u8; ID_OCTETS], time: [u8; TIME_OCTETS], user_id: UserId) -> hmac::Tag {
        hmac::sign(&self.0, &[&id[..], &time, user_id.0.as_bytes()].concat())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_one_accounts_for_a_while() {
        let devices = Devices::new(&hmac::Key::new(HMAC_SHA256, &[1; 32]));
        let (alice, now) = (UserId::generate(), OffsetDateTime::now_utc());
        let token = devices.issue(alice, now).expect("a token");
        let known = devices.read(&token, alice, now).expect("a device");
        assert_eq!(devices.read(&token, alice, now + Duration::days(89)), Some(known));
        assert_eq!(devices.read(&token, alice, now + Duration::days(91)), None);
        assert_eq!(devices.read(&token, UserId::generate(), now), None);
        let another = Devices::new(&hmac::Key::new(HMAC_SHA256, &[2; 32]));
        assert_eq!(another.read(&token, alice, now), None);
        let changed = format!("A{}", &token[1..]);
        for bad in ["", "x", &token[1..], &token[..token.len() - 2], if changed == token { "B" } else { &changed }] {
            assert_eq!(devices.read(bad, alice, now), None, "{bad:?}");
        }
    }
}
