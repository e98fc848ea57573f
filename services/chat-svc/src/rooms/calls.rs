use sealcast_contracts::{
    auth::Role,
    chat::{ChatRefusal, CreateRoom, GetRoom, ListRooms, Room, RoomKeys, RoomKind, RoomRole, SetHistory},
    control::RoomChange,
    events::{AuditEventKind, JoinedBy},
    limits::{ROOM_NAME_CHARS_MAX, ROOMS_PER_USER_MAX},
};
use sqlx::PgConnection;

use super::store::{self, NewRoom};
use crate::{
    Chat,
    epochs::{self, Opening},
    error::{Failure, commit, malformed},
    events, grants, limits, members, organisation,
};

impl Chat {
    /// Creates a room with its first epoch and the creator's grant, all or nothing.
    pub(crate) async fn create_room(&self, call: CreateRoom) -> Result<Room, Failure> {
        self.meet(&call.caller).await?;
        check_name(&call.name)?;
        if call.kind == RoomKind::Lobby && call.caller.role != Role::Admin {
            return Err(ChatRefusal::Forbidden.into());
        }
        if let Some(room) = self.created_before(&call).await? {
            return Ok(room);
        }
        let opener = self.signer(&call.caller).await?;
        if call.epoch.epoch != 1 {
            return Err(malformed("epoch", "a room begins with epoch 1"));
        }
        if call.grant.to != call.caller.user_id || call.grant.epoch != 1 {
            return Err(ChatRefusal::GrantRefused { reason: "the first grant is the creator's own, of epoch 1".into() }.into());
        }
        let opening = Opening { room_id: call.room_id, epoch: &call.epoch, prev_fp: None };
        let epoch = epochs::check(&opening, &opener, self.now())?;
        let granted = std::slice::from_ref(&call.grant);
        self.check_grants(call.room_id, &opener, granted, &epochs::blobs_of(&call.epoch)).await?;

        let now = self.now();
        let mut tx = self.pool.begin().await?;
        check_counts(&mut tx, &call).await?;
        let (room_id, created_by) = (call.room_id, call.caller.user_id);
        let room = NewRoom { room_id, name: &call.name, kind: call.kind, admission: call.admission, created_by, at: now };
        let fresh = store::insert(&mut tx, &room).await?
            && (call.kind != RoomKind::Lobby || organisation::store::set_lobby(&mut tx, room_id).await?)
            && epochs::store::insert(&mut tx, room_id, &epoch, now).await?;
        if !fresh {
            return Err(ChatRefusal::Conflict.into());
        }
        members::store::insert(&mut tx, room_id, created_by, RoomRole::Admin, JoinedBy::Creation, now).await?;
        let (name, room_kind, admission) = (call.name.clone(), call.kind, call.admission);
        let created = AuditEventKind::RoomCreated { room_id, name, room_kind, admission, direct_with: None };
        events::record(&mut tx, created_by, now, created).await?;
        let joined = AuditEventKind::MemberJoined { room_id, user_id: created_by, by: JoinedBy::Creation };
        events::record(&mut tx, created_by, now, joined).await?;
        epochs::record(&mut tx, room_id, &epoch, now).await?;
        grants::add(&mut tx, room_id, &opener, granted, now).await?;
        let room = store::find(&mut tx, room_id, created_by).await?.ok_or(ChatRefusal::NotFound)?;
        commit(tx).await?;

        self.announce_membership(room_id, created_by, true).await;
        // A private room is nobody's business but its creator's.
        let concerned = (room.kind == RoomKind::Private).then_some(created_by);
        self.announce(room_id, RoomChange::Created, concerned).await;
        Ok(room)
    }

    /// The caller's rooms, and the public ones.
    pub(crate) async fn list_rooms(&self, call: ListRooms) -> Result<Vec<Room>, Failure> {
        self.meet(&call.caller).await?;
        Ok(store::list(&mut *self.pool.acquire().await?, call.caller.user_id).await?)
    }

