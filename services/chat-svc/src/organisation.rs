//! The organisation: its compliance certificate and its lobby.

mod calls;
pub(crate) mod store;
