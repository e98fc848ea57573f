//! The configuration; `defaults.toml` is its manual.

use sealcast_bus::BusConfig;
use sealcast_runtime::{AdminConfig, Base, LogConfig, postgres::PostgresConfig};
use sealcast_signals::SignalsConfig;
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    pub log: LogConfig,
    pub admin: AdminConfig,
    pub postgres: PostgresConfig,
    pub nats: BusConfig,
    pub redis: SignalsConfig,
    pub rate: RateConfig,
    pub attachments: AttachmentsConfig,
    pub organisation: OrganisationConfig,
    pub stream: StreamConfig,
}

/// How much one account may do in a window.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RateConfig {
    pub messages: u32,
    pub read_markers: u32,
    pub window_s: u64,
}

/// How much one account may upload.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AttachmentsConfig {
    pub mib_per_day: u32,
}

/// What the organisation asks of its admins.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OrganisationConfig {
    /// The least time between the publication of a compliance certificate that follows another and its coming into force.
    pub rotation_delay_s: u32,
}

/// What `provision` makes.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StreamConfig {
    pub replicas: u32,
}

impl Base for Config {
    fn log(&self) -> &LogConfig {
        &self.log
    }

    fn admin(&self) -> &AdminConfig {
        &self.admin
    }
}
