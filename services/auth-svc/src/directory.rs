//! The directory: who is registered, and with which certificate.

mod calls;
pub(crate) mod store;

pub use calls::{get_account, list_accounts};
