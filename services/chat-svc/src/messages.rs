//! Accepting a message: checked without any secret, then published; the stream's acknowledgement is the commit.

mod calls;
mod check;
mod publish;
mod standings;
mod store;

pub(crate) use standings::{Changes, Standings};
