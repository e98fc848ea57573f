//! The organisation: its compliance certificates and its lobby.

mod calls;
pub(crate) mod store;
pub(crate) mod succession;
