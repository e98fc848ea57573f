//! Typed calls, signals and streams over NATS.
//!
//! A call ends in one of four ways, and none is mistaken for another: the reply, a refusal (part of the contract),
//! *unavailable* (certainly not done; retry), *unknown* (it may have been done; retry with the same identity).

mod absence;
mod call;
mod connection;
pub mod consume;
mod describe;
pub mod log;
pub mod provision;
mod serve;
mod trace;

pub use call::{CallError, DEFAULT_TIMEOUT};
pub use connection::{Bus, BusConfig, Received, Subscription};
pub use serve::{ServeError, Server};
pub use trace::RequestContext;

/// The oldest nats-server that keeps our promises: older ones republish out of order or refuse `sync_interval: always`.
pub const SERVER_VERSION_MIN: (u64, u64) = (2, 12);
