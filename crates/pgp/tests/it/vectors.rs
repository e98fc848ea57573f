//! Reads `tests/vectors`: throw-away keys and messages, good and hostile, with the verdicts they deserve.

use std::{fs, path::PathBuf, sync::LazyLock};

use sealcast_pgp::{certificate::Certificate, keyring::SecretKey};
use serde_json::Value;
use time::{OffsetDateTime, macros::datetime};

/// After all certificates were made, long before any would expire that should not have.
pub const NOW: OffsetDateTime = datetime!(2026-11-24 12:00 UTC);

pub static MANIFEST: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_slice(&file("manifest.json")).expect("the manifest is JSON"));

pub fn file(path: &str) -> Vec<u8> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/vectors").join(path);
    fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The vectors of one kind.
pub fn of_kind(kind: &str) -> Vec<&'static Value> {
    let all = MANIFEST["vectors"].as_array().expect("vectors");
    let found: Vec<_> = all.iter().filter(|vector| vector["kind"] == kind).collect();
    assert!(!found.is_empty(), "no vectors of kind {kind}");
    found
}

pub fn text<'v>(vector: &'v Value, field: &str) -> &'v str {
    vector[field].as_str().unwrap_or_else(|| panic!("{field} in {vector}"))
}

/// A room's or the compliance certificate; which, its User ID tells.
pub fn recipient(path: &str) -> Certificate {
    let octets = file(path);
    Certificate::parse_room(&octets, NOW).or_else(|_| Certificate::parse_compliance(&octets, NOW)).expect("a certificate")
}

pub fn secret(path: &str) -> SecretKey {
    SecretKey::from_octets(&file(path)).expect("a secret key")
}

pub fn hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}
