use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use uuid::Uuid;

/// The text is not an identifier of the expected form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected}")]
pub struct ParseIdError {
    expected: &'static str,
}

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[cfg_attr(feature = "openapi", schema(value_type = String, format = Uuid))]
        pub struct $name(pub Uuid);

        impl $name {
            /// A new, time-ordered identifier (UUIDv7, RFC 9562).
            pub fn generate() -> Self {
                Self(Uuid::now_v7())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = ParseIdError;

            fn from_str(text: &str) -> Result<Self, ParseIdError> {
                Uuid::try_parse(text).map(Self).map_err(|_| ParseIdError { expected: "a UUID" })
            }
        }
    };
}

uuid_id!(
    /// An account.
    UserId
);
uuid_id!(
    /// A room.
    RoomId
);
uuid_id!(
    /// A session of an account: one login on one device.
    SessionId
);
uuid_id!(
    /// The identifier that the sending client gives its message (`cid`), and its `Idempotency-Key`.
    ClientMessageId
);
uuid_id!(
    /// An attachment, chosen by the client that seals it.
    AttachmentId
);
uuid_id!(
    /// An invite link, without its secret.
    InviteId
);
uuid_id!(
    /// A case: why officers look at other people's messages.
    CaseId
);
uuid_id!(
    /// A request for a second officer's consent, and its answer.
    ApprovalId
);
uuid_id!(
    /// An export of a case.
    ExportId
);
uuid_id!(
    /// A legal hold.
    HoldId
);

/// The SHA-256 fingerprint of an OpenPGP v6 key (RFC 9580 section 5.5.4), in lower-case hex on the wire.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(value_type = String, pattern = "^[0-9a-f]{64}$"))]
pub struct Fingerprint(pub [u8; 32]);

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|octet| write!(f, "{octet:02x}"))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Fingerprint {
    type Err = ParseIdError;

    fn from_str(text: &str) -> Result<Self, ParseIdError> {
        let error = ParseIdError { expected: "64 hexadecimal digits" };
        if text.len() != 64 || !text.is_ascii() {
            return Err(error);
        }
        let mut octets = [0; 32];
        for (octet, pair) in octets.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
            let digits = std::str::from_utf8(pair).map_err(|_| error)?;
            *octet = u8::from_str_radix(digits, 16).map_err(|_| error)?;
        }
        Ok(Self(octets))
    }
}

impl Serialize for Fingerprint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Fingerprint {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        parse_str(deserializer)
    }
}

/// The identity of an accepted message and its SSE id: `<stream epoch>-<sequence>`.
///
/// The sequence is JetStream's. The stream epoch rises when a stream has lost its tail, because sequences are then
/// given out again: two ids are comparable only within one stream epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EventId {
    pub stream_epoch: u32,
    pub seq: u64,
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.stream_epoch, self.seq)
    }
}

impl FromStr for EventId {
    type Err = ParseIdError;

    fn from_str(text: &str) -> Result<Self, ParseIdError> {
        let error = ParseIdError { expected: "an event id `<epoch>-<sequence>`" };
        // Only the form that Display writes: no sign, no leading zero, nothing else.
        let (epoch, seq) = text.split_once('-').ok_or(error)?;
        let id = Self { stream_epoch: epoch.parse().map_err(|_| error)?, seq: seq.parse().map_err(|_| error)? };
        if id.to_string() == text { Ok(id) } else { Err(error) }
    }
}

impl Serialize for EventId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for EventId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        parse_str(deserializer)
    }
}

/// A string on the wire, which the derive cannot say of a struct with named fields.
#[cfg(feature = "openapi")]
impl utoipa::PartialSchema for EventId {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .description(Some("The identity of an accepted message and its SSE id: `<stream epoch>-<sequence>`."))
            .pattern(Some("^[0-9]+-[0-9]+$"))
            .examples(["1-4711"])
            .into()
    }
}

#[cfg(feature = "openapi")]
impl utoipa::ToSchema for EventId {}

fn parse_str<'de, D: Deserializer<'de>, T: FromStr<Err = ParseIdError>>(deserializer: D) -> Result<T, D::Error> {
    let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
    text.parse().map_err(de::Error::custom)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn event_id_accepts_only_its_own_form() {
        assert_eq!("1-42".parse(), Ok(EventId { stream_epoch: 1, seq: 42 }));
        for bad in ["", "-", "1", "1-", "-1", "01-2", "1-02", "+1-2", "1-2-3", "1-2 ", "4294967296-1", "1-18446744073709551616"] {
            assert!(bad.parse::<EventId>().is_err(), "{bad:?} was accepted");
        }
    }

    #[test]
    fn fingerprint_round_trips() {
        let fingerprint = Fingerprint(std::array::from_fn(|i| i as u8));
        assert_eq!(fingerprint.to_string().parse(), Ok(fingerprint));
        assert!("zz".repeat(32).parse::<Fingerprint>().is_err());
        assert!("é".repeat(32).parse::<Fingerprint>().is_err());
    }
}
