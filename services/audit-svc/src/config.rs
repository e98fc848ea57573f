//! The configuration; `defaults.toml` is its manual.

use std::path::PathBuf;

use sealcast_bus::BusConfig;
use sealcast_contracts::audit::AccessAction;
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
    pub policy: PolicyConfig,
    pub retention: RetentionConfig,
    pub witnesses: WitnessesConfig,
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

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyConfig {
    pub four_eyes: Vec<AccessAction>,
    pub case_days_max: u32,
    pub sealed_days_max: u32,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RetentionConfig {
    pub interval_s: u64,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WitnessesConfig {
    pub ask: Vec<WitnessConfig>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WitnessConfig {
    pub url: String,
    pub vkey: String,
}

impl Base for Config {
    fn log(&self) -> &LogConfig {
        &self.log
    }

    fn admin(&self) -> &AdminConfig {
        &self.admin
    }
}
