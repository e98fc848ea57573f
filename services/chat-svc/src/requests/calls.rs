use sealcast_contracts::{
    chat::{ChatRefusal, DecideRequest, Done, JoinOutcome, JoinRequest, JoinRoom, ListRequests, Room, RoomKind, RoomRole},
    control::RoomChange,
    events::{AuditEventKind, JoinedBy},
};
use sqlx::PgConnection;

use super::store;
use crate::{
    Chat,
    error::{Failure, commit},
    events, grants, limits, members, rooms,
};

impl Chat {
    /// Asks for a public room, or, as a lobby member without the key, for the key. Repeating it is harmless.
    pub(crate) async fn join_room(&self, call: JoinRoom) -> Result<JoinOutcome, Failure> {
        self.meet(&call.caller).await?;
        let (room_id, user_id, now) = (call.room_id, call.caller.user_id, self.now());
        let mut tx = self.pool.begin().await?;
        let room = rooms::store::find(&mut tx, room_id, user_id).await?.ok_or(ChatRefusal::NotFound)?;
        if room.role.is_some() && !waits_for_key(&room) {
            return Ok(JoinOutcome::Member);
        }
        if room.role.is_none() && room.kind == RoomKind::Private {
            return Err(ChatRefusal::NotFound.into());
        }
        if !room.admission.takes_requests() {
            return Err(ChatRefusal::InviteOnly.into());
        }
        if !room.requested {
            check_counts(&mut tx, &call).await?;
        }
        if store::insert(&mut tx, room_id, user_id, now).await? {
            events::record(&mut tx, user_id, now, AuditEventKind::JoinRequested { room_id, user_id }).await?;
        }
        commit(tx).await?;
        self.announce(room_id, RoomChange::Request, Some(user_id)).await;
        Ok(JoinOutcome::Requested)
    }

    /// Who waits for the room's key; any member may see it, for any member may answer.
    pub(crate) async fn list_requests(&self, call: ListRequests) -> Result<Vec<JoinRequest>, Failure> {
        self.meet(&call.caller).await?;
        let mut conn = self.pool.acquire().await?;
        members::require_member(rooms::store::find(&mut conn, call.room_id, call.caller.user_id).await?)?;
        Ok(store::list(&mut conn, call.room_id).await?)
    }

    /// Answers a request. A repetition of an approval that was carried out is harmless.
    pub(crate) async fn decide_request(&self, call: DecideRequest) -> Result<Done, Failure> {
        self.meet(&call.caller).await?;
        if call.approve { self.approve(call).await } else { self.refuse(call).await }
    }

    async fn approve(&self, call: DecideRequest) -> Result<Done, Failure> {
        let (room_id, user_id, approver_id) = (call.room_id, call.user_id, call.caller.user_id);
        let (room, blobs) = {
            let mut conn = self.pool.acquire().await?;
            let room = members::require_member(rooms::store::find(&mut conn, room_id, approver_id).await?)?;
            if !store::exists(&mut conn, room_id, user_id).await? {
                let joined = members::store::role_of(&mut conn, room_id, user_id).await?.is_some()
                    && grants::store::holds(&mut conn, room_id, user_id, rooms::epoch_number(room.epoch)?).await?;
                return if joined { Ok(Done {}) } else { Err(ChatRefusal::NotFound.into()) };
            }
            (room, grants::calls::stored_blobs(&mut conn, room_id, &call.grants).await?)
        };
        if call.grants.iter().any(|grant| grant.to != user_id) {
            return Err(grants::refused("it is for somebody else"));
        }
        if !call.grants.iter().any(|grant| grant.epoch == room.epoch) {
            return Err(grants::refused("none is of the current epoch"));
        }
        let approver = self.signer(&call.caller).await?;
        self.check_grants(room_id, &approver, &call.grants, &blobs).await?;

        let now = self.now();
        let mut tx = self.pool.begin().await?;
        rooms::store::lock(&mut tx, room_id).await?;
        let now_room = members::require_member(rooms::store::find(&mut tx, room_id, approver_id).await?)?;
        if now_room.epoch != room.epoch {
            return Err(ChatRefusal::EpochStale { current: now_room.epoch }.into());
        }
        if store::delete(&mut tx, room_id, &[user_id]).await? == 0 {
            // Somebody else answered meanwhile.
            return Err(ChatRefusal::NotFound.into());
        }
        if room.kind != RoomKind::Lobby {
            rooms::calls::check_room_count(&mut tx, user_id).await?;
        }
        let joined = members::store::insert(&mut tx, room_id, user_id, RoomRole::Member, JoinedBy::Approval, now).await?;
        if joined {
            events::record(&mut tx, approver_id, now, AuditEventKind::MemberJoined { room_id, user_id, by: JoinedBy::Approval })
                .await?;
        }
        grants::add(&mut tx, room_id, &approver, &call.grants, now).await?;
        commit(tx).await?;
        if joined {
            self.announce_membership(room_id, user_id, true).await;
        }
        self.announce(room_id, RoomChange::Grant, Some(user_id)).await;
        Ok(Done {})
    }

    async fn refuse(&self, call: DecideRequest) -> Result<Done, Failure> {
        let (room_id, user_id, now) = (call.room_id, call.user_id, self.now());
        let mut tx = self.pool.begin().await?;
        members::require_member(rooms::store::find(&mut tx, room_id, call.caller.user_id).await?)?;
        if store::delete(&mut tx, room_id, &[user_id]).await? == 0 {
            return Err(ChatRefusal::NotFound.into());
        }
        events::record(&mut tx, call.caller.user_id, now, AuditEventKind::JoinRefused { room_id, user_id }).await?;
        commit(tx).await?;
        self.announce(room_id, RoomChange::Request, Some(user_id)).await;
        Ok(Done {})
    }
}

/// In the lobby everybody is a member, and some wait for the key all the same.
fn waits_for_key(room: &Room) -> bool {
    room.kind == RoomKind::Lobby && room.admission.takes_requests() && !room.granted
}

async fn check_counts(conn: &mut PgConnection, call: &JoinRoom) -> Result<(), Failure> {
    if store::count_of(conn, call.caller.user_id).await? >= i64::from(limits::REQUESTS_PER_USER_MAX) {
        return Err(ChatRefusal::LimitReached { what: "open requests".into(), limit: limits::REQUESTS_PER_USER_MAX }.into());
    }
    Ok(())
}
