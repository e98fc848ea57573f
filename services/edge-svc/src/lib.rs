//! edge-svc: the only service with a public port.
//!
//! TLS, the REST interface under `/api/v1`, the live streams (`streams`, behind a narrow seam), presence, and the front end.
//! It holds no data and no key: every answer comes from another service, every message from the log.

pub mod api;
mod app;
mod assets;
mod chance;
pub mod config;
mod edge;
pub mod forgery;
mod front;
mod limits;
mod listener;
mod log;
pub mod node;
mod origin;
mod presence;
mod problems;
mod sessions;
mod shard;
mod streams;

pub use edge::Edge;