    /// A room with the keys that the caller needs to read it; without keys for somebody who only sees that it exists.
    pub(crate) async fn get_room(&self, call: GetRoom) -> Result<RoomKeys, Failure> {
        self.meet(&call.caller).await?;
        let mut conn = self.pool.acquire().await?;
        let room = store::find(&mut conn, call.room_id, call.caller.user_id).await?.ok_or(ChatRefusal::NotFound)?;
        if room.role.is_none() {
            let visible = room.kind != RoomKind::Private;
            let keys = RoomKeys { room, epochs: Vec::new(), grants: Vec::new() };
            return if visible { Ok(keys) } else { Err(ChatRefusal::NotFound.into()) };
        }
        let epochs = epochs::store::list(&mut conn, call.room_id).await?;
        let grants = grants::store::list(&mut conn, call.room_id, call.caller.user_id).await?;
        Ok(RoomKeys { room, epochs, grants })
    }

    /// What newcomers get of the past from now on. Repeating it changes nothing and leaves no event.
    pub(crate) async fn set_history(&self, call: SetHistory) -> Result<Room, Failure> {
        self.meet(&call.caller).await?;
        let (room_id, user_id, history) = (call.room_id, call.caller.user_id, call.history);
        let mut tx = self.pool.begin().await?;
        store::lock(&mut tx, room_id).await?;
        let room = members::require_admin(store::find(&mut tx, room_id, user_id).await?, &call.caller)?;
        members::refuse_direct(&room)?;
        if room.history == history {
            return Ok(room);
        }
        store::set_history(&mut tx, room_id, history).await?;
        events::record(&mut tx, user_id, self.now(), AuditEventKind::HistorySet { room_id, history }).await?;
        commit(tx).await?;
        self.announce(room_id, RoomChange::Settings, None).await;
        Ok(Room { history, ..room })
    }

    /// The room, if this very request created it before; a conflict if another did.
    async fn created_before(&self, call: &CreateRoom) -> Result<Option<Room>, Failure> {
        let mut conn = self.pool.acquire().await?;
        let Some(room) = store::find(&mut conn, call.room_id, call.caller.user_id).await? else { return Ok(None) };
        let first = epochs::store::find(&mut conn, call.room_id, 1).await?;
        let same = room.name == call.name
            && room.kind == call.kind
            && room.admission == call.admission
            && first.is_some_and(|first| {
                first.opened_by == call.caller.user_id && first.cert == call.epoch.cert && first.blob == call.epoch.blob
            });
        if same { Ok(Some(room)) } else { Err(ChatRefusal::Conflict.into()) }
    }
}

fn check_name(name: &str) -> Result<(), Failure> {
    if name.trim() != name || name.is_empty() || name.chars().count() > ROOM_NAME_CHARS_MAX {
        return Err(malformed("name", format!("1 to {ROOM_NAME_CHARS_MAX} characters without surrounding spaces")));
    }
    if name.chars().any(char::is_control) {
        return Err(malformed("name", "control characters"));
    }
    Ok(())
}

async fn check_counts(conn: &mut PgConnection, call: &CreateRoom) -> Result<(), Failure> {
    if !organisation::store::is_set_up(conn).await? {
        return Err(ChatRefusal::OrganisationNotReady.into());
    }
    store::hold_maker(conn, call.caller.user_id).await?;
    if store::count_created_by(conn, call.caller.user_id).await? >= i64::from(limits::ROOMS_CREATED_PER_USER_MAX) {
        return Err(ChatRefusal::LimitReached { what: "rooms created".into(), limit: limits::ROOMS_CREATED_PER_USER_MAX }.into());
    }
    check_room_count(conn, call.caller.user_id).await
}

/// Whether an account can be in one more room.
pub(crate) async fn check_room_count(conn: &mut PgConnection, user_id: sealcast_contracts::UserId) -> Result<(), Failure> {
    if members::store::count_rooms_of(conn, user_id).await? >= ROOMS_PER_USER_MAX as i64 {
        return Err(ChatRefusal::LimitReached { what: "rooms".into(), limit: ROOMS_PER_USER_MAX as u32 }.into());
    }
    Ok(())
}
