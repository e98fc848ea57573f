//! The configuration; `defaults.toml` is its manual.

use std::path::PathBuf;

use sealcast_bus::BusConfig;
use sealcast_runtime::{AdminConfig, Base, LogConfig, SecretFile, postgres::PostgresConfig};
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    pub log: LogConfig,
    pub admin: AdminConfig,
    pub nats: BusConfig,
    pub postgres: PostgresConfig,
    pub sealing: SealingConfig,
    pub log_key: LogKeyConfig,
    pub ingest: IngestConfig,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SealingConfig {
    pub kek_dir: PathBuf,
    pub data_keys_cached_max: usize,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogKeyConfig {
    pub file: SecretFile,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IngestConfig {
    pub batch_max: usize,
    pub batch_wait_ms: u64,
}

impl Base for Config {
    fn log(&self) -> &LogConfig {
        &self.log
    }

    fn admin(&self) -> &AdminConfig {
        &self.admin
    }
}
