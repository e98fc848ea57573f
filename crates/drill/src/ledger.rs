//! Who sent what and what was answered, what is stored, who received what: and the set arithmetic over it.

use std::collections::{BTreeMap, BTreeSet};

use sealcast_contracts::{ClientMessageId, EventId, RoomId, UserId, sse};

/// What the server said of a message in the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Durable, with this identity.
    Acked(EventId),
    /// Certainly not stored.
    Rejected,
    /// Nobody said.
    Unknown,
}

/// What makes a message one: another sender or room with the same client id is another message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    pub sender: UserId,
    pub room_id: RoomId,
    pub cid: ClientMessageId,
}

/// A message as its sender knows it.
#[derive(Clone, Copy, Debug)]
pub struct Sent {
    pub key: Key,
    pub answer: Answer,
}

/// A message as the archive or a stream shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Seen {
    pub id: EventId,
    pub key: Key,
}

impl From<&sse::Message> for Seen {
    fn from(message: &sse::Message) -> Self {
        let sse::Message { id, sender, room_id, cid, .. } = message;
        Self { id: *id, key: Key { sender: *sender, room_id: *room_id, cid: *cid } }
    }
}

/// What one reader got, in order, and the rooms it is entitled to.
#[derive(Clone, Debug, Default)]
pub struct Receipts {
    pub rooms: BTreeSet<RoomId>,
    pub got: Vec<Seen>,
}

/// Everything that is known at the end.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    pub sent: Vec<Sent>,
    pub stored: Vec<Seen>,
    pub receipts: Vec<Receipts>,
}

/// What the arithmetic found. All but the first four must be 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    pub acked: usize,
    pub rejected: usize,
    pub unknown: usize,
    pub stored: usize,
    /// Acked, but not stored under that identity: acked ⊄ stored.
    pub lost: usize,
    /// Stored although nobody sent it or its sender was told that it is not: stored ⊄ acked ∪ unknown.
    pub invented: usize,
    /// Stored more than once.
    pub stored_twice: usize,
    /// Summed over the readers: what is stored in their rooms and did not come.
    pub undelivered: usize,
    /// What came and is not stored in their rooms.
    pub foreign: usize,
    /// What came again.
    pub repeated: usize,
    /// What came after something newer.
    pub disordered: usize,
}

impl Ledger {
    /// Compares everything with everything.
    pub fn verdict(&self) -> Verdict {
        let mut verdict = Verdict { stored: self.stored.len(), ..Verdict::default() };
        let mut stored: BTreeMap<Key, Vec<EventId>> = BTreeMap::new();
        for seen in &self.stored {
            stored.entry(seen.key).or_default().push(seen.id);
        }
        let mut may_be_stored = BTreeSet::new();
        for Sent { key, answer } in &self.sent {
            match answer {
                Answer::Acked(id) => {
                    verdict.acked += 1;
                    may_be_stored.insert(*key);
                    verdict.lost += usize::from(!stored.get(key).is_some_and(|ids| ids.contains(id)));
                }
                Answer::Rejected => verdict.rejected += 1,
                Answer::Unknown => {
                    verdict.unknown += 1;
                    may_be_stored.insert(*key);
                }
            }
        }
        for (key, ids) in &stored {
            verdict.stored_twice += ids.len() - 1;
            verdict.invented += usize::from(!may_be_stored.contains(key));
        }
        self.receipts.iter().for_each(|receipts| self.compare(receipts, &mut verdict));
        verdict
    }

