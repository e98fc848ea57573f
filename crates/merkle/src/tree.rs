//! The RFC 6962 tree: appending, roots, inclusion and consistency proofs.
//!
//! Hashes are stored under one dense index (`tlog_tiles::stored_hash_index`), about two per leaf. An operation comes as a
//! pair: the indexes that it reads, and the operation itself over those hashes.

use std::{cell::RefCell, collections::BTreeMap};

use tlog_tiles::{HashReader, stored_hash_count, stored_hash_index, sub_tree_index};

use crate::Hash;

/// Hashes by stored index.
pub type StoredHashes = BTreeMap<u64, Hash>;

/// The root of the tree without leaves: SHA-256 of nothing.
pub const EMPTY_ROOT: Hash = tlog_tiles::EMPTY_HASH.0;

/// A proof never has more hashes than a tree of 2^63 leaves has levels, twice.
pub const PROOF_HASHES_MAX: usize = 128;

/// Why the tree says no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TreeError {
    /// The caller asked for a leaf or a size that the tree does not have.
    #[error("the tree has no such leaf or size")]
    OutOfRange,
    /// A hash that the operation needs was not handed in: storage lost it, or the caller read other indexes.
    #[error("stored hash {0} is missing")]
    MissingHash(u64),
    /// The proof does not lead from the one to the other.
    #[error("the proof does not verify")]
    InvalidProof,
}

/// The right edge of a tree: all that appending needs to know of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    /// The roots of the full subtrees, largest first: one for each one in the binary form of `size`.
    subtrees: Vec<Hash>,
}

impl Frontier {
    /// The stored indexes that [`Self::restore`] wants, for a tree of `size` leaves.
    pub fn indexes(size: u64) -> Vec<u64> {
        sub_tree_index(0, size, Vec::new())
    }

    /// The frontier of a stored tree.
    ///
    /// # Errors
    /// [`TreeError::MissingHash`] when `stored` lacks one of [`Self::indexes`].
    pub fn restore(size: u64, stored: &StoredHashes) -> Result<Self, TreeError> {
        Ok(Self { size, subtrees: read(stored, &Self::indexes(size))? })
    }

    /// The roots of its full subtrees, left to right: all that a reader needs to go on from here.
    pub fn subtrees(&self) -> Vec<Hash> {
        self.subtrees.clone()
    }

    /// The frontier with these full subtrees, left to right. Whether they are those of a log shows when a root is compared.
    ///
    /// # Errors
    /// [`TreeError::OutOfRange`] when a tree of `size` leaves has another number of them.
    pub fn from_subtrees(size: u64, subtrees: &[Hash]) -> Result<Self, TreeError> {
        in_range(size.count_ones() as usize == subtrees.len())?;
        Ok(Self { size, subtrees: subtrees.to_vec() })
    }

    /// Leaves of the tree.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The tree's root.
    pub fn root(&self) -> Hash {
        self.subtrees.iter().copied().rev().reduce(|right, left| node(&left, &right)).unwrap_or(EMPTY_ROOT)
    }

    /// Appends one leaf and returns the hashes to store, each with its index.
    pub fn append(&mut self, leaf: Hash) -> Vec<(u64, Hash)> {
        let mut index = stored_hash_index(0, self.size);
        let (mut made, mut top) = (vec![(index, leaf)], leaf);
        // A subtree is complete for each one that the sum carries over.
        for _ in 0..self.size.trailing_ones() {
            let Some(left) = self.subtrees.pop() else { break };
            top = node(&left, &top);
            index += 1;
            made.push((index, top));
        }
        self.subtrees.push(top);
        self.size += 1;
        made
    }
}

fn node(left: &Hash, right: &Hash) -> Hash {
    tlog_tiles::node_hash(tlog_tiles::Hash(*left), tlog_tiles::Hash(*right)).0
}

