//! Real engines for tests, on free ports of the loopback address, ended with the test process.
//!
//! Binaries: `SEALCAST_NATS_BIN` or `.local/bin/nats-server` of the workspace or `nats-server` on the path;
//! `redis-server` on the path; Postgres in `/usr/lib/postgresql/*/bin`. `cargo xtask test` installs them.

mod nats;
mod postgres;
mod process;
mod redis;
mod wait;

pub use nats::Nats;
pub use postgres::{Database, Postgres};
pub use redis::Redis;
pub use wait::eventually;

/// Makes aws-lc-rs the process's TLS provider, as `runtime` does in a service.
pub fn install_crypto_provider() {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
}
