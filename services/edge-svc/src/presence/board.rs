use std::collections::{HashMap, HashSet};

use sealcast_contracts::{
    UserId,
    presence::{ONLINE_S, Presence, PresenceChanged},
};
use time::OffsetDateTime;

/// An account whose last stream here closed, and of which no other edge has said anything for this long, is gone, seconds.
const GONE_S: i64 = 20;

/// When each account was last seen, and what was told about it.
#[derive(Debug, Default)]
pub(super) struct Board {
    accounts: HashMap<UserId, Seen>,
}

#[derive(Clone, Copy, Debug)]
struct Seen {
    at: OffsetDateTime,
    told: Presence,
    /// Its last stream on this node closed, and nothing has been heard since.
    left: bool,
}

impl Board {
    pub(super) fn list(&self, now: OffsetDateTime) -> Vec<(UserId, Presence, OffsetDateTime)> {
        let mut list: Vec<_> = self.accounts.iter().map(|(user_id, seen)| (*user_id, seen.state(now), seen.at)).collect();
        list.sort_unstable_by_key(|(user_id, _, at)| (std::cmp::Reverse(*at), *user_id));
        list
    }

    /// Takes a signal. Whether it is news. Only who does not want to be seen is signalled as gone, and is forgotten.
    pub(super) fn apply(&mut self, change: &PresenceChanged, now: OffsetDateTime) -> bool {
        if change.state == Presence::Offline {
            return self.accounts.remove(&change.user_id).is_some_and(|seen| seen.told == Presence::Online);
        }
        let at = change.at.min(now);
        let seen = self.accounts.entry(change.user_id).or_insert(Seen { at, told: Presence::Offline, left: false });
        if at < seen.at {
            return false;
        }
        let news = seen.told != change.state;
        *seen = Seen { at, told: change.state, left: false };
        news
    }

    /// The account's last stream on this node closed.
    pub(super) fn left(&mut self, user_id: UserId, now: OffsetDateTime) {
        if let Some(seen) = self.accounts.get_mut(&user_id) {
            (seen.left, seen.at) = (true, now);
        }
    }

    /// Takes what all edges have noted; whom this one holds it keeps. Gives what changed.
    pub(super) fn replace(
        &mut self,
        noted: &HashMap<UserId, OffsetDateTime>,
        ours: &[UserId],
        now: OffsetDateTime,
    ) -> Vec<PresenceChanged> {
        let ours: HashSet<_> = ours.iter().copied().collect();
        for (user_id, at) in noted {
            let seen = self.accounts.entry(*user_id).or_insert(Seen { at: *at, told: Presence::Offline, left: false });
            if *at > seen.at {
                (seen.at, seen.left) = (*at, false);
            }
        }
        self.accounts.retain(|user_id, _| noted.contains_key(user_id) || ours.contains(user_id));
        // A wave of arrivals has passed: its memory is not kept.
        self.accounts.shrink_to(2 * self.accounts.len());
        let mut changes = Vec::new();
        for (user_id, seen) in &mut self.accounts {
            let state = seen.state(now);
            if state != seen.told {
                seen.told = state;
                changes.push(PresenceChanged { user_id: *user_id, state, at: seen.at });
            }
        }
        changes
    }

    /// What this node holds is here, whatever the others know.
    pub(super) fn hold(&mut self, ours: &[UserId], now: OffsetDateTime) {
        for user_id in ours {
            let seen = self.accounts.entry(*user_id).or_insert(Seen { at: now, told: Presence::Offline, left: false });
            (seen.at, seen.left) = (now, false);
        }
    }
}

impl Seen {
    fn state(self, now: OffsetDateTime) -> Presence {
        let online_s = if self.left { GONE_S } else { ONLINE_S };
        if (now - self.at).whole_seconds() < online_s { Presence::Online } else { Presence::Offline }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: OffsetDateTime = time::macros::datetime!(2026-11-24 01:00 UTC);

    fn at(seconds: i64) -> OffsetDateTime {
        START + time::Duration::seconds(seconds)
    }

    fn online(user_id: UserId, seconds: i64) -> PresenceChanged {
        PresenceChanged { user_id, state: Presence::Online, at: at(seconds) }
    }

    #[test]
    fn a_signal_is_news_once() {
        let (mut board, user) = (Board::default(), UserId::generate());
        assert!(board.apply(&online(user, 0), at(0)));
        assert!(!board.apply(&online(user, 1), at(1)));
        assert_eq!(board.list(at(2)), vec![(user, Presence::Online, at(1))]);
    }

    #[test]
    fn who_does_not_want_to_be_seen_is_forgotten_and_told_once() {
        let (mut board, user) = (Board::default(), UserId::generate());
        let hidden = PresenceChanged { state: Presence::Offline, ..online(user, 1) };
        board.apply(&online(user, 0), at(0));
        assert!(board.apply(&hidden, at(1)));
        assert!(!board.apply(&hidden, at(1)));
        assert_eq!(board.list(at(2)), vec![]);
    }

    #[test]
    fn silence_makes_offline_and_is_told_once() {
        let (mut board, user) = (Board::default(), UserId::generate());
        let noted = HashMap::from([(user, at(0))]);
        assert_eq!(board.replace(&noted, &[], at(1)), vec![online(user, 0)]);
        assert_eq!(board.replace(&noted, &[], at(44)), vec![]);
        let change = PresenceChanged { state: Presence::Offline, ..online(user, 0) };
        assert_eq!(board.replace(&noted, &[], at(46)), vec![change]);
        assert_eq!(board.replace(&noted, &[], at(60)), vec![]);
    }

    #[test]
    fn who_left_here_is_gone_sooner_unless_another_edge_holds_it() {
        let (mut board, gone, moved) = (Board::default(), UserId::generate(), UserId::generate());
        board.replace(&HashMap::from([(gone, at(0)), (moved, at(0))]), &[gone, moved], at(0));
        board.left(gone, at(1));
        board.left(moved, at(1));
        let changes = board.replace(&HashMap::from([(gone, at(0)), (moved, at(15))]), &[], at(22));
        assert_eq!(
            changes.iter().map(|change| (change.user_id, change.state)).collect::<Vec<_>>(),
            vec![(gone, Presence::Offline)]
        );
    }
}
