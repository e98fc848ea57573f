//! What a client remembers so that a server cannot tell it something else tomorrow.

use std::collections::BTreeMap;

use sealcast_contracts::{Base64, Fingerprint, RoomId, UserId, audit::Checkpoint, context::SeenCheckpoint};
use sealcast_merkle::{Hash, checkpoint::TreeHead, cosignature, tree::EMPTY_ROOT};
use sealcast_pgp::certificate::Certificate;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::{Error, succession::Succession};

/// Accounts whose certificate is remembered.
const CERTIFICATES_MAX: usize = 100_000;

/// The pins of one account on one server.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Trust {
    /// The compliance certificate, from the invite link or from the first contact.
    pub compliance: Option<Fingerprint>,
    /// Those that were pinned before it, each of which named its successor.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    compliance_before: Vec<Fingerprint>,
    /// The log's verifier key, from the first contact.
    pub log_vkey: Option<String>,
    /// Verifier keys of the witnesses of whom every checkpoint must carry a cosignature.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub witnesses: Vec<String>,
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
    /// The compliance certificates that were pinned before the present one.
    pub(crate) fn compliance_before(&self) -> &[Fingerprint] {
        &self.compliance_before
    }

    /// Pins the compliance certificate in force, or moves the pin forward along the chain; answers with the certificate.
    ///
    /// # Errors
    /// [`Error::Verification`] when the chain does not lead through the pin.
    pub fn meet_compliance<'a>(&mut self, chain: &'a Succession, now: OffsetDateTime) -> Result<&'a Certificate, Error> {
        let certificate = &chain.in_force(self.compliance, now)?.certificate;
        let fingerprint = certificate.key.fingerprint;
        if let Some(pinned) = self.compliance.replace(fingerprint).filter(|pinned| *pinned != fingerprint) {
            self.compliance_before.push(pinned);
        }
        Ok(certificate)
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

    /// From now on no checkpoint counts without this witness's cosignature.
    ///
    /// # Errors
    /// [`Error::Usage`] when it is no verifier key of a witness.
    pub fn require_witness(&mut self, vkey: &str) -> Result<(), Error> {
        cosignature::check_vkey(vkey).map_err(|_| Error::Usage(format!("{vkey:?} is no verifier key of a witness")))?;
        if !self.witnesses.iter().any(|known| known == vkey) {
            self.witnesses.push(vkey.to_owned());
        }
        Ok(())
    }

    /// Whether checkpoints need cosignatures.
    pub fn requires_witness(&self) -> bool {
        !self.witnesses.is_empty()
    }

    /// Checks a checkpoint as [`Self::check_signature`], and that the witnesses that are required have cosigned it.
    ///
    /// # Errors
    /// [`Error::Verification`].
    pub fn check_note(&mut self, checkpoint: &Checkpoint) -> Result<TreeHead, Error> {
        let head = self.check_signature(checkpoint)?;
        let lines = checkpoint.cosignatures.iter().map(|cosignature| format!("{}\n", cosignature.line.trim_end()));
        let cosigned: String = std::iter::once(checkpoint.note.clone()).chain(lines).collect();
        for witness in &self.witnesses {
            if cosignature::verify(&cosigned, witness).is_err() {
                let name = witness.split('+').next().unwrap_or_default();
                return Err(Error::Verification(format!("the witness {name} has not cosigned the checkpoint")));
            }
        }
        Ok(head)
    }

    /// Checks a checkpoint's signature under the pinned key, and that its fields say what the note says.
    ///
    /// # Errors
    /// [`Error::Verification`].
    pub fn check_signature(&mut self, checkpoint: &Checkpoint) -> Result<TreeHead, Error> {
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
        for witness in &other.witnesses {
            if !self.witnesses.contains(witness) {
                self.witnesses.push(witness.clone());
            }
        }
        let went_on = self.compliance.is_some_and(|pinned| other.compliance_before.contains(&pinned));
        if self.compliance.is_none() || went_on {
            self.compliance = other.compliance;
            self.compliance_before.clone_from(&other.compliance_before);
        }
        self.log_vkey = self.log_vkey.take().or_else(|| other.log_vkey.clone());
    }
}

#[cfg(test)]
mod tests {
    use sealcast_contracts::audit::Cosignature;

    use super::*;

    #[test]
    fn a_pin_holds() {
        let mut trust = Trust::default();
        let user = UserId::generate();
        trust.meet_account(user, Fingerprint([2; 32])).unwrap();
        trust.meet_account(user, Fingerprint([2; 32])).unwrap();
        assert!(matches!(trust.meet_account(user, Fingerprint([3; 32])), Err(Error::Verification(_))));
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
            cosignatures: Vec::new(),
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
    fn a_required_witness_must_have_cosigned() {
        let key = sealcast_merkle::checkpoint::SigningKey::parse(&sealcast_merkle::checkpoint::generate_skey().unwrap()).unwrap();
        let witness = |name| cosignature::WitnessKey::parse(&cosignature::generate_skey(name).unwrap()).unwrap();
        let (one, other) = (witness("one"), witness("other"));
        let head = TreeHead { size: 3, root: [7; 32] };
        let note = key.sign(&head);
        let cosigned = |witnesses: &[&cosignature::WitnessKey]| Checkpoint {
            size: head.size,
            root: Base64(head.root.to_vec()),
            note: note.clone(),
            vkey: key.vkey().to_owned(),
            covers: None,
            cosignatures: witnesses
                .iter()
                .map(|witness| Cosignature { vkey: witness.vkey(), line: witness.cosign(&note, 1).unwrap() })
                .collect(),
        };
        let mut trust = Trust::default();
        assert!(trust.check_note(&cosigned(&[])).is_ok(), "nobody is required");
        trust.require_witness(&one.vkey()).unwrap();
        trust.require_witness(&one.vkey()).unwrap();
        assert!(matches!(trust.require_witness(key.vkey()), Err(Error::Usage(_))));
        assert_eq!(trust.check_note(&cosigned(&[&one, &other])).unwrap(), head);
        for lacking in [&[][..], &[&other]] {
            assert!(matches!(trust.check_note(&cosigned(lacking)), Err(Error::Verification(_))));
        }
        // A line that claims to be the witness's is checked, whatever key the server names beside it.
        let mut forged = cosigned(&[&other]);
        forged.cosignatures[0].vkey = one.vkey();
        assert!(trust.check_note(&forged).is_err());
    }

    #[test]
    fn merging_keeps_the_newer_checkpoint_and_every_pin() {
        let (mut old, mut new) = (Trust::default(), Trust::default());
        old.advance(&TreeHead { size: 1, root: [1; 32] });
        new.advance(&TreeHead { size: 2, root: [2; 32] });
        new.compliance = Some(Fingerprint([1; 32]));
        old.merge(&new);
        assert_eq!(old, new);
        new.merge(&Trust::default());
        assert_eq!(old, new);
        // Another process has followed a rotation since; the older pin does not come back.
        new.compliance_before = vec![Fingerprint([1; 32])];
        new.compliance = Some(Fingerprint([2; 32]));
        let newer = new.clone();
        new.merge(&old);
        assert_eq!(new, newer);
        old.merge(&new);
        assert_eq!(old, newer);
    }
}
