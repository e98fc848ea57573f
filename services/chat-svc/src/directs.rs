//! Direct conversations: a private room of two, made when one of them first writes to the other.

mod calls;
mod store;
