use std::fmt;

use sealcast_contracts::{HoldId, RoomId};

/// Something that is not as it was when the log was signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// The row's leaf is not the one in the log.
    Changed { row: String, leaf_index: u64 },
    /// The log has a leaf whose row is gone.
    Removed { leaf_index: u64 },
    /// A second row claims the leaf.
    Added { row: String, leaf_index: u64 },
    /// The row stands at another row's place.
    Moved { row: String, leaf_index: u64, belongs: u64 },
    /// What the row seals is not what its leaf says, or does not open.
    Content { row: String, reason: String },
    /// Its data key is gone, and no leaf says that it was destroyed.
    ShreddedSilently { row: String },
    /// A day was destroyed while a hold covered it.
    HeldDayShredded { row: String, room_id: RoomId, day: String, hold_id: HoldId },
    /// A destruction record does not name the holds that were active.
    HoldsMisstated { row: String },
    /// The people who are told of an access are not those that its leaf speaks of.
    ConcernedChanged { row: String, leaf_index: u64 },
    /// A stored hash of the tree is not what the leaves give.
    HashChanged { index: u64 },
    /// There are not as many stored hashes as any tree has.
    HashesIncomplete,
    /// The signed root differs: rows and hashes were rewritten together, somewhere in `[from, to)`.
    HistoryRewritten { from: u64, to: u64 },
    /// A checkpoint without the log's valid signature.
    CheckpointForged { size: u64 },
    /// A checkpoint says that it covers messages that it does not, or fewer than the one before.
    CoversChanged { size: u64 },
    /// A state of this size was seen, signed; the archive has no checkpoint for it, or for a later one.
    Unsigned { from: u64, to: u64 },
    /// Somebody saw another log of this size.
    Forked { size: u64 },
    /// Somebody saw a larger log.
    RolledBack { size: u64, seen: u64 },
}

/// What a check found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    pub leaves: u64,
    pub checkpoints: u64,
    /// Messages whose content was opened and compared.
    pub opened: u64,
    /// Messages whose data key was deleted: their leaves are checked, their content is gone.
    pub shredded: u64,
    pub findings: Vec<Finding>,
}

impl Report {
    pub(super) fn push(&mut self, finding: Finding) {
        self.findings.push(finding);
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Changed { row, leaf_index } => write!(f, "changed: {row} (leaf {leaf_index})"),
            Self::Removed { leaf_index } => write!(f, "removed: the row of leaf {leaf_index}"),
            Self::Added { row, leaf_index } => write!(f, "added: {row} claims leaf {leaf_index}, which has a row"),
            Self::Moved { row, leaf_index, belongs } => {
                write!(f, "reordered: {row} stands at leaf {leaf_index}, it belongs to leaf {belongs}")
            }
            Self::Content { row, reason } => write!(f, "content: {row}: {reason}"),
            Self::ShreddedSilently { row } => write!(f, "destroyed: {row} does not open, and the log has no destruction record"),
            Self::HeldDayShredded { row, room_id, day, hold_id } => {
                write!(f, "hold: {row} destroyed {day} of room {room_id}, which hold {hold_id} covered")
            }
            Self::HoldsMisstated { row } => write!(f, "hold: {row} does not name the holds that were active"),
            Self::ConcernedChanged { row, leaf_index } => {
                write!(f, "concerned: {row} (leaf {leaf_index}) is not told to those whom it concerns")
            }
            Self::HashChanged { index } => write!(f, "tree: stored hash {index} is not what the leaves give"),
            Self::HashesIncomplete => write!(f, "tree: the stored hashes are not those of any tree"),
            Self::HistoryRewritten { from, to } => {
                write!(f, "rewritten: leaves {from} to {to} are not those that were signed at size {to}")
            }
            Self::CoversChanged { size } => write!(f, "checkpoint: what the one of size {size} covers was changed"),
            Self::Unsigned { from, to } => {
                write!(f, "unsigned: leaves {from} to {to} have no checkpoint, and one was seen: it was removed")
            }
            Self::Forked { size } => write!(f, "forked: another log of {size} leaves was seen before"),
            Self::RolledBack { size, seen } => write!(f, "rolled back: the log has {size} leaves, and {seen} were seen before"),
            Self::CheckpointForged { size } => write!(f, "checkpoint: the one of size {size} is not signed by the log's key"),
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for finding in &self.findings {
            writeln!(f, "{finding}")?;
        }
        let Self { leaves, checkpoints, opened, shredded, findings } = self;
        write!(
            f,
            "{leaves} leaves, {checkpoints} checkpoints, {opened} messages opened, {shredded} shredded: {} findings",
            findings.len()
        )
    }
}
