//! A witness of the audit log. It runs apart from the log, under somebody else's hands: with a key and a state of its own it
//! cosigns checkpoints of one log as long as that log only grows, so that nobody can be shown another log.

mod config;
mod http;
pub mod keygen;
mod state;

use std::{sync::Arc, time::Duration};

use anyhow::Context as _;
pub use config::{Config, WitnessConfig};
use sealcast_merkle::cosignature::WitnessKey;
use sealcast_runtime::{Meta, Runtime, text_or_file};
use secrecy::ExposeSecret as _;
use state::Witness;

/// What the program says of itself.
pub const META: Meta =
    Meta { name: "sealcast-witness", version: env!("CARGO_PKG_VERSION"), defaults: include_str!("../defaults.toml") };

/// Starts the witness and returns where it listens.
///
/// # Errors
/// The key, the log's verifier key or the state is unusable, or another witness uses the same state.
pub async fn listen(runtime: &Runtime<Config>) -> anyhow::Result<std::net::SocketAddr> {
    let config = &runtime.config.witness;
    let key = WitnessKey::parse(config.key_file.read()?.expose_secret()).context("witness.key_file")?;
    let log_vkey = text_or_file(&config.log_vkey).context("witness.log_vkey")?;
    let witness = Arc::new(Witness::open(&config.state_dir, key, &log_vkey)?);
    let listener = tokio::net::TcpListener::bind(config.listen)
        .await
        .with_context(|| format!("listening on {} (witness.listen)", config.listen))?;
    let address = listener.local_addr()?;
    tracing::info!(%address, vkey = witness.vkey(), seen = witness.seen(), "witnessing");
    let router = http::router(witness, Duration::from_secs(config.request_timeout_s.into()));
    let shutdown = runtime.shutdown.clone();
    runtime.tasks.spawn_vital("http", async move {
        let serving = axum::serve(listener, router).with_graceful_shutdown(shutdown.cancelled_owned());
        if let Err(error) = serving.await {
            tracing::error!(%error, "the listener failed");
        }
    });
    Ok(address)
}

/// As [`listen`], for the program itself.
///
/// # Errors
/// See [`listen`].
pub async fn start(runtime: &Runtime<Config>) -> anyhow::Result<()> {
    listen(runtime).await.map(drop)
}
