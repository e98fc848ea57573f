//! Tiles: the tree's hashes as files that never change (C2SP tlog-tiles, height 8).

use tlog_tiles::stored_hash_index;

use crate::{
    Hash,
    tree::{StoredHashes, TreeError},
};

/// Hashes of a full tile.
pub const WIDTH_MAX: u64 = 256;
/// Levels of a tile.
const HEIGHT: u8 = 8;
/// Levels of tiles in a tree of 2^63 leaves.
const LEVELS: u8 = 8;
/// Three digits a part of a path.
const PART_MAX: u64 = 1_000;
/// Characters of the longest path: level, six parts and a width.
const PATH_CHARS_MAX: usize = 48;

/// Which tile: its level, its place in the level, and how many hashes it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tile {
    level: u8,
    index: u64,
    width: u64,
}

impl Tile {
    /// Reads a path such as `0/x001/067` or `1/000.p/17`: only the one that [`Self::path`] writes.
    pub fn parse(path: &str) -> Option<Self> {
        if path.len() > PATH_CHARS_MAX {
            return None;
        }
        let (level, rest) = path.split_once('/')?;
        let level: u8 = level.parse().ok().filter(|level| *level < LEVELS)?;
        let (parts, width) = match rest.split_once(".p/") {
            Some((parts, width)) => (parts, width.parse().ok().filter(|width| (1..WIDTH_MAX).contains(width))?),
            None => (rest, WIDTH_MAX),
        };
        let mut index: u64 = 0;
        for part in parts.split('/') {
            let part: u64 = part.trim_start_matches('x').parse().ok().filter(|part| *part < PART_MAX)?;
            index = index.checked_mul(PART_MAX)?.checked_add(part)?;
        }
        // The last hash's place must be a number of leaves.
        let last = index.checked_mul(WIDTH_MAX)?.checked_add(width)?;
        let tile = Self { level, index, width };
        let fits = last.leading_zeros() > u32::from(level * HEIGHT) + 1;
        (fits && tile.path() == path).then_some(tile)
    }

    /// The path below `tile/`.
    pub fn path(&self) -> String {
        let (mut index, mut parts) = (self.index, format!("{:03}", self.index % PART_MAX));
        while index >= PART_MAX {
            index /= PART_MAX;
            parts = format!("x{:03}/{parts}", index % PART_MAX);
        }
        let width = if self.width == WIDTH_MAX { String::new() } else { format!(".p/{}", self.width) };
        format!("{}/{parts}{width}", self.level)
    }

    /// Whether it has all the hashes that a tile can have: it is never replaced.
    pub fn is_full(&self) -> bool {
        self.width == WIDTH_MAX
    }

    /// Leaves that a tree must have for this tile to be one of its own.
    pub fn leaves(&self) -> u64 {
        (self.index * WIDTH_MAX + self.width) << (self.level * HEIGHT)
    }

    /// The stored indexes of its hashes, in order.
    pub fn indexes(&self) -> Vec<u64> {
        let first = self.index * WIDTH_MAX;
        (first..first + self.width).map(|place| stored_hash_index(self.level * HEIGHT, place)).collect()
    }

    /// The file: its hashes one behind the other.
    ///
    /// # Errors
    /// [`TreeError::MissingHash`] when `stored` lacks one of [`Self::indexes`].
    pub fn octets(&self, stored: &StoredHashes) -> Result<Vec<u8>, TreeError> {
        let hashes: Vec<Hash> = self
            .indexes()
            .into_iter()
            .map(|index| stored.get(&index).copied().ok_or(TreeError::MissingHash(index)))
            .collect::<Result<_, _>>()?;
        Ok(hashes.concat())
    }
}
