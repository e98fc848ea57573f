//! The tree and its notes against vectors from elsewhere, and against a tree computed the plain way.

#![allow(clippy::unwrap_used, reason = "the helpers of a test may fail it, as the test may")]

mod tiles;
mod witness;

use std::{fs, path::Path};

use proptest::prelude::*;
use sealcast_merkle::{
    Hash, ORIGIN,
    checkpoint::{self, CheckpointError, SigningKey, TreeHead},
    leaf,
    tree::{self, EMPTY_ROOT, Frontier, StoredHashes, TreeError},
};
use serde_json::Value;

/// A log as a store keeps it.
#[derive(Default)]
struct Log {
    stored: StoredHashes,
    roots: Vec<Hash>,
    leaves: Vec<Hash>,
}

impl Log {
    fn of(leaves: impl IntoIterator<Item = Hash>) -> Self {
        let mut log = Self { roots: vec![EMPTY_ROOT], ..Self::default() };
        let mut frontier = Frontier::default();
        for leaf in leaves {
            let new = frontier.append(leaf);
            assert_eq!(new[0].0, tree::stored_count(frontier.size() - 1), "indexes are dense");
            log.stored.extend(new);
            log.leaves.push(leaf);
            log.roots.push(frontier.root());
        }
        log
    }

    fn of_size(size: u64) -> Self {
        Self::of((0..size).map(numbered_leaf))
    }

    fn only(&self, indexes: &[u64]) -> StoredHashes {
        indexes.iter().map(|index| (*index, self.stored[index])).collect()
    }
}

/// The vectors' leaf `i`: `i` as a big-endian u64, then 24 zero octets.
fn numbered_leaf(number: u64) -> Hash {
    let mut data = [0; 32];
    data[..8].copy_from_slice(&number.to_be_bytes());
    record_hash(&data)
}

fn record_hash(data: &[u8]) -> Hash {
    sha256(&[&[0], data].concat())
}

fn sha256(octets: &[u8]) -> Hash {
    aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, octets).as_ref().try_into().unwrap()
}

/// RFC 6962 section 2.1, word for word.
fn plain_root(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => EMPTY_ROOT,
        [leaf] => *leaf,
        _ => {
            let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
            sha256(&[&[1], &plain_root(left)[..], &plain_root(right)].concat())
        }
    }
}

#[test]
fn vectors_agree() {
    let vectors: Value = serde_json::from_str(&vector("merkle.json")).unwrap();
    let log = Log::of_size(8);
    assert_eq!(log.roots, hashes(&vectors["roots_size_0_to_8"]));
    let inclusion = hashes(&vectors["inclusion_proof_leaf3_size8"]);
    assert_eq!(tree::inclusion_proof(3, 8, &log.stored).unwrap(), inclusion);
    assert_eq!(tree::verify_inclusion(3, 8, &log.leaves[3], &inclusion, &log.roots[8]), Ok(()));
    let consistency = hashes(&vectors["consistency_proof_5_to_8"]);
    assert_eq!(tree::consistency_proof(5, 8, &log.stored).unwrap(), consistency);
    assert_eq!(tree::verify_consistency(5, &log.roots[5], 8, &log.roots[8], &consistency), Ok(()));
}

#[test]
fn every_proof_of_a_small_log_verifies_and_no_other() {
    let log = Log::of_size(33);
    for size in 1..=33_u64 {
        let root = &log.roots[size as usize];
        assert_eq!(*root, plain_root(&log.leaves[..size as usize]));
        for index in 0..size {
            // Nothing but the named indexes is read.
            let stored = log.only(&tree::inclusion_indexes(index, size).unwrap());
            let path = tree::inclusion_proof(index, size, &stored).unwrap();
            let leaf = &log.leaves[index as usize];
            assert_eq!(tree::verify_inclusion(index, size, leaf, &path, root), Ok(()));
            let other_leaf = tree::verify_inclusion(index, size, &[7; 32], &path, root);
            let other_place = tree::verify_inclusion(if index == 0 { size } else { index - 1 }, size, leaf, &path, root);
            assert!(other_leaf.is_err() && other_place.is_err());
            let longer = [path.as_slice(), &[*root]].concat();
            assert_eq!(tree::verify_inclusion(index, size, leaf, &longer, root), Err(TreeError::InvalidProof));
        }
        for from in 0..=size {
            let stored = log.only(&tree::consistency_indexes(from, size).unwrap());
            let path = tree::consistency_proof(from, size, &stored).unwrap();
            let from_root = &log.roots[from as usize];
            assert_eq!(tree::verify_consistency(from, from_root, size, root, &path), Ok(()));
            assert!(tree::verify_consistency(from, &[7; 32], size, root, &path).is_err());
            assert!(from == 0 || tree::verify_consistency(from, from_root, size, &[7; 32], &path).is_err());
        }
    }
}

