//! What a client remembers so that a server cannot tell it something else tomorrow.

use std::collections::BTreeMap;

use sealcast_contracts::{Base64, Fingerprint, RoomId, UserId, audit::Checkpoint, context::SeenCheckpoint};
use sealcast_merkle::{Hash, checkpoint::TreeHead, tree::EMPTY_ROOT};
use serde::{Deserialize, Serialize};

use crate::Error;

/// Accounts whose certificate is remembered.
const CERTIFICATES_MAX: usize = 100_000;

/// The pins of one account on one server.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Trust {
    /// The compliance certificate, from the invite link or from the first contact.
    pub compliance: Option<Fingerprint>,
    /// The log's verifier key, from the first contact.
    pub log_vkey: Option<String>,
    /// The newest checkpoint that was verified.
    checkpoint: Option<PinnedHead>,
    /// Of each room: the first 16 octets of the SHA-256 of the last envelope sent there.
    prev: BTreeMap<RoomId, Base64>,
    /// Of each account met so far.
    certificates: BTreeMap<UserId, Fingerprint>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct PinnedHead {
    size: u64,
    root: Base64,
}

impl Trust {
    /// Pins the compliance certificate, or compares it with the pinned one.
    ///
    /// # Errors
    /// [`Error::Verification`] when it is another.
    pub fn meet_compliance(&mut self, fingerprint: Fingerprint) -> Result<(), Error> {
        match *self.compliance.get_or_insert(fingerprint) {
            pinned if pinned == fingerprint => Ok(()),
            pinned => Err(Error::Verification(format!("the compliance certificate is {fingerprint}, but {pinned} is pinned"))),
        }
    }

    /// Pins an account's certificate, or compares it with the pinned one.
    ///
    /// # Errors
    /// [`Error::Verification`] when it is another.
    pub fn meet_account(&mut self, user_id: UserId, fingerprint: Fingerprint) -> Result<(), Error> {
        match self.certificates.get(&user_id) {
            Some(pinned) if *pinned != fingerprint => {
                Err(Error::Verification(format!("the certificate of account {user_id} is {fingerprint}, but {pinned} is pinned")))
            }
            Some(_) => Ok(()),
            None => {
                if self.certificates.len() < CERTIFICATES_MAX {
                    self.certificates.insert(user_id, fingerprint);
                }
                Ok(())
            }
        }
    }

    /// Checks a checkpoint's signature under the pinned key and that its fields say what the note says.
    ///
    /// # Errors
    /// [`Error::Verification`].
    pub fn check_note(&mut self, checkpoint: &Checkpoint) -> Result<TreeHead, Error> {
        let vkey = self.log_vkey.get_or_insert_with(|| checkpoint.vkey.clone());
        if *vkey != checkpoint.vkey {
            return Err(Error::Verification("the log's key is not the pinned one".to_owned()));
        }
        let head =
            sealcast_merkle::checkpoint::verify(&checkpoint.note, vkey).map_err(|error| Error::Verification(error.to_string()))?;
        if head.size != checkpoint.size || head.root[..] != checkpoint.root.0 {
            return Err(Error::Verification("the checkpoint's fields differ from its note".to_owned()));
        }
        Ok(head)
    }

    /// The pinned tree head.
    pub fn head(&self) -> Option<TreeHead> {
        let PinnedHead { size, root } = self.checkpoint.as_ref()?;
        Some(TreeHead { size: *size, root: Hash::try_from(root.as_slice()).ok()? })
    }

    /// Pins a tree head whose consistency with the one before was checked.
    pub fn advance(&mut self, head: &TreeHead) {
        self.checkpoint = Some(PinnedHead { size: head.size, root: Base64(head.root.to_vec()) });
    }

    /// What a message's context says of the log.
    pub fn seen_checkpoint(&self) -> SeenCheckpoint {
        let head = self.head().unwrap_or(TreeHead { size: 0, root: EMPTY_ROOT });
        let mut root = [0; 16];
        root.copy_from_slice(&head.root[..16]);
        SeenCheckpoint { size: head.size, root }
    }

