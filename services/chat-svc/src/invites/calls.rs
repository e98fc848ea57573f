use aws_lc_rs::constant_time::verify_slices_are_equal;
use sealcast_contracts::{
    Base64,
    chat::{
        ChatRefusal, CreateInvite, Done, Invite, InvitePreview, ListInvites, NewInvite, PreviewInvite, RedeemInvite,
        RedeemedInvite, RevokeInvite, RoomKind, RoomRole,
    },
    control::RoomChange,
    events::{AuditEventKind, JoinedBy},
    limits::{AUTH_SECRET_OCTETS, INVITE_LOCKED_OCTETS, INVITE_OLDER_KEYS_MAX},
};
use time::OffsetDateTime;

use super::store::{self, StoredInvite};
use crate::{
    Chat, checks, epochs,
    error::{Failure, commit, malformed},
    events, grants, limits, members, rooms,
};

impl Chat {
    /// Registers a link that a member made. Repeating it is harmless.
    pub(crate) async fn create_invite(&self, call: CreateInvite) -> Result<Invite, Failure> {
        self.meet(&call.caller).await?;
        let (room_id, user_id, new, now) = (call.room_id, call.caller.user_id, &call.invite, self.now());
        let mut tx = self.pool.begin().await?;
        let room = members::require_member(rooms::store::find(&mut tx, room_id, user_id).await?)?;
        members::refuse_direct(&room)?;
        if let Some(stored) = store::find(&mut tx, new.invite_id).await? {
            let same = stored.room_id == room_id
                && stored.invite.created_by == user_id
                && stored.auth_hash == new.auth_hash.0
                && stored.locked == new.locked.0
                && stored.older == new.older;
            return if same { Ok(stored.invite) } else { Err(ChatRefusal::Conflict.into()) };
        }
        check_new(new, now)?;
        if new.epoch != room.epoch {
            return Err(ChatRefusal::EpochStale { current: room.epoch }.into());
        }
        let epoch = rooms::epoch_number(new.epoch)?;
        if !grants::store::holds(&mut tx, room_id, user_id, epoch).await? {
            // Without the blob key there is nothing to lock.
            return Err(ChatRefusal::Forbidden.into());
        }
        if store::count_working(&mut tx, room_id, user_id, epoch, now).await? >= i64::from(limits::INVITES_PER_MEMBER_MAX) {
            return Err(ChatRefusal::LimitReached { what: "invites".into(), limit: limits::INVITES_PER_MEMBER_MAX }.into());
        }
        if !store::insert(&mut tx, room_id, new, user_id, now).await? {
            return Err(ChatRefusal::Conflict.into());
        }
        let what = AuditEventKind::InviteCreated { room_id, invite_id: new.invite_id, epoch: new.epoch };
        events::record(&mut tx, user_id, now, what).await?;
        let stored = store::find(&mut tx, new.invite_id).await?.ok_or(ChatRefusal::NotFound)?;
        commit(tx).await?;
        self.announce(room_id, RoomChange::Invites, None).await;
        Ok(stored.invite)
    }

    /// Admins see all of a room's invites, members their own.
    pub(crate) async fn list_invites(&self, call: ListInvites) -> Result<Vec<Invite>, Failure> {
        self.meet(&call.caller).await?;
        let mut conn = self.pool.acquire().await?;
        let room = members::require_member(rooms::store::find(&mut conn, call.room_id, call.caller.user_id).await?)?;
        let own = (!members::is_admin(&room, &call.caller)).then_some(call.caller.user_id);
        Ok(store::list(&mut conn, call.room_id, own).await?)
    }

    /// Ends an invite; its maker and the room's admins may. Repeating it is harmless.
    pub(crate) async fn revoke_invite(&self, call: RevokeInvite) -> Result<Done, Failure> {
        self.meet(&call.caller).await?;
        let (room_id, user_id, now) = (call.room_id, call.caller.user_id, self.now());
        let mut tx = self.pool.begin().await?;
        let room = members::require_member(rooms::store::find(&mut tx, room_id, user_id).await?)?;
        let stored = store::lock(&mut tx, call.invite_id).await?.filter(|stored| stored.room_id == room_id);
        let may = |stored: &StoredInvite| stored.invite.created_by == user_id || members::is_admin(&room, &call.caller);
        if !stored.is_some_and(|stored| may(&stored)) {
            return Err(ChatRefusal::NotFound.into());
        }
        if store::revoke(&mut tx, call.invite_id, now).await? {
            let what = AuditEventKind::InviteRevoked { room_id, invite_id: call.invite_id };
            events::record(&mut tx, user_id, now, what).await?;
        }
        commit(tx).await?;
        self.announce(room_id, RoomChange::Invites, None).await;
        Ok(Done {})
    }

    /// Where a link leads, for somebody who has it.
    pub(crate) async fn preview_invite(&self, call: PreviewInvite) -> Result<InvitePreview, Failure> {
        let mut conn = self.pool.acquire().await?;
        let stored = store::find(&mut conn, call.invite_id).await?.ok_or(ChatRefusal::InviteInvalid)?;
        check_auth(&stored, &call.auth)?;
        let room = rooms::store::get(&mut conn, stored.room_id).await?.ok_or(ChatRefusal::InviteInvalid)?;
        check_working(&stored, room.epoch, self.now())?;
        if stored.invite.uses >= stored.invite.uses_max {
            return Err(ChatRefusal::InviteInvalid.into());
        }
        Ok(InvitePreview { room_id: stored.room_id, room_name: room.name, expires_at: stored.invite.expires_at })
    }

