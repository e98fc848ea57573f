//! The tree as files (C2SP tlog-tiles).

use serde::{Deserialize, Serialize};

use super::AuditRefusal;
use crate::{Base64, call};

/// A tile of the newest checkpoint's tree; for everybody.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct GetTile {
    /// What follows `tile/`, such as `0/x001/067` or `1/000.p/17`.
    pub path: String,
}
call!(GetTile, "sealcast.v1.audit.get_tile", TileOctets, AuditRefusal);

/// The hashes of a tile, 32 octets each.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TileOctets {
    pub octets: Base64,
    /// A full tile never changes; a partial one is replaced by the full one.
    pub full: bool,
}
