//! One-time codes (RFC 6238) beside the password, and the roles that count only with them.

mod calls;
mod codes;
pub(crate) mod store;

pub(crate) use calls::{Checked, check, is_missing};
pub use calls::{begin_second_factor, confirm_second_factor, get_second_factor, remove_second_factor};
pub use codes::Sealer;