    /// Makes the caller a member and hands it the locked key. Repeating it counts once.
    pub(crate) async fn redeem_invite(&self, call: RedeemInvite) -> Result<RedeemedInvite, Failure> {
        self.meet(&call.caller).await?;
        let (user_id, now) = (call.caller.user_id, self.now());
        let mut tx = self.pool.begin().await?;
        let room_id = store::find(&mut tx, call.invite_id).await?.ok_or(ChatRefusal::InviteInvalid)?.room_id;
        // First the room, then the invite: the order in which every transaction takes them.
        let state = rooms::store::lock(&mut tx, room_id).await?.ok_or(ChatRefusal::InviteInvalid)?;
        let stored = store::lock(&mut tx, call.invite_id).await?.ok_or(ChatRefusal::InviteInvalid)?;
        check_auth(&stored, &call.auth)?;
        check_working(&stored, state.epoch, now)?;
        let removed = members::store::removed_in_epoch(&mut tx, room_id, user_id).await?;
        if removed.is_some_and(|epoch| epoch.unsigned_abs() >= stored.invite.epoch) {
            return Err(ChatRefusal::InviteInvalid.into());
        }
        if !store::was_used_by(&mut tx, call.invite_id, user_id).await? {
            if stored.invite.uses >= stored.invite.uses_max {
                return Err(ChatRefusal::InviteInvalid.into());
            }
            store::use_once(&mut tx, call.invite_id, user_id, now).await?;
        }
        let is_member = members::store::role_of(&mut tx, room_id, user_id).await?.is_some();
        if !is_member && state.kind != RoomKind::Lobby {
            rooms::calls::check_room_count(&mut tx, user_id).await?;
        }
        let joined = members::store::insert(&mut tx, room_id, user_id, RoomRole::Member, JoinedBy::Invite, now).await?;
        if joined {
            events::record(&mut tx, user_id, now, AuditEventKind::MemberJoined { room_id, user_id, by: JoinedBy::Invite }).await?;
        }
        let room = rooms::store::find(&mut tx, room_id, user_id).await?.ok_or(ChatRefusal::InviteInvalid)?;
        let number = rooms::epoch_number(stored.invite.epoch)?;
        let epoch = epochs::store::find(&mut tx, room_id, number).await?.ok_or(ChatRefusal::InviteInvalid)?;
        commit(tx).await?;
        if joined {
            self.announce_membership(room_id, user_id, true).await;
        }
        Ok(RedeemedInvite { room, epoch, locked: Base64(stored.locked), older: stored.older })
    }
}

fn check_new(new: &NewInvite, now: OffsetDateTime) -> Result<(), Failure> {
    if new.auth_hash.0.len() != AUTH_SECRET_OCTETS {
        return Err(malformed("auth_hash", format!("{AUTH_SECRET_OCTETS} octets")));
    }
    if new.locked.0.len() != INVITE_LOCKED_OCTETS {
        return Err(malformed("locked", format!("{INVITE_LOCKED_OCTETS} octets")));
    }
    check_older(new)?;
    if new.expires_at <= now || new.expires_at > now + limits::INVITE_LIFE_MAX {
        return Err(malformed("expires_at", "in the past or more than 366 days ahead"));
    }
    if new.uses_max == 0 || new.uses_max > limits::INVITE_USES_MAX {
        return Err(malformed("uses_max", format!("1 to {}", limits::INVITE_USES_MAX)));
    }
    Ok(())
}

/// Epochs before the invite's own, each once, and nothing but locked keys.
fn check_older(new: &NewInvite) -> Result<(), Failure> {
    let falls = std::iter::once(new.epoch).chain(new.older.iter().map(|key| key.epoch)).is_sorted_by(|one, next| one > next);
    let locked = new.older.iter().all(|key| key.epoch > 0 && key.locked.0.len() == INVITE_LOCKED_OCTETS);
    if !falls || !locked || new.older.len() > INVITE_OLDER_KEYS_MAX {
        return Err(malformed("older", format!("at most {INVITE_OLDER_KEYS_MAX} keys of earlier epochs, newest first")));
    }
    Ok(())
}

fn check_auth(stored: &StoredInvite, auth: &Base64) -> Result<(), Failure> {
    verify_slices_are_equal(&checks::sha256(auth.as_slice()), &stored.auth_hash).map_err(|_| ChatRefusal::InviteInvalid.into())
}

/// Not revoked, not expired, and of the room's current epoch: a rotation ends every link.
fn check_working(stored: &StoredInvite, current: u32, now: OffsetDateTime) -> Result<(), Failure> {
    let invite = &stored.invite;
    if invite.revoked || invite.expires_at <= now || invite.epoch != current {
        return Err(ChatRefusal::InviteInvalid.into());
    }
    Ok(())
}
