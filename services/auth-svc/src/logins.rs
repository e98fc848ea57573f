//! Logins: proving who one is, within the limits on guessing.

mod calls;
mod proof;
mod store;

pub use calls::log_in;
use proof::note_failed;
pub(crate) use proof::{Who, prove};
