//! Who has which streams, and which rooms they carry.

use std::collections::{HashMap, HashSet, VecDeque};

use sealcast_contracts::{RoomId, UserId, control::MembershipChanged};

use crate::shard::Key;

/// Membership signals that are remembered, for answers of chat-svc that were on their way when they came.
const CHANGES_MAX: usize = 4_096;

/// Accounts with their rooms and streams.
#[derive(Debug, Default)]
pub struct Members {
    accounts: HashMap<UserId, Account>,
    changes: VecDeque<(u64, MembershipChanged)>,
    /// The number of the newest change.
    newest: u64,
}

/// Small and sorted: most accounts have one stream and some rooms.
#[derive(Debug, Default)]
struct Account {
    rooms: Vec<RoomId>,
    streams: Vec<Key>,
}

/// What the streams of an account must be told: they carry a room from now on, or no longer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    pub streams: Vec<Key>,
    pub room_id: RoomId,
    pub member: bool,
}

impl Members {
    /// A point in time: changes behind it are applied to an answer that was asked for at it.
    pub fn mark(&self) -> u64 {
        self.newest
    }

    /// Adds a stream of an account whose rooms were asked for at `mark`. Gives the rooms, what the account's other streams must
    /// be told, and whether it is the first.
    pub fn join(&mut self, key: Key, user_id: UserId, rooms: HashSet<RoomId>, mark: u64) -> (Vec<RoomId>, Vec<Change>, bool) {
        let first = self.streams_of(user_id).is_empty();
        self.accounts.entry(user_id).or_default();
        let changes = self.replace(user_id, rooms, mark);
        let account = self.accounts.entry(user_id).or_default();
        account.streams.reserve_exact(1);
        account.streams.push(key);
        (account.rooms.clone(), changes, first)
    }

    /// Removes a stream. Whether it was the account's last.
    pub fn part(&mut self, key: Key, user_id: UserId) -> bool {
        let Some(account) = self.accounts.get_mut(&user_id) else { return false };
        account.streams.retain(|other| *other != key);
        let last = account.streams.is_empty();
        if last {
            self.accounts.remove(&user_id);
        }
        last
    }

    /// Applies a signal and remembers it.
    pub fn change(&mut self, change: &MembershipChanged) -> Option<Change> {
        self.newest += 1;
        self.changes.push_back((self.newest, change.clone()));
        if self.changes.len() > CHANGES_MAX {
            self.changes.pop_front();
        }
        self.apply(change.user_id, change.room_id, change.member)
    }

    /// Replaces the rooms of an account by an answer that was asked for at `mark`, and applies what was signalled since.
    pub fn replace(&mut self, user_id: UserId, mut rooms: HashSet<RoomId>, mark: u64) -> Vec<Change> {
        let since = self.changes.partition_point(|(number, _)| *number <= mark);
        for (_, change) in self.changes.range(since..).filter(|(_, change)| change.user_id == user_id) {
            if change.member {
                rooms.insert(change.room_id);
            } else {
                rooms.remove(&change.room_id);
            }
        }
        let Some(account) = self.accounts.get_mut(&user_id) else { return Vec::new() };
        let left: Vec<_> = account.rooms.iter().copied().filter(|room_id| !rooms.contains(room_id)).collect();
        let joined: Vec<_> = rooms.into_iter().filter(|room_id| account.rooms.binary_search(room_id).is_err()).collect();
        account.rooms.reserve_exact(joined.len());
        let left = left.into_iter().map(|room_id| (room_id, false));
        left.chain(joined.into_iter().map(|room_id| (room_id, true)))
            .filter_map(|(room_id, member)| self.apply(user_id, room_id, member))
            .collect()
    }

    pub fn streams_of(&self, user_id: UserId) -> &[Key] {
        self.accounts.get(&user_id).map_or(&[], |account| &account.streams)
    }

    pub fn rooms_of(&self, user_id: UserId) -> Option<&[RoomId]> {
        self.accounts.get(&user_id).map(|account| &account.rooms[..])
    }

    pub fn users(&self) -> Vec<UserId> {
        self.accounts.keys().copied().collect()
    }

    fn apply(&mut self, user_id: UserId, room_id: RoomId, member: bool) -> Option<Change> {
        let account = self.accounts.get_mut(&user_id)?;
        match (account.rooms.binary_search(&room_id), member) {
            (Err(position), true) => account.rooms.insert(position, room_id),
            (Ok(position), false) => drop(account.rooms.remove(position)),
            (Ok(_), true) | (Err(_), false) => return None,
        }
        Some(Change { streams: account.streams.clone(), room_id, member })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(index: u32) -> Key {
        Key { shard: 0, index }
    }

    fn change(user_id: UserId, room_id: RoomId, member: bool) -> MembershipChanged {
        MembershipChanged { user_id, room_id, member }
    }

    #[test]
    fn a_signal_that_overtakes_the_answer_counts() {
        let (mut members, user, room) = (Members::default(), UserId::generate(), RoomId::generate());
        let mark = members.mark();
        members.change(&change(user, room, false));
        let (rooms, _, first) = members.join(key(1), user, HashSet::from([room]), mark);
        assert_eq!((rooms, first), (vec![], true));
        // An answer that was asked for afterwards knows better.
        let changes = members.replace(user, HashSet::from([room]), members.mark());
        assert_eq!(changes, vec![Change { streams: vec![key(1)], room_id: room, member: true }]);
    }

    #[test]
    fn all_streams_of_an_account_are_told_of_its_rooms() {
        let (mut members, user, room) = (Members::default(), UserId::generate(), RoomId::generate());
        members.join(key(1), user, HashSet::new(), 0);
        // What the second stream's answer brings, the first one learns.
        let (rooms, changes, first) = members.join(key(2), user, HashSet::from([room]), members.mark());
        assert_eq!((rooms, first), (vec![room], false));
        assert_eq!(changes, vec![Change { streams: vec![key(1)], room_id: room, member: true }]);
        let told = members.change(&change(user, room, false)).unwrap();
        assert_eq!(told.streams, vec![key(1), key(2)]);
        assert!(members.change(&change(user, room, false)).is_none());
        assert!(!members.part(key(1), user));
        assert!(members.part(key(2), user));
        assert!(members.users().is_empty());
    }
}
