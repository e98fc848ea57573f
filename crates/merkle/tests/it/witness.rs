//! A log and its witness: growth is cosigned; forks, roll-backs and forgeries are not.

use proptest::prelude::*;
use sealcast_merkle::{
    checkpoint::{self, CheckpointError, SigningKey, TreeHead},
    cosignature::{self, WitnessKey},
    tree,
    witness::{AddCheckpoint, Refusal},
};

use crate::{Log, numbered_leaf, record_hash};

const NAME: &str = "witness.example/w1";

fn log_key() -> SigningKey {
    SigningKey::parse(&checkpoint::generate_skey().unwrap()).unwrap()
}

fn witness_key() -> WitnessKey {
    WitnessKey::parse(&cosignature::generate_skey(NAME).unwrap()).unwrap()
}

/// The request with which `log` asks for its size `to`, from `old`.
fn request(log: &Log, key: &SigningKey, old: u64, to: u64) -> AddCheckpoint {
    let proof = tree::consistency_proof(old, to, &log.stored).unwrap();
    AddCheckpoint { old_size: old, proof, note: key.sign(&head(log, to)) }
}

fn head(log: &Log, size: u64) -> TreeHead {
    TreeHead { size, root: log.roots[size as usize] }
}

#[test]
fn a_cosignature_is_of_one_note_and_one_witness() {
    let (log, key, witness) = (Log::of_size(5), log_key(), witness_key());
    let note = key.sign(&head(&log, 5));
    let cosigned = format!("{note}{}", witness.cosign(&note, 1_795_482_123).unwrap());
    assert_eq!(cosignature::verify(&cosigned, &witness.vkey()), Ok(1_795_482_123));
    // The log's own signature still holds beside it.
    assert_eq!(checkpoint::verify(&cosigned, key.vkey()), Ok(head(&log, 5)));
    assert_eq!(cosignature::verify(&note, &witness.vkey()), Err(CheckpointError::Signature));
    assert_eq!(cosignature::verify(&cosigned, &witness_key().vkey()), Err(CheckpointError::Signature));
    // The line under another note's text.
    let other = key.sign(&head(&log, 4));
    let moved = format!("{other}{}", witness.cosign(&note, 1_795_482_123).unwrap());
    assert_eq!(cosignature::verify(&moved, &witness.vkey()), Err(CheckpointError::Signature));
    // A log's key is no witness's key: the algorithms differ.
    assert_eq!(cosignature::verify(&cosigned, key.vkey()), Err(CheckpointError::VerifierKey));
    assert!(WitnessKey::parse(&checkpoint::generate_skey().unwrap()).is_err());
    for bad in ["", "two words", "a+b"] {
        assert!(cosignature::generate_skey(bad).is_err(), "{bad:?}");
    }
}

#[test]
fn a_request_reads_back_and_nothing_else_does() {
    let (log, key) = (Log::of_size(9), log_key());
    for (old, to) in [(0, 9), (3, 9), (8, 8)] {
        let request = request(&log, &key, old, to);
        assert_eq!(AddCheckpoint::parse(&request.to_body()), Ok(request));
    }
    let hashes = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n".repeat(64);
    for bad in ["", "old 1\n", "old x\n\nnote", "old 01\n\nnote", "old -1\n\nnote", "new 1\n\nnote", "old 1\nAAAA\n\nnote"] {
        assert_eq!(AddCheckpoint::parse(bad), Err(Refusal::Malformed), "{bad:?}");
    }
    assert_eq!(AddCheckpoint::parse(&format!("old 1\n{hashes}\nnote")), Err(Refusal::Malformed));
}

#[test]
fn forks_roll_backs_and_forgeries_are_refused() {
    let (log, key) = (Log::of_size(20), log_key());
    let seen = Some(head(&log, 12));
    let admit = |request: AddCheckpoint| request.admit(seen, key.vkey());
    assert_eq!(admit(request(&log, &key, 12, 20)), Ok(head(&log, 20)));
    assert_eq!(admit(request(&log, &key, 12, 12)), Ok(head(&log, 12)));

    // Rolled back: the log says that it is smaller, or that the witness has seen less.
    assert_eq!(admit(request(&log, &key, 7, 9)), Err(Refusal::OtherSize { seen: 12 }));
    assert_eq!(admit(request(&log, &key, 0, 20)), Err(Refusal::OtherSize { seen: 12 }));
    let shrunk = AddCheckpoint { note: key.sign(&head(&log, 9)), ..request(&log, &key, 12, 20) };
    assert_eq!(admit(shrunk), Err(Refusal::Malformed));

    // Forked: leaf 4 is another one, signed with the log's true key.
    let forked = Log::of((0..20).map(|i| if i == 4 { record_hash(b"another") } else { numbered_leaf(i) }));
    assert_eq!(admit(request(&forked, &key, 12, 12)), Err(Refusal::Fork { size: 12 }));
    assert_eq!(admit(request(&forked, &key, 12, 20)), Err(Refusal::Inconsistent));

    // Somebody else's signature, and a proof that was cut.
    assert_eq!(admit(request(&log, &log_key(), 12, 20)), Err(Refusal::Signature));
    let mut cut = request(&log, &key, 12, 20);
    cut.proof.pop();
    assert_eq!(admit(cut), Err(Refusal::Inconsistent));
}

proptest! {
    /// However two branches of one log interleave, a witness cosigns at most one of them past the point where they part.
    #[test]
    fn a_witness_follows_one_branch(parts_at in 0_u64..20, asks in prop::collection::vec((any::<bool>(), 0_u64..40), 1..25)) {
        let key = log_key();
        let branch = |other: bool| Log::of((0..40).map(|i| if other && i >= parts_at { record_hash(&i.to_le_bytes()) } else { numbered_leaf(i) }));
        let (one, two) = (branch(false), branch(true));
        let mut seen: Option<TreeHead> = None;
        let mut cosigned = [0_u64; 2];
        for (other, to) in asks {
            let log = if other { &two } else { &one };
            let old = seen.map_or(0, |head| head.size);
            if old > to {
                continue;
            }
            if let Ok(head) = request(log, &key, old, to).admit(seen, key.vkey()) {
                prop_assert!(seen.is_none_or(|seen| seen.size <= head.size));
                cosigned[usize::from(other)] = cosigned[usize::from(other)].max(head.size);
                seen = Some(head);
            }
        }
        prop_assert!(cosigned[0] <= parts_at || cosigned[1] <= parts_at, "{cosigned:?} part at {parts_at}");
    }
}
