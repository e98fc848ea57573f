//! Requests to join: a member's client asks its person, and approving carries the key.

mod calls;
pub(crate) mod store;