    fn compare(&self, receipts: &Receipts, verdict: &mut Verdict) {
        let entitled: BTreeSet<_> = self.stored.iter().filter(|seen| receipts.rooms.contains(&seen.key.room_id)).collect();
        let got: BTreeSet<_> = receipts.got.iter().collect();
        verdict.undelivered += entitled.difference(&got).count();
        verdict.foreign += got.difference(&entitled).count();
        verdict.repeated += receipts.got.len() - got.len();
        verdict.disordered +=
            receipts.got.windows(2).filter(|pair| matches!(pair, [first, second] if first.id > second.id)).count();
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn room(number: u128) -> RoomId {
        RoomId(Uuid::from_u128(number))
    }

    fn key(number: u64) -> Key {
        Key { sender: UserId(Uuid::nil()), room_id: room(1), cid: ClientMessageId(Uuid::from_u128(number.into())) }
    }

    fn id(seq: u64) -> EventId {
        EventId { stream_epoch: 1, seq }
    }

    fn seen(number: u64) -> Seen {
        Seen { id: id(number), key: key(number) }
    }

    fn sent(number: u64, answer: Answer) -> Sent {
        Sent { key: key(number), answer }
    }

    /// Three acked messages in one room, all stored, one reader that has them.
    fn sound() -> Ledger {
        let all: Vec<_> = (1..=3).map(seen).collect();
        Ledger {
            sent: (1..=3).map(|number| sent(number, Answer::Acked(id(number)))).collect(),
            stored: all.clone(),
            receipts: vec![Receipts { rooms: [room(1)].into(), got: all }],
        }
    }

    fn expect(ledger: &Ledger, change: impl FnOnce(&mut Verdict)) {
        let mut expected = sound().verdict();
        change(&mut expected);
        assert_eq!(ledger.verdict(), expected);
    }

    #[test]
    fn a_sound_ledger_has_nothing_to_say() {
        assert_eq!(sound().verdict(), Verdict { acked: 3, stored: 3, ..Verdict::default() });
    }

    #[test]
    fn an_acked_message_that_is_missing_or_has_another_identity_is_lost() {
        let mut ledger = sound();
        ledger.stored.pop();
        expect(&ledger, |verdict| (verdict.stored, verdict.lost, verdict.foreign) = (2, 1, 1));
        let mut ledger = sound();
        ledger.sent[0].answer = Answer::Acked(id(9));
        expect(&ledger, |verdict| verdict.lost = 1);
    }

    #[test]
    fn a_rejected_message_that_is_stored_is_invented_and_an_unknown_one_is_not() {
        let mut ledger = sound();
        ledger.sent[1].answer = Answer::Rejected;
        expect(&ledger, |verdict| (verdict.acked, verdict.rejected, verdict.invented) = (2, 1, 1));
        ledger.sent[1].answer = Answer::Unknown;
        expect(&ledger, |verdict| (verdict.acked, verdict.unknown) = (2, 1));
        // Nor need it be stored.
        ledger.sent.push(sent(7, Answer::Unknown));
        expect(&ledger, |verdict| (verdict.acked, verdict.unknown) = (2, 2));
    }

    #[test]
    fn a_second_copy_is_found_in_the_store_and_in_a_stream() {
        let mut ledger = sound();
        let again = Seen { id: id(4), ..seen(3) };
        ledger.stored.push(again);
        expect(&ledger, |verdict| (verdict.stored, verdict.stored_twice, verdict.undelivered) = (4, 1, 1));
        let mut ledger = sound();
        ledger.receipts[0].got.push(seen(3));
        expect(&ledger, |verdict| verdict.repeated = 1);
    }

    #[test]
    fn readers_get_what_is_in_their_rooms_in_order_and_nothing_else() {
        let mut ledger = sound();
        ledger.receipts[0].got.swap(0, 1);
        expect(&ledger, |verdict| verdict.disordered = 1);
        ledger.receipts[0].got.remove(0);
        expect(&ledger, |verdict| verdict.undelivered = 1);
        let mut ledger = sound();
        ledger.receipts[0].rooms = [room(2)].into();
        expect(&ledger, |verdict| verdict.foreign = 3);
    }

    #[test]
    fn one_id_in_two_rooms_or_by_two_senders_is_two_messages() {
        for other in [Key { room_id: room(2), ..key(3) }, Key { sender: UserId(Uuid::max()), ..key(3) }] {
            let mut ledger = sound();
            ledger.sent.push(Sent { key: other, answer: Answer::Acked(id(4)) });
            expect(&ledger, |verdict| (verdict.acked, verdict.lost) = (4, 1));
            ledger.stored.push(Seen { id: id(4), key: other });
            ledger.receipts[0].rooms.insert(room(2));
            ledger.receipts[0].got.push(Seen { id: id(4), key: other });
            expect(&ledger, |verdict| (verdict.acked, verdict.stored) = (4, 4));
        }
    }
}
