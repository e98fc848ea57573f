//! audit-svc: stores every accepted message and significant event, sealed, in an append-only archive whose Merkle log its
//! own senders can check; answers queries and proofs.

pub mod appends;
mod calls;
mod cases;
mod checkpoints;
mod commands;
pub mod config;
mod cursor;
pub mod data_keys;
mod identities;
pub mod ingest;
mod journal;
pub mod keygen;
pub mod retention;
pub mod rewrap;
pub mod sealing;
mod store;
pub mod verify;
mod witnesses;

use std::{sync::Arc, time::Duration};

use anyhow::Context as _;
use appends::AppendKey;
pub use commands::{migrate, verify_archive, vkey};
use config::{Config, PolicyConfig};
use data_keys::DataKeys;
use ingest::{Archivist, Ingest};
use sealcast_bus::Bus;
use sealcast_contracts::audit::Policy;
use sealcast_merkle::checkpoint::SigningKey;
use sealcast_runtime::{Meta, Runtime, postgres, text_or_file};
use sealing::Keks;
use secrecy::ExposeSecret as _;
use sqlx::migrate::Migrator;

use crate::{
    calls::{Archive, Recent},
    checkpoints::Signer,
    witnesses::Asker,
};

/// What the service says of itself.
pub const META: Meta = Meta { name: "audit-svc", version: env!("CARGO_PKG_VERSION"), defaults: include_str!("../defaults.toml") };

/// The schema, in versions.
pub static MIGRATOR: Migrator = sqlx::migrate!();

/// Starts the service: it answers calls, and writes the archive when it has the lock.
///
/// # Errors
/// The configuration, a key or the schema is unusable.
pub async fn start(runtime: &Runtime<Config>) -> anyhow::Result<()> {
    let config = &runtime.config;
    let keks = Keks::read(&config.sealing.kek_dir)?;
    let key = SigningKey::parse(config.log_key.file.read()?.expose_secret()).context("log_key.file")?;
    let append_key = AppendKey::of(&key);
    let pool = postgres::connect(&config.postgres)?;
    postgres::wait_for_schema(&pool, &MIGRATOR).await?;
    let data_keys = Arc::new(DataKeys::new(keks, config.sealing.data_keys_cached_max));
    let bus = Bus::connect(&config.nats, META.name).await?;
    let server = bus.server(META.version, &runtime.tasks, &runtime.shutdown).await?;
    let mut asked = config.witnesses.ask.clone();
    for witness in &mut asked {
        witness.vkey = text_or_file(&witness.vkey).context("witnesses")?;
    }
    let witnesses = asked.iter().map(|witness| witness.vkey.clone()).collect();
    let PolicyConfig { four_eyes, case_days_max, sealed_days_max } = config.policy.clone();
    let archive = Archive {
        pool: pool.clone(),
        bus: bus.clone(),
        data_keys: data_keys.clone(),
        append_key: append_key.clone(),
        vkey: key.vkey().into(),
        policy: Arc::new(Policy { four_eyes, case_days_max, sealed_days_max, witnesses }),
        recent: Recent::default(),
    };
    calls::serve(archive, &server).await?;
    let signer = Signer::new(key, bus.clone());
    for witness in &asked {
        let asker = Asker::new(pool.clone(), append_key.clone(), witness)?;
        runtime.tasks.spawn_vital("witness", asker.run(runtime.shutdown.clone()));
    }
    let retention_interval = Duration::from_secs(config.retention.interval_s);
    let ingest =
        Ingest { pool: pool.clone(), bus, archivist: Archivist::new(data_keys, append_key.clone()), signer, config: config.ingest };
    runtime.tasks.spawn_vital("ingest", ingest.run(runtime.shutdown.clone()));
    runtime.tasks.spawn_vital("retention", retention::run(pool, append_key, retention_interval, runtime.shutdown.clone()));
    Ok(())
}
