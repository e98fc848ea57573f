//! What every service's `main` does, in this order: configuration, telemetry, runtime, start, ready, wait for a signal or a
//! dead task, drain with a grace, flush telemetry, exit code.
//!
//! ```no_run
//! # #[derive(serde::Deserialize)] struct Config {}
//! # async fn start(rt: &sealcast_runtime::Runtime<Config>) -> anyhow::Result<()> { Ok(()) }
//! use sealcast_runtime::{Meta, Service};
//! const META: Meta = Meta { name: "auth-svc", version: "0.1.0", defaults: "" };
//! fn main() -> std::process::ExitCode {
//!     Service::new(META, async |rt| start(rt).await).run()
//! }
//! ```

mod admin;
mod config;
mod files;
mod lifecycle;
pub mod postgres;
mod service;
mod telemetry;

pub use config::{AdminConfig, Base, LogConfig, load};
pub use files::{SecretFile, raise_open_file_limit};
pub use lifecycle::{Readiness, Runtime, Tasks};
pub use service::{ExitWith, Meta, Service};
