use std::collections::HashMap;

use sealcast_contracts::{
    Caller, Page, RoomId, UserId,
    chat::{ChatRefusal, Done, LeaveRoom, ListMembers, ListMemberships, ListMembershipsOf, Member, RemoveMember, RoomKind},
    control::RoomChange,
    events::AuditEventKind,
    limits::{BATCH_MAX, MEMBERSHIPS_PER_REPLY_MAX, PAGE_ITEMS_MAX},
};

use super::{refuse_direct, require_admin, require_member, store};
use crate::{
    Chat,
    error::{Failure, commit, malformed},
    events, invites, requests, rooms,
};

impl Chat {
    /// A page of a room's members; the cursor is the last account of the page before.
    pub(crate) async fn list_members(&self, call: ListMembers) -> Result<Page<Member>, Failure> {
        self.meet(&call.caller).await?;
        if call.limit == 0 || call.limit > PAGE_ITEMS_MAX {
            return Err(malformed("limit", format!("1 to {PAGE_ITEMS_MAX}")));
        }
        let after: Option<UserId> = match &call.cursor {
            Some(cursor) => Some(cursor.parse().map_err(|_| malformed("cursor", "not a cursor of this listing"))?),
            None => None,
        };
        let mut conn = self.pool.acquire().await?;
        require_member(rooms::store::find(&mut conn, call.room_id, call.caller.user_id).await?)?;
        // One more than asked for says whether there is another page.
        let mut items = store::list(&mut conn, call.room_id, after, i64::from(call.limit) + 1).await?;
        let more = items.len() > call.limit as usize;
        items.truncate(call.limit as usize);
        let next_cursor = items.last().filter(|_| more).map(|member| member.user_id.to_string());
        Ok(Page { items, next_cursor })
    }

    /// The rooms whose messages an account gets.
    pub(crate) async fn list_memberships(&self, call: ListMemberships) -> Result<Vec<RoomId>, Failure> {
        if !self.meet_by_id(call.user_id).await? {
            return Err(ChatRefusal::NotFound.into());
        }
        Ok(store::rooms_of(&mut *self.pool.acquire().await?, call.user_id).await?)
    }

    /// The rooms of many accounts, in their order, as far as they fit into one reply.
    pub(crate) async fn list_memberships_of(&self, call: ListMembershipsOf) -> Result<Vec<Vec<RoomId>>, Failure> {
        if call.user_ids.len() > BATCH_MAX {
            return Err(malformed("user_ids", format!("at most {BATCH_MAX}")));
        }
        self.meet_all(&call.user_ids).await?;
        let ids: Vec<_> = call.user_ids.iter().map(|user_id| user_id.0).collect();
        let mut rooms: HashMap<UserId, Vec<RoomId>> = HashMap::new();
        for (user_id, room_id) in store::rooms_of_all(&mut *self.pool.acquire().await?, &ids).await? {
            rooms.entry(user_id).or_default().push(room_id);
        }
        let mut answered: Vec<Vec<RoomId>> = Vec::with_capacity(ids.len());
        let mut room_count = 0;
        for user_id in &call.user_ids {
            let rooms = rooms.get(user_id).cloned().unwrap_or_default();
            room_count += rooms.len();
            if room_count > MEMBERSHIPS_PER_REPLY_MAX && !answered.is_empty() {
                break;
            }
            answered.push(rooms);
        }
        Ok(answered)
    }

    pub(crate) async fn leave_room(&self, call: LeaveRoom) -> Result<Done, Failure> {
        self.meet(&call.caller).await?;
        let mut tx = self.pool.begin().await?;
        rooms::store::lock(&mut tx, call.room_id).await?;
        let room = rooms::store::find(&mut tx, call.room_id, call.caller.user_id).await?;
        let room = match room {
            // A repetition, or somebody who only asked to join: there is nothing to leave but the request.
            Some(room) if room.role.is_none() && room.kind != RoomKind::Private => {
                requests::store::delete(&mut tx, call.room_id, &[call.caller.user_id]).await?;
                commit(tx).await?;
                return Ok(Done {});
            }
            room => require_member(room)?,
        };
        if room.kind == RoomKind::Lobby {
            return Err(ChatRefusal::LobbyIsForAll.into());
        }
        refuse_direct(&room)?;
        let what = AuditEventKind::MemberLeft { room_id: call.room_id, user_id: call.caller.user_id };
        self.end_membership(tx, &call.caller, call.room_id, call.caller.user_id, what).await
    }

    /// Takes a member out. It keeps what it could read; the next epoch shuts it out of what follows.
    pub(crate) async fn remove_member(&self, call: RemoveMember) -> Result<Done, Failure> {
        self.meet(&call.caller).await?;
        let mut tx = self.pool.begin().await?;
        let state = rooms::store::lock(&mut tx, call.room_id).await?;
        let room = rooms::store::find(&mut tx, call.room_id, call.caller.user_id).await?;
        let room = require_admin(room, &call.caller)?;
        if room.kind == RoomKind::Lobby {
            return Err(ChatRefusal::LobbyIsForAll.into());
        }
        refuse_direct(&room)?;
        if state.is_none() || store::role_of(&mut tx, call.room_id, call.user_id).await?.is_none() {
            return Err(ChatRefusal::NotFound.into());
        }
        store::insert_removal(&mut tx, call.room_id, call.user_id, rooms::epoch_number(room.epoch)?, self.now()).await?;
        let what = AuditEventKind::MemberRemoved { room_id: call.room_id, user_id: call.user_id };
        self.end_membership(tx, &call.caller, call.room_id, call.user_id, what).await
    }

    /// What leaving and being removed have in common. The invites that the account made end with its membership.
    async fn end_membership(
        &self,
        mut tx: sqlx::Transaction<'_, sqlx::Postgres>,
        caller: &Caller,
        room_id: RoomId,
        user_id: UserId,
        what: AuditEventKind,
    ) -> Result<Done, Failure> {
        let now = self.now();
        store::delete(&mut tx, room_id, user_id).await?;
        store::promote_if_without_admin(&mut tx, room_id).await?;
        events::record(&mut tx, caller.user_id, now, what).await?;
        let revoked = invites::store::revoke_made_by(&mut tx, room_id, user_id, now).await?;
        for invite_id in &revoked {
            events::record(&mut tx, caller.user_id, now, AuditEventKind::InviteRevoked { room_id, invite_id: *invite_id }).await?;
        }
        commit(tx).await?;
        self.announce_membership(room_id, user_id, false).await;
        if !revoked.is_empty() {
            self.announce(room_id, RoomChange::Invites, None).await;
        }
        Ok(Done {})
    }
}