    /// The hash of the last envelope in a room.
    pub fn prev(&self, room_id: RoomId) -> Option<[u8; 16]> {
        self.prev.get(&room_id)?.as_slice().try_into().ok()
    }

    /// The last envelope in a room is now this one.
    pub fn set_prev(&mut self, room_id: RoomId, hash: [u8; 16]) {
        self.prev.insert(room_id, Base64(hash.to_vec()));
    }

    /// Takes over what another process of the same account learned since.
    pub fn merge(&mut self, other: &Self) {
        if other.head().map(|head| head.size) > self.head().map(|head| head.size) {
            self.checkpoint.clone_from(&other.checkpoint);
        }
        for (user_id, fingerprint) in &other.certificates {
            self.certificates.entry(*user_id).or_insert(*fingerprint);
        }
        for (room_id, hash) in &other.prev {
            self.prev.entry(*room_id).or_insert_with(|| hash.clone());
        }
        self.compliance = self.compliance.or(other.compliance);
        self.log_vkey = self.log_vkey.take().or_else(|| other.log_vkey.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pin_holds() {
        let mut trust = Trust::default();
        let user = UserId::generate();
        trust.meet_compliance(Fingerprint([1; 32])).unwrap();
        trust.meet_account(user, Fingerprint([2; 32])).unwrap();
        trust.meet_account(user, Fingerprint([2; 32])).unwrap();
        assert!(matches!(trust.meet_compliance(Fingerprint([3; 32])), Err(Error::Verification(_))));
        assert!(matches!(trust.meet_account(user, Fingerprint([3; 32])), Err(Error::Verification(_))));
        assert_eq!(trust.compliance, Some(Fingerprint([1; 32])));
    }

    #[test]
    fn nothing_seen_is_the_empty_log() {
        // The context of docs/protocol.md: size 0 and the first half of SHA-256 of nothing.
        assert_eq!(Trust::default().seen_checkpoint().to_string(), "0:47DEQpj8HBSa-_TImW-5JA");
    }

    #[test]
    fn a_checkpoint_counts_only_under_the_pinned_key() {
        let key = sealcast_merkle::checkpoint::SigningKey::parse(&sealcast_merkle::checkpoint::generate_skey().unwrap()).unwrap();
        let other = sealcast_merkle::checkpoint::SigningKey::parse(&sealcast_merkle::checkpoint::generate_skey().unwrap()).unwrap();
        let head = TreeHead { size: 3, root: [7; 32] };
        let signed = |key: &sealcast_merkle::checkpoint::SigningKey| Checkpoint {
            size: head.size,
            root: Base64(head.root.to_vec()),
            note: key.sign(&head),
            vkey: key.vkey().to_owned(),
            covers: None,
        };
        let mut trust = Trust::default();
        assert_eq!(trust.check_note(&signed(&key)).unwrap(), head);
        assert!(trust.check_note(&signed(&other)).is_err());
        assert!(trust.check_note(&Checkpoint { note: signed(&other).note, ..signed(&key) }).is_err());
        assert!(trust.check_note(&Checkpoint { size: 4, ..signed(&key) }).is_err());
        trust.advance(&head);
        let text = serde_json::to_string(&trust).unwrap();
        assert_eq!(serde_json::from_str::<Trust>(&text).unwrap(), trust);
    }

    #[test]
    fn merging_keeps_the_newer_checkpoint_and_every_pin() {
        let (mut old, mut new) = (Trust::default(), Trust::default());
        old.advance(&TreeHead { size: 1, root: [1; 32] });
        new.advance(&TreeHead { size: 2, root: [2; 32] });
        new.meet_compliance(Fingerprint([1; 32])).unwrap();
        old.merge(&new);
        assert_eq!(old, new);
        new.merge(&Trust::default());
        assert_eq!(old, new);
    }
}
