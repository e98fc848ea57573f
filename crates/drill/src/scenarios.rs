//! The drills, by what they do to the stack.

pub mod disks;
pub mod drains;
pub mod duplicates;
pub mod grants;
pub mod kills;
pub mod partitions;
pub mod readers;
pub mod sessions;
pub mod stalls;
pub mod storms;
