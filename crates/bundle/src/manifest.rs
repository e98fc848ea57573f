//! What an export says it is. Its exporter signs these octets.

use sealcast_contracts::{Fingerprint, RoomId, UserId};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// The form that this code writes and reads.
pub const FORMAT: &str = "sealcast-export/1";

/// `manifest.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    pub format: String,
    #[serde(with = "time::serde::rfc3339")]
    pub made_at: OffsetDateTime,
    pub exporter: ExporterRecord,
    /// The case under which it was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case: Option<String>,
    pub room_id: RoomId,
    /// Messages accepted at or after this time.
    #[serde(default, with = "time::serde::rfc3339::option")]
    pub from: Option<OffsetDateTime>,
    /// Messages accepted before this time.
    #[serde(default, with = "time::serde::rfc3339::option")]
    pub to: Option<OffsetDateTime>,
    pub log: LogRecord,
    /// The compliance certificate in force when it was made; those before it are among the certificates, too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compliance: Option<Fingerprint>,
    pub counts: Counts,
    pub parts: Vec<PartRecord>,
}

/// Who made it; their certificate is among the certificates.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExporterRecord {
    pub user_id: UserId,
    pub username: String,
    pub fingerprint: Fingerprint,
}

/// The part of the log that it holds, and the checkpoint that it leads to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogRecord {
    pub vkey: String,
    pub first_leaf: u64,
    /// Exclusive.
    pub end_leaf: u64,
    pub size: u64,
    pub root: Fingerprint,
}

/// How much there is of each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Counts {
    pub leaves: u64,
    pub messages: u64,
    /// Messages whose content was destroyed by retention: their leaves are here.
    pub shredded: u64,
    pub events: u64,
    /// Messages with their text.
    pub views: u64,
}

/// One part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartRecord {
    pub name: String,
    pub octets: u64,
    pub lines: u64,
    pub sha256: Fingerprint,
}
