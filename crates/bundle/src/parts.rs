//! The parts of an export and their lines.

use sealcast_contracts::{
    Base64, EventId, Fingerprint, UserId,
    audit::{StoredMessage, leaves::ProvenEvent},
};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use uuid::Uuid;

pub const MANIFEST: &str = "manifest.json";
pub const SIGNATURE: &str = "manifest.sig";
pub const README: &str = "README.txt";
pub const CHECKPOINT: &str = "checkpoint.txt";
pub const RANGE: &str = "range.json";
pub const CERTIFICATES: &str = "certificates.ndjson";
pub const LEAVES: &str = "leaves.ndjson";
pub const MESSAGES: &str = "messages.ndjson";
pub const EVENTS: &str = "events.ndjson";
pub const VIEW: &str = "view.ndjson";
/// The folder of the EML views.
pub const EML: &str = "eml/";

/// The parts that the manifest lists, in their order; the view is last and may be absent.
pub const LISTED: [&str; 8] = [README, CHECKPOINT, RANGE, CERTIFICATES, LEAVES, MESSAGES, EVENTS, VIEW];

/// Said to whoever opens the archive by hand.
pub const README_TEXT: &str = "\
This is an export of a Sealcast audit log. It proves itself, offline:

  sealcast audit verify FILE --log-key KEY

or open verify.html of the same release in a browser and drop FILE on it. KEY is the log's
verifier key; take it from somewhere else than this file.

manifest.json        what was exported, by whom, and the SHA-256 of every part; signed in manifest.sig
checkpoint.txt       the log's signed state (C2SP checkpoint) with its cosignatures
range.json           what ties the leaves below to that state
leaves.ndjson        every leaf of the log in the range, without a gap
messages.ndjson      the room's messages: envelopes and signatures
events.ndjson        who was in the room, and under which keys
certificates.ndjson  the certificates that the signatures verify with
view.ndjson, eml/    the texts, if they were opened; each line gives the message's session key,
                     so that the text can be checked against what its sender signed
";

/// `range.json`: what ties the leaves to the checkpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RangePart {
    pub frontier: Vec<Base64>,
    pub consistency: Vec<Base64>,
}

/// A line of `certificates.ndjson`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum CertificateLine {
    Account { user_id: UserId, username: String, certificate: Base64 },
    Compliance { certificate: Base64 },
}

/// A line of `leaves.ndjson`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeafLine {
    pub leaf_index: u64,
    pub leaf: String,
    /// Its RFC 6962 hash: a changed line is found by itself, not only by the root.
    pub hash: Fingerprint,
}

/// A line of `messages.ndjson`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum MessageLine {
    Stored(Box<StoredMessage>),
    Shredded(ShreddedLine),
}

/// A message whose day was destroyed: the leaf tells that it was there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShreddedLine {
    pub id: EventId,
    pub leaf_index: u64,
    pub shredded: bool,
}

/// A line of `events.ndjson`: with a path when its leaf lies before the range.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventLine {
    pub leaf_index: u64,
    pub event_id: Uuid,
    pub kind: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<UserId>,
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    /// Octet for octet as the leaf covers it.
    pub body: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<Vec<Base64>>,
}

/// A line of `view.ndjson`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ViewLine {
    pub id: EventId,
    pub leaf_index: u64,
    #[serde(with = "time::serde::rfc3339")]
    pub accepted_at: OffsetDateTime,
    pub sender: UserId,
    pub username: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opened: Option<OpenedText>,
    /// Why there is no text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unreadable: Option<String>,
}

/// A text, and the session key that shows that the sender signed it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpenedText {
    /// `text`, `edit`, `delete`, `react`, …
    pub kind: String,
    pub text: String,
    /// The message that it changes or answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub re: Option<String>,
    pub session_key: Base64,
}

impl MessageLine {
    pub fn leaf_index(&self) -> u64 {
        match self {
            Self::Stored(message) => message.leaf_index,
            Self::Shredded(line) => line.leaf_index,
        }
    }
}

impl From<ProvenEvent> for EventLine {
    fn from(event: ProvenEvent) -> Self {
        let ProvenEvent { leaf_index, event_id, kind, actor, at, body, path } = event;
        Self { leaf_index, event_id, kind, actor, at, body, path: Some(path) }
    }
}
