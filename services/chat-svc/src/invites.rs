//! Invite links: a newcomer with the link reads at once, with nobody else online. The server never sees the link's secret.

mod calls;
pub(crate) mod store;
