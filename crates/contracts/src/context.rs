//! The signed context: the one notation of a message's detached signature, and the texts that other signatures cover.
//!
//! Field order is fixed and the text is ASCII: both sides build it and compare octet for octet.

use std::{fmt, str::FromStr};

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use time::OffsetDateTime;

use crate::{ClientMessageId, Fingerprint, RoomId, UserId};

/// Notation name of a message signature. `sealcast.example` is a reserved domain: nobody else can define it.
pub const MESSAGE_NOTATION: &str = "ctx@sealcast.example";
/// Notation name of an epoch's signature.
pub const EPOCH_NOTATION: &str = "epoch@sealcast.example";
/// Notation name of a grant's signature.
pub const GRANT_NOTATION: &str = "grant@sealcast.example";
/// Notation name of the signature over an export's manifest.
pub const EXPORT_NOTATION: &str = "export@sealcast.example";
/// Notation name of the signature by which a compliance certificate names its successor.
pub const COMPLIANCE_NOTATION: &str = "compliance@sealcast.example";
/// What the session-key commitment hashes before the session key.
pub const SESSION_KEY_COMMITMENT_DOMAIN: &[u8] = b"sealcast/v1/sk-commit\0";

/// The newest checkpoint that a sender has seen: log size and the first 16 octets of the root.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeenCheckpoint {
    pub size: u64,
    pub root: [u8; 16],
}

/// `v1;room=…;epoch=…;cid=…;prev=…;skc=…;cp=…`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageContext {
    pub room_id: RoomId,
    pub epoch: u32,
    pub cid: ClientMessageId,
    /// First 16 octets of the SHA-256 of the sender's previous envelope in the room; zeros for the first.
    pub prev: [u8; 16],
    /// SHA-256 over [`SESSION_KEY_COMMITMENT_DOMAIN`] and the envelope's session key.
    pub skc: [u8; 32],
    pub cp: SeenCheckpoint,
}

impl MessageContext {
    /// What the plaintext repeats: the context without `skc`, which commits to the plaintext's own session key.
    pub fn inner(&self) -> String {
        let Self { room_id, epoch, cid, .. } = self;
        format!("v1;room={room_id};epoch={epoch};cid={cid};prev={};cp={}", b64(&self.prev), self.cp)
    }
}

impl fmt::Display for MessageContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { room_id, epoch, cid, cp, .. } = self;
        write!(f, "v1;room={room_id};epoch={epoch};cid={cid};prev={};skc={};cp={cp}", b64(&self.prev), b64(&self.skc))
    }
}

impl fmt::Display for SeenCheckpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.size, b64(&self.root))
    }
}

/// The text is not a context of this version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("malformed context: {0}")]
pub struct ParseContextError(pub &'static str);

impl FromStr for MessageContext {
    type Err = ParseContextError;

    /// Accepts only what [`fmt::Display`] writes.
    fn from_str(text: &str) -> Result<Self, ParseContextError> {
        let mut parts = text.split(';');
        if parts.next() != Some("v1") {
            return Err(ParseContextError("version"));
        }
        let mut field = |name: &'static str| {
            parts.next().and_then(|part| part.strip_prefix(name)?.strip_prefix('=')).ok_or(ParseContextError(name))
        };
        let (room, epoch, cid) = (field("room")?, field("epoch")?, field("cid")?);
        let (prev, skc, cp) = (field("prev")?, field("skc")?, field("cp")?);
        let (size, root) = cp.split_once(':').ok_or(ParseContextError("cp"))?;
        let context = Self {
            room_id: room.parse().map_err(|_| ParseContextError("room"))?,
            epoch: epoch.parse().map_err(|_| ParseContextError("epoch"))?,
            cid: cid.parse().map_err(|_| ParseContextError("cid"))?,
            prev: unb64(prev).ok_or(ParseContextError("prev"))?,
            skc: unb64(skc).ok_or(ParseContextError("skc"))?,
            cp: SeenCheckpoint {
                size: size.parse().map_err(|_| ParseContextError("cp"))?,
                root: unb64(root).ok_or(ParseContextError("cp"))?,
            },
        };
        if context.to_string() == text { Ok(context) } else { Err(ParseContextError("form")) }
    }
}

