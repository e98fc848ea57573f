//! Events that are not messages.

use bytes::Bytes;
use sealcast_contracts::{RoomId, UserId};

use super::Hub;
use crate::streams::outlet::Outlet;

impl Hub {
    /// An event to all streams. With `droppable`, crowded ones miss it.
    pub fn tell_all(&self, event: &Bytes, droppable: bool) {
        self.lock().outlets.values().for_each(|outlet| tell(outlet, event, droppable));
    }

    /// An event to the streams that carry a room, except those of one account.
    pub fn tell_room(&self, room_id: RoomId, except: Option<UserId>, event: &Bytes, droppable: bool) {
        let state = self.lock();
        let outlets = state.members.carrying(room_id).filter(|outlet| Some(outlet.user_id) != except);
        outlets.for_each(|outlet| tell(outlet, event, droppable));
    }

    /// An event to the streams of one account.
    pub fn tell_user(&self, user_id: UserId, event: &Bytes) {
        self.lock().members.outlets_of(user_id).for_each(|outlet| tell(outlet, event, false));
    }
}

fn tell(outlet: &Outlet, event: &Bytes, droppable: bool) {
    if droppable {
        outlet.offer(event.clone());
    } else {
        outlet.push(event.clone());
    }
}
