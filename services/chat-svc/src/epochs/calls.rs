use sealcast_contracts::{
    chat::{ChatRefusal, Epoch, OpenEpoch, RoomKind},
    control::RoomChange,
};

use super::{Opening, blobs_of, check, record, store};
use crate::{
    Chat,
    error::{Failure, commit},
    grants, limits, members, requests, rooms,
};

impl Chat {
    /// Opens the next epoch. Repeating it with the same key is harmless; when somebody else was first it is a conflict.
    pub(crate) async fn open_epoch(&self, call: OpenEpoch) -> Result<Epoch, Failure> {
        self.meet(&call.caller).await?;
        let (room_id, user_id, number) = (call.room_id, call.caller.user_id, rooms::epoch_number(call.epoch.epoch)?);
        let current = {
            let mut conn = self.pool.acquire().await?;
            let room = rooms::store::find(&mut conn, room_id, user_id).await?;
            let room = members::require_admin(room, &call.caller)?;
            if let Some(opened) = store::find(&mut conn, room_id, number).await? {
                let same = opened.opened_by == user_id && opened.cert == call.epoch.cert && opened.blob == call.epoch.blob;
                return if same { Ok(opened) } else { Err(ChatRefusal::Conflict.into()) };
            }
            if call.epoch.epoch > limits::EPOCHS_PER_ROOM_MAX {
                return Err(ChatRefusal::LimitReached { what: "epochs".into(), limit: limits::EPOCHS_PER_ROOM_MAX }.into());
            }
            store::find(&mut conn, room_id, rooms::epoch_number(room.epoch)?).await?.ok_or(ChatRefusal::NotFound)?
        };
        if call.epoch.epoch != current.epoch + 1 {
            return Err(ChatRefusal::Conflict.into());
        }
        let opener = self.signer(&call.caller).await?;
        let opening = Opening { room_id, epoch: &call.epoch, prev_fp: Some(current.fingerprint) };
        let epoch = check(&opening, &opener, self.now())?;
        if call.grants.iter().any(|grant| grant.epoch != call.epoch.epoch) {
            return Err(ChatRefusal::GrantRefused { reason: "a grant of another epoch".into() }.into());
        }
        self.check_grants(room_id, &opener, &call.grants, &blobs_of(&call.epoch)).await?;

        let now = self.now();
        let mut tx = self.pool.begin().await?;
        // The lock decides between two openers; the loser sees the epoch that won.
        let locked = rooms::store::lock(&mut tx, room_id).await?;
        let room = members::require_admin(rooms::store::find(&mut tx, room_id, user_id).await?, &call.caller)?;
        let first = locked.is_some_and(|locked| locked.epoch == current.epoch);
        if !first || !store::insert(&mut tx, room_id, &epoch, now).await? {
            return Err(ChatRefusal::Conflict.into());
        }
        rooms::store::set_epoch(&mut tx, room_id, number).await?;
        record(&mut tx, room_id, &epoch, now).await?;
        grants::require_members(&mut tx, room_id, &call.grants).await?;
        grants::add(&mut tx, room_id, &opener, &call.grants, now).await?;
        if room.kind == RoomKind::Lobby && room.admission.takes_requests() {
            requests::store::insert_ungranted(&mut tx, room_id, number, now).await?;
        }
        let opened = store::find(&mut tx, room_id, number).await?.ok_or(ChatRefusal::NotFound)?;
        commit(tx).await?;
        self.announce(room_id, RoomChange::Epoch, None).await;
        Ok(opened)
    }
}