/// What an epoch's opener signs: the statement is the signed data, and the notation repeats nothing.
pub fn epoch_statement(
    room_id: RoomId,
    epoch: u32,
    cert_fp: &Fingerprint,
    blob_sha256: &[u8; 32],
    prev_fp: Option<&Fingerprint>,
) -> String {
    let prev = prev_fp.map_or_else(|| "-".to_owned(), Fingerprint::to_string);
    format!("sealcast/v1/epoch\nroom={room_id}\nepoch={epoch}\ncert={cert_fp}\nblob={}\nprev={prev}\n", Fingerprint(*blob_sha256))
}

/// What a granter signs.
pub fn grant_statement(
    room_id: RoomId,
    epoch: u32,
    to: UserId,
    to_fp: &Fingerprint,
    pkesk_sha256: &[u8; 32],
    blob_sha256: &[u8; 32],
) -> String {
    let (pkesk, blob) = (Fingerprint(*pkesk_sha256), Fingerprint(*blob_sha256));
    format!("sealcast/v1/grant\nroom={room_id}\nepoch={epoch}\nto={to}\nto_fp={to_fp}\npkesk={pkesk}\nblob={blob}\n")
}

/// What a compliance key signs to name the key after it, and from when messages are encrypted to that one.
pub fn compliance_statement(
    old_fp: &Fingerprint,
    new_fp: &Fingerprint,
    certificate_sha256: &[u8; 32],
    effective_at: OffsetDateTime,
) -> String {
    let (certificate, effective) = (Fingerprint(*certificate_sha256), effective_at.unix_timestamp_nanos() / 1_000_000);
    format!("sealcast/v1/compliance\nold={old_fp}\nnew={new_fp}\ncertificate={certificate}\neffective={effective}\n")
}

fn b64(octets: &[u8]) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(octets)
}

fn unb64<const N: usize>(text: &str) -> Option<[u8; N]> {
    BASE64_URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> MessageContext {
        MessageContext {
            room_id: "01890a5d-ac96-774b-bcce-b302099a8057".parse().unwrap(),
            epoch: 3,
            cid: "01890a5d-ac96-774b-bcce-b302099a8058".parse().unwrap(),
            prev: [1; 16],
            skc: [2; 32],
            cp: SeenCheckpoint { size: 42, root: [3; 16] },
        }
    }

    #[test]
    fn context_round_trips() {
        let text = sample().to_string();
        assert_eq!(
            text,
            "v1;room=01890a5d-ac96-774b-bcce-b302099a8057;epoch=3;cid=01890a5d-ac96-774b-bcce-b302099a8058;\
             prev=AQEBAQEBAQEBAQEBAQEBAQ;skc=AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI;cp=42:AwMDAwMDAwMDAwMDAwMDAw"
        );
        assert_eq!(text.parse(), Ok(sample()));
    }

    #[test]
    fn a_rotation_states_both_keys_the_certificate_and_the_time() {
        let at = OffsetDateTime::from_unix_timestamp(1_800_000_000).unwrap();
        assert_eq!(
            compliance_statement(&Fingerprint([1; 32]), &Fingerprint([2; 32]), &[3; 32], at),
            format!(
                "sealcast/v1/compliance\nold={}\nnew={}\ncertificate={}\neffective=1800000000000\n",
                "01".repeat(32),
                "02".repeat(32),
                "03".repeat(32)
            )
        );
    }

    #[test]
    fn context_refuses_every_other_form() {
        let text = sample().to_string();
        for bad in [
            text.replace("v1;", "v2;"),
            text.replace("epoch=3", "epoch=03"),
            format!("{text};x=1"),
            text.replace(";cp=", "; cp="),
            text.to_uppercase(),
            String::new(),
        ] {
            assert!(bad.parse::<MessageContext>().is_err(), "{bad}");
        }
    }
}
