//! Accepting a message: checked without any secret, then published; the stream's acknowledgement is the commit.

mod calls;
mod check;
mod publish;
mod rate;
mod store;

pub(crate) use rate::Rate;
