//! edge-svc against real engines, over TLS as its clients see it. The other services are answered for on the real bus.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod backend;
mod files;
mod rest;
mod resume;
mod revocation;
mod sse;
mod streaming;
mod transport;
mod world;
