//! Identifiers that are the same in every run: of one organisation, so that two of them never share one.

use aws_lc_rs::digest::{SHA256, digest};
use sealcast_contracts::{ClientMessageId, RoomId};
use uuid::{Builder, Uuid};

/// 2026-01-01T00:00:00Z, in milliseconds: the time that the identifiers claim.
const EPOCH_MS: u64 = 1_767_225_600_000;

/// The id of a room that the seed makes.
pub fn room(lobby: RoomId, name: &str) -> RoomId {
    RoomId(version_7(0, &format!("room\n{lobby}\n{name}")))
}

/// The client message id of line `index`.
pub fn message(lobby: RoomId, index: usize, text: &str) -> ClientMessageId {
    ClientMessageId(version_7(u64::try_from(index).unwrap_or_default(), &format!("message\n{lobby}\n{index}\n{text}")))
}

/// A UUIDv7 whose random part is a hash.
fn version_7(offset_ms: u64, name: &str) -> Uuid {
    let mut random = [0; 10];
    random.copy_from_slice(&digest(&SHA256, format!("sealcast-seed\n{name}").as_bytes()).as_ref()[..10]);
    Builder::from_unix_timestamp_millis(EPOCH_MS + offset_ms, &random).into_uuid()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_depend_on_everything_and_are_of_version_7() {
        let lobby = RoomId::generate();
        let id = message(lobby, 1, "hi");
        assert_eq!(id, message(lobby, 1, "hi"));
        assert_eq!((id.0.get_version_num(), id.0.get_variant()), (7, uuid::Variant::RFC4122));
        let others = [message(lobby, 2, "hi"), message(lobby, 1, "ho"), message(RoomId::generate(), 1, "hi")];
        assert!(others.iter().all(|other| *other != id));
        assert_ne!(room(lobby, "a"), room(lobby, "b"));
    }
}
