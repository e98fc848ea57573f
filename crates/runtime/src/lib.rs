//! What every service's `main` does, in this order: configuration, telemetry, runtime, start, ready, wait for a signal or a
//! dead task, drain with a grace, flush telemetry, exit code.
//!
//! ```no_run
//! use sealcast_runtime::{AdminConfig, Base, LogConfig, Meta, Runtime, Service};
//!
//! #[derive(serde::Deserialize)]
//! #[serde(deny_unknown_fields)]
//! struct Config {
//!     log: LogConfig,
//!     admin: AdminConfig,
//! }
//! impl Base for Config {
//!     fn log(&self) -> &LogConfig {
//!         &self.log
//!     }
//!     fn admin(&self) -> &AdminConfig {
//!         &self.admin
//!     }
//! }
//!
//! async fn start(_: &Runtime<Config>) -> anyhow::Result<()> {
//!     Ok(())
//! }
//!
//! const META: Meta = Meta { name: "auth-svc", version: "0.1.0", defaults: "" };
//! fn main() -> std::process::ExitCode {
//!     Service::new(META, async |rt| start(rt).await).run()
//! }
//! ```

mod admin;
mod config;
mod files;
mod healthcheck;
mod lifecycle;
pub mod postgres;
mod service;
mod telemetry;
pub mod traces;

pub use config::{AdminConfig, Base, LogConfig, load};
pub use files::{SecretFile, close_memory, raise_open_file_limit, text_or_file};
pub use lifecycle::{Latch, Readiness, Runtime, Tasks};
pub use service::{ExitWith, Meta, Service};
pub use traces::{TracesConfig, host_name};