#[test]
fn an_earlier_root_is_what_a_proof_up_to_a_later_one_shows() {
    let (log, other) = (Log::of_size(40), Log::of((50..90).map(numbered_leaf)));
    for to in 2..=40_u64 {
        let root = &log.roots[to as usize];
        for size in 0..=to {
            let from = tree::proves_before(size, to);
            // Nobody can show the root of one leaf, nor that of a power of two below one more leaf.
            assert_eq!(from.is_none(), size < 2 || size == to || (size == to - 1 && size.is_power_of_two()), "{size} of {to}");
            let Some(from) = from else { continue };
            let path = tree::consistency_proof(from, to, &log.stored).unwrap();
            assert_eq!(tree::root_before(size, to, root, &path), Ok(log.roots[size as usize]), "{size} of {to}");
            let strange = tree::consistency_proof(from, to, &other.stored).unwrap();
            for wrong in [&strange[..], &path[1..], &[path.as_slice(), &[*root]].concat()] {
                assert_eq!(tree::root_before(size, to, root, wrong), Err(TreeError::InvalidProof), "{size} of {to}");
            }
        }
    }
    assert_eq!(tree::root_before(1 << 63, u64::MAX, &[0; 32], &vec![[0; 32]; 1_000]), Err(TreeError::InvalidProof));
    assert_eq!(tree::root_before(u64::MAX, 5, &log.roots[5], &[]), Err(TreeError::OutOfRange));
}

#[test]
fn impossible_questions_are_refused() {
    let log = Log::of_size(5);
    assert_eq!(tree::inclusion_proof(5, 5, &log.stored), Err(TreeError::OutOfRange));
    assert_eq!(tree::consistency_proof(6, 5, &log.stored), Err(TreeError::OutOfRange));
    assert_eq!(tree::verify_inclusion(5, 5, &[0; 32], &[], &log.roots[5]), Err(TreeError::OutOfRange));
    assert_eq!(tree::inclusion_proof(0, 5, &StoredHashes::new()), Err(TreeError::MissingHash(1)));
    assert_eq!(Frontier::restore(5, &StoredHashes::new()), Err(TreeError::MissingHash(6)));
    let endless = vec![[0; 32]; 10_000];
    assert_eq!(tree::verify_inclusion(0, u64::MAX, &[0; 32], &endless, &[0; 32]), Err(TreeError::InvalidProof));
    assert_eq!(tree::verify_consistency(0, &[1; 32], 5, &log.roots[5], &[]), Err(TreeError::InvalidProof));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_restored_log_goes_on_as_if_never_stopped(first in 0..200_u64, more in 1..200_u64) {
        let whole = Log::of_size(first + more);
        let mut frontier = Frontier::restore(first, &whole.only(&Frontier::indexes(first))).unwrap();
        prop_assert_eq!(frontier.root(), whole.roots[first as usize]);
        for number in first..first + more {
            for (index, hash) in frontier.append(numbered_leaf(number)) {
                prop_assert_eq!(hash, whole.stored[&index]);
            }
        }
        prop_assert_eq!(frontier.root(), whole.roots[(first + more) as usize]);
    }
}

#[test]
fn a_checkpoint_is_what_was_signed() {
    let skey = checkpoint::generate_skey().unwrap();
    let key = SigningKey::parse(&skey).unwrap();
    let head = TreeHead { size: 42, root: leaf::hash("x") };
    let note = key.sign(&head);
    assert!(note.starts_with(&format!("{ORIGIN}\n42\n")));
    assert_eq!(checkpoint::verify(&note, key.vkey()), Ok(head));

    let other = SigningKey::parse(&checkpoint::generate_skey().unwrap()).unwrap();
    assert_eq!(checkpoint::verify(&note, other.vkey()), Err(CheckpointError::Signature));
    assert_eq!(checkpoint::verify(&note.replace("\n42\n", "\n43\n"), key.vkey()), Err(CheckpointError::Signature));
    assert_eq!(checkpoint::verify(&note, &key.vkey().replace("sealcast", "other")), Err(CheckpointError::VerifierKey));
    assert_eq!(checkpoint::verify("", key.vkey()), Err(CheckpointError::Malformed));
    assert_eq!(checkpoint::verify(&"x".repeat(5_000), key.vkey()), Err(CheckpointError::Malformed));
    assert_eq!(SigningKey::parse("PRIVATE+KEY+x").unwrap_err(), CheckpointError::SignerKey);
    assert!(!format!("{key:?}").contains(skey.splitn(5, '+').last().unwrap()), "the secret does not print");
}

/// Base64 can hold a `+`, which is also what separates the parts of a key.
#[test]
fn every_generated_key_is_read_back() {
    for _ in 0..64 {
        let key = SigningKey::parse(&checkpoint::generate_skey().unwrap()).unwrap();
        let head = TreeHead { size: 0, root: EMPTY_ROOT };
        assert_eq!(checkpoint::verify(&key.sign(&head), key.vkey()), Ok(head));
    }
}

/// The note was made by another program, for a log of another name: same format, not ours.
#[test]
fn a_foreign_log_s_checkpoint_is_told_apart() {
    let (note, vkey) = (vector("checkpoint-200000.txt"), vector("vkey.txt"));
    assert_eq!(checkpoint::verify(&note, &vkey), Err(CheckpointError::Origin));
    let root = Log::of_size(200_000).roots[200_000];
    assert_eq!(checkpoint::verify_of(&note, &vkey, "audit.sealcast.example/log1"), Ok(TreeHead { size: 200_000, root }));
}

fn vector(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors").join(name)).unwrap()
}

fn hashes(list: &Value) -> Vec<Hash> {
    use base64::{Engine as _, prelude::BASE64_STANDARD};
    let decode = |hash: &Value| BASE64_STANDARD.decode(hash.as_str().unwrap()).unwrap().try_into().unwrap();
    list.as_array().unwrap().iter().map(decode).collect()
}
