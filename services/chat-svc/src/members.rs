//! Who is in which room. Every registered account is in the lobby: chat-svc adds it when it meets the account first.

mod calls;
mod lobby;
pub(crate) mod store;

use sealcast_contracts::{
    Caller,
    chat::{ChatRefusal, Room, RoomKind, RoomRole},
};

use crate::error::Failure;

/// The room, if the caller is in it. A private room does not exist for anybody else.
pub(crate) fn require_member(room: Option<Room>) -> Result<Room, Failure> {
    match room {
        Some(room) if room.role.is_some() => Ok(room),
        Some(room) if room.kind != RoomKind::Private => Err(ChatRefusal::Forbidden.into()),
        _ => Err(ChatRefusal::NotFound.into()),
    }
}

/// Refuses what would change who is in a direct conversation.
pub(crate) fn refuse_direct(room: &Room) -> Result<(), Failure> {
    if room.peer.is_some() { Err(ChatRefusal::DirectIsForTwo.into()) } else { Ok(()) }
}

/// The room, if the caller may administer it. The organisation's admins administer the lobby.
pub(crate) fn require_admin(room: Option<Room>, caller: &Caller) -> Result<Room, Failure> {
    let room = require_member(room)?;
    if is_admin(&room, caller) { Ok(room) } else { Err(ChatRefusal::Forbidden.into()) }
}

pub(crate) fn is_admin(room: &Room, caller: &Caller) -> bool {
    room.role == Some(RoomRole::Admin) || (room.kind == RoomKind::Lobby && caller.role == sealcast_contracts::auth::Role::Admin)
}
