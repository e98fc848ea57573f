use std::collections::HashSet;

use sealcast_contracts::{
    RoomId,
    chat::{AddGrants, Done, NewGrant},
    control::RoomChange,
};
use sqlx::PgConnection;

use super::{add, refused, require_members};
use crate::{
    Chat, checks,
    epochs::{self, Blobs},
    error::{Failure, commit, malformed},
    members, rooms,
};

impl Chat {
    /// Grants to members, the caller included. Repeating it is harmless.
    pub(crate) async fn add_grants(&self, call: AddGrants) -> Result<Done, Failure> {
        self.meet(&call.caller).await?;
        if call.grants.is_empty() {
            return Err(malformed("grants", "none"));
        }
        let (room_id, user_id) = (call.room_id, call.caller.user_id);
        let blobs = {
            let mut conn = self.pool.acquire().await?;
            members::require_member(rooms::store::find(&mut conn, room_id, user_id).await?)?;
            stored_blobs(&mut conn, room_id, &call.grants).await?
        };
        let granter = self.signer(&call.caller).await?;
        self.check_grants(room_id, &granter, &call.grants, &blobs).await?;

        let now = self.now();
        let mut tx = self.pool.begin().await?;
        rooms::store::lock(&mut tx, room_id).await?;
        members::require_member(rooms::store::find(&mut tx, room_id, user_id).await?)?;
        require_members(&mut tx, room_id, &call.grants).await?;
        let granted = add(&mut tx, room_id, &granter, &call.grants, now).await?;
        commit(tx).await?;
        for to in granted.into_iter().collect::<HashSet<_>>() {
            self.announce(room_id, RoomChange::Grant, Some(to)).await;
        }
        Ok(Done {})
    }
}

/// The blobs of the epochs that the grants are about.
pub(crate) async fn stored_blobs(conn: &mut PgConnection, room_id: RoomId, grants: &[NewGrant]) -> Result<Blobs, Failure> {
    let mut blobs = Blobs::new();
    for epoch in grants.iter().map(|grant| grant.epoch).collect::<HashSet<_>>() {
        let stored = epochs::store::find(conn, room_id, rooms::epoch_number(epoch)?).await?;
        let stored = stored.ok_or_else(|| refused("there is no such epoch"))?;
        blobs.insert(epoch, checks::sha256(stored.blob.as_slice()));
    }
    Ok(blobs)
}
