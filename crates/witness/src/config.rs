//! The configuration; `defaults.toml` is its manual.

use std::{net::SocketAddr, path::PathBuf};

use sealcast_runtime::{AdminConfig, Base, LogConfig, SecretFile};
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    pub log: LogConfig,
    pub admin: AdminConfig,
    pub witness: WitnessConfig,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WitnessConfig {
    pub listen: SocketAddr,
    pub key_file: SecretFile,
    pub state_dir: PathBuf,
    pub log_vkey: String,
    pub request_timeout_s: u32,
}

impl Base for Config {
    fn log(&self) -> &LogConfig {
        &self.log
    }

    fn admin(&self) -> &AdminConfig {
        &self.admin
    }
}
