//! Accounts: who registers, under which name, with which role.

mod bootstrap;
mod calls;
pub(crate) mod store;
mod username;

pub use bootstrap::BootstrapToken;
pub use calls::{register_account, set_role};
pub use username::Username;