/// How many hashes are stored for a tree of `size` leaves; the index of the next one.
pub fn stored_count(size: u64) -> u64 {
    stored_hash_count(size)
}

/// The stored indexes that [`inclusion_proof`] reads.
///
/// # Errors
/// [`TreeError::OutOfRange`] when the tree has no leaf `index`.
pub fn inclusion_indexes(index: u64, size: u64) -> Result<Vec<u64>, TreeError> {
    in_range(index < size)?;
    Ok(Recorder::run(|recorder| tlog_tiles::prove_record(size, index, recorder)))
}

/// The audit path of leaf `index` in the tree of `size` leaves, leaf first.
///
/// # Errors
/// [`TreeError::OutOfRange`] when the tree has no such leaf, [`TreeError::MissingHash`] when `stored` is incomplete.
pub fn inclusion_proof(index: u64, size: u64, stored: &StoredHashes) -> Result<Vec<Hash>, TreeError> {
    read(stored, &inclusion_indexes(index, size)?)?;
    let proof = tlog_tiles::prove_record(size, index, &Reader(stored)).map_err(|_| TreeError::OutOfRange)?;
    Ok(proof.into_iter().map(|hash| hash.0).collect())
}

/// Checks that the tree of `size` leaves and root `root` has `leaf` at `index`.
///
/// # Errors
/// [`TreeError::OutOfRange`] when `index` is not below `size`, [`TreeError::InvalidProof`] otherwise.
pub fn verify_inclusion(index: u64, size: u64, leaf: &Hash, path: &[Hash], root: &Hash) -> Result<(), TreeError> {
    in_range(index < size)?;
    tlog_tiles::check_record(&proof(path)?, size, tlog_tiles::Hash(*root), index, tlog_tiles::Hash(*leaf))
        .map_err(|_| TreeError::InvalidProof)
}

/// The stored indexes that [`consistency_proof`] reads.
///
/// # Errors
/// [`TreeError::OutOfRange`] when `from` is larger than `to`.
pub fn consistency_indexes(from: u64, to: u64) -> Result<Vec<u64>, TreeError> {
    in_range(from <= to)?;
    if from == 0 {
        return Ok(Vec::new());
    }
    Ok(Recorder::run(|recorder| tlog_tiles::prove_tree(to, from, recorder)))
}

/// The proof that the tree of `to` leaves begins with the tree of `from` leaves. From the empty tree it is empty.
///
/// # Errors
/// [`TreeError::OutOfRange`] when `from` is larger than `to`, [`TreeError::MissingHash`] when `stored` is incomplete.
pub fn consistency_proof(from: u64, to: u64, stored: &StoredHashes) -> Result<Vec<Hash>, TreeError> {
    read(stored, &consistency_indexes(from, to)?)?;
    if from == 0 {
        return Ok(Vec::new());
    }
    let proof = tlog_tiles::prove_tree(to, from, &Reader(stored)).map_err(|_| TreeError::OutOfRange)?;
    Ok(proof.into_iter().map(|hash| hash.0).collect())
}

/// Checks that the tree `(to, to_root)` begins with the tree `(from, from_root)`.
///
/// # Errors
/// [`TreeError::OutOfRange`] when `from` is larger than `to`, [`TreeError::InvalidProof`] otherwise.
pub fn verify_consistency(from: u64, from_root: &Hash, to: u64, to_root: &Hash, path: &[Hash]) -> Result<(), TreeError> {
    in_range(from <= to)?;
    if from == 0 {
        let holds = path.is_empty() && *from_root == EMPTY_ROOT && (to > 0 || *to_root == EMPTY_ROOT);
        return if holds { Ok(()) } else { Err(TreeError::InvalidProof) };
    }
    tlog_tiles::check_tree(&proof(path)?, to, tlog_tiles::Hash(*to_root), from, tlog_tiles::Hash(*from_root))
        .map_err(|_| TreeError::InvalidProof)
}

