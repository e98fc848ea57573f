//! Rooms: creating, listing, reading.

pub(crate) mod calls;
pub(crate) mod store;

use crate::error::{Failure, malformed};

/// An epoch's number as Postgres keeps it.
pub(crate) fn epoch_number(epoch: u32) -> Result<i32, Failure> {
    i32::try_from(epoch).map_err(|_| malformed("epoch", "too large"))
}
