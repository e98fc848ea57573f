//! Which stream carries which room.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    sync::Arc,
};

use sealcast_contracts::{RoomId, UserId, control::MembershipChanged};

use super::outlet::Outlet;

/// Membership signals that are remembered, for answers of chat-svc that were on their way when they came.
const CHANGES_MAX: usize = 4_096;

/// Accounts with their rooms and streams, and the streams of each room.
#[derive(Debug, Default)]
pub struct Members {
    accounts: HashMap<UserId, Account>,
    rooms: HashMap<RoomId, HashMap<u64, Arc<Outlet>>>,
    changes: VecDeque<(u64, MembershipChanged)>,
    /// The number of the newest change.
    newest: u64,
}

#[derive(Debug, Default)]
struct Account {
    rooms: HashSet<RoomId>,
    outlets: HashMap<u64, Arc<Outlet>>,
}

impl Members {
    /// A point in time: changes behind it are applied to an answer that was asked for at it.
    pub fn mark(&self) -> u64 {
        self.newest
    }

    /// Adds a stream of an account whose rooms were asked for at `mark`. Gives the rooms, and whether it is the first.
    pub fn join(&mut self, outlet: &Arc<Outlet>, rooms: HashSet<RoomId>, mark: u64) -> (Vec<RoomId>, bool) {
        let account = self.accounts.entry(outlet.user_id).or_default();
        let first = account.outlets.is_empty();
        account.outlets.insert(outlet.id, outlet.clone());
        for room_id in &account.rooms {
            self.rooms.entry(*room_id).or_default().insert(outlet.id, outlet.clone());
        }
        self.replace(outlet.user_id, rooms, mark);
        let mut rooms: Vec<_> = self.rooms_of(outlet.user_id).unwrap_or_default().into_iter().collect();
        rooms.sort_unstable();
        (rooms, first)
    }

    /// Removes a stream. Whether it was the account's last.
    pub fn part(&mut self, outlet: &Outlet) -> bool {
        let Some(account) = self.accounts.get_mut(&outlet.user_id) else { return false };
        account.outlets.remove(&outlet.id);
        for room_id in &account.rooms {
            remove(&mut self.rooms, *room_id, outlet.id);
        }
        let last = account.outlets.is_empty();
        if last {
            self.accounts.remove(&outlet.user_id);
        }
        last
    }

    /// Applies a signal and remembers it.
    pub fn change(&mut self, change: &MembershipChanged) {
        self.newest += 1;
        self.changes.push_back((self.newest, change.clone()));
        if self.changes.len() > CHANGES_MAX {
            self.changes.pop_front();
        }
        self.apply(change.user_id, change.room_id, change.member);
    }

    /// Replaces the rooms of an account by an answer that was asked for at `mark`, and applies what was signalled since.
    pub fn replace(&mut self, user_id: UserId, mut rooms: HashSet<RoomId>, mark: u64) {
        for (_, change) in self.changes.iter().filter(|(number, change)| *number > mark && change.user_id == user_id) {
            if change.member {
                rooms.insert(change.room_id);
            } else {
                rooms.remove(&change.room_id);
            }
        }
        let Some(account) = self.accounts.get(&user_id) else { return };
        let (left, joined): (Vec<_>, Vec<_>) =
            (account.rooms.difference(&rooms).copied().collect(), rooms.difference(&account.rooms).copied().collect());
        left.into_iter().for_each(|room_id| self.apply(user_id, room_id, false));
        joined.into_iter().for_each(|room_id| self.apply(user_id, room_id, true));
    }

    pub fn carries(&self, user_id: UserId, room_id: RoomId) -> bool {
        self.accounts.get(&user_id).is_some_and(|account| account.rooms.contains(&room_id))
    }

    pub fn carrying(&self, room_id: RoomId) -> impl Iterator<Item = &Arc<Outlet>> {
        self.rooms.get(&room_id).into_iter().flat_map(HashMap::values)
    }

    pub fn outlets_of(&self, user_id: UserId) -> impl Iterator<Item = &Arc<Outlet>> {
        self.accounts.get(&user_id).into_iter().flat_map(|account| account.outlets.values())
    }

    pub fn streams_of(&self, user_id: UserId) -> usize {
        self.accounts.get(&user_id).map_or(0, |account| account.outlets.len())
    }

    pub fn rooms_of(&self, user_id: UserId) -> Option<HashSet<RoomId>> {
        self.accounts.get(&user_id).map(|account| account.rooms.clone())
    }

    pub fn users(&self) -> Vec<UserId> {
        self.accounts.keys().copied().collect()
    }

    fn apply(&mut self, user_id: UserId, room_id: RoomId, member: bool) {
        let Some(account) = self.accounts.get_mut(&user_id) else { return };
        if member {
            account.rooms.insert(room_id);
            let outlets = account.outlets.iter().map(|(id, outlet)| (*id, outlet.clone()));
            self.rooms.entry(room_id).or_default().extend(outlets);
        } else {
            account.rooms.remove(&room_id);
            for id in account.outlets.keys() {
                remove(&mut self.rooms, room_id, *id);
            }
        }
    }
}

fn remove(rooms: &mut HashMap<RoomId, HashMap<u64, Arc<Outlet>>>, room_id: RoomId, id: u64) {
    if let Some(outlets) = rooms.get_mut(&room_id) {
        outlets.remove(&id);
        if outlets.is_empty() {
            rooms.remove(&room_id);
        }
    }
}

#[cfg(test)]
mod tests {
    use sealcast_contracts::SessionId;
    use tokio_util::sync::CancellationToken;

    use super::*;
    use crate::streams::outlet::QueueLimits;

    fn outlet(id: u64, user_id: UserId) -> Arc<Outlet> {
        let limits = QueueLimits { frames_max: 1, octets_max: 1 };
        Arc::new(Outlet::new(id, user_id, SessionId::generate(), CancellationToken::new(), limits))
    }

    fn change(user_id: UserId, room_id: RoomId, member: bool) -> MembershipChanged {
        MembershipChanged { user_id, room_id, member }
    }

    #[test]
    fn a_signal_that_overtakes_the_answer_counts() {
        let (mut members, user, room) = (Members::default(), UserId::generate(), RoomId::generate());
        let mark = members.mark();
        members.change(&change(user, room, false));
        let (rooms, first) = members.join(&outlet(1, user), HashSet::from([room]), mark);
        assert_eq!((rooms, first), (vec![], true));
        // An answer that was asked for afterwards knows better.
        members.replace(user, HashSet::from([room]), members.mark());
        assert_eq!(members.carrying(room).count(), 1);
    }

    #[test]
    fn all_streams_of_an_account_carry_its_rooms() {
        let (mut members, user, room) = (Members::default(), UserId::generate(), RoomId::generate());
        let (one, two) = (outlet(1, user), outlet(2, user));
        members.join(&one, HashSet::new(), 0);
        members.change(&change(user, room, true));
        let mark = members.mark();
        assert!(!members.join(&two, HashSet::from([room]), mark).1);
        assert_eq!(members.carrying(room).count(), 2);
        assert!(!members.part(&one));
        members.change(&change(user, room, false));
        assert_eq!(members.carrying(room).count(), 0);
        assert!(members.part(&two));
        assert!(members.users().is_empty());
    }
}
