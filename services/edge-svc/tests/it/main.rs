//! edge-svc against real engines, over TLS as its clients see it. The other services are answered for on the real bus.

mod backend;
mod files;
mod rest;
mod resume;
mod revocation;
mod sse;
mod streaming;
mod transport;
mod world;
