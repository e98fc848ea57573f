use sealcast_bus::ServeError;
use sealcast_contracts::{
    Base64,
    audit::{AuditRefusal, GetTile, TileOctets},
};
use sealcast_merkle::tile::Tile;

use super::{Archive, CallFailure, store_failure};
use crate::store::{self, StoreError};

/// A tile of the newest checkpoint's tree. Tiles hold hashes only, so everybody may have them.
pub async fn get(archive: &Archive, call: GetTile) -> Result<TileOctets, CallFailure> {
    let tile = Tile::parse(&call.path).ok_or(AuditRefusal::NotFound)?;
    let latest = store::latest_checkpoint(&archive.pool).await.map_err(store_failure)?.ok_or(AuditRefusal::NotFound)?;
    // What no checkpoint covers yet may still be another tile tomorrow.
    if latest.size < tile.leaves() {
        return Err(AuditRefusal::NotFound.into());
    }
    let stored = store::read_hashes(&archive.pool, &tile.indexes()).await.map_err(store_failure)?;
    let octets = tile.octets(&stored).map_err(|error| ServeError::Bug(StoreError::from(error).into()))?;
    Ok(TileOctets { octets: Base64(octets), full: tile.is_full() })
}
