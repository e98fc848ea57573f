use std::fmt;

use sealcast_contracts::{EventId, HoldId, RoomId, UserId};

/// Something that is not as it was when the log was signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// The row's leaf is not the one in the log.
    Changed { row: String, leaf_index: u64 },
    /// The log has a leaf whose row is gone.
    Removed { leaf_index: u64 },
    /// No row is left of the leaves in `[from, to)`.
    AllRemoved { from: u64, to: u64 },
    /// A second row claims the leaf.
    Added { row: String, leaf_index: u64 },
    /// The row stands at another row's place.
    Moved { row: String, leaf_index: u64, belongs: u64 },
    /// What the row seals is not what its leaf says, or does not open.
    Content { row: String, reason: String },
    /// Its data key is gone, and no leaf says that it was destroyed.
    ShreddedSilently { row: String },
    /// The row stands under the data key of another room or day: whoever destroys that day destroys it, too.
    KeyOfAnother { row: String },
    /// A data key is there whose destruction the log has a record of.
    KeyReturned { room_id: RoomId, day: String },
    /// A day was destroyed while a hold covered it.
    HeldDayShredded { row: String, room_id: RoomId, day: String, hold_id: HoldId },
    /// A destruction record does not name the holds that were active.
    HoldsMisstated { row: String },
    /// The table of holds does not say of a hold what the log says.
    HoldChanged { hold_id: HoldId },
    /// Those who are told of an access, or when, is not what its leaf and its case say.
    ConcernedChanged { row: String, leaf_index: u64 },
    /// People are told of a leaf that is no access.
    ToldOfNothing { leaf_index: u64 },
    /// Somebody acted as an auditor whom no event made one, or whose appointment still waits in the stream.
    NoOfficer { row: String, leaf_index: u64, actor: UserId },
    /// What was kept apart is not what its events say.
    QuarantineChanged { stream: String, seq: u64 },
    /// Messages that a checkpoint claims to cover, and that never came into the archive.
    NeverArrived { from: EventId, to: u64 },
    /// A trigger or function that keeps the archive append-only is gone, off or another one.
    GuardGone { guard: String },
    /// A state of the log that audit-svc did not make.
    Foreign { size: u64 },
    /// A stored hash of the tree is not what the leaves give.
    HashChanged { index: u64 },
    /// There are not as many stored hashes as any tree has.
    HashesIncomplete,
    /// The signed root differs: rows and hashes were rewritten together, somewhere in `[from, to)`.
    HistoryRewritten { from: u64, to: u64 },
    /// A checkpoint without the log's valid signature.
    CheckpointForged { size: u64 },
    /// A checkpoint that an export or a witness stands on is gone.
    CheckpointRemoved { size: u64 },
    /// A checkpoint was stored behind one of a larger log.
    CheckpointOutOfOrder { size: u64 },
    /// A line that is no signature of the witness that it stands under.
    CosignatureForged { size: u64, witness: String },
    /// A checkpoint says that it covers messages that it does not, or fewer than the one before.
    CoversChanged { size: u64 },
    /// Leaves that were seen signed, or that are older than a checkpoint can be late; the archive has none for them.
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
            Self::AllRemoved { from, to } => write!(f, "removed: no row is left of the leaves {from} to {to}"),
            Self::Added { row, leaf_index } => write!(f, "added: {row} claims leaf {leaf_index}, which has a row"),
            Self::Moved { row, leaf_index, belongs } => {
                write!(f, "reordered: {row} stands at leaf {leaf_index}, it belongs to leaf {belongs}")
            }
            Self::Content { row, reason } => write!(f, "content: {row}: {reason}"),
            Self::ShreddedSilently { row } => write!(f, "destroyed: {row} does not open, and the log has no destruction record"),
            Self::KeyOfAnother { row } => write!(f, "key: {row} stands under the data key of another room or day"),
            Self::KeyReturned { room_id, day } => {
                write!(f, "key: {day} of room {room_id} was destroyed, and its data key is back")
            }
            Self::HoldChanged { hold_id } => write!(f, "hold: the table does not say of hold {hold_id} what the log says"),
            Self::ToldOfNothing { leaf_index } => write!(f, "concerned: people are told of leaf {leaf_index}, which is no access"),
            Self::NoOfficer { row, leaf_index, actor } => {
                write!(
                    f,
                    "role: {row} (leaf {leaf_index}) was done by {actor}, whom no event made an auditor, unless it has not arrived"
                )
            }
            Self::QuarantineChanged { stream, seq } => {
                write!(f, "quarantine: what was kept apart of {stream} at {seq} is not what the log says")
            }
            Self::NeverArrived { from, to } => {
                write!(f, "missing: messages {from} to {to} were accepted and never came into the archive")
            }
            Self::GuardGone { guard } => write!(f, "guard: the {guard} is gone, off or another one"),
            Self::Foreign { size } => write!(f, "foreign: the state of {size} leaves was not made by audit-svc"),
            Self::CheckpointRemoved { size } => write!(f, "checkpoint: the one of size {size} was removed"),
            Self::CheckpointOutOfOrder { size } => write!(f, "checkpoint: the one of size {size} came after a larger one"),
            Self::CosignatureForged { size, witness } => {
                write!(f, "cosignature: the line of size {size} is not signed by {witness}")
            }
            Self::HeldDayShredded { row, room_id, day, hold_id } => {
                write!(f, "hold: {row} destroyed {day} of room {room_id}, which hold {hold_id} covered")
            }
            Self::HoldsMisstated { row } => write!(f, "hold: {row} does not name the holds that were active"),
            Self::ConcernedChanged { row, leaf_index } => {
                write!(f, "concerned: {row} (leaf {leaf_index}) is not told to those whom it concerns, or not then")
            }
            Self::HashChanged { index } => write!(f, "tree: stored hash {index} is not what the leaves give"),
            Self::HashesIncomplete => write!(f, "tree: the stored hashes are not those of any tree"),
            Self::HistoryRewritten { from, to } => {
                write!(f, "rewritten: leaves {from} to {to} are not those that were signed at size {to}")
            }
            Self::CoversChanged { size } => write!(f, "checkpoint: what the one of size {size} covers was changed"),
            Self::Unsigned { from, to } => {
                write!(
                    f,
                    "unsigned: leaves {from} to {to} have no checkpoint: there was one, or audit-svc was stopped before it signed"
                )
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
