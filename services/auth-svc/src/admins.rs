//! What admins do with other people's accounts. The caller's role is read again each time: a session may be older than it.

mod calls;
pub(crate) mod store;

pub(crate) use calls::require_admin;
pub use calls::{
    get_managed_account, list_account_sessions, list_limits, list_managed_accounts, lock_account, reset_login_limits,
    revoke_account_sessions, unlock_account,
};
