use sealcast_contracts::{
    UserId,
    chat::{Admission, ChatRefusal, NewGrant, OpenDirect, Room, RoomKind, RoomRole},
    control::RoomChange,
    events::{AuditEventKind, JoinedBy},
    limits::ROOM_NAME_CHARS_MAX,
};
use sqlx::PgConnection;

use super::store;
use crate::{
    Chat,
    epochs::{self, Opening},
    error::{Failure, commit, malformed},
    events, grants, limits, members, organisation,
    rooms::{self, store::NewRoom},
};

impl Chat {
    /// The caller's conversation with somebody, made now if they have none.
    pub(crate) async fn open_direct(&self, call: OpenDirect) -> Result<Room, Failure> {
        self.meet(&call.caller).await?;
        let (me, pair) = (call.caller.user_id, [call.caller.user_id, call.with]);
        if call.with == me {
            return Err(malformed("user_id", "that is yourself"));
        }
        let peer = self.directory.find(call.with, self.now()).await?.ok_or(ChatRefusal::NotFound)?;
        self.meet_by_id(call.with).await?;
        if let Some(room) = find_room(&mut *self.pool.acquire().await?, pair).await? {
            return Ok(room);
        }
        let opener = self.signer(&call.caller).await?;
        if call.epoch.epoch != 1 {
            return Err(malformed("epoch", "a room begins with epoch 1"));
        }
        check_recipients(&call.grants, pair)?;
        let opening = Opening { room_id: call.room_id, epoch: &call.epoch, prev_fp: None };
        let epoch = epochs::check(&opening, &opener, self.now())?;
        self.check_grants(call.room_id, &opener, &call.grants, &epochs::blobs_of(&call.epoch)).await?;

        let (room_id, now) = (call.room_id, self.now());
        let mut tx = self.pool.begin().await?;
        if !organisation::store::is_set_up(&mut tx).await? {
            return Err(ChatRefusal::OrganisationNotReady.into());
        }
        rooms::store::hold_maker(&mut tx, me).await?;
        let opened = store::count_opened_by(&mut tx, me, now - time::Duration::DAY).await?;
        if opened >= i64::from(limits::DIRECTS_OPENED_PER_DAY_MAX) {
            let (what, limit) = ("direct conversations opened in a day".to_owned(), limits::DIRECTS_OPENED_PER_DAY_MAX);
            return Err(ChatRefusal::LimitReached { what, limit }.into());
        }
        for user_id in pair {
            rooms::calls::check_room_count(&mut tx, user_id).await?;
        }
        let name = name_of(&call.caller.username, &peer.username);
        let (kind, admission) = (RoomKind::Private, Admission::Invite);
        let room = NewRoom { room_id, name: &name, kind, admission, created_by: me, at: now };
        if !rooms::store::insert(&mut tx, &room).await? {
            return Err(ChatRefusal::Conflict.into());
        }
        if !store::insert(&mut tx, room_id, pair).await? {
            // The other one wrote at the same moment and was first.
            drop(tx);
            let first = find_room(&mut *self.pool.acquire().await?, pair).await?;
            return first.ok_or_else(|| ChatRefusal::Conflict.into());
        }
        if !epochs::store::insert(&mut tx, room_id, &epoch, now).await? {
            return Err(ChatRefusal::Conflict.into());
        }
        let what = AuditEventKind::RoomCreated { room_id, name, room_kind: kind, admission, direct_with: Some(call.with) };
        events::record(&mut tx, me, now, what).await?;
        for user_id in pair {
            // Either may change the key.
            members::store::insert(&mut tx, room_id, user_id, RoomRole::Admin, JoinedBy::Creation, now).await?;
            let joined = AuditEventKind::MemberJoined { room_id, user_id, by: JoinedBy::Creation };
            events::record(&mut tx, me, now, joined).await?;
        }
        epochs::record(&mut tx, room_id, &epoch, now).await?;
        grants::add(&mut tx, room_id, &opener, &call.grants, now).await?;
        let room = rooms::store::find(&mut tx, room_id, me).await?.ok_or(ChatRefusal::NotFound)?;
        commit(tx).await?;

        for user_id in pair {
            self.announce_membership(room_id, user_id, true).await;
            self.announce(room_id, RoomChange::Created, Some(user_id)).await;
        }
        Ok(room)
    }
}

/// The pair's room as its first one sees it.
async fn find_room(conn: &mut PgConnection, pair: [UserId; 2]) -> sqlx::Result<Option<Room>> {
    match store::find(conn, pair).await? {
        Some(room_id) => rooms::store::find(conn, room_id, pair[0]).await,
        None => Ok(None),
    }
}

/// One grant of the first epoch for each of the two: without its own nobody could read what the other writes.
fn check_recipients(grants: &[NewGrant], pair: [UserId; 2]) -> Result<(), Failure> {
    let has = |user_id: &UserId| grants.iter().any(|grant| grant.to == *user_id && grant.epoch == 1);
    if grants.len() == pair.len() && pair.iter().all(has) {
        return Ok(());
    }
    Err(grants::refused("a direct conversation begins with a grant of epoch 1 for each of the two"))
}

/// What clients show that do not know of direct conversations.
fn name_of(one: &str, other: &str) -> String {
    format!("{one}, {other}").chars().take(ROOM_NAME_CHARS_MAX).collect()
}
