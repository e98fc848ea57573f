//! Presence, typing and rate limits over Redis: nothing that may not be lost.
//!
//! Every call has a deadline of [`CALL_TIMEOUT`]; when Redis is away it fails at once and the caller falls back.

mod connection;
mod limiter;
mod presence;

pub use connection::{CALL_TIMEOUT, Signals, SignalsConfig, Unavailable};
pub use limiter::{Limit, LocalLimiter, Verdict};
pub use presence::{Signal, SignalReceiver};