/// From which size on a consistency proof up to `to` leaves shows the root at `size` to somebody who does not have it; none
/// when no proof does. The proof from a power of two leaves that root out, the one from a leaf further names it.
pub fn proves_before(size: u64, to: u64) -> Option<u64> {
    let from = if size.is_power_of_two() { size.checked_add(1)? } else { size };
    (size > 1 && from < to).then_some(from)
}

/// The root of the first `size` leaves of the tree `(to, to_root)`, by the consistency proof from where [`proves_before`] says.
///
/// # Errors
/// [`TreeError::OutOfRange`] when no proof shows it, [`TreeError::InvalidProof`] when this one does not.
pub fn root_before(size: u64, to: u64, to_root: &Hash, path: &[Hash]) -> Result<Hash, TreeError> {
    let from = proves_before(size, to).ok_or(TreeError::OutOfRange)?;
    if path.len() > PROOF_HASHES_MAX {
        return Err(TreeError::InvalidProof);
    }
    // RFC 9162, section 2.1.4.2, without the comparison of the first root.
    let (first, rest) = path.split_first().ok_or(TreeError::InvalidProof)?;
    let (mut place, mut last) = (from - 1, to - 1);
    let shift = place.trailing_ones();
    (place, last) = (place >> shift, last >> shift);
    let (mut old, mut current, mut left) = (*first, *first, None);
    for sibling in rest {
        if last == 0 {
            return Err(TreeError::InvalidProof);
        }
        if place & 1 == 1 || place == last {
            left = Some(*sibling);
            (old, current) = (node(sibling, &old), node(sibling, &current));
            let shift = if place == 0 { 0 } else { place.trailing_zeros() };
            (place, last) = (place >> shift, last >> shift);
        } else {
            current = node(&current, sibling);
        }
        (place, last) = (place >> 1, last >> 1);
    }
    // A leaf that follows a power of two has one subtree on its left: all that is before it.
    let before = if from == size { Some(old) } else { left };
    before.filter(|_| last == 0 && current == *to_root).ok_or(TreeError::InvalidProof)
}

fn in_range(holds: bool) -> Result<(), TreeError> {
    if holds { Ok(()) } else { Err(TreeError::OutOfRange) }
}

fn proof(path: &[Hash]) -> Result<Vec<tlog_tiles::Hash>, TreeError> {
    if path.len() > PROOF_HASHES_MAX {
        return Err(TreeError::InvalidProof);
    }
    Ok(path.iter().copied().map(tlog_tiles::Hash).collect())
}

fn read(stored: &StoredHashes, indexes: &[u64]) -> Result<Vec<Hash>, TreeError> {
    indexes.iter().map(|index| stored.get(index).copied().ok_or(TreeError::MissingHash(*index))).collect()
}

struct Reader<'a>(&'a StoredHashes);

impl HashReader for Reader<'_> {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<tlog_tiles::Hash>, tlog_tiles::Error> {
        let hashes = read(self.0, indexes).map_err(|_| tlog_tiles::Error::IndexesNotInTree)?;
        Ok(hashes.into_iter().map(tlog_tiles::Hash).collect())
    }
}

/// Learns which hashes an operation reads by running it over hashes that do not matter: indexes depend on sizes only.
struct Recorder(RefCell<Vec<u64>>);

impl Recorder {
    fn run<T>(operation: impl FnOnce(&Self) -> Result<T, tlog_tiles::Error>) -> Vec<u64> {
        let recorder = Self(RefCell::default());
        // The recorder itself never fails, and callers have checked the range.
        let _ = operation(&recorder);
        recorder.0.into_inner()
    }
}

impl HashReader for Recorder {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<tlog_tiles::Hash>, tlog_tiles::Error> {
        self.0.borrow_mut().extend_from_slice(indexes);
        Ok(vec![tlog_tiles::EMPTY_HASH; indexes.len()])
    }
}
